package vault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"amana"
	"amana/internal/event"
	"amana/internal/evidence"
	"amana/internal/seal"
)

// files notes what an entry says of evidence, to be checked once all was read.
func (v *verifier) files(o *verifying, b event.Body) {
	id := o.entry.Record
	for _, f := range b.Facts {
		switch f := f.(type) {
		case event.Taken:
			if !slices.ContainsFunc(v.blobs, func(b evidence.Blob) bool { return b.Record == id }) {
				v.blobs = append(v.blobs, BlobOf(id, f))
				if o.item.Device != v.s.open.device {
					v.elsewhere = append(v.elsewhere, id)
				}
			}
		case event.Custody:
			if v.custody == nil {
				v.custody = map[amana.RecordID][]evidence.Signed{}
			}
			v.custody[id] = append(v.custody[id], evidence.Signed{Raw: f.Statement, Signature: f.Signature})
		}
	}
}

// evidence opens every file that the member can open, from its first byte to its
// last, and checks every chain of custody.
func (v *verifier) evidence(ctx context.Context) (checks []Check, err error) {
	absent, never := 0, 0
	for _, b := range v.blobs {
		switch err := v.file(ctx, b); {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, amana.ErrNotFound) && slices.Contains(v.elsewhere, b.Record):
			never++
		case errors.Is(err, amana.ErrNotFound):
			absent++
		case err != nil:
			checks = append(checks, failed("evidence", "%v", err))
		}
	}
	for id, list := range v.custody {
		if _, _, err := evidence.Chain(id, list, v.s.statementKey); err != nil {
			checks = append(checks, failed("custody", "%v", err))
		}
	}
	if absent > 0 {
		checks = append(checks, failed("evidence", "%d of %d files of evidence are not on this device", absent, len(v.blobs)))
	}
	if len(checks) == 0 && len(v.blobs)+len(v.custody) > 0 {
		checks = append(checks, passed("evidence", "%d files of evidence are, byte for byte, as they came; custody of %d items is whole", len(v.blobs)-never, len(v.custody)))
	}
	if never > 0 {
		checks = append(checks, passed("evidence", "%d files of evidence were taken in on other devices and are not on this one", never))
	}
	return checks, nil
}

func (v *verifier) file(ctx context.Context, b evidence.Blob) error {
	r, done, err := v.s.open.blobs.Reader(b)
	if err != nil {
		return err
	}
	defer done() //nolint:errcheck // it was only read
	sum := seal.NewSum()
	if _, err := io.Copy(sum, stopping{ctx, io.NewSectionReader(r, 0, r.Size())}); err != nil {
		return err
	}
	if seal.Hash(sum.Sum(nil)) != b.Sum {
		return fmt.Errorf("vault: record %s: its file is not the one that was taken in: %w", b.Record, amana.ErrTampered)
	}
	return nil
}

// statementKey checks a statement of custody against the keys that the charter ever
// had for its author.
func (s *Session) statementKey(member string, one evidence.Signed) error {
	id, err := amana.ParseID[amana.Member](member)
	if err != nil {
		return err
	}
	c, err := s.Charter()
	if err != nil {
		return err
	}
	err = fmt.Errorf("vault: member %s is not in the charter: %w", id, amana.ErrTampered)
	for _, k := range c.KeysOf(id) {
		if err = k.Verify(evidence.SignatureLabel, one.Raw, one.Signature); err == nil {
			return nil
		}
	}
	return err
}

// CheckCustody checks the chain of custody of one item; see [evidence.Chain].
func (s *Session) CheckCustody(id amana.RecordID, list []evidence.Signed) ([]evidence.Link, []seal.Hash, error) {
	return evidence.Chain(id, list, s.statementKey)
}
