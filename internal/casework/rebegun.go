package casework

import (
	"errors"
	"slices"

	"amana"
	"amana/internal/record"
	"amana/internal/vault"
)

// Lists go by what a record is, and a member with a changed program can begin one again
// as something else, so that no list of its kind has it. Whoever must see all records of
// a kind asks here too.

// rebegun are the records of a kind that lists may not have: whole are those of which it
// is sure that they are of the kind, lost those of which nobody can tell.
func (d *Desk) rebegun(kind amana.Kind) (whole, lost []vault.Opened, err error) {
	ids, err := d.session.Rebegun(kind)
	for _, id := range ids {
		f, err := d.session.Peek(id)
		if err != nil && !errors.Is(err, amana.ErrNotFound) {
			return nil, nil, err
		}
		all := append(f.Records, f.Case)
		i := slices.IndexFunc(all, func(o vault.Opened) bool { return o.ID == id })
		switch {
		case i < 0:
			lost = append(lost, vault.Opened{Record: record.Record{ID: id}, Damaged: true})
		case all[i].Damaged:
			lost = append(lost, all[i])
		case all[i].Kind == kind:
			whole = append(whole, all[i])
		}
	}
	return whole, lost, err
}
