package vault

import (
	"bytes"
	"slices"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/seal"
)

// Version is one of several beginnings of a record, by somebody who was allowed to begin
// it: what it was, as far as that entry alone says.
type Version struct {
	record.Record
	// Digest names this beginning: the same on every device, and of no other entry. See
	// format §8.6.
	Digest seal.Hash
	By     amana.MemberID
}

// versionLabel separates the digest of a version from others.
const versionLabel = "amana/1/version"

// versionsOf are the beginnings of a record that several were allowed to write.
func (s *Session) versionsOf(id amana.RecordID, k recordKeys, found []foundEntry) (list []Version) {
	for _, i := range k.versions {
		f := found[i]
		key, err := s.ring.RecordKey(f.entry, f.item)
		if err != nil {
			return nil
		}
		g := f.entry.Commitment.Generation()
		body, err := openBody(s.ring, f.entry, f.item, map[seal.Generation]seal.RecordKey{g: key}, g)
		if err != nil {
			return nil
		}
		author, _, err := s.verify(f.entry, f.item, body, teamsOf(f.entry))
		if err != nil {
			return nil
		}
		list = append(list, Version{
			Record: record.Fold(id, []record.Entry{{
				Time: f.entry.Time, Wall: f.entry.Wall, Device: f.item.Device, Seq: f.item.Seq, Author: author, Body: body,
			}}),
			Digest: seal.Digest(versionLabel, f.entry.SignedMessage(s.open.org, f.item)), By: author,
		})
	}
	return list
}

// Labels of what [Opened.State] is made of.
const (
	entryLabel = "amana/1/entry said"
	stateLabel = "amana/1/record state"
)

// speaks reports whether facts say anything of a record but that it was opened, or left.
func speaks(b event.Body) bool {
	return slices.ContainsFunc(b.Facts, func(f event.Fact) bool {
		switch f.(type) {
		case event.Opened, event.Released:
			return false
		}
		return true
	})
}

// stateOf stands for entries, in whatever order they came.
func stateOf(said []seal.Hash) seal.Hash {
	slices.SortFunc(said, func(a, b seal.Hash) int { return bytes.Compare(a[:], b[:]) })
	d := seal.NewDigest(stateLabel)
	for i := range said {
		d.Add(said[i][:])
	}
	return d.Sum()
}
