package journal_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"amana"
	"amana/internal/journal"
	"amana/internal/seal"
)

// logVector is a folder of the journal and what is in it.
type logVector struct {
	Organisation hexed         `json:"organisation"`
	DeviceKey    hexed         `json:"device_key"`
	Saves        [][]itemJSON  `json:"saves"` // as they were appended
	Mark         uint64        `json:"mark"`
	Erased       []journal.Pos `json:"erased"` // positions erased afterwards
	Found        []foundJSON   `json:"found"`  // what is read from the folder
}

type foundJSON struct {
	Pos  journal.Pos `json:"position"`
	Item itemJSON    `json:"item"`
	Head hexed       `json:"head"`
}

// aLog returns saves of one and of several items, of two devices.
func aLog() logVector {
	v := logVector{Organisation: run(0xa0, 16), DeviceKey: run(0x70, 32), Mark: 1_772_355_600_000<<16 | 9}
	one := func(device byte, number uint64, wraps, body int) itemJSON {
		return jsonOf(sample(device, number, 93, wraps, body))
	}
	founding := with(sample(0xd0, 1, 120, 48+2*1176, 912), func(it *journal.Item) { it.Flags = journal.BringsOrgKeys })
	three := []itemJSON{one(0xd0, 3, 48, 272), one(0xd0, 4, 48, 304), one(0xd0, 5, 96, 272)}
	three[0].Last, three[1].Last = false, false
	v.Saves = [][]itemJSON{
		{jsonOf(founding)},
		{one(0xd0, 2, 48, 272)},
		three,
		{one(0xe0, 1, 0, 272)},
		{one(0xd0, 6, 0, 4112)},
		{one(0xe0, 2, 0, 272)},
	}
	return v
}

func (v logVector) key(t *testing.T) seal.DeviceKey {
	t.Helper()
	k, err := seal.ImportDeviceKey(v.DeviceKey)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// write makes the folder as this amana writes it.
func (v logVector) write(t *testing.T, dir string) {
	t.Helper()
	l, err := journal.Create(dir, v.key(t), amana.OrgID(v.Organisation))
	if err != nil {
		t.Fatal(err)
	}
	for _, save := range v.Saves {
		var items []journal.Item
		for _, j := range save {
			items = append(items, j.item())
		}
		if _, err := l.Append(items, v.Mark); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Erase(v.Erased); err != nil {
		t.Fatal(err)
	}
	l.Close()
}

// read opens the folder and returns what is in it.
func (v logVector) read(t *testing.T, dir string) (found []foundJSON) {
	t.Helper()
	l, err := journal.Open(dir, v.key(t), amana.OrgID(v.Organisation))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.Refuses(); err != nil || len(l.Notes()) > 0 {
		t.Errorf("refuses %v, notes %v", err, l.Notes())
	}
	if l.Mark() != v.Mark {
		t.Errorf("mark = %d, want %d", l.Mark(), v.Mark)
	}
	ends := l.Heads()
	for _, f := range all(t, l) {
		found = append(found, foundJSON{f.Pos, jsonOf(f.Item), bytes.Clone(f.Head[:])})
		if end := ends[f.Item.Device]; f.Item.Seq == end.Seq && f.Head != end.Hash {
			t.Errorf("the chain of device %s ends elsewhere than noted", f.Item.Device)
		}
	}
	return found
}

// uncovered returns the one segment's bytes after its id, and the two notes of
// where the log ends.
func (v logVector) uncovered(t *testing.T, dir string) (segment []byte, notes [2][]byte) {
	t.Helper()
	segment = readFile(t, filepath.Join(dir, "000001.log"))
	v.key(t).Cover([16]byte(segment)).XOR(segment[16:], 0)
	head := readFile(t, filepath.Join(dir, "head"))
	for i := range notes {
		place := head[i*(32<<10):]
		note, err := v.key(t).OpenFile("head", place[4:4+binary.BigEndian.Uint32(place)])
		if err != nil {
			t.Fatal(err)
		}
		notes[i] = note
	}
	return segment[16:], notes
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// copyLog copies a frozen folder, so that opening it leaves it as it is.
func copyLog(t *testing.T, from string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "journal")
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// freeze makes a frozen folder where there is none and -update is given.
func (v logVector) freeze(t *testing.T, folder, name string) {
	t.Helper()
	if _, err := os.Stat(folder); err == nil || !*update {
		return
	}
	v.write(t, folder)
	os.Remove(filepath.Join(folder, "lock"))
	v.Found = v.read(t, copyLog(t, folder))
	frozen(t, name, &v)
}

// A folder that was written once is read for ever, and what is written now is the
// same but for its random id.
func TestFormat_logFolder(t *testing.T) {
	plain, erased := aLog(), aLog()
	plain.freeze(t, "testdata/segment-1", "segment-1.json")
	frozen(t, "segment-1.json", &plain)
	for _, n := range []int{2, 3, 6} { // in the middle of a save, without wraps, and of several blocks
		erased.Erased = append(erased.Erased, plain.Found[n].Pos)
	}
	erased.freeze(t, "testdata/segment-2", "segment-2.json")
	frozen(t, "segment-2.json", &erased)

	for folder, v := range map[string]logVector{"testdata/segment-1": plain, "testdata/segment-2": erased} {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			if err := journal.CheckSums(filepath.Join(folder, "000001.log")); err != nil {
				t.Error(err)
			}
			if got := v.read(t, copyLog(t, folder)); !reflect.DeepEqual(got, v.Found) {
				t.Errorf("reads as\n%+v\nwant\n%+v", got, v.Found)
			}
			want, wantNotes := v.uncovered(t, folder)
			dir := filepath.Join(t.TempDir(), "journal")
			v.write(t, dir)
			got, gotNotes := v.uncovered(t, dir)
			if !bytes.Equal(got, want) || !reflect.DeepEqual(gotNotes, wantNotes) {
				t.Error("writes other bytes than those that are frozen")
			}
		})
	}
}

// What is appended to a frozen folder goes on with its chain.
func TestFormat_logFolderGoesOn(t *testing.T) {
	v := aLog()
	frozen(t, "segment-2.json", &v)
	dir := copyLog(t, "testdata/segment-2")
	l, err := journal.Open(dir, v.key(t), amana.OrgID(v.Organisation))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Append([]journal.Item{sample(0xd0, 7, 93, 0, 272)}, v.Mark+1); err != nil {
		t.Fatal(err)
	}
	l.Close()
	v.Mark++
	if got := v.read(t, dir); len(got) != len(v.Found)+1 {
		t.Errorf("%d items, want %d", len(got), len(v.Found)+1)
	}
	if err := journal.CheckSums(filepath.Join(dir, "000001.log")); err != nil {
		t.Error(err)
	}
}
