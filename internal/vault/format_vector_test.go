package vault_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/seal"
	"amana/internal/vault"
	"amana/internal/view"
)

// The frozen vault: a folder, its backup, and beside them what opens it and what
// is in it. Every later version opens, reads, verifies and restores it. It was
// written by writeFrozen (format_write_test.go); a new version of the format gets a
// folder of its own, and this one stays.
const (
	frozenDir    = "testdata/vault-1"
	frozenBackup = "testdata/vault-1.backup"
	frozenFile   = "testdata/vault-1.json"
)

// frozenVault is what the file beside the folder says. Everybody in it is
// invented.
type frozenVault struct {
	Comment      string         `json:"comment"`
	Organisation string         `json:"organisation"`
	Members      []frozenMember `json:"members"`
	Threshold    int            `json:"threshold"`
	Shares       []string       `json:"shares"` // as the text of their QR codes
	ShareWords   string         `json:"share_1_words"`
	Device       string         `json:"device"`
	DeviceKey    string         `json:"device_key"` // hexadecimal
	Items        int            `json:"items"`
	Records      []frozenRecord `json:"records"`
	Erased       []frozenErased `json:"erased"`
}

type frozenMember struct {
	Name       string   `json:"name"`
	ID         string   `json:"id"`
	Passphrase string   `json:"passphrase"` // empty for who left
	Reads      []string `json:"reads"`      // records
}

// frozenRecord is one record as it stands.
type frozenRecord struct {
	ID       string            `json:"id"`
	Kind     string            `json:"kind"`
	Case     string            `json:"case"` // its own, for a case
	Fields   map[string]any    `json:"fields"`
	Consents map[string]string `json:"consents"` // purpose, or "purpose for recipient"
	Openings int               `json:"openings"`
}

type frozenErased struct {
	Record string `json:"record"`
	By     string `json:"by"`
	Reason string `json:"reason"`
}

// later is a moment after everything in the frozen vault.
func later() time.Time { return time.Date(2031, 5, 1, 9, 0, 0, 0, time.UTC) }

