package web

import (
	"bytes"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"amana"
	"amana/internal/casework"
	"amana/internal/directory"
)

// serviceFilesView is the page of what comes in and goes out as a file.
type serviceFilesView struct {
	Frame
	Form  form
	Waits bool
	Most  int // MiB of a file
	Outs  []exportLine
}

// exportLine is one audience, with what it would be told.
type exportLine struct {
	Title, Hint string
	Path        string // of its files
	Told        int
	Left        []string
	Withheld    string
	Inside      bool
}

var serviceFilesPage = page[serviceFilesView]{"service_files"}

func (s *Server) showServiceFiles(w http.ResponseWriter, v *visit) error {
	if !v.desk.ServiceRights().Publish {
		return amana.ErrRefused
	}
	f, sh := v.form(), v.shower(nil)
	view := serviceFilesView{Frame: s.frame(v, "services", f), Form: f, Most: directory.MostBytes >> 20, Waits: v.waitingServices() != nil}
	for _, a := range directory.Audiences() {
		p, err := v.desk.ExportServices(v.Context(), a)
		if err != nil {
			return err
		}
		view.Outs = append(view.Outs, exportLine{
			Title: v.lang.T("services.out." + string(a)), Hint: v.lang.T("services.out." + string(a) + ".hint"), Told: len(p.Services),
			Path: "/services/export/" + string(a), Left: sh.left(p.Left), Withheld: sh.withheld(p.Withheld), Inside: a == directory.ForOurselves,
		})
	}
	return serviceFilesPage.render(s, w, v, http.StatusOK, view)
}

// withheld names the groups that an audience is not told.
func (s shower) withheld(groups map[string]int) string {
	var names []string
	for _, g := range directory.Groups() {
		if groups[g.ID] > 0 && !g.Fixed {
			names = append(names, s.lang.T("services.group."+g.ID))
		}
	}
	return strings.Join(names, s.lang.T("frame.comma"))
}

// sendServices sends what an audience may be told, as JSON or as a package of tables.
func (s *Server) sendServices(w http.ResponseWriter, v *visit) error {
	audience := directory.Audience(v.PathValue("audience"))
	if !slices.Contains(directory.Audiences(), audience) {
		return amana.ErrNotFound
	}
	p, err := v.desk.ExportServices(v.Context(), audience)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	extension, kind := "json", "application/json"
	switch v.PathValue("shape") {
	case "json":
		err = directory.WriteJSON(&b, p)
	case "csv":
		extension, kind = "zip", "application/zip"
		err = directory.WritePackage(&b, p, s.now())
	default:
		return amana.ErrNotFound
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+p.FileName(s.now(), extension)+`"`)
	_, _ = w.Write(b.Bytes()) // an error is the browser's going away
	return nil
}

// Where a directory waits between its preview and its adoption: in the memory of the
// session, and nowhere else.
const waitingServices = "services.waiting"

func (v *visit) waitingServices() *casework.ServiceImport {
	return shelved[*casework.ServiceImport](v.session, waitingServices)
}

// takeServices takes a file in, to look at it.
func (s *Server) takeServices(w http.ResponseWriter, v *visit) error {
	if !v.desk.ServiceRights().Publish {
		return amana.ErrRefused
	}
	raw, err := v.file("directory")
	f := newForm()
	switch {
	case errors.Is(err, errTooLarge):
		f.wrong("directory", directory.FaultLarge)
		return v.again(w, "/services/files", f)
	case err != nil:
		f.wrong("directory", "services.in.needed")
		return v.again(w, "/services/files", f)
	}
	in, err := v.desk.PlanServices(v.Context(), bytes.NewReader(raw))
	if err != nil {
		return err
	}
	v.session.put(waitingServices, &in)
	return v.see(w, "/services/files/trial")
}

// servicesTrialView is what a file would do.
type servicesTrialView struct {
	Frame
	New, Changed []trialLine
	Kept         int
	MoreNew      int
	MoreChanged  int
	Refused      bool // nothing of the file can be used
	Problems     []problemLine
	More         int
	Foreign      int // fields that are kept and that no page shows
}

type trialLine struct{ Name, What string }

// mostShown is how many services of each kind a preview names.
const mostShown = 100

var servicesTrialPage = page[servicesTrialView]{"service_trial"}

func (s *Server) showServicesTrial(w http.ResponseWriter, v *visit) error {
	in := v.waitingServices()
	if in == nil || !v.desk.ServiceRights().Publish {
		return v.see(w, "/services/files")
	}
	sh := v.shower(nil)
	view := servicesTrialView{Frame: s.frame(v, "services"), Refused: in.Reading.Failed(), More: in.Reading.More}
	for _, p := range in.Reading.Problems {
		view.Problems = append(view.Problems, problemLine{Where: v.rowOf(p), Text: v.lang.T(p.Key)})
	}
	for _, step := range in.Steps {
		line := trialLine{step.Name, sh.groupNames(step.Fields)}
		switch {
		case step.Action == directory.Keeps:
			view.Kept++
		case step.Action == directory.Adds && len(view.New) < mostShown:
			view.New = append(view.New, line)
		case step.Action == directory.Adds:
			view.MoreNew++
		case len(view.Changed) < mostShown:
			view.Changed = append(view.Changed, line)
		default:
			view.MoreChanged++
		}
		for path := range step.Set {
			if directory.GroupOf(path) == "unknown" {
				view.Foreign++
			}
		}
	}
	return servicesTrialPage.render(s, w, v, http.StatusOK, view)
}

// rowOf says file, row and column as far as a problem has them.
func (v *visit) rowOf(p directory.Problem) string {
	var parts []string
	if p.File != "" {
		parts = append(parts, p.File)
	}
	if p.Row > 0 {
		parts = append(parts, v.lang.T("forms.where.row", "row", strconv.Itoa(p.Row)))
	}
	if p.Column != "" {
		parts = append(parts, v.lang.T("forms.where.column", "name", p.Column))
	}
	return strings.Join(parts, v.lang.T("frame.comma"))
}

func (s *Server) importServices(w http.ResponseWriter, v *visit) error {
	in := v.waitingServices()
	if in == nil {
		return v.see(w, "/services/files")
	}
	n, err := v.desk.ImportServices(v.Context(), *in)
	if err != nil {
		return err
	}
	v.session.put(waitingServices, nil)
	return v.done(w, "/services", "services.in.done", "n", n)
}

func (s *Server) dropServices(w http.ResponseWriter, v *visit) error {
	v.session.put(waitingServices, nil)
	return v.done(w, "/services/files", "services.in.dropped")
}
