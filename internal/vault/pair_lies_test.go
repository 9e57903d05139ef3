package vault_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"amana"
	"amana/internal/journal"
	"amana/internal/seal"
	"amana/internal/vault"
)

// An administrator with a changed program cannot give a new device chains that others did
// not sign: not cut off in between, not signed by another, not of a device that nobody
// announced.
func TestJoin_anAnswerThatLies(t *testing.T) {
	c := newClinic(t)
	ctx := context.Background()
	_, second := c.second(t, workerWords+"0", c.worker[0])
	c.open(t, second, c.teams[0], "A", "orchard")
	c.open(t, second, c.teams[0], "A", "orchard")
	if done := carry(t, second, c.admin); done.Taken == 0 {
		t.Fatal("nothing came")
	}
	org, key := c.admin.Organisation(), seal.NewDeviceKey()
	of := second.Device()
	tests := []struct {
		name   string
		change func(b *journal.Batch) bool
		want   error
	}{
		{"as it is", func(*journal.Batch) bool { return true }, nil},
		{"cut off where its device signed nothing", func(b *journal.Batch) bool {
			if b.Head.Device == of && len(b.Items) > 1 {
				b.Items = b.Items[:len(b.Items)-1]
				head := journal.Head{}
				for _, it := range b.Items {
					it.Last = true
					head = journal.Head{Seq: it.Seq, Hash: it.Next(org, head.Hash)}
				}
				b.Head.Seq, b.Head.Hash = head.Seq, head.Hash
			}
			return true
		}, amana.ErrTampered},
		{"signed by another", func(b *journal.Batch) bool {
			if b.Head.Device == of {
				b.Head = journal.SignHead(key, org, of, b.Head.Head())
			}
			return true
		}, amana.ErrTampered},
		{"of a device that nobody announced", func(b *journal.Batch) bool {
			if b.Head.Device == of {
				b.Head.Device = amana.DeviceID(seal.Random16())
			}
			return true
		}, amana.ErrTampered},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "third")
			request, err := vault.RequestPairing(dir)
			if err != nil {
				t.Fatal(err)
			}
			r, err := vault.ParseRequest(request)
			if err != nil {
				t.Fatal(err)
			}
			var answer bytes.Buffer
			if err := c.admin.PairLying(ctx, r, []amana.MemberID{c.worker[0]}, &answer, tt.change); err != nil {
				t.Fatal(err)
			}
			v, _, err := vault.Join(ctx, dir, &answer, []byte(workerWords+"0"), c.clock)
			if !errors.Is(err, tt.want) {
				t.Fatalf("%v, want %v", err, tt.want)
			}
			if tt.want == nil {
				_ = v.LockAll()
				return
			}
			if _, err := os.Stat(filepath.Join(dir, "journal")); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("something of it is left: %v", err)
			}
		})
	}
}
