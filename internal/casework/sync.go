package casework

import (
	"context"
	"fmt"
	"time"

	"amana"
	"amana/internal/link"
	"amana/internal/view"
)

// SyncState says how this device stands with its hub.
type SyncState struct {
	link.Status
	Devices []DeviceWord
	Files   link.FilesStatus
	// EndedBy and EndedAt name who had the hub end this computer and at which, as far as
	// the charter here has them.
	EndedBy, EndedAt string
	// Conflicts counts the cases in which the same was written in two places, as far as a
	// list counts.
	Conflicts int
}

// DeviceWord is when a device last wrote something that is here.
type DeviceWord struct {
	Device
	Last time.Time // by its own clock; zero where nothing of it is here
}

// Connect gives the office its way to a hub: who unlocks from now on is kept in step.
// Without it nothing is exchanged by itself.
func (o *Office) Connect(k *link.Keeper) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.keeper = k
}

func (o *Office) link() *link.Keeper {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.keeper
}

// Syncing returns how this device stands with its hub, and with the others.
func (d *Desk) Syncing(ctx context.Context) (st SyncState, err error) {
	if k := d.office.link(); k != nil {
		st.Status, err = k.Status(d.session)
		if err == nil && st.Hub != "" {
			st.Files, err = k.FilesStatus(ctx, d.session)
		}
	} else {
		st.Status, err = link.StatusOf(d.session)
	}
	if err != nil {
		return st, err
	}
	if st.Ended != nil {
		c := d.charter()
		m, _ := c.Member(st.Ended.By)
		at, _ := c.Device(st.Ended.At)
		st.EndedBy, st.EndedAt = m.Name, at.Name
	}
	if st.Devices, err = d.DeviceWords(); err != nil {
		return st, err
	}
	st.Conflicts, err = d.session.Count(amana.Private{}, view.Filter{Conflict: true}, mostCounted)
	return st, err
}

// DeviceWords lists the devices, with when each was heard of.
func (d *Desk) DeviceWords() ([]DeviceWord, error) {
	words, err := d.session.LastWords()
	if err != nil {
		return nil, err
	}
	devices, err := d.Devices()
	if err != nil {
		return nil, err
	}
	list := make([]DeviceWord, 0, len(devices))
	for _, one := range devices {
		list = append(list, DeviceWord{one, words[one.ID]})
	}
	return list, nil
}

// SyncNow begins an exchange with the hub, and does not wait for its end. Kinds:
// ErrNotFound where there is no hub, or nothing is exchanged here.
func (d *Desk) SyncNow(context.Context) error {
	k := d.office.link()
	st, err := link.StatusOf(d.session)
	if err != nil {
		return err
	}
	if k == nil || st.Hub == "" {
		return fmt.Errorf("casework: %w", link.ErrNoHub)
	}
	k.Follow(d.session, d)
	k.Nudge()
	return nil
}

// SetMetered notes whether the connection of this device costs: then it turns to the hub
// less often, and large things wait until they are asked for.
func (d *Desk) SetMetered(_ context.Context, on bool) error {
	k := d.office.link()
	if k == nil {
		return fmt.Errorf("casework: %w", link.ErrNoHub)
	}
	return k.SetMetered(d.session, on)
}

// BringFiles has files of evidence go now, the large ones too, where the connection costs.
// Kind: ErrNotFound where there is no hub.
func (d *Desk) BringFiles(ctx context.Context) error {
	if err := d.SyncNow(ctx); err != nil {
		return err
	}
	d.office.link().CarryAll()
	return nil
}

// longestJoin is how long somebody waits for a hub's answer to an invitation.
const longestJoin = 45 * time.Second

// JoinHub begins at a hub; see [link.Join].
func (d *Desk) JoinHub(ctx context.Context, invitation string) error {
	ctx, stop := context.WithTimeout(ctx, longestJoin)
	defer stop()
	if err := link.Join(ctx, d.session, invitation); err != nil {
		return err
	}
	if k := d.office.link(); k != nil {
		k.Follow(d.session, d)
		k.Nudge()
	}
	return nil
}

// HubProof returns what proves a lie of the hub, by its place in the list. Kind:
// ErrNotFound.
func (d *Desk) HubProof(n int) ([]byte, error) { return link.Proof(d.session, n) }

// What a state of the exchange may be; see [link.Failure].
const (
	SyncAway    = link.Away
	SyncRefused = link.Refused
	SyncOther   = link.Other
	SyncLied    = link.Lied
	SyncDisk    = link.Disk
	SyncUnfit   = link.Unfit
	SyncNewer   = link.Newer
	SyncFull    = link.Full
)
