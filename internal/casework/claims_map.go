package casework

import (
	"context"
	"errors"
	"fmt"

	"amana"
	"amana/internal/event"
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

// ImportClaims begins the records of a file that others exported, under ids that follow
// from their own, so that what names another still does. All or none. Kinds: FieldErrors,
// ErrConflict where a record is here already, ErrRefused.
func (d *Desk) ImportClaims(ctx context.Context, records []huridocs.Record) error {
	team, err := d.ClaimsTeam()
	if err != nil {
		return err
	}
	var changes []vault.Change
	for _, r := range records {
		id := amana.Foreign(r.ID)
		for _, one := range []amana.RecordID{r.ID, id} {
			if _, err := d.session.Peek(one); !errors.Is(err, amana.ErrNotFound) {
				return fmt.Errorf("casework: record %s: it is here already: %w", one, amana.ErrConflict)
			}
		}
		r.Values = foreign(r.Values)
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
			Record: id, Begin: &vault.Begin{Kind: r.Kind, Teams: []amana.TeamID{team}}, Facts: sets(r.Values),
		})
	}
	if len(changes) == 0 {
		return nil
	}
	return d.session.Save(ctx, changes...)
}

// foreign are values of another organisation, with what names records of theirs by the
// ids that these have here.
func foreign(values Values) Values {
	out := make(Values, len(values))
	for name, v := range values {
		if id, err := amana.ParseID[amana.Record](v.Reveal()); err == nil && amana.Foreign(id) != id {
			v = event.Text(amana.Foreign(id).String())
		}
		out[name] = v
	}
	return out
}
