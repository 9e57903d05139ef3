package casework

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/link"
	"amana/internal/record"
	"amana/internal/seal"
	"amana/internal/vault"
)

// Office is the vault folder of this device, locked or with any number of desks.
type Office struct {
	dir string
	now func() time.Time
	// Small is set where every passphrase shall cost as little as is allowed: in
	// the demo, and in tests.
	small bool
	asker func(address string) Asker // nil where nobody is asked

	forms formCache

	mu     sync.Mutex // guards vault and keeper
	vault  *vault.Vault
	keeper *link.Keeper // nil where nothing is exchanged with a hub
}

// Options for an office.
type Options struct {
	Dir  string
	Now  func() time.Time
	Demo bool // everything in it is invented
	// Asker makes what asks the timestamp authority at an address; nil asks nobody.
	Asker func(address string) Asker
}

// NewOffice opens the folder, which may not hold a vault yet.
func NewOffice(o Options) (*Office, error) {
	office := &Office{dir: o.Dir, now: o.Now, small: o.Demo, asker: o.Asker}
	if !vault.Exists(o.Dir) {
		return office, nil
	}
	v, err := vault.Open(o.Dir, o.Now)
	office.vault = v
	return office, err
}

// Founded reports whether there is an organisation in the folder.
func (o *Office) Founded() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.vault != nil
}

// SuggestPassphrase returns a passphrase nobody guesses.
func (o *Office) SuggestPassphrase() string { return seal.SuggestPassphrase() }

// Strength estimates the bits that a guesser of the passphrase has to try.
func (o *Office) Strength(passphrase string) float64 { return seal.Strength(passphrase) }

// Found founds an organisation and locks it again. It returns the custodians'
// shares, which are kept nowhere. Kinds: FieldErrors, ErrConflict, ErrStorage.
func (o *Office) Found(ctx context.Context, n NewOrganisation) ([]Share, error) {
	if err := n.check(); err != nil {
		return nil, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.vault != nil {
		return nil, fmt.Errorf("casework: there is an organisation already: %w", amana.ErrConflict)
	}
	v, s, shares, err := vault.Found(ctx, o.dir, vault.New{
		Name: n.Name, Languages: n.Languages, Administrator: n.Administrator,
		Roles: n.roles(), Passphrase: n.Passphrase, Custodians: n.Custodians, Threshold: n.Threshold,
		Cost: o.cost(n.Cost), Rules: o.firstRules(), Now: o.now,
	})
	if err != nil {
		return nil, err
	}
	for _, t := range n.Teams {
		var first []amana.MemberID
		if t.Join {
			first = append(first, s.Member())
		}
		if _, err := s.FormTeam(ctx, teamFact(t), first...); err != nil {
			return nil, errors.Join(err, v.LockAll())
		}
	}
	o.vault = v
	return printable(shares, n), v.LockAll()
}

func (o *Office) cost(c CostChoice) seal.Cost {
	if o.small || c == CostSmall {
		return seal.SmallestCost
	}
	return seal.DefaultCost
}

// ruleDemo marks an organisation in which everything is invented.
const ruleDemo = "demo"

func (o *Office) firstRules() map[string]string {
	if o.small {
		return map[string]string{ruleDemo: "yes"}
	}
	return nil
}

func teamFact(t NewTeam) event.TeamFormed {
	return event.TeamFormed{Name: t.Name, Compartment: t.Compartment, Identities: t.Identities}
}

// roles of the first administrator: who works in a team of care needs a role that
// may write there.
func (n NewOrganisation) roles() []amana.Role {
	roles := []amana.Role{amana.RoleAdministrator}
	for _, t := range n.Teams {
		if t.Join {
			return append(roles, amana.RoleSupervisor, amana.RoleCaseworker)
		}
	}
	return roles
}

func (n NewOrganisation) check() error {
	bad := FieldErrors{}
	line := func(field, value string) {
		if strings.TrimSpace(value) == "" {
			bad[field] = string(record.FaultRequired)
		} else if fault := record.CheckLine(value); fault != "" {
			bad[field] = string(fault)
		}
	}
	line("name", n.Name)
	line("administrator", n.Administrator)
	for _, t := range n.Teams {
		line("teams", t.Name)
	}
	for _, c := range n.Custodians {
		line("custodians", c)
	}
	if len(n.Custodians) < 2 || n.Threshold < 2 || n.Threshold > len(n.Custodians) {
		bad["threshold"] = "invalid.threshold"
	}
	if seal.Strength(string(n.Passphrase)) < seal.MinimumStrength {
		bad["passphrase"] = "invalid.passphrase.weak"
	}
	if len(bad) > 0 {
		return bad
	}
	return nil
}

func printable(shares []seal.Share, n NewOrganisation) []Share {
	list := make([]Share, 0, len(shares))
	for i, s := range shares {
		qr, err := s.QR()
		if err != nil {
			qr = nil // the words are there all the same
		}
		list = append(list, Share{
			Custodian: n.Custodians[i], Number: s.Number(), Of: s.Of(), Needed: s.Needed(),
			Words: s.Words(), Text: s.Text(), QR: qr,
		})
	}
	return list
}

// Unlock opens the desk of whoever has this passphrase. Kinds: ErrPassphrase,
// ErrWait (as *vault.WaitError, see [WaitFor]), ErrNotFound before the founding.
func (o *Office) Unlock(ctx context.Context, passphrase []byte) (*Desk, error) {
	o.mu.Lock()
	v, keeper := o.vault, o.keeper
	o.mu.Unlock()
	if v == nil {
		return nil, fmt.Errorf("casework: no organisation yet: %w", amana.ErrNotFound)
	}
	s, err := v.Unlock(ctx, passphrase)
	if err != nil {
		return nil, err
	}
	d := &Desk{office: o, session: s}
	if s.Refuses() == nil {
		// A full disk keeps nobody from reading: the next unlocking settles.
		if err := s.Settle(ctx); err != nil && !errors.Is(err, amana.ErrStorage) {
			return nil, errors.Join(err, s.Lock())
		}
	}
	if keeper != nil {
		keeper.Follow(s, d)
	}
	return d, nil
}

// WaitFor returns how long to wait before the next passphrase is tried.
func WaitFor(err error) (time.Duration, bool) {
	if w, ok := errors.AsType[*vault.WaitError](err); ok {
		return w.For, true
	}
	return 0, false
}

// LockAll locks every desk, as when the program ends.
func (o *Office) LockAll() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.vault == nil {
		return nil
	}
	return o.vault.LockAll()
}

// Dir returns the folder.
func (o *Office) Dir() string { return filepath.Clean(o.dir) }
