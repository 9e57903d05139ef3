package casework

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"amana"
	"amana/internal/child"
	"amana/internal/record"
	"amana/internal/task"
	"amana/internal/window"
)

// The tables that an organisation edits and somebody in the country vouches for.
const (
	WindowTable = "windows"
	AgeTable    = "children"
	NoticeTable = "reporting"
	// ConsentTable is what is read to somebody before they answer for the use of what
	// they told. Without one of their own, pages have the program's words.
	ConsentTable = "consent"
	TaskTable    = "tasks" // what is due after how many days, and how many cases one worker can stand by
)

// Tables returns the tables, in the order in which they are shown.
func Tables() []string { return []string{WindowTable, AgeTable, NoticeTable, ConsentTable, TaskTable} }

// shipped is the version of a table that the organisation did not make its own.
// It is raised when what the program brings changes: whoever vouched for the
// earlier one did not see this.
const shipped = "amana-1"

// SignOff says who vouches that a table is right for a country.
type SignOff struct {
	Country string `json:"country"` // ISO 3166-1 alpha-2
	Name    string `json:"name"`
	Role    string `json:"role"`
	Date    string `json:"date"`             // ISO date
	Review  string `json:"review,omitempty"` // ISO date on which to look again, or ""
	Version string `json:"version"`          // of the table that was vouched for
}

// Table is one table as it holds.
type Table struct {
	Name    string
	Version string
	Own     bool // the organisation made it its own
	Content []byte
	Signed  *SignOff // nil where nobody vouches for this version
	Due     bool     // the day has come on which to look again
}

// Table returns a table as it holds: the organisation's own, or what the program
// brings.
func (d *Desk) Table(name string) (Table, error) {
	t := Table{Name: name, Version: shipped}
	switch name {
	case WindowTable:
		t.Content = window.Default().Encode()
	case AgeTable:
		t.Content = child.Default().Write()
	case NoticeTable, ConsentTable:
		t.Content = ReportingNotice{}.Encode()
	case TaskTable:
		t.Content = task.Defaults().Write()
	default:
		return t, fmt.Errorf("casework: table: %w", amana.ErrNotFound)
	}
	if doc, there := d.Adopted("table/" + name); there && checkTable(name, doc.Content) == nil {
		t.Content, t.Version, t.Own = doc.Content, doc.Version, true
	}
	if doc, there := d.Adopted("signed/" + name); there {
		var s SignOff
		if err := json.Unmarshal(doc.Content, &s); err == nil && s.Version == t.Version {
			t.Signed = &s
			t.Due = s.Review != "" && s.Review <= d.today()
		}
	}
	return t, nil
}

// checkTable says whether a document can be gone by. Kind: ErrInvalid.
func checkTable(name string, content []byte) error {
	var err error
	switch name {
	case WindowTable:
		_, err = window.Parse(content)
	case AgeTable:
		_, err = child.Read(content)
	case NoticeTable, ConsentTable:
		_, err = ReadNotice(content)
	case TaskTable:
		_, err = task.ReadRules(content)
	default:
		return fmt.Errorf("casework: table: %w", amana.ErrNotFound)
	}
	if err != nil {
		return fmt.Errorf("casework: table %s: %w", name, amana.ErrInvalid)
	}
	return nil
}

// Windows returns the windows of treatment as they hold, and who vouches for them.
func (d *Desk) Windows() (window.Table, *SignOff) {
	t, err := d.Table(WindowTable)
	if err != nil {
		return window.Default(), nil
	}
	table, err := window.Parse(t.Content)
	if err != nil {
		return window.Default(), nil
	}
	return table, t.Signed
}

// EditTable makes a table the organisation's own. Whoever vouched for the earlier
// one does not vouch for this. It is for administrators. Kinds: ErrInvalid,
// ErrRefused, ErrNotFound.
func (d *Desk) EditTable(ctx context.Context, name string, content []byte) error {
	if err := checkTable(name, content); err != nil {
		return err
	}
	now := d.surely()
	version := now.Format("2006-01-02 ") + strconv.FormatInt(now.UnixMilli()%100_000_000, 36)
	return d.Adopt(ctx, "table/"+name, version, content)
}

// SignTable records who vouches for a table in the version that they saw. Kinds:
// FieldErrors, ErrConflict where it was edited since, ErrRefused, ErrNotFound.
func (d *Desk) SignTable(ctx context.Context, name string, s SignOff) error {
	t, err := d.Table(name)
	if err != nil {
		return err
	}
	if s.Version != t.Version {
		return fmt.Errorf("casework: table %s: edited since: %w", name, amana.ErrConflict)
	}
	if bad := s.check(d.today()); len(bad) > 0 {
		return bad
	}
	content, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("casework: signing a table: %w", err)
	}
	return d.Adopt(ctx, "signed/"+name, t.Version, content)
}

func (s SignOff) check(today string) FieldErrors {
	bad := FieldErrors{}
	note := func(field string, fault record.Fault) {
		if fault != "" {
			bad[field] = string(fault)
		}
	}
	note("name", record.CheckLine(s.Name))
	note("role", record.CheckLine(s.Role))
	note("country", record.CheckLine(s.Country))
	if len(s.Country) != len("ML") && bad["country"] == "" {
		note("country", record.FaultOption)
	}
	switch {
	case !record.IsDate(s.Date) || len(s.Date) != len(time.DateOnly):
		note("date", record.FaultDate)
	case s.Date > today:
		note("date", record.FaultFuture)
	}
	if s.Review != "" && (!record.IsDate(s.Review) || len(s.Review) != len(time.DateOnly)) {
		note("review", record.FaultDate)
	}
	return bad
}
