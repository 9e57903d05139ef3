package vault

import (
	"context"
	"slices"

	"amana"
	"amana/internal/charter"
	"amana/internal/journal"
	"amana/internal/keyring"
	"amana/internal/seal"
)

// Exposed is what can be read with the keys of one who could unlock a device, as they lay
// on it when it was ended; as they are, while it is in use.
type Exposed struct {
	Member amana.MemberID
	Teams  []ExposedTeam // the organisation, with the zero ID, first
}

// ExposedTeam is what of one team can be read with these keys: of records, and not of
// entries, since one entry of a record can say all of it.
type ExposedTeam struct {
	Team  amana.TeamID
	Keys  uint64 // the keys of epochs 1 to so many
	Since uint64 // when the first key began that is not among them; zero while there is none
	Had   Counts // known to be on the device
	Most  Counts // written until it was ended: at the most it has these, and Had is among them
	After Counts // with something that was written since, and that these keys open all the same
}

// Open reports whether what is written now can be read with these keys, by whoever gets
// hold of it: the hub gives nothing to a device that was ended.
func (t ExposedTeam) Open() bool { return t.Since == 0 && t.Keys > 0 }

// Counts are numbers of records by kind; the kind is empty where whoever asks does not
// hold the record's key.
type Counts map[amana.Kind]int

// Sum is how many records there are of all kinds.
func (c Counts) Sum() (n int) {
	for _, one := range c {
		n += one
	}
	return n
}

// exposedKey is what is known of one key of a record, and of what lies under it.
type exposedKey struct {
	teams              []journal.TeamEpoch // under whose keys it is wrapped
	had, before, after bool                // something lies under it that the device is known to have, may have, cannot have
}

// ExposedOn says for each member who may be able to unlock a device, by the charter or by
// what they wrote there, what can be read with their keys. It reads the layer of every
// entry that all members open. Kinds: ErrNotFound for a device that nobody announced;
// ErrLocked, ErrStorage.
func (s *Session) ExposedOn(ctx context.Context, d amana.DeviceID) ([]Exposed, error) {
	had, err := s.HadBy(d)
	if err != nil {
		return nil, err
	}
	wrote, err := s.WroteOn(d)
	if err != nil {
		return nil, err
	}
	c, err := s.Charter()
	if err != nil {
		return nil, err
	}
	done, err := s.hold()
	if err != nil {
		return nil, err
	}
	defer done()
	device, _ := c.Device(d)
	if d == s.open.device {
		had = s.Have()
	}
	records, err := s.exposedRecords(ctx, had, device.Revoked)
	if err != nil {
		return nil, err
	}
	at := device.Revoked
	if at == 0 {
		at = c.Latest()
	}
	var list []Exposed
	for _, m := range c.Members() {
		if _, there := wrote[m.ID]; !there && !slices.Contains(c.WaysInto(d), m.ID) {
			continue
		}
		e := Exposed{Member: m.ID}
		for _, t := range append([]amana.TeamID{keyring.Organisation}, teamIDs(c)...) {
			if keys := c.EpochsWith(m.ID, at, t); keys > 0 {
				one := ExposedTeam{Team: t, Keys: keys, Since: c.EpochOpened(t, keys+1)}
				if err := s.countExposed(&one, records); err != nil {
					return nil, err
				}
				e.Teams = append(e.Teams, one)
			}
		}
		list = append(list, e)
	}
	return list, nil
}

func teamIDs(c *charter.Charter) (ids []amana.TeamID) {
	for _, t := range c.Teams() {
		ids = append(ids, t.ID)
	}
	return ids
}

// exposedRecords goes over the journal. ended is when the device was, or zero.
func (s *Session) exposedRecords(ctx context.Context, had map[amana.DeviceID]uint64, ended uint64) (map[amana.RecordID]map[seal.Generation]*exposedKey, error) {
	records := map[amana.RecordID]map[seal.Generation]*exposedKey{}
	err := s.open.log.Each(0, func(_ journal.Pos, it journal.Item) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		e, err := s.open.openEntry(s.ring, it)
		if err != nil || e.Record == charterRecord(s.open.org) || it.Flags&journal.Erased != 0 {
			return nil //nolint:nilerr // what nobody here can place is in no count
		}
		keys := records[e.Record]
		if keys == nil {
			keys = map[seal.Generation]*exposedKey{}
			records[e.Record] = keys
		}
		k := keys[e.Generation]
		if k == nil {
			k = &exposedKey{}
			keys[e.Generation] = k
		}
		k.teams = append(k.teams, e.Teams...)
		switch {
		case it.Seq <= had[it.Device]:
			k.had = true
		case ended == 0 || e.Time < ended:
			k.before = true
		default:
			k.after = true
		}
		return nil
	})
	return records, err
}

// opens sums up what lies under those keys of a record that the team's keys unwrap.
func (t ExposedTeam) opens(keys map[seal.Generation]*exposedKey) (all exposedKey) {
	for _, k := range keys {
		if slices.ContainsFunc(k.teams, func(te journal.TeamEpoch) bool { return te.Team == t.Team && te.Epoch <= t.Keys }) {
			all.had, all.before, all.after = all.had || k.had, all.before || k.before, all.after || k.after
		}
	}
	return all
}

func (s *Session) countExposed(t *ExposedTeam, records map[amana.RecordID]map[seal.Generation]*exposedKey) error {
	t.Had, t.Most, t.After = Counts{}, Counts{}, Counts{}
	for id, keys := range records {
		all := t.opens(keys)
		if !all.had && !all.before && !all.after {
			continue
		}
		r, _, err := s.index.Load().view.Find(id)
		if err != nil {
			return err
		}
		if all.had {
			t.Had[r.Kind]++
		}
		if all.had || all.before {
			t.Most[r.Kind]++
		}
		if all.after {
			t.After[r.Kind]++
		}
	}
	return nil
}
