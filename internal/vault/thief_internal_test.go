package vault

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"amana"
	"amana/internal/journal"
	"amana/internal/keyring"
	"amana/internal/seal"
	"amana/internal/view"
)

// Loot is what somebody gets out of a vault's files with one member's keys, by
// trying each of them on everything.
type Loot struct {
	Items   int
	Entries int                       // of Items, whose layer for the organisation opened
	Records map[amana.RecordID]bool   // whose key was got
	Bodies  map[amana.RecordID]int    // how many bodies opened
	Seen    map[amana.RecordID]int    // entries that are known to belong to the record
	Teams   map[journal.TeamEpoch]int // keys that came out of boxes
	Views   []string                  // files that opened
	Slots   int                       // of the header, that opened
}

// thief knows nothing of access rules: only of formats.
type thief struct {
	id      seal.Identity
	org     amana.OrgID
	items   []journal.Item
	entries map[int]journal.Entry
	teams   map[journal.TeamEpoch]seal.TeamKey
	records map[amana.RecordID][]seal.RecordKey
	loot    Loot
}

// Plunder tries one member's keys on every file of a folder. teams are the teams'
// IDs, which every member may know.
func Plunder(t testing.TB, dir string, way []byte, teams ...amana.TeamID) Loot {
	t.Helper()
	s := slotOf(way)
	id, err := seal.ImportIdentity(s.Identity)
	if err != nil {
		t.Fatal(err)
	}
	th := &thief{
		id: id, org: s.Org, entries: map[int]journal.Entry{}, teams: map[journal.TeamEpoch]seal.TeamKey{},
		records: map[amana.RecordID][]seal.RecordKey{},
		loot: Loot{
			Records: map[amana.RecordID]bool{}, Bodies: map[amana.RecordID]int{}, Seen: map[amana.RecordID]int{},
			Teams: map[journal.TeamEpoch]int{},
		},
	}
	key, err := seal.ImportDeviceKey(s.DeviceKey)
	if err != nil {
		t.Fatal(err)
	}
	log, err := journal.Open(filepath.Join(dir, journalDir), key, s.Org)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	if err := log.Each(0, func(_ journal.Pos, it journal.Item) error {
		it.Entry, it.Wraps, it.Body = slices.Clone(it.Entry), slices.Clone(it.Wraps), slices.Clone(it.Body)
		th.items = append(th.items, it)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	th.boxes(append(teams, keyring.Organisation))
	th.openEntries()
	th.unwrap()
	th.openBodies()
	th.openViews(t, dir, key, s)
	return th.loot
}

// boxes tries the member's box key on every piece of every item's wraps that has
// the length of a box, for each team.
func (th *thief) boxes(teams []amana.TeamID) {
	for _, it := range th.items {
		for keys := 1; keys <= 4; keys++ {
			size := keys*(8+seal.KeySize) + seal.BoxOverhead
			for wraps := range 4 {
				for at := wraps * seal.WrapSize; at+size <= len(it.Wraps); at += size {
					th.box(teams, it.Wraps[at:at+size])
				}
			}
		}
	}
}

func (th *thief) box(teams []amana.TeamID, box []byte) {
	for _, team := range teams {
		context := append(append([]byte("team keys\x00"), th.org[:]...), team[:]...)
		plain, err := th.id.Open(context, box)
		if err != nil {
			continue
		}
		for one := range slices.Chunk(plain, 8+seal.KeySize) {
			k, err := seal.ImportTeamKey(one[8:])
			if err != nil {
				continue
			}
			te := journal.TeamEpoch{Team: team, Epoch: uint64(one[7])}
			th.teams[te] = k
			th.loot.Teams[te]++
		}
	}
}

func (th *thief) openEntries() {
	th.loot.Items = len(th.items)
	for i, it := range th.items {
		for _, k := range th.teams {
			plain, err := k.OpenEntry(it.EntryPlace(th.org), it.Nonce, it.Entry)
			if err != nil {
				continue
			}
			e, err := journal.DecodeEntry(plain)
			if err != nil {
				continue
			}
			th.entries[i] = e
			th.loot.Entries++
			th.loot.Seen[e.Record]++
			break
		}
	}
}

// unwrap tries every team key on every piece of an item's wraps.
func (th *thief) unwrap() {
	for i, e := range th.entries {
		wraps := th.items[i].Wraps
		for at := 0; at+seal.WrapSize <= len(wraps); at += 16 {
			for _, k := range th.teams {
				r, err := k.UnwrapRecord(e.Record, e.Commitment, wraps[at:at+seal.WrapSize])
				if err == nil {
					th.records[e.Record] = append(th.records[e.Record], r)
					th.loot.Records[e.Record] = true
				}
			}
		}
	}
}

// openBodies tries every record key on every body, as of its own record and of
// every other that is known.
func (th *thief) openBodies() {
	for i, it := range th.items {
		e, known := th.entries[i]
		for record, keys := range th.records {
			for _, k := range keys {
				for _, as := range []amana.RecordID{record, e.Record} {
					if _, err := k.OpenBody(it.BodyPlace(th.org, as), it.Nonce, it.Body); err == nil {
						th.loot.Bodies[as]++
						if known && as != e.Record {
							th.loot.Bodies[e.Record]++
						}
						break
					}
				}
			}
		}
	}
}

// openViews tries every key there is on every member's view, and on the header.
func (th *thief) openViews(t testing.TB, dir string, device seal.DeviceKey, s slot) {
	t.Helper()
	paths, _ := filepath.Glob(filepath.Join(dir, viewsDir, "*.db"))
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		tries := [][seal.KeySize]byte{
			th.id.ViewKey(saltOf(path)), th.id.ViewKey([16]byte{}), th.id.ViewKey(s.Member), th.id.ViewKey(s.Org),
			{},
			[seal.KeySize]byte(device.Export()), [seal.KeySize]byte(th.id.Export()),
		}
		for _, k := range th.teams {
			tries = append(tries, [seal.KeySize]byte(k.Export()))
		}
		for _, k := range tries {
			copied := filepath.Join(t.TempDir(), "view.db")
			if err := os.WriteFile(copied, raw, 0o600); err != nil {
				t.Fatal(err)
			}
			v, err := view.Open(copied, k)
			if err == nil {
				th.loot.Views = append(th.loot.Views, filepath.Base(path))
				v.Close()
			}
		}
	}
	h, err := readHeader(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, sealed := range h.Slots {
		for _, context := range [][]byte{recoveryContext, backupContext, nil} {
			if _, err := th.id.Open(context, sealed); err == nil {
				th.loot.Slots++
			}
		}
	}
}

func saltOf(path string) (salt [16]byte) {
	_, text, _ := strings.Cut(strings.TrimSuffix(filepath.Base(path), ".db"), "-")
	raw, err := hex.DecodeString(text)
	if err == nil && len(raw) == len(salt) {
		salt = [16]byte(raw)
	}
	return salt
}

// ViewKeyOf returns the key of a member's view.
func ViewKeyOf(way []byte, path string) [seal.KeySize]byte {
	id, err := seal.ImportIdentity(slotOf(way).Identity)
	if err != nil {
		panic(err)
	}
	return id.ViewKey(saltOf(path))
}

// ViewsOf returns the files of a member's views.
func ViewsOf(s *Session) []string {
	paths, _ := filepath.Glob(filepath.Join(s.vault.dir, viewsDir, s.open.viewName(s.Member())+"-*.db"))
	return paths
}

// BackupOpens reports whether a backup opens for somebody with these keys.
func BackupOpens(t testing.TB, path string, way []byte) bool {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := openBackup(f)
	if err != nil {
		t.Fatal(err)
	}
	id, err := seal.ImportIdentity(slotOf(way).Identity)
	if err != nil {
		t.Fatal(err)
	}
	return b.unlock(id) == nil
}
