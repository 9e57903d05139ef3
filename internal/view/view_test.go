package view_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"amana"
	"amana/internal/seal"
	"amana/internal/view"
)

func TestView_keepsSealsAndFinds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.db")
	key := [32]byte(seal.NewTeamKey().Export())
	v, err := view.Open(path, key)
	if err != nil {
		t.Fatal(err)
	}
	var id amana.RecordID
	err = v.Update(func(tx *view.Tx) error {
		for i := range 200 {
			id = amana.RecordID(seal.Random16())
			rid, err := tx.Index(view.Item{Record: id, Pos: int64(i + 1), BringsKey: true, Kind: amana.KindCase})
			if err != nil {
				return err
			}
			c := view.Case{RID: rid, Code: "K7MX", Name: amana.Conceal("Canarybird"), Status: "open", Risk: i % 4, Updated: uint64(i)}
			if err := tx.PutCase(c, []byte("canarybird zqknr عايشه")); err != nil {
				return err
			}
			if err := tx.PutCase(c, []byte("canarybird second")); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for words, want := range map[string]int{`"second"`: 200, `"canarybird" "second"`: 200, `"zqknr"`: 0, `"seco"*`: 200} {
		n, err := v.Count(view.Filter{Words: words}, 1000)
		if err != nil || n != want {
			t.Errorf("%s: %d, %v; want %d", words, n, err, want)
		}
	}
	rows, err := v.Cases(view.Filter{Risk: 1, Status: "open", Limit: 10, Sort: view.ByRisk})
	if err != nil || len(rows) != 10 || rows[0].Updated != 0 {
		t.Fatalf("rows = %d, %v", len(rows), err)
	}
	r, ok, err := v.Find(id)
	if err != nil || !ok || r.Kind != amana.KindCase || r.OfCase != r.RID {
		t.Fatalf("find: %v %v", ok, err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(path + "*")
	for _, f := range files {
		raw, _ := os.ReadFile(f)
		if bytes.Contains(raw, []byte("anarybird")) || bytes.Contains(raw, []byte("SQLite")) {
			t.Errorf("%s is not sealed", filepath.Base(f))
		}
	}
	if len(files) != 1 {
		t.Errorf("files left: %d", len(files))
	}
	if _, err := view.Open(path, [32]byte{1}); err == nil {
		t.Error("opens with another key")
	}
	if v, err = view.Open(path, key); err != nil {
		t.Fatal(err)
	}
	v.Close()
}
