package vault_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"amana"
	"amana/internal/journal"
)

const frozenStart = "testdata/start-1"

var frozenStartDay = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// A small start as this format's first version wrote it opens for ever: the keys of the
// request, the answer, and the history that the start is held against. It is written once,
// with -update where it is not there, and never changed.
func TestStart_frozen(t *testing.T) {
	if _, err := os.Stat(frozenStart); errors.Is(err, os.ErrNotExist) && *update {
		freezeStart(t)
	}
	files := map[string][]byte{}
	for _, name := range []string{"pairing", "answer", "history", "case"} {
		raw, err := os.ReadFile(filepath.Join(frozenStart, name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = raw
	}
	c := &clinic{now: frozenStartDay}
	a := &asked{office: &office{dir: t.TempDir(), now: c.now}}
	if err := os.WriteFile(filepath.Join(a.dir, "pairing"), files["pairing"], 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.v.LockAll() })
	raw, err := hex.DecodeString(strings.TrimSpace(string(files["case"])))
	if err != nil || len(raw) != 16 {
		t.Fatal(len(raw), err)
	}
	id := amana.RecordID(raw)
	s := a.join(t, files["answer"], workerWords+"0")
	if st := startOf(t, s); !st.Arriving || st.Cases != 1 || st.Failed != 0 || answerOf(t, s, id) != amana.Withdrawn {
		t.Fatalf("%+v, her answer is %q", st, answerOf(t, s, id))
	}
	var all [][]byte
	if err := cbor.Unmarshal(files["history"], &all); err != nil {
		t.Fatal(err)
	}
	var list []journal.Batch
	for _, raw := range all {
		b, err := journal.ReadBatch(raw)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, b)
	}
	if in, err := s.Import(context.Background(), each(list)); err != nil || in.Refused+in.Waiting > 0 {
		t.Fatalf("%+v, %v", in, err)
	}
	ready(t, s)
	if st := startOf(t, s); st.Arriving || st.Wrong != 0 || answerOf(t, s, id) != amana.Withdrawn {
		t.Errorf("%+v, her answer is %q", st, answerOf(t, s, id))
	}
	verified(t, s)
}

func freezeStart(t *testing.T) {
	t.Helper()
	c := newClinic(t)
	worker := c.asWorker(t, 0)
	id := c.open(t, worker, c.teams[0], "Exemple", "orchard")
	consented(t, worker, id, c.teams[0], true)
	if _, err := worker.Read(context.Background(), id); err != nil { // an opening, that the start leaves out
		t.Fatal(err)
	}
	if err := c.admin.Carry(context.Background(), bytes.Repeat([]byte("a checkpoint\n"), 20)); err != nil {
		t.Fatal(err)
	}
	a := c.ask(t)
	pairing, err := os.ReadFile(filepath.Join(a.dir, "pairing"))
	if err != nil {
		t.Fatal(err)
	}
	answer, _ := c.start(t, a, c.worker[0])
	var all [][]byte
	for next := batches(t, c.admin, nil); ; {
		b, more, err := next()
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			break
		}
		all = append(all, b.Append(nil))
	}
	history, err := cbor.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(frozenStart, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string][]byte{"pairing": pairing, "answer": answer, "history": history, "case": []byte(hex.EncodeToString(id[:]) + "\n")} {
		if err := os.WriteFile(filepath.Join(frozenStart, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
