package casework

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"amana"
	"amana/internal/event"
	"amana/internal/form"
	"amana/internal/record"
	"amana/internal/stats"
	"amana/internal/vault"
)

// FeedbackForm asks what a client thinks of the help.
const FeedbackForm = "client_feedback"

// FeedbackBatch is how many pages of feedback are looked at together: whoever looks
// today and tomorrow never sees what one person said.
const FeedbackBatch = 10

// monthOnly is as exact as a day of feedback is kept: a day would find the visit.
const monthOnly = len("2026-11")

// SaveFeedback keeps what a client said, for a team, tied to no case. Kinds:
// [form.Faults], ErrRefused, ErrStorage.
func (d *Desk) SaveFeedback(ctx context.Context, team amana.TeamID, fl form.Filling) error {
	if fl.Form.Kind != amana.KindFeedback {
		return fmt.Errorf("casework: form %s is not about feedback: %w", fl.Form.ID, amana.ErrInvalid)
	}
	st := fl.State(nil, d.env())
	if faults := fl.Check(st, d.office.now(), func(string) bool { return true }); len(faults) > 0 {
		return faults
	}
	values := formValues([]form.Filling{fl}, amana.KindFeedback, d.env())
	if len(values) == 0 {
		return nil // nothing was said
	}
	const day = "client_feedback_date"
	if date := values[day].Reveal(); len(date) > monthOnly {
		values[day] = event.Text(date[:monthOnly])
	}
	return d.session.Save(ctx, vault.Change{
		Record: d.session.NewRecord(amana.KindFeedback), Begin: &vault.Begin{Kind: amana.KindFeedback, Teams: []amana.TeamID{team}}, Facts: sets(values),
	})
}

// FeedbackCount is how often a question was answered how.
type FeedbackCount struct {
	Field                            string
	Yes, No, NotApplicable, NotGiven int
}

// Feedback is what clients said, in whole batches.
type Feedback struct {
	Total     int // that are counted: a multiple of [FeedbackBatch]
	Waiting   bool
	Questions []FeedbackCount
	Satisfied int // at least one answer, and no more no than yes
	Judged    int // of whom that can be said
	Words     []amana.Private
}

// ReadFeedback counts what clients said, as far as this member's teams hold it.
// What does not fill a batch yet is not counted, and nothing is told by person.
func (d *Desk) ReadFeedback(context.Context) (Feedback, error) {
	all, err := d.feedbackHeld()
	if err != nil {
		return Feedback{}, err
	}
	whole := len(all) / FeedbackBatch * FeedbackBatch
	out := Feedback{Total: whole, Waiting: len(all) > whole}
	if whole == 0 {
		return out, nil
	}
	f, known := d.Forms().Form(FeedbackForm)
	if !known {
		return out, fmt.Errorf("casework: no form for feedback: %w", amana.ErrNotFound)
	}
	for _, field := range f.Fields() {
		switch {
		case field.Type == record.YesNo, field.Options == "yes_no_not_applicable":
			out.Questions = append(out.Questions, countAnswers(field.Name, all[:whole]))
		case field.Type == record.Words:
			for _, l := range all[:whole] {
				if words := l.Values[field.Name].Reveal(); words != "" {
					out.Words = append(out.Words, amana.Conceal(words))
				}
			}
		}
	}
	for _, l := range all[:whole] {
		yes, said := judgement(l.Values, out.Questions)
		out.Judged += one(said)
		out.Satisfied += one(yes && said)
	}
	// In the order of the letters, not of the days: nobody can tell who came when.
	slices.SortFunc(out.Words, func(a, b amana.Private) int { return strings.Compare(a.Reveal(), b.Reveal()) })
	return out, nil
}

// feedbackHeld is what clients said, the first first.
func (d *Desk) feedbackHeld() (all []vault.Listed, err error) {
	err = d.session.Listed(amana.KindFeedback, func(l vault.Listed) error {
		all = append(all, l)
		return nil
	})
	slices.SortFunc(all, func(a, b vault.Listed) int {
		return cmp.Or(cmp.Compare(a.Opened, b.Opened), strings.Compare(a.ID.String(), b.ID.String()))
	})
	return all, err
}

// feedbackRows codes whole lots of what clients said.
func (d *Desk) feedbackRows() ([]stats.Feedback, error) {
	all, err := d.feedbackHeld()
	f, known := d.Forms().Form(FeedbackForm)
	if err != nil || !known {
		return nil, err
	}
	var rows []stats.Feedback
	for _, l := range all[:len(all)/FeedbackBatch*FeedbackBatch] {
		var row stats.Feedback
		for _, field := range f.Fields() {
			if field.Type != record.YesNo && field.Options != "yes_no_not_applicable" {
				continue
			}
			if yes, said := saidYes(l.Values[field.Name]); said {
				row.Good += one(yes)
				row.Other += one(!yes)
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// saidYes reads an answer, of whatever type it was kept.
func saidYes(v event.Value) (yes, said bool) {
	if b, is := v.Bool(); is {
		return b, true
	}
	switch v.Reveal() {
	case "true":
		return true, true
	case "false":
		return false, true
	}
	return false, false
}

func countAnswers(field string, all []vault.Listed) FeedbackCount {
	c := FeedbackCount{Field: field}
	for _, l := range all {
		v := l.Values[field]
		yes, said := saidYes(v)
		switch {
		case said && yes:
			c.Yes++
		case said:
			c.No++
		case v.Reveal() == "not_applicable":
			c.NotApplicable++
		default:
			c.NotGiven++
		}
	}
	return c
}

// judgement is whether one person was satisfied, as the statistics have it.
func judgement(values map[string]event.Value, questions []FeedbackCount) (yes, said bool) {
	var f stats.Feedback
	for _, q := range questions {
		switch yes, said := saidYes(values[q.Field]); {
		case said && yes:
			f.Good++
		case said:
			f.Other++
		}
	}
	return f.Satisfied()
}
