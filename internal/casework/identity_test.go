package casework_test

import (
	"context"
	"errors"
	"testing"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
)

// Who she is may be said later than the first day.
func TestDesk_identityIsWrittenLater(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	d := o.unlock(t, adminWords)
	id, err := d.OpenCase(ctx, casework.Intake{Team: d.Me().Teams[0].ID})
	if err != nil {
		t.Fatal(err)
	}
	f, err := d.ReadCase(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	if f.Identity == nil || !f.Identity.ID.IsZero() || len(f.Identity.Cells) == 0 {
		t.Fatal("the file has no place for a name that the team may hold")
	}
	if err := d.ChangeRecord(ctx, id, casework.Change{Values: casework.Values{"name": event.Text("a\x00b")}}); !errors.Is(err, amana.ErrInvalid) {
		t.Errorf("control characters: %v, want %v", err, amana.ErrInvalid)
	}
	if err := d.ChangeRecord(ctx, id, casework.Change{}); err != nil {
		t.Errorf("nothing said: %v", err)
	}
	named := casework.Change{Values: casework.Values{"name": event.Text("Zeïnabou Walet")}}
	if err := d.ChangeRecord(ctx, id, named); err != nil {
		t.Fatal(err)
	}
	if f, err = d.ReadCase(ctx, id); err != nil || f.Identity == nil || f.Identity.ID.IsZero() {
		t.Fatalf("identity not there: %v", err)
	}
	if err := d.ChangeRecord(ctx, id, named); !errors.Is(err, amana.ErrConflict) {
		t.Errorf("begun twice: %v, want %v", err, amana.ErrConflict)
	}
	list, err := d.Cases(ctx, casework.Query{Search: amana.Conceal("zeinabou")})
	if err != nil || list.Total != 1 || list.Rows[0].ID != id {
		t.Errorf("not found by the name: %d, %v", list.Total, err)
	}
}
