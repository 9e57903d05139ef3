package casework_test

import (
	"fmt"
	"testing"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/vault"
	"amana/internal/xlsform"
)

// What a client says is tied to no case, in no way that the records show: no case, no
// code, no day, nothing of the case in the same save.
func TestFeedback_isTiedToNoCase(t *testing.T) {
	o := newOffice(t)
	ctx := t.Context()
	d := o.unlock(t, adminWords)
	team := d.Me().Teams[0].ID
	id, err := d.OpenCase(ctx, intake(team))
	if err != nil {
		t.Fatal(err)
	}
	before, err := d.Session().Peek(id)
	if err != nil {
		t.Fatal(err)
	}
	say := func(answers xlsform.Answers) {
		t.Helper()
		if err := d.SaveFeedback(ctx, team, fill(t, casework.FeedbackForm, answers)); err != nil {
			t.Fatal(err)
		}
	}
	say(xlsform.Answers{"client_feedback_date": event.Text("2026-02-17"), "staff_friendly": event.Text("true")})
	say(nil) // nothing was said: nothing is kept
	var kept []vault.Listed
	if err := d.Session().Listed(amana.KindFeedback, func(l vault.Listed) error { kept = append(kept, l); return nil }); err != nil || len(kept) != 1 {
		t.Fatalf("%d kept, %v", len(kept), err)
	}
	f := kept[0]
	if !f.Case.IsZero() && f.Case != f.ID || f.Values["survivor_code_no"].Reveal() != "" || f.Values["client_feedback_date"].Reveal() != "2026-02" {
		t.Errorf("case %s, on %q", f.Case, f.Values["client_feedback_date"].Reveal())
	}
	after, err := d.Session().Peek(id)
	if err != nil || len(after.Records) != len(before.Records) || len(after.Case.Changes()) != len(before.Case.Changes()) {
		t.Errorf("the case changed with it: %v", err)
	}
	if err := d.SaveFeedback(ctx, team, fill(t, assessment, nil)); err == nil {
		t.Error("another form passes as feedback")
	}
}

// Counts come by whole batches: whoever looks before and after one person sees the
// same. All "no" is not satisfied; nothing said is not judged.
func TestFeedback_isCountedByTheBatch(t *testing.T) {
	o := newOffice(t)
	ctx := t.Context()
	d := o.unlock(t, adminWords)
	team := d.Me().Teams[0].ID
	say := func(answer, words string) {
		t.Helper()
		a := xlsform.Answers{"staff_helpful": event.Text(answer), "staff_friendly": event.Text(answer), "client_comments_suggestions": event.Text(words)}
		if err := d.SaveFeedback(ctx, team, fill(t, casework.FeedbackForm, a)); err != nil {
			t.Fatal(err)
		}
	}
	read := func() casework.Feedback {
		t.Helper()
		got, err := d.ReadFeedback(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	for n := range casework.FeedbackBatch - 1 {
		say([]string{"true", "false", "not_applicable"}[n%3], fmt.Sprintf("mot %d", 9-n))
	}
	if got := read(); got.Total != 0 || !got.Waiting || len(got.Questions)+len(got.Words)+got.Judged > 0 {
		t.Errorf("before a batch is full: %+v", got)
	}
	say("false", "")
	first := read()
	if first.Total != 10 || first.Judged != 7 || first.Satisfied != 3 {
		t.Errorf("%d counted, %d of %d satisfied; want 10, 3 of 7", first.Total, first.Satisfied, first.Judged)
	}
	for _, q := range first.Questions {
		if q.Yes+q.No+q.NotApplicable+q.NotGiven != 10 {
			t.Errorf("%s: %+v does not add up to ten", q.Field, q)
		}
		if q.Field == "staff_helpful" && (q.Yes != 3 || q.No != 4 || q.NotApplicable != 3) {
			t.Errorf("%+v", q)
		}
	}
	if len(first.Words) != 9 || first.Words[0].Reveal() != "mot 1" {
		t.Errorf("%d words, in the order in which they came", len(first.Words))
	}
	say("true", "un mot de plus")
	if again := read(); again.Total != 10 || again.Satisfied != first.Satisfied || len(again.Words) != 9 {
		t.Error("what the eleventh said can be told by looking twice")
	}
	if len(record.Fields(amana.KindFeedback)) == 0 {
		t.Error("the fields of feedback are not known")
	}
}
