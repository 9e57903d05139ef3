package vault_test

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"amana"
	"amana/internal/journal"
	"amana/internal/vault"
)

// Heads that a device signs far apart, or over large content, do not make the batches
// of whoever hands its chain on larger than anybody takes.
func TestDevices_headsFarApartBlockNobody(t *testing.T) {
	for name, tt := range map[string]struct {
		body    int
		numbers []int
	}{
		"many items":    {32, []int{1, 254, journal.MostItems, 1}},
		"large content": {2 << 20, []int{1, 12, 12, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && tt.body > 1<<20 {
				t.Skip("writing it three times takes half a minute")
			}
			c := newClinic(t)
			ctx := context.Background()
			here := c.asWorker(t, 0)
			_, bad := c.second(t, workerWords+"0", c.worker[0])
			_, third := c.second(t, workerWords+"0", c.worker[0])
			carry(t, c.admin, third)
			list := bad.Chain(tt.body, tt.numbers...)
			if done, err := here.Import(ctx, each(list)); err != nil || done.Refused+done.Waiting > 0 {
				t.Fatalf("%+v, %v", done, err)
			}
			c.open(t, here, c.teams[0], "Exemple", "after")
			var bundle bytes.Buffer
			if _, err := here.WriteBundle(ctx, third.Have(), &bundle); err != nil {
				t.Fatal(err)
			}
			if done, _, err := third.ReadBundle(ctx, &bundle); err != nil || done.Refused+done.Waiting > 0 {
				t.Fatalf("%+v, %v", done, err)
			}
			if got := third.Have()[bad.Device()]; got != list[len(list)-1].Last() {
				t.Errorf("%d items of its chain came, want %d", got, list[len(list)-1].Last())
			}
			if n := eventually(t, third, "after"); n != 1 {
				t.Error("what others wrote after it did not come")
			}
		})
	}
}

// The quarantine does not grow without end, nor does what fills it push out the proof
// that a device shows two histories.
func TestDevices_refusalsFillNothing(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	here := c.asWorker(t, 0)
	_, bad := c.second(t, workerWords+"0", c.worker[0])
	var large, small []journal.Batch
	for n := range uint64(12) {
		large = append(large, here.ForeignHead(bad.Device(), 100+n, 1<<20-4096))
	}
	if done, err := here.Import(ctx, each(large)); err != nil || done.Refused != len(large) {
		t.Fatalf("%+v, %v", done, err)
	}
	if n := here.SizeOfQuarantine(); n > 3<<20 {
		t.Errorf("the quarantine has %d MiB", n>>20)
	}
	if testing.Short() {
		t.Skip("filling it takes seconds")
	}
	for n := range uint64(vault.MostRefused) {
		small = append(small, here.ForeignHead(bad.Device(), 1000+n, 32))
	}
	if _, err := here.Import(ctx, each(small)); err != nil {
		t.Fatal(err)
	}
	one, two := bad.Chain(32, 1), bad.Chain(32, 1)
	if _, err := here.Import(ctx, each(slices.Concat(one, two))); err != nil {
		t.Fatal(err)
	}
	if found, err := here.TwoHistories(); err != nil || len(found) != 1 {
		t.Errorf("%d devices with two histories, want 1: %v", len(found), err)
	}
}

// Whoever carries a batch cannot withhold content from a device that has not the key of
// its epoch yet, by saying that it was erased.
func TestDevices_withheldBeforeItsKeyCame(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	here := c.asWorker(t, 0)
	_, there := c.second(t, workerWords+"0", c.worker[0])
	if err := c.admin.RemoveMember(ctx, c.worker[1]); err != nil { // a new epoch
		t.Fatal(err)
	}
	c.open(t, here, c.teams[0], "Exemple", "orchard")
	var all []journal.Batch
	if err := here.HandOver(ctx, there.Have(), func(b journal.Batch) error {
		again, err := journal.ReadBatch(b.Append(nil))
		all = append(all, again)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	lie := slices.Clone(all)
	for i := range lie {
		lie[i].Items = slices.Clone(lie[i].Items)
		for j, it := range lie[i].Items {
			lie[i].Items[j] = it.Blank()
		}
	}
	done, err := there.Import(ctx, each(lie))
	if err != nil || done.Taken > 0 || done.Waiting == 0 {
		t.Errorf("%+v, %v: want all to wait", done, err)
	}
	if done, err = there.Import(ctx, each(all)); err != nil || done.Taken == 0 || done.Waiting > 0 {
		t.Errorf("%+v, %v", done, err)
	}
	if n := eventually(t, there, "orchard"); n != 1 {
		t.Error("the content is withheld for good")
	}
}

// A batch in a bundle that is none holds up none of the others.
func TestBundle_aBatchThatIsNone(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	here := c.asWorker(t, 0)
	_, there := c.second(t, workerWords+"0", c.worker[0])
	c.open(t, here, c.teams[0], "Exemple", "orchard")
	var bundle bytes.Buffer
	if err := here.BundleWithJunk(&bundle, there.Have()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := there.ReadBundle(ctx, &bundle); !errors.Is(err, amana.ErrTampered) {
		t.Errorf("nothing says that something is missing: %v", err)
	}
	if n := eventually(t, there, "orchard"); n != 1 {
		t.Error("what came after it was not taken")
	}
}

// Whoever is no administrator lets no device in, not even one that is known.
func TestPair_isForAdministrators(t *testing.T) {
	c := newClinic(t)
	worker := c.asWorker(t, 0)
	request, err := vault.RequestPairing(filepath.Join(t.TempDir(), "second"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := vault.ParseRequest(request)
	if err != nil {
		t.Fatal(err)
	}
	for _, when := range []string{"new", "known"} {
		var answer bytes.Buffer
		err := worker.Pair(t.Context(), r, "field", c.worker[:1], &answer)
		if !errors.Is(err, amana.ErrRefused) || answer.Len() > 0 {
			t.Errorf("%s: %v, %d bytes of an answer", when, err, answer.Len())
		}
		if err := c.admin.Pair(t.Context(), r, "field", c.worker[:1], &answer); err != nil {
			t.Fatal(err)
		}
	}
}
