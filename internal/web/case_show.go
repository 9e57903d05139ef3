package web

import (
	"net/http"
	"slices"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/record"
)

// caseView is all that this member may read of one case.
type caseView struct {
	Frame
	Form        form // of the note, where it was refused
	Path        string
	Letters     []letterLine // by which partners sent the person
	Code        string
	Status      tag
	Risk        tag
	Team        casework.Team
	Opened      time.Time
	Closed      bool
	Conflicts   []cellView // to be decided
	Clashes     []heldView // consents to be asked again
	HasIdentity bool
	Identity    []answersView
	Unsaid      []formLink // forms of the identity without an answer
	NamesOpen   bool
	Consents    []heldView
	Answers     []answersView
	Empty       []formLink // forms without an answer
	Care        careView
	Notes       []itemView
	FollowUps   []itemView
	Next        string // date of the next follow-up
	Timeline    []momentView
	Earlier     []momentView
	Readers     []readingView
	File        casework.CaseFile
	Clock       *clockView
	Incidents   incidentsView
	Minor       minorView
	CareLacks   []string // keys: what her yes to care lacks
	Work        workView
}

// itemView is one note or follow-up.
type itemView struct {
	When  time.Time
	By    string
	Title string
	Cells []cellView
}

// readingView says who opened the case.
type readingView struct {
	When time.Time
	By   string
}

var casePage = page[caseView]{"case"}

func casePath(id amana.RecordID) string { return "/cases/" + id.String() }

// caseID is the case that an address names. What is no ID names nothing.
func (v *visit) caseID() (amana.RecordID, error) {
	id, err := amana.ParseID[amana.Record](v.PathValue("case"))
	if err != nil {
		return id, amana.ErrNotFound
	}
	return id, nil
}

// caseFile reads the case that an address names.
func (v *visit) caseFile() (casework.CaseFile, error) {
	id, err := v.caseID()
	if err != nil {
		return casework.CaseFile{}, err
	}
	return v.desk.ReadCase(v.Context(), id)
}

func (s *Server) showCase(w http.ResponseWriter, v *visit) error {
	file, err := v.caseFile()
	if err != nil {
		return s.erased(w, v, err)
	}
	sh, f := v.shower(file.Names), v.form()
	letters, err := v.lettersOf(file.ID)
	if err != nil {
		return err
	}
	view := caseView{
		Frame: s.frame(v, "cases", f), Form: f, Path: casePath(file.ID), Letters: letters, Code: file.Code, File: file, Team: file.Team,
		Status: sh.status(file.Status), Risk: sh.risk(valueIn(&file.Case, "risk_level")),
		Opened: file.Opened, Closed: isClosed(file),
		HasIdentity: file.Identity != nil, NamesOpen: shelved[bool](v.session, namesKey),
		Next: v.lang.ISODate(nextFollowUp(file.FollowUps)),
	}
	if file.Identity != nil {
		view.Identity, view.Unsaid = sh.answers(file, file.Identity)
		view.Conflicts = append(view.Conflicts, conflicts(view.Identity)...)
	}
	view.Answers, view.Empty = sh.answers(file, &file.Case)
	view.Conflicts = append(view.Conflicts, conflicts(view.Answers)...)
	for i, c := range file.Consents {
		if unspoken(c, file.Consents) {
			continue
		}
		change := "" // of a purpose of a newer program nothing can be asked here
		if slices.Contains(amana.Purposes(), c.Purpose) {
			change = casePath(file.ID) + "/consent/" + consentName(i, c)
		}
		held := sh.held(change, c)
		view.Consents = append(view.Consents, held)
		if c.Conflict {
			view.Clashes = append(view.Clashes, held)
		}
	}
	view.Care, view.Minor = sh.care(file), v.minor(newForm(), &file.Work.Minor)
	for _, c := range file.Consents {
		if c.Purpose == amana.PurposeCare && c.Recipient.IsEmpty() {
			view.CareLacks = file.Work.Minor.Lacks(c)
		}
	}
	view.Notes = sh.items(file, file.Notes, "text")
	view.FollowUps = sh.items(file, file.FollowUps, "followup_service_type")
	view.Clock, view.Incidents, view.Work = v.clock(file), v.incidents(file), v.work(file).inShort()
	view.Timeline, view.Earlier = divide(sh.timeline(file.Timeline))
	view.Readers = sh.readers(file.Readers)
	return casePage.render(s, w, v, http.StatusOK, view)
}

// unspoken reports whether a consent that nobody asked for would stand beside one for
// the same purpose that was: "asked" and "not asked" in one list contradict each other.
func unspoken(c casework.Consent, all []casework.Consent) bool {
	return c.Decision == amana.NotAsked && c.Recipient.IsEmpty() && !c.Conflict &&
		slices.ContainsFunc(all, func(o casework.Consent) bool { return o.Purpose == c.Purpose && !o.Recipient.IsEmpty() })
}

// isClosed reports whether work on a case has ended.
func isClosed(file casework.CaseFile) bool { return file.Status != "" && file.Status != "open" }

// divide parts what is shown of a timeline at once from the rest.
func divide(all []momentView) (newest, earlier []momentView) {
	const atOnce = 12
	if len(all) <= atOnce {
		return all, nil
	}
	return all[:atOnce], all[atOnce:]
}

// unknownSection takes the fields that this program does not know.
const unknownSection = "other"

// items prepares the items of a list, the newest first. The field named stands
// as the title, not among the others.
func (s shower) items(file casework.CaseFile, items []casework.Item, title string) []itemView {
	all := make([]itemView, 0, len(items))
	for _, it := range newest(items, itemTime) {
		view := itemView{When: it.When, By: s.name(it.By)}
		for _, c := range it.Cells {
			cell := s.cell(file, &file.Case, c)
			if last(c.Field.Name) == title {
				view.Title = cell.Text
				continue
			}
			view.Cells = append(view.Cells, cell)
		}
		all = append(all, view)
	}
	return all
}

// newest returns a list in the order of time, the newest first.
func newest[T any](list []T, when func(T) time.Time) []T {
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(a, b T) int { return when(b).Compare(when(a)) })
	return sorted
}

func itemTime(it casework.Item) time.Time { return it.When }

// last returns what stands after the last slash.
func last(name string) string {
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == '/' {
			return name[i+1:]
		}
	}
	return name
}

// nextFollowUp is the date that the latest follow-up sets for the next, or "".
func nextFollowUp(items []casework.Item) string {
	if len(items) == 0 {
		return ""
	}
	for _, c := range newest(items, itemTime)[0].Cells {
		if c.Field.Name == record.FollowUps+"/when_follow_up_visit_should_happen" {
			return c.Value.Reveal()
		}
	}
	return ""
}

func (s shower) readers(list []casework.Reading) []readingView {
	all := make([]readingView, 0, len(list))
	for _, r := range newest(list, func(r casework.Reading) time.Time { return r.When }) {
		all = append(all, readingView{r.When, s.name(r.By)})
	}
	return all
}
