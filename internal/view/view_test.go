package view_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
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
			noted, err := tx.Index(view.Item{Record: id, Pos: int64(i + 1), BringsKey: true, Kind: amana.KindCase})
			if err != nil {
				return err
			}
			c := view.Case{RID: noted[0].RID, Code: "K7MX", Name: amana.Conceal("Canarybird"), Status: "open", Risk: i % 4, Updated: uint64(i)}
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

// Items come in any order, a record before the case it belongs to, its first entry after
// later ones, some begun again as something else: many at once or one by one, the view
// knows the same.
func TestIndex_manyAtOnceOrOneByOne(t *testing.T) {
	ids := make([]amana.RecordID, 40)
	for i := range ids {
		ids[i] = amana.RecordID{byte(i), 1}
	}
	var items []view.Item
	for i := range 900 {
		it := view.Item{Record: ids[i*7%len(ids)], Pos: int64(1 + i*13%900), Foreign: i%11 == 0}
		switch {
		case i%9 == 0 && i%7 < 3:
			it.BringsKey, it.Kind = true, amana.KindCase
		case i%9 == 0:
			it.BringsKey, it.Kind, it.Case = true, amana.KindConsent, ids[i*3%len(ids)]
		}
		items = append(items, it)
	}
	var want string
	for _, lot := range []int{1, 2, 17, 900} {
		got := indexed(t, items, lot)
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("%d at once:\n%s\nwant, as one by one:\n%s", lot, got, want)
		}
	}
	if !strings.Contains(want, "rebegun") {
		t.Error("no record was begun again: the test is too tame")
	}
}

// indexed says what a fresh view knows after the items came in lots.
func indexed(t *testing.T, items []view.Item, lot int) string {
	t.Helper()
	v, err := view.OpenPlain(filepath.Join(t.TempDir(), "v.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	for some := range slices.Chunk(items, lot) {
		err := v.Update(func(tx *view.Tx) error {
			noted, err := tx.Index(some...)
			if len(noted) != len(some) || noted[0].RID == 0 {
				t.Fatalf("noted %v", noted)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var b strings.Builder
	files, err := v.Files(0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		one, err := v.File(f.RID)
		if err != nil || !reflect.DeepEqual(one, f) {
			t.Errorf("file %d: %+v, %v, by itself %+v", f.RID, f, err, one)
		}
		for _, r := range f.Records {
			at, err := v.Entries(r.RID)
			if err != nil || !slices.Equal(at, r.Items) || !slices.IsSorted(at) {
				t.Errorf("record %d: items %v, %v, by itself %v", r.RID, r.Items, err, at)
			}
		}
		fmt.Fprintf(&b, "%+v\n", f)
	}
	for _, kind := range []amana.Kind{amana.KindCase, amana.KindConsent} {
		again, err := v.Rebegun(kind)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range again {
			fmt.Fprintln(&b, "rebegun", kind, id)
		}
	}
	return b.String()
}
