package casework_test

import (
	"bytes"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/link"
)

// joined is a second computer of an organisation, taken in as the pages do it.
func joined(t *testing.T, o *office, d *casework.Desk) *casework.Desk {
	t.Helper()
	other := &office{now: o.now}
	var err error
	other.Office, err = casework.NewOffice(casework.Options{Dir: filepath.Join(t.TempDir(), "w"), Demo: true, Now: o.clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { other.LockAll() })
	asked, err := other.AskToJoin()
	if err != nil || !other.AskedToJoin() || asked.QR == nil {
		t.Fatalf("%v", err)
	}
	seen, err := casework.LookAtRequest([]byte(" " + asked.Text[:40] + "\n" + asked.Text[40:]))
	if err != nil || !slices.Equal(seen.Words, asked.Words) || !bytes.Equal(seen.File, asked.File) {
		t.Fatalf("the words of the text are others than those of the computer: %v", err)
	}
	if err := d.AddDevice(t.Context(), seen.File, "Field"); err != nil {
		t.Fatal(err)
	}
	var answer bytes.Buffer
	if err := d.AnswerDevice(t.Context(), seen.File, []amana.MemberID{d.Me().ID}, &answer); err != nil {
		t.Fatal(err)
	}
	if err := other.JoinWith(t.Context(), &answer, []byte("lusab lusab lusab lusab lusab lusab")); err == nil {
		t.Fatal("joined with another passphrase")
	}
	return other.join(t, d, seen.File)
}

// join opens the answer of a desk, and unlocks.
func (o *office) join(t *testing.T, d *casework.Desk, request []byte) *casework.Desk {
	t.Helper()
	var answer bytes.Buffer
	if err := d.AnswerDevice(t.Context(), request, nil, &answer); err != nil {
		t.Fatal(err)
	}
	if err := o.JoinWith(t.Context(), &answer, []byte(adminWords)); err != nil || !o.Founded() || o.AskedToJoin() {
		t.Fatalf("%v", err)
	}
	return o.unlock(t, adminWords)
}

// visit goes to a computer that listens, and waits until it is done.
func visit(t *testing.T, d *casework.Desk, word string) {
	t.Helper()
	if err := d.MeetVisit(t.Context(), word, true); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		st, err := d.MeetState()
		switch {
		case err != nil || st.Visit.Wrong != "":
			t.Fatalf("%+v, %v", st.Visit, err)
		case !st.Visit.Busy:
			return
		case time.Now().After(deadline):
			t.Fatal("the visit does not end")
		}
	}
}

// Two members change one field on two computers that did not meet: where they have met,
// both see at the case that it was changed twice.
func TestTogether_aConflictIsSeenWhereTheRecordIs(t *testing.T) {
	o := newOffice(t)
	here := o.unlock(t, adminWords)
	id, err := here.OpenCase(t.Context(), intake(here.Me().Teams[0].ID))
	if err != nil {
		t.Fatal(err)
	}
	there := joined(t, o, here)
	for d, risk := range map[*casework.Desk]string{here: "medium", there: "low"} {
		if err := d.ChangeRecord(t.Context(), id, casework.Change{Record: id, Values: casework.Values{"risk_level": event.Text(risk)}}); err != nil {
			t.Fatal(err)
		}
	}
	m, err := link.Listen(here.Session(), "127.0.0.1:0", 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	visit(t, there, m.Word)
	for name, d := range map[string]*casework.Desk{"here": here, "there": there} {
		list, err := d.Cases(t.Context(), casework.Query{})
		if err != nil || len(list.Rows) != 1 || !list.Rows[0].Conflict {
			t.Errorf("%s: %+v, %v", name, list.Rows, err)
		}
	}
	reach, err := here.ReachOf(t.Context(), there.Session().Device())
	if err != nil || reach.Name != "Field" || len(reach.Members) != 1 || len(reach.Members[0].Teams) != 2 || reach.Last.IsZero() || reach.Unsaid ||
		reach.Members[0].Teams[1].Had.Cases != 1 || reach.Members[0].Teams[1].Had.Identities != 1 || !reach.Members[0].Open {
		t.Errorf("what the other computer can show: %+v, %v", reach, err)
	}
}
