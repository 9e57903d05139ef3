package casework

import (
	"encoding/hex"
	"hash/maphash"
	"strings"

	"amana"
	"amana/internal/event"
	"amana/internal/gbv"
	"amana/internal/record"
	"amana/internal/seal"
	"amana/internal/vault"
	"amana/internal/view"
)

// importIndex is what an import compares rows with: what is here already, and what
// the file itself brought before. It holds nothing of the content, some hundred bytes
// for each incident. Its keys are hashes under a seed of this run, so that no file can
// be made whose rows are taken for others'.
type importIndex struct {
	seed      maphash.Seed
	brought   []broughtIncident
	incidents map[uint64]int32 // by source and id: place in brought
	own       map[uint64]int32 // by our own code
	alike     map[uint64]int32 // by what makes two incidents look like one
	codes     map[uint64]int32 // by any source's code of the survivor
	files     []broughtCase
	cases     map[uint64]int32 // by source and id or code: place in files
	byCase    map[uint64]int32 // by our own id of the case
	names     map[uint64]int32 // by name, of those that this file brought
}

// broughtIncident is an incident that is here, or that a row of this file began.
type broughtIncident struct {
	id, caseID amana.RecordID
	row        uint64 // what the source said of it; 0 is unknown
	line       int32  // in this file, or 0
}

// broughtCase is a case that rows can belong to.
type broughtCase struct {
	id       amana.RecordID
	row      uint64 // what the source said of it; 0 is nothing yet
	line     int32  // in this file, or 0: it was here
	consent  amana.RecordID
	refused  bool   // to be counted
	identity uint64 // who this file says it is; 0 is nothing
}

func newImportIndex(s *vault.Session) (*importIndex, error) {
	x := &importIndex{
		seed: maphash.MakeSeed(), incidents: map[uint64]int32{}, own: map[uint64]int32{}, alike: map[uint64]int32{},
		codes: map[uint64]int32{}, cases: map[uint64]int32{}, byCase: map[uint64]int32{}, names: map[uint64]int32{},
	}
	err := s.Origins(func(o view.Origin) error {
		at := x.caseAt(o.Case)
		x.files[at].row = x.hashRow(o.Row)
		x.nameCase(at, o.Source, o.ID, o.Code)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return x, s.Listed(amana.KindIncident, func(l vault.Listed) error {
		x.here(l)
		return nil
	})
}

// here notes an incident that is here.
func (x *importIndex) here(l vault.Listed) {
	one := broughtIncident{id: l.ID, caseID: l.Case, row: x.hashRow(l.Values[record.OriginRow].Reveal())}
	at := x.bring(one)
	note := func(places map[uint64]int32, key uint64, at int32) {
		if _, there := places[key]; !there || !movedOn(l.Values) { // a row finds where a case goes on
			places[key] = at
		}
	}
	if source := l.Values[record.OriginSource].Reveal(); source != "" {
		note(x.incidents, x.hash(originKey(source, l.Values[record.OriginID].Reveal())), at)
	}
	for name, row := range l.Values {
		if key, ok := strings.CutPrefix(name, originAlso); ok {
			also := one
			also.row = x.hashRow(row.Reveal())
			note(x.incidents, x.hash(key), x.bring(also))
		}
	}
	if code := l.Values["incident_code"].Reveal(); code != "" {
		note(x.own, x.hash(code), at)
	}
	x.looks(l.Values, at)
}

// bring notes an incident and returns its place.
func (x *importIndex) bring(one broughtIncident) int32 {
	x.brought = append(x.brought, one)
	return int32(len(x.brought) - 1)
}

// looks notes what would look like an incident.
func (x *importIndex) looks(v map[string]event.Value, at int32) {
	for _, key := range x.likeness(v) {
		if _, there := x.alike[key]; !there {
			x.alike[key] = at
		}
	}
	if code := v["survivor_code"].Reveal(); code != "" {
		x.codes[x.hash("survivor", code)] = at
	}
}

// originAlso begins the names of fields that say from which other rows an incident
// also came: those that a person found to be the same.
const originAlso = "import/also/"

// originKey stands for a source's id of an incident where ids would show who it is.
func originKey(source, id string) string { return shortDigest("imported", source, id) }

// shortDigest is 16 bytes of a digest, in letters.
func shortDigest(parts ...string) string {
	raw := make([][]byte, len(parts))
	for i, p := range parts {
		raw[i] = []byte(p)
	}
	h := seal.Digest("amana/1/imported row", raw...)
	return hex.EncodeToString(h[:16])
}

func (x *importIndex) hash(parts ...string) uint64 {
	var h maphash.Hash
	h.SetSeed(x.seed)
	for _, p := range parts {
		_, _ = h.WriteString(p) // it never fails
		_ = h.WriteByte(0)
	}
	return h.Sum64() | 1 // 0 is nothing
}

func (x *importIndex) hashRow(digest string) uint64 {
	if digest == "" {
		return 0
	}
	return x.hash("row", digest)
}

// caseAt returns the place of a case by our own id.
func (x *importIndex) caseAt(id amana.RecordID) int32 {
	key := x.hash("id", string(id[:]))
	at, there := x.byCase[key]
	if !there {
		at = int32(len(x.files))
		x.files = append(x.files, broughtCase{id: id})
		x.byCase[key] = at
	}
	return at
}

// nameCase lets a case be found by what its source calls it.
func (x *importIndex) nameCase(at int32, source, id, code string) {
	if id != "" {
		x.cases[x.hash("case", source, id)] = at
	}
	if code != "" {
		x.cases[x.hash("survivor of", source, code)] = at
	}
}

// caseOf finds the case that a source's id or code stands for.
func (x *importIndex) caseOf(source, id, code string) (int32, bool) {
	if id != "" {
		if at, there := x.cases[x.hash("case", source, id)]; there {
			return at, true
		}
	}
	if code != "" {
		at, there := x.cases[x.hash("survivor of", source, code)]
		return at, there
	}
	return 0, false
}

// likeness are the keys under which two incidents meet that look like one: the same
// day, type, sex and place, and the same age or day of birth. Less than that says
// nothing.
func (x *importIndex) likeness(v map[string]event.Value) (keys []uint64) {
	day, kind, sex := v["incident_date"].Reveal(), gbv.Type(v), v["sex"].Reveal()
	if len(day) != len("2006-01-02") || kind == "" || sex == "" {
		return nil
	}
	place := v["incident_location_type"].Reveal() + "\x00" + v["incident_camp_town"].Reveal()
	if born := v["date_of_birth"].Reveal(); born != "" {
		keys = append(keys, x.hash("born", day, kind, sex, born, place))
	}
	if age, ok := v["age"].Int(); ok {
		keys = append(keys, x.hash("aged", day, kind, sex, string(rune(age)), place))
	}
	return keys
}
