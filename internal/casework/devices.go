package casework

import (
	"context"
	"io"
	"time"

	"amana"
	"amana/internal/link"
	"amana/internal/record"
	"amana/internal/vault"
)

// Device is a computer of the organisation.
type Device struct {
	ID      amana.DeviceID
	Name    string
	Added   time.Time
	Revoked time.Time // zero while in use
	Here    bool      // this one
	Entries uint64    // of its chain, that are here
}

// Devices lists the organisation's devices in the order in which they came.
func (d *Desk) Devices() ([]Device, error) {
	c, err := d.session.Charter()
	if err != nil {
		return nil, err
	}
	have := d.session.Have()
	list := make([]Device, 0, len(c.Devices()))
	for _, one := range c.Devices() {
		e := Device{ID: one.ID, Name: one.Name, Added: record.When(one.Added), Here: one.ID == d.session.Device(), Entries: have[one.ID]}
		if one.Revoked != 0 {
			e.Revoked = record.When(one.Revoked)
		}
		list = append(list, e)
	}
	return list, nil
}

// Pair takes a new device in: it announces it, and writes the answer to its request,
// with the ways in of these members, or of the member at this desk if there are none.
// The words of the request must have been compared with those that the device shows.
func (d *Desk) Pair(ctx context.Context, r vault.PairRequest, name string, members []amana.MemberID, w io.Writer) error {
	if len(members) == 0 {
		members = []amana.MemberID{d.session.Member()}
	}
	return d.session.Pair(ctx, r, name, members, w)
}

// RevokeDevice ends a device that was lost; see [vault.Session.RevokeDevice].
func (d *Desk) RevokeDevice(ctx context.Context, id amana.DeviceID) error {
	return d.session.RevokeDevice(ctx, id)
}

// TellHub has the hub end and let in whom the charter does, now. Kinds: as [link.Tell].
func (d *Desk) TellHub(ctx context.Context) error {
	ctx, stop := context.WithTimeout(ctx, longestJoin)
	defer stop()
	if k := d.office.link(); k != nil {
		return k.Tell(ctx, d.session)
	}
	return link.Tell(ctx, d.session)
}

// ReturnDevice has the hub let a device in again that was ended there alone; see
// [link.Return].
func (d *Desk) ReturnDevice(ctx context.Context, id amana.DeviceID) error {
	ctx, stop := context.WithTimeout(ctx, longestJoin)
	defer stop()
	return link.Return(ctx, d.session, id)
}

// BundleFiles are the files of evidence that a bundle may carry.
func (d *Desk) BundleFiles(ctx context.Context) ([]vault.File, error) {
	return d.session.FilesHere(ctx)
}

// ReadBundle takes in what another device wrote, and does what follows from it.
func (d *Desk) ReadBundle(ctx context.Context, r io.Reader) (vault.Imported, time.Time, error) {
	done, made, err := d.session.ReadBundle(ctx, r)
	if err == nil && done.Taken > 0 {
		err = d.session.Settle(ctx)
	}
	return done, made, err
}
