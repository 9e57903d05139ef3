package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/referral"
	"amana/internal/vault"
	"amana/internal/view"
)

// What a partner shared of somebody, by her word, is not asked again: a case begins with
// it. Her word was for this organisation and this help: it is no answer to what is asked
// here, so that no consent comes with it.

// letterCase is the field of a letter that names the case it was linked with.
const letterCase = "case"

// Shared is what a referral that came says, as fields of the forms with which a case
// begins. What this program has no field for stands in the letter alone.
func (l Letter) Shared() Values {
	v := Values{}
	for _, line := range l.Referral.Lines {
		switch line.Item { //nolint:exhaustive // the others have no field here
		case referral.ItemSex:
			v.choose("sex", line.Option)
		case referral.ItemLanguage:
			v.choose("language", line.Option)
		case referral.ItemAccess:
			v.choose("gbv_disability_type", line.Option)
		case referral.ItemName:
			v.line("name", line.Words)
		case referral.ItemContact:
			v.choose("contact_how", line.Options...)
			v.line("contact_phone", line.Words)
		}
	}
	return v
}

// choose puts in those options that this program knows.
func (v Values) choose(field string, options ...string) {
	known := slices.DeleteFunc(slices.Clone(options), func(o string) bool { return !slices.Contains(record.Options(field), o) })
	switch {
	case len(known) == 0:
	case field == "contact_how":
		slices.Sort(known)
		v[field] = event.List(slices.Compact(known)...)
	default:
		v[field] = event.Text(known[0])
	}
}

// line puts in one line of words, where it is one.
func (v Values) line(field string, words amana.Private) {
	if !words.IsEmpty() && record.CheckLine(words.Reveal()) == "" {
		v[field] = event.Text(words.Reveal())
	}
}

// NotShared are the items of a person that could have come with a referral and did not.
func (l Letter) NotShared() (list []referral.Item) {
	for _, item := range append(referral.Asked(), referral.ItemBirth, referral.ItemPlace) {
		if item != referral.ItemWindows && !slices.ContainsFunc(l.Referral.Lines, func(line referral.Line) bool { return line.Item == item }) {
			list = append(list, item)
		}
	}
	return list
}

// OpenCaseFrom opens a case with which a letter is linked, both in one save. Kinds: those
// of [Desk.OpenCase]; ErrNotFound for the letter; ErrConflict where it was linked already.
func (d *Desk) OpenCaseFrom(ctx context.Context, in Intake, letterID amana.RecordID) (amana.RecordID, error) {
	if err := d.unlinked(ctx, letterID); err != nil {
		return amana.RecordID{}, err
	}
	return d.openCase(ctx, in, func(id amana.RecordID) []vault.Change { return []vault.Change{linked(letterID, id)} })
}

func linked(letterID, caseID amana.RecordID) vault.Change {
	return vault.Change{Record: letterID, Facts: sets(Values{letterCase: event.Text(caseID.String())})}
}

// unlinked is ErrConflict for a letter that a case has.
func (d *Desk) unlinked(ctx context.Context, id amana.RecordID) error {
	l, err := d.ReadLetter(ctx, id)
	if err == nil && !l.Case.IsZero() {
		err = fmt.Errorf("casework: letter %s: linked already: %w", id, amana.ErrConflict)
	}
	return err
}

// LinkLetter links a letter with the case that has a code. Nothing of the case changes.
// Kinds: FieldErrors where no case that this member can read has the code; those of
// [Desk.OpenCaseFrom].
func (d *Desk) LinkLetter(ctx context.Context, id amana.RecordID, code string) (amana.RecordID, error) {
	whole, right := record.CheckCode(strings.TrimSpace(code))
	if !right {
		return amana.RecordID{}, FieldErrors{"code": "post.case.code"}
	}
	if err := d.unlinked(ctx, id); err != nil {
		return amana.RecordID{}, err
	}
	rows, err := d.session.Cases(amana.Conceal(whole), view.Filter{Sort: view.ByFound, Limit: mostMatches})
	if err != nil {
		return amana.RecordID{}, err
	}
	for _, row := range d.rows(rows) {
		if row.Code == whole {
			return row.ID, d.session.Save(ctx, linked(id, row.ID))
		}
	}
	return amana.RecordID{}, FieldErrors{"code": "post.case.none"}
}

// LettersOf returns the letters that are linked with a case, the newest first.
func (d *Desk) LettersOf(_ context.Context, caseID amana.RecordID) (list []Letter, err error) {
	err = d.session.Listed(amana.KindLetter, func(l vault.Listed) error {
		if l.Values[letterCase].Reveal() != caseID.String() {
			return nil
		}
		if one, err := d.letterIn(l.ID, l.Opened, func(f string) string { return l.Values[f].Reveal() }); err == nil {
			list = append(list, one)
		}
		return nil
	})
	slices.SortStableFunc(list, func(a, b Letter) int { return b.Came.Compare(a.Came) })
	return list, err
}
