package journal_test

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"amana"
	"amana/internal/journal"
	"amana/internal/seal"
)

// handed is the vector of a batch: three items of one device, from its second on.
type handed struct {
	Comment      string     `json:"comment"`
	Organisation hexed      `json:"organisation"`
	DeviceKey    hexed      `json:"device_key"`
	VerifyKey    hexed      `json:"verify_key"`
	Before       hexed      `json:"head_before"`
	Head         hexed      `json:"head"`
	Message      hexed      `json:"message"`
	Signature    hexed      `json:"signature"`
	Items        []itemJSON `json:"items"`
	Batch        hexed      `json:"batch"`
}

func batchOf(t testing.TB) (journal.Batch, handed) {
	t.Helper()
	org := amana.OrgID(run16(0x90))
	key, err := seal.ImportDeviceKey(run(0x20, 32))
	if err != nil {
		t.Fatal(err)
	}
	b := journal.Batch{First: 2}
	before := seal.Hash(run(0x40, 32))
	head := journal.Head{Seq: 1, Hash: before}
	v := handed{Comment: "Sections 3.11 and 13.1: a batch of items 2 to 4.", Organisation: org[:], DeviceKey: run(0x20, 32), Before: before[:]}
	for seq := uint64(2); seq <= 4; seq++ {
		it := sample(0x30, seq, 40, int(seq-2)*48, 64)
		head = journal.Head{Seq: seq, Hash: it.Next(org, head.Hash)}
		b.Items = append(b.Items, it)
		v.Items = append(v.Items, jsonOf(it))
	}
	device := amana.DeviceID(run16(0x30))
	b.Head = journal.SignHead(key, org, device, head)
	verify := key.VerifyKey(device)
	v.VerifyKey, v.Head, v.Signature = verify[:], head.Hash[:], b.Head.Signature[:]
	v.Message = journal.HeadMessage(org, device, head)
	v.Batch = b.Append(nil)
	return b, v
}

func TestFormat_handover(t *testing.T) {
	b, v := batchOf(t)
	want := v
	frozen(t, "handover.json", &v)
	if !reflect.DeepEqual(v, want) {
		t.Error("what is written is not what is frozen")
	}
	again, err := journal.ReadBatch(v.Batch)
	if err != nil || !reflect.DeepEqual(again, b) {
		t.Errorf("read back: %v", err)
	}
	if err := again.Head.Verify(seal.VerifyKey(v.VerifyKey), amana.OrgID(v.Organisation)); err != nil {
		t.Error(err)
	}
	if err := again.Head.Verify(seal.VerifyKey(v.VerifyKey), amana.OrgID{1}); !errors.Is(err, amana.ErrTampered) {
		t.Errorf("for another organisation: %v", err)
	}
}

func TestReadBatch_refuses(t *testing.T) {
	b, _ := batchOf(t)
	raw := b.Append(nil)
	for n := range raw {
		if _, err := journal.ReadBatch(raw[:n]); err == nil {
			t.Fatalf("cut at byte %d: taken", n)
		}
	}
	if _, err := journal.ReadBatch(append(bytes.Clone(raw), 0)); err == nil {
		t.Error("a byte too many: taken")
	}
}

func FuzzReadBatch(f *testing.F) {
	b, _ := batchOf(f)
	f.Add(b.Append(nil))
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := journal.ReadBatch(raw)
		if err != nil {
			return
		}
		if again := b.Append(nil); len(b.Items) == 0 || b.Last() != b.Head.Seq || len(again) > len(raw) {
			t.Errorf("%d items, written again %d bytes for %d", len(b.Items), len(again), len(raw))
		}
	})
}
