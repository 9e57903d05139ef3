package main

import (
	"context"
	"fmt"
	"time"

	"amana/internal/casework"
	"amana/internal/web"
)

// office is casework's, as the pages want it: web says what it needs of a desk
// and does not know who provides it.
type office struct{ *casework.Office }

// Unlock implements [web.Office].
func (o office) Unlock(ctx context.Context, passphrase []byte) (web.Desk, error) {
	d, err := o.Office.Unlock(ctx, passphrase)
	if err != nil {
		return nil, err // a nil *Desk would be a Desk that is not nil
	}
	return d, nil
}

// openOffice opens a folder, which need not hold a vault yet.
func (p *program) openOffice(dir string, invented bool) (*casework.Office, error) {
	return casework.NewOffice(casework.Options{Dir: dir, Now: p.now, Demo: invented, Asker: askAuthority})
}

// atDesk does something as the member whose passphrase is given.
func (p *program) atDesk(ctx context.Context, dir string, do func(*casework.Desk) error) error {
	dir, err := folder(dir)
	if err != nil {
		return err
	}
	o, err := p.openOffice(dir, false)
	if err != nil {
		return err
	}
	if !o.Founded() {
		return noVault()
	}
	passphrase, err := p.console.secret(ctx, "Passphrase")
	if err != nil {
		return err
	}
	defer clear(passphrase)
	desk, err := o.Unlock(ctx, passphrase)
	if err != nil {
		return err
	}
	defer desk.Lock()
	return do(desk)
}

// withLists does something as a member, once the lists of all records are built.
func (p *program) withLists(ctx context.Context, dir string, do func(*casework.Desk) error) error {
	return p.atDesk(ctx, dir, func(d *casework.Desk) error {
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for !d.State().Progress.Searchable {
			if err := d.Session().Progress().Failed; err != nil {
				return err
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("building lists: %w", ctx.Err())
			case <-tick.C:
			}
		}
		return do(d)
	})
}
