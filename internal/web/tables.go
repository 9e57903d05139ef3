package web

import (
	"errors"
	"net/http"

	"amana"
	"amana/internal/casework"
)

// tablesView lists the tables that somebody in the country vouches for.
type tablesView struct {
	Frame
	Tables []tableLine
}

// tableLine is one table in the list, and on its own page.
type tableLine struct {
	Path, Title, Hint string
	State             tag
	Vouched           vouchedView
	Own               bool
	Version           string
	Review            string
}

var tablesPage = page[tablesView]{"tables"}

func (s *Server) showTables(w http.ResponseWriter, v *visit) error {
	view := tablesView{Frame: s.frame(v, "settings")}
	for _, name := range casework.Tables() {
		t, err := v.desk.Table(name)
		if err != nil {
			return err
		}
		view.Tables = append(view.Tables, v.tableLine(t))
	}
	return tablesPage.render(s, w, v, http.StatusOK, view)
}

func (v *visit) tableLine(t casework.Table) tableLine {
	sh := v.shower(nil)
	line := tableLine{
		Path: "/settings/tables/" + t.Name, Title: v.lang.T("tables." + t.Name), Hint: v.lang.T("tables." + t.Name + ".hint"),
		Vouched: sh.vouched(t.Signed, t.Due), Own: t.Own, Version: t.Version,
	}
	switch {
	case t.Name == casework.NoticeTable && !t.Own:
		line.State = tag{"none", v.lang.T("tables.empty")}
	case t.Signed == nil:
		line.State = tag{"medium", v.lang.T("tables.unsigned")}
	case t.Due:
		line.State = tag{"medium", v.lang.T("tables.due")}
	default:
		line.State = tag{"yes", v.lang.T("tables.signed")}
	}
	if t.Signed != nil && t.Signed.Review != "" {
		line.Review = v.lang.ISODate(t.Signed.Review)
	}
	return line
}

// tableView is one table, to be read.
type tableView struct {
	Frame
	Form  form
	Line  tableLine
	Rows  []factView
	Admin bool
}

// factView is one line of a table in words.
type factView struct{ Name, Text, More string }

var tablePage = page[tableView]{"table"}

func (s *Server) showTable(w http.ResponseWriter, v *visit) error {
	t, err := v.desk.Table(v.PathValue("table"))
	if err != nil {
		return err
	}
	f := v.form()
	view := tableView{Frame: s.frame(v, "settings", f), Form: f, Line: v.tableLine(t), Admin: v.me().Has(amana.RoleAdministrator)}
	if view.Rows, err = v.tableFacts(t); err != nil {
		return err
	}
	return tablePage.render(s, w, v, http.StatusOK, view)
}

// editTableView is one table, to be changed.
type editTableView struct {
	Frame
	Form form
	Line tableLine
	Rows []editRow
	Kind string // which table: each has rows of its own
}

var editTablePage = page[editTableView]{"table_edit"}

// tableOf is the table that an address names, for those who may change it.
func (v *visit) tableOf() (casework.Table, error) {
	t, err := v.desk.Table(v.PathValue("table"))
	if err == nil && !v.me().Has(amana.RoleAdministrator) {
		err = amana.ErrRefused
	}
	return t, err
}

func (s *Server) showEditTable(w http.ResponseWriter, v *visit) error {
	t, err := v.tableOf()
	if err != nil {
		return err
	}
	f := v.form()
	if !f.Failed() {
		if f, err = v.tableForm(t); err != nil {
			return err
		}
	}
	view := editTableView{Frame: s.frame(v, "settings", f), Form: f, Line: v.tableLine(t), Kind: t.Name, Rows: v.editRows(f, t.Name)}
	return editTablePage.render(s, w, v, http.StatusOK, view)
}

func (s *Server) editTable(w http.ResponseWriter, v *visit) error {
	t, err := v.tableOf()
	if err != nil {
		return err
	}
	f, path := v.typed(), "/settings/tables/"+t.Name
	content, err := s.tableTyped(v, t, &f)
	if err != nil {
		return err
	}
	if f.Failed() {
		return v.again(w, path+"/edit", f)
	}
	if err := v.desk.EditTable(v.Context(), t.Name, content); err != nil {
		if errors.Is(err, amana.ErrInvalid) {
			f.wrong("", "tables.wrong")
			return v.again(w, path+"/edit", f)
		}
		return v.refuse(w, path+"/edit", f, err)
	}
	return v.done(w, path, "tables.saved")
}

// signTableView is the form by which somebody vouches for a table.
type signTableView struct {
	Frame
	Form    form
	Line    tableLine
	Version string
}

var signTablePage = page[signTableView]{"table_sign"}

func (s *Server) showSignTable(w http.ResponseWriter, v *visit) error {
	t, err := v.tableOf()
	if err != nil {
		return err
	}
	f := v.form()
	if !f.Failed() {
		f.Values.Set("date", s.now().Format("2006-01-02"))
		f.Values.Set("review", s.now().AddDate(1, 0, 0).Format("2006-01-02"))
	}
	view := signTableView{Frame: s.frame(v, "settings", f), Form: f, Line: v.tableLine(t), Version: t.Version}
	if typed := f.Get("version"); typed != "" {
		view.Version = typed
	}
	return signTablePage.render(s, w, v, http.StatusOK, view)
}

func (s *Server) signTable(w http.ResponseWriter, v *visit) error {
	t, err := v.tableOf()
	if err != nil {
		return err
	}
	f, path := v.typed(), "/settings/tables/"+t.Name
	err = v.desk.SignTable(v.Context(), t.Name, casework.SignOff{
		Country: upper(f.Get("country")), Name: f.Get("name"), Role: f.Get("role"),
		Date: western(f.Get("date")), Review: western(f.Get("review")), Version: f.Get("version"),
	})
	if err != nil {
		return v.refuse(w, path+"/sign", f, err)
	}
	return v.done(w, path, "tables.sign.done")
}

// upper writes small Latin letters large: the codes of countries are so written.
func upper(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'a' && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return string(b)
}
