package charter

import (
	"slices"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/seal"
)

// Device is a computer that keeps a vault.
type Device struct {
	ID        amana.DeviceID
	Name      string
	VerifyKey seal.VerifyKey
	Added     uint64
	Revoked   uint64 // zero while in use
}

// Devices returns all devices in the order in which they came.
func (c *Charter) Devices() []Device {
	devices := make([]Device, 0, len(c.deviceOrder))
	for _, id := range c.deviceOrder {
		devices = append(devices, c.devices[id])
	}
	return devices
}

// Device returns a device.
func (c *Charter) Device(id amana.DeviceID) (Device, bool) {
	d, known := c.devices[id]
	return d, known
}

// do applies a fact that its author was allowed, or says why it makes no sense.
func (c *Charter) do(e Entry, f event.Fact) error {
	switch f := f.(type) {
	case event.MemberAdded:
		return c.addMember(e, f)
	case event.MemberChanged:
		return c.changeMember(e, f)
	case event.MemberRekeyed:
		return c.rekeyMember(e, f)
	case event.MemberLeft:
		return c.endMember(e, f)
	case event.TeamFormed:
		return c.formTeam(e, f)
	case event.TeamJoined:
		return c.joinTeam(e, f)
	case event.TeamLeft:
		return c.leaveTeam(e, f)
	case event.DeviceAdded:
		return c.addDevice(e, f)
	case event.DeviceRevoked:
		return c.revokeDevice(e, f)
	case event.CustodiansNamed:
		return c.nameCustodians(f)
	case event.RuleSet:
		return c.setRule(e, f)
	case event.EpochOpened:
		return c.openEpoch(e, f)
	case event.KeysGranted:
		return c.grantKeys(f)
	case event.Erased:
		return c.erase(e, f)
	case event.Adopted:
		return c.adopt(e, f)
	case event.PostOpened:
		return c.openPost(e, f)
	case event.Witnessed, event.WaysGiven:
		return c.note(e, f)
	case event.Unknown:
		c.unknown++
		return nil
	default:
		return invalid("a fact that is not a charter's")
	}
}

// note takes a fact that changes nobody's rights.
func (c *Charter) note(e Entry, f event.Fact) error {
	switch f := f.(type) {
	case event.Witnessed:
		return c.takeWitness(e, f)
	case event.WaysGiven:
		return c.giveWays(f)
	}
	return nil
}

func (c *Charter) addDevice(e Entry, f event.DeviceAdded) error {
	if _, known := c.devices[f.Device]; known || f.Device.IsZero() {
		return invalid("device %s: already there", f.Device)
	}
	if err := checkName(f.Name); err != nil {
		return err
	}
	if err := c.newKey(f.Verify); err != nil {
		return err
	}
	c.devices[f.Device] = Device{ID: f.Device, Name: f.Name, VerifyKey: f.Verify, Added: e.Time}
	c.deviceOrder = append(c.deviceOrder, f.Device)
	return nil
}

func (c *Charter) revokeDevice(e Entry, f event.DeviceRevoked) error {
	d, known := c.devices[f.Device]
	if !known || d.Revoked != 0 {
		return invalid("device %s: not in use", f.Device)
	}
	d.Revoked = e.Time
	c.devices[f.Device] = d
	return nil
}

func (c *Charter) nameCustodians(f event.CustodiansNamed) error {
	if len(f.Names) > 255 {
		return invalid("%d custodians", len(f.Names))
	}
	for _, name := range f.Names {
		if err := checkName(name); err != nil {
			return err
		}
	}
	c.custodians = f.Names
	return nil
}

func (c *Charter) setRule(e Entry, f event.RuleSet) error {
	if !isWord(f.Rule) || f.Value != "" && record.CheckLine(f.Value) != "" {
		return invalid("a rule that cannot be kept")
	}
	c.rules[f.Rule] = f.Value
	c.rulings[f.Rule] = append(slices.Clip(c.rulings[f.Rule]), ruling{e.Time, f.Value})
	return nil
}

// erase takes the order to erase a record. Two devices may give it at the same
// time, so a second is no mistake. The reason is a word, not words; a newer amana
// may know others than ours, and its order is obeyed. What left is never erased, by
// whoever's order: a guard that forgets is none.
func (c *Charter) erase(e Entry, f event.Erased) error {
	if f.Record.IsZero() || f.Record == amana.RecordID(c.org) || !isWord(f.Reason) {
		return invalid("record %s: no reason to erase", f.Record)
	}
	if _, ledger := amana.IsNamed(f.Record); ledger {
		return invalid("record %s: of the ledger, which is not erased", f.Record)
	}
	c.tombstones = append(c.tombstones, Tombstone{Record: f.Record, Time: e.Time, Author: e.Author, Reason: f.Reason})
	return nil
}

func checkName(name string) error {
	if fault := record.CheckLine(name); fault != "" {
		return invalid("a name that cannot be shown (%s)", fault)
	}
	return nil
}

// isWord reports whether s is one of a fixed list's words, of today or of a newer
// amana: such as "release_officer".
func isWord(s string) bool {
	for i := range len(s) {
		if (s[i] < 'a' || s[i] > 'z') && s[i] != '_' {
			return false
		}
	}
	return s != "" && len(s) <= 32
}