func readFrozen(t *testing.T) (f frozenVault) {
	t.Helper()
	if _, err := os.Stat(frozenFile); errors.Is(err, os.ErrNotExist) && *update {
		writeFrozen(t)
	}
	raw, err := os.ReadFile(frozenFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// copyFrozen returns a copy that may be written to.
func copyFrozen(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "vault")
	if err := os.CopyFS(dir, os.DirFS(frozenDir)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// plainValue is a value as JSON has it.
func plainValue(v event.Value) any {
	if n, ok := v.Int(); ok {
		return float64(n)
	}
	if yes, ok := v.Bool(); ok {
		return yes
	}
	if f, ok := v.Decimal(); ok {
		return f
	}
	if a, ok := v.Answer(); ok {
		return map[string]any{"answer": float64(a)}
	}
	if v.Type() == event.TypeList {
		list := []any{}
		for _, c := range v.RevealList() {
			list = append(list, c)
		}
		return list
	}
	return v.Reveal()
}

func plainRecord(o vault.Opened) frozenRecord {
	r := frozenRecord{
		ID: o.ID.String(), Kind: string(o.Kind), Case: o.ID.String(),
		Fields: map[string]any{}, Consents: map[string]string{}, Openings: len(o.Readings()),
	}
	if !o.Case.IsZero() {
		r.Case = o.Case.String()
	}
	for _, c := range o.Cells() {
		r.Fields[c.Name] = plainValue(c.Value)
	}
	for _, c := range o.Consents() {
		key := string(c.Purpose)
		if !c.Recipient.IsEmpty() {
			key += " for " + c.Recipient.Reveal()
		}
		r.Consents[key] = string(c.Decision)
	}
	return r
}

// readsAll returns what a session reads, by record.
func readsAll(t *testing.T, s *vault.Session) map[string]frozenRecord {
	t.Helper()
	rows, err := s.Cases(amana.Private{}, view.Filter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]frozenRecord{}
	for _, row := range rows {
		f, err := s.Peek(row.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range append([]vault.Opened{f.Case}, f.Records...) {
			if o.Tampered+o.Unread > 0 {
				t.Errorf("record %s: %d entries do not verify, %d do not open", o.ID, o.Tampered, o.Unread)
			}
			got[o.ID.String()] = plainRecord(o)
		}
	}
	return got
}

// check opens a folder as each member, or as one, and compares it with what is
// written down.
func (f frozenVault) check(t *testing.T, dir, only string) {
	t.Helper()
	c := &clinic{dir: dir, now: later()}
	var err error
	if c.v, err = vault.Open(dir, c.clock); err != nil {
		t.Fatal(err)
	}
	defer c.v.LockAll()
	want := map[string]frozenRecord{}
	for _, r := range f.Records {
		want[r.ID] = r
	}
	for _, m := range f.Members {
		if m.Passphrase == "" || only != "" && m.Name != only {
			continue
		}
		s := c.unlock(t, m.Passphrase)
		got := readsAll(t, s)
		if s.Member().String() != m.ID || s.Organisation().String() != f.Organisation || len(got) != len(m.Reads) {
			t.Errorf("%s: member %s of %s reads %d records, want %d", m.Name, s.Member(), s.Organisation(), len(got), len(m.Reads))
		}
		for _, id := range m.Reads {
			if !reflect.DeepEqual(got[id], want[id]) {
				t.Errorf("%s: record %s:\ngot  %+v\nwant %+v", m.Name, id, got[id], want[id])
			}
		}
		checks, err := s.Verify(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		allPassed(t, m.Name, checks)
	}
}

func allPassed(t *testing.T, who string, checks []vault.Check) {
	t.Helper()
	for _, ch := range checks {
		if !ch.OK {
			t.Errorf("%s: %s: %s", who, ch.Name, ch.Detail)
		}
	}
}

// A vault that exists opens, reads and verifies in every later version.
func TestFrozenVault_opensReadsAndVerifies(t *testing.T) {
	f := readFrozen(t)
	allPassed(t, "without a key", vault.VerifyFiles(frozenDir))
	f.check(t, copyFrozen(t), "")
}

// Work goes on in it, and what is new is found beside what is old.
func TestFrozenVault_isWrittenTo(t *testing.T) {
	f := readFrozen(t)
	c := &clinic{dir: copyFrozen(t), now: later()}
	var err error
	if c.v, err = vault.Open(c.dir, c.clock); err != nil {
		t.Fatal(err)
	}
	defer c.v.LockAll()
	s := c.unlock(t, f.Members[1].Passphrase)
	id, err := amana.ParseID[amana.Record](f.Records[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if err := s.Save(ctx, vault.Change{Record: id, Facts: []event.Fact{
		event.Set{Field: record.Notes + "/00000000ff/text", Value: event.Text("Nouvelle lanterne.")},
	}}); err != nil {
		t.Fatal(err)
	}
	if rows := search(t, s, "lanterne"); len(rows) != 1 || rows[0].ID != id {
		t.Fatalf("%d rows", len(rows))
	}
	checks, err := s.Verify(ctx)
	if err != nil {
		t.Fatal(err)
	}
	allPassed(t, "after a save", append(checks, vault.VerifyFiles(c.dir)...))
}

// A backup that exists is restored by every later version, by every member's
// passphrase and by shares. Then the new device enters the charter.
func TestFrozenVault_isRestored(t *testing.T) {
	f := readFrozen(t)
	backup, err := os.ReadFile(frozenBackup)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	restores := map[string]func(dir string) (vault.Restored, error){
		"shares": func(dir string) (vault.Restored, error) {
			return vault.RestoreWithShares(ctx, dir, bytes.NewReader(backup), f.shares(t)[1:], later)
		},
	}
	for _, m := range f.Members {
		if m.Passphrase != "" {
			restores[m.Name] = func(dir string) (vault.Restored, error) {
				return vault.RestoreWithPassphrase(ctx, dir, bytes.NewReader(backup), []byte(m.Passphrase), later)
			}
		}
	}
	for name, restore := range restores {
		dir := filepath.Join(t.TempDir(), "restored")
		got, err := restore(dir)
		if err != nil || got.Quarantined != 0 || got.Items != f.Items {
			t.Fatalf("%s: %+v, %v; want %d items", name, got, err, f.Items)
		}
		if name == "shares" {
			f.announced(t, dir)
			name = f.Members[1].Name
		}
		f.check(t, dir, name)
	}
}

// announced unlocks as the administrator and does what that brings with it.
func (f frozenVault) announced(t *testing.T, dir string) {
	t.Helper()
	c := &clinic{dir: dir, now: later()}
	var err error
	if c.v, err = vault.Open(dir, c.clock); err != nil {
		t.Fatal(err)
	}
	defer c.v.LockAll()
	s := c.unlock(t, f.Members[0].Passphrase)
	if err := s.Settle(context.Background()); err != nil {
		t.Fatal(err)
	}
	charter, err := s.Charter()
	if err != nil {
		t.Fatal(err)
	}
	if _, known := charter.Device(s.Device()); !known {
		t.Error("a restored device is not in the charter")
	}
}

// The custodians' shares of a vault that exists give a member new keys in every
// later version.
func TestFrozenVault_isRecovered(t *testing.T) {
	f := readFrozen(t)
	dir := copyFrozen(t)
	m := &f.Members[1]
	m.Passphrase = "des mots tout neufs pour demain"
	if _, err := vault.Recover(context.Background(), dir, f.shares(t)[:f.Threshold], m.Name, []byte(m.Passphrase), later); err != nil {
		t.Fatal(err)
	}
	f.check(t, dir, "")
}

// shares returns the custodians' shares: the first from its words, the others as
// their codes say them.
func (f frozenVault) shares(t *testing.T) (shares []seal.Share) {
	t.Helper()
	for i, text := range f.Shares {
		if i == 0 {
			text = f.ShareWords
		}
		s, err := seal.ParseShare(text)
		if err != nil {
			t.Fatal(err)
		}
		shares = append(shares, s)
	}
	return shares
}
