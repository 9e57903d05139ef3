package charter

import (
	"slices"

	"amana"
	"amana/internal/event"
)

// giveWays takes who was given a way in on a device. Who is no member, or has one, is
// passed over: two devices may say so at the same time. The device itself may be one
// that was put back from a backup, and is announced later.
func (c *Charter) giveWays(f event.WaysGiven) error {
	if f.Device.IsZero() {
		return invalid("a way into no device")
	}
	list := slices.Clip(c.ways[f.Device])
	for _, m := range f.Members {
		if _, known := c.members[m]; known && !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	c.ways[f.Device] = list
	return nil
}

// WaysInto returns who was given a way into a device, as far as it was said: versions
// before this one did not say it.
func (c *Charter) WaysInto(d amana.DeviceID) []amana.MemberID { return slices.Clone(c.ways[d]) }

// EpochsWith returns up to which of a team's epochs whoever has the keys that a member
// had at a time opens: whatever was granted to these keys, until the member was given
// others or left the team. The zero team is the whole organisation.
func (c *Charter) EpochsWith(m amana.MemberID, at uint64, team amana.TeamID) (upTo uint64) {
	who, known := c.members[m]
	if !known {
		return 0
	}
	replaced := uint64(0)
	for _, k := range who.identities {
		if k.since > at && replaced == 0 {
			replaced = k.since
		}
	}
	t := c.teams[team]
	for _, s := range t.seats {
		if s.member != m || !s.given || replaced != 0 && s.from >= replaced {
			continue
		}
		for i, opened := range t.opened {
			if within(opened, 0, s.to) && within(opened, 0, replaced) {
				upTo = max(upTo, uint64(i)+1)
			}
		}
	}
	return upTo
}

// EpochOpened returns when an epoch of a team began, or 0.
func (c *Charter) EpochOpened(team amana.TeamID, epoch uint64) uint64 {
	if t := c.teams[team]; epoch > 0 && epoch <= t.epoch() {
		return t.opened[epoch-1]
	}
	return 0
}
