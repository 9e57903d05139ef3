package casework

import (
	"context"
	"errors"
	"fmt"

	"amana"
	"amana/internal/geo"
	"amana/internal/huridocs"
	"amana/internal/release"
	"amana/internal/vault"
)

// BoundaryTable is the document with the boundaries of the map: GeoJSON.
const BoundaryTable = "map/boundaries"

// Boundaries returns the file that the map draws, or nothing.
func (d *Desk) Boundaries() []byte {
	doc, there := d.Adopted(BoundaryTable)
	if !there {
		return nil
	}
	return doc.Content
}

// SetBoundaries makes a file the one that the map draws. It is for administrators.
// Kinds: ErrInvalid, ErrRefused.
func (d *Desk) SetBoundaries(ctx context.Context, file []byte) error {
	if _, err := geo.ParseBoundaries(file); err != nil {
		return err
	}
	return d.Adopt(ctx, BoundaryTable, d.today(), file)
}

// ImportClaims begins the records of a file that others exported, under their own
// ids, so that what names another still does. All or none. Kinds: FieldErrors,
// ErrConflict where a record is here already, ErrRefused.
func (d *Desk) ImportClaims(ctx context.Context, records []huridocs.Record) error {
	team, err := d.ClaimsTeam()
	if err != nil {
		return err
	}
	var changes []vault.Change
	for _, r := range records {
		if _, err := d.session.Peek(r.ID); !errors.Is(err, amana.ErrNotFound) {
			return fmt.Errorf("casework: record %s: it is here already: %w", r.ID, amana.ErrConflict)
		}
		bad, exact := FieldErrors{}, Values{}
		for name, v := range r.Values {
			if !release.IsBand(v) { // an age that came widened stays so
				exact[name] = v
			}
		}
		d.check(bad, r.Kind, exact)
		if len(bad) > 0 {
			return bad
		}
		changes = append(changes, vault.Change{
			Record: r.ID, Begin: &vault.Begin{Kind: r.Kind, Teams: []amana.TeamID{team}}, Facts: sets(r.Values),
		})
	}
	if len(changes) == 0 {
		return nil
	}
	return d.session.Save(ctx, changes...)
}
