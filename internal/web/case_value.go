package web

import (
	"strconv"
	"strings"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/i18n"
	"amana/internal/record"
)

// cellView is a field as it stands, to be read.
type cellView struct {
	Label, Text string
	Soft        bool // an answer in place of a value
	Long        bool // several lines
	Rivals      []rivalView
	History     string // address, or "" where it never changed
	Settle      string // address of the form that decides between rivals
	Record      string
	Version     uint64
	Field       string
	Stamp       string
	By          string
	When        time.Time
}

// rivalView is a value that somebody else wrote at the same time.
type rivalView struct {
	Text  string
	By    string
	When  time.Time
	Index int
	Stamp string
}

// shower writes values in the reader's language.
type shower struct {
	lang  i18n.Language
	names map[amana.MemberID]string
}

func (v *visit) shower(names map[amana.MemberID]string) shower { return shower{v.lang, names} }

// name says who a member is.
func (s shower) name(id amana.MemberID) string {
	if n := s.names[id]; n != "" {
		return n
	}
	return s.lang.T("cases.someone")
}

// value writes a value; soft is set for what stands in place of one.
func (s shower) value(f record.Field, v event.Value) (text string, soft bool) {
	if said, ok := v.Answer(); ok {
		if id := answerID(said); id != "" {
			return s.lang.T("answer." + id), true
		}
		return s.lang.T("answer.newer"), true
	}
	if yes, ok := v.Bool(); ok {
		if yes {
			return s.lang.T("answer.yes"), false
		}
		return s.lang.T("answer.no"), false
	}
	if n, ok := v.Int(); ok {
		return strconv.FormatInt(n, 10), false
	}
	switch v.Type() {
	case event.None:
		return s.lang.T("answer.none"), true
	case event.TypeText, event.TypeList:
		return s.words(f, v), false
	default:
		return s.lang.T("answer.newer"), true
	}
}

func (s shower) words(f record.Field, v event.Value) string {
	switch f.Type {
	case record.Choice, record.Choices:
		var texts []string
		for _, id := range v.RevealList() {
			texts = append(texts, s.option(f.Options, id))
		}
		return strings.Join(texts, s.lang.T("cases.comma"))
	case record.Date:
		return s.lang.ISODate(v.Reveal())
	}
	return strings.Join(v.RevealList(), s.lang.T("cases.comma"))
}

// option names a choice; one that is not known to this program stands as it is.
func (s shower) option(list, id string) string {
	if key := "option." + list + "." + id; s.lang.Has(key) {
		return s.lang.T(key)
	}
	return id
}

// cell shows a field of a part of a case file.
func (s shower) cell(file amana.RecordID, part *casework.Part, c casework.Cell) cellView {
	view := cellView{
		Label: s.label(c), Long: c.Field.Type == record.Words,
		Record: part.ID.String(), Version: part.Version, Field: c.Name,
		By: s.name(c.By), When: c.When, Stamp: stampOf(c.When),
	}
	view.Text, view.Soft = s.value(c.Field, c.Value)
	if c.Changes > 0 {
		view.History = "/cases/" + file.String() + "/history/" + view.Record + "/" + c.Name
	}
	for i, r := range c.Rivals {
		text, _ := s.value(c.Field, r.Value)
		view.Rivals = append(view.Rivals, rivalView{text, s.name(r.By), r.When, i + 1, stampOf(r.When)})
	}
	if len(view.Rivals) > 0 {
		view.Settle = "/cases/" + file.String() + "/settle"
	}
	return view
}

// label names a field. One from a newer program has only its own name.
func (s shower) label(c casework.Cell) string {
	name := c.Field.Name
	if name == "" {
		name = c.Name
	}
	if key := "field." + name; s.lang.Has(key) {
		return s.lang.T(key)
	}
	return name
}

// stampOf tells one writing of a field from another.
func stampOf(t time.Time) string { return strconv.FormatInt(t.UnixNano(), 36) }
