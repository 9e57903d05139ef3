package vault_test

import (
	"errors"
	"testing"

	"amana"
	"amana/internal/event"
	"amana/internal/vault"
)

// A colleague with a changed program names another team's record as one of a case of
// their own team. Who erases that case does not destroy it unasked; and a record that
// was begun again does not keep the rest from being erased.
func TestEraseCase_anotherTeamsRecord(t *testing.T) {
	c := newClinic(t)
	ctx := t.Context()
	one, other := c.asWorker(t, 0), c.asWorker(t, 1)
	theirs := c.open(t, one, c.teams[0], "Exemple", "orchard")
	doomed := c.open(t, other, c.teams[1], "Modèle", "market")
	if _, err := other.Forge(ctx, theirs, c.teams[1], event.Begun{Kind: amana.KindIncident, Case: doomed}); err != nil {
		t.Fatal(err)
	}
	if err := other.EraseCase(ctx, "asked", doomed); !errors.Is(err, vault.ErrContested) || !errors.Is(err, amana.ErrConflict) {
		t.Fatalf("erased unasked: %v", err)
	}
	if _, err := other.Peek(doomed); err != nil {
		t.Fatalf("something was erased while it was asked: %v", err)
	}
	if err := other.EraseCaseWith(ctx, "asked", doomed, vault.KeepContested); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Peek(doomed); err == nil {
		t.Error("the case is still there")
	}
	one = c.asWorker(t, 0)
	if f, err := one.Read(ctx, theirs); err != nil || f.Case.ID != theirs || f.Case.Kind != amana.KindCase {
		t.Errorf("the other team's record: %v", err)
	}
	if err := one.EraseCaseWith(ctx, "asked", theirs, vault.EraseContested); err != nil {
		t.Fatal(err)
	}
	if _, err := one.Peek(theirs); err == nil {
		t.Error("what was begun again cannot be erased")
	}
}
