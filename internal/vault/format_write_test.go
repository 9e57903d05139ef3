package vault_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/seal"
	"amana/internal/vault"
)

var update = flag.Bool("update", false, "write the frozen vault if it is not there; it is never changed")

// writer writes the frozen vault: a small organisation that has lived through
// whatever the format knows. Several devices, a member who left, keys that turned, a
// clock set back, records erased on one device and on the other, keys recovered.
type writer struct {
	*testing.T
	ctx     context.Context
	dir     string
	now     time.Time
	v       *vault.Vault
	shares  []seal.Share
	teams   map[string]amana.TeamID
	members map[string]amana.MemberID
	words   map[string]string // passphrases
}

func (w *writer) clock() time.Time {
	w.now = w.now.Add(time.Minute)
	return w.now
}

func (w *writer) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// as does something as a member, who unlocks for it and locks after.
func (w *writer) as(name string, do func(*vault.Session) error) {
	w.Helper()
	c := &clinic{v: w.v}
	s := c.unlock(w, w.words[name])
	_, err := s.HandOn(w.ctx)
	w.must(err)
	w.must(do(s))
	w.must(s.Lock())
}

func (w *writer) save(name string, changes ...vault.Change) {
	w.Helper()
	w.as(name, func(s *vault.Session) error { return s.Save(w.ctx, changes...) })
}

func begin(id amana.RecordID, kind amana.Kind, of amana.RecordID, team amana.TeamID, facts ...event.Fact) vault.Change {
	return vault.Change{Record: id, Begin: &vault.Begin{Kind: kind, Case: of, Teams: []amana.TeamID{team}}, Facts: facts}
}

func set(field string, v event.Value) event.Fact { return event.Set{Field: field, Value: v} }

const care, ward = "Accompagnement", "Clinique"

// writeFrozen writes folder, backup and description.
func writeFrozen(t *testing.T) {
	w := &writer{
		T: t, ctx: context.Background(), dir: filepath.Join(t.TempDir(), "first"),
		now:   time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC),
		teams: map[string]amana.TeamID{}, members: map[string]amana.MemberID{},
		words: map[string]string{
			"Aline Exemple": "lampe verte sur le quai neuf", "Binta Exemple": "quatre mangues et un tambour gris",
			"Célestin Exemple": "été\u00a0: la pirogue attend", "Dalila Exemple": "un puits deux ânes trois cordes",
		},
	}
	w.found()
	first, second := w.work()
	w.move()
	w.after(first, second)
	w.finish()
}

func (w *writer) found() {
	var admin *vault.Session
	var err error
	w.v, admin, w.shares, err = vault.Found(w.ctx, w.dir, vault.New{
		Name: "Clinique de l’Exemple", Languages: []string{"fr", "en"}, Administrator: "Aline Exemple",
		Roles: []amana.Role{amana.RoleAdministrator}, Passphrase: []byte(w.words["Aline Exemple"]),
		Custodians: []string{"Première gardienne", "Deuxième gardien", "Troisième gardienne"}, Threshold: 2,
		Cost: seal.SmallestCost, Rules: map[string]string{"idle_minutes": "5"}, Now: w.clock,
	})
	w.must(err)
	w.members["Aline Exemple"] = admin.Member()
	for _, m := range []struct {
		name  string
		roles []amana.Role
	}{
		{"Binta Exemple", []amana.Role{amana.RoleCaseworker, amana.RoleSupervisor}},
		{"Célestin Exemple", []amana.Role{amana.RoleClinician}},
		{"Dalila Exemple", []amana.Role{amana.RoleCaseworker}},
	} {
		w.members[m.name], err = admin.AddMember(w.ctx, vault.NewMember{Name: m.name, Roles: m.roles, Passphrase: []byte(w.words[m.name])})
		w.must(err)
	}
	w.teams[care], err = admin.FormTeam(w.ctx, event.TeamFormed{Name: care, Compartment: amana.Care, Identities: true},
		w.members["Binta Exemple"], w.members["Dalila Exemple"])
	w.must(err)
	w.teams[ward], err = admin.FormTeam(w.ctx, event.TeamFormed{Name: ward, Compartment: amana.Care}, w.members["Célestin Exemple"])
	w.must(err)
	w.must(admin.JoinTeam(w.ctx, w.teams[ward], w.members["Binta Exemple"]))
	w.must(w.v.LockAll())
}

// work is what happens on the first device.
func (w *writer) work() (first, second amana.RecordID) {
	first, second = amana.RecordID(seal.Random16()), amana.RecordID(seal.Random16())
	consents := amana.RecordID(seal.Random16())
	w.as("Célestin Exemple", func(*vault.Session) error { return nil }) // hands on the keys of the ward
	w.save("Binta Exemple",
		begin(first, amana.KindCase, amana.RecordID{}, w.teams[care],
			set("survivor_code_no", event.Text("K7MX-Q9TR-5")), set("status", event.Text("open")),
			set("created_on", event.Text("2026-03-02")), set("age", event.Int(34)), set("estimated", event.Bool(true)),
			set("sex", event.Text("female")), set("maritial_status", event.Say(event.Declined)),
			set("gbv_disability_type", event.Say(event.NotAsked)),
			set("assessment_main_concerns", event.Text("Elle cherche un lieu sûr près du verger. عائشة l’accompagne.")),
			set("measured_elsewhere", event.Decimal(36.5)), set("risk_level", event.Text("medium"))),
		begin(amana.RecordID(seal.Random16()), amana.KindIdentity, first, w.teams[care],
			set("name", event.Text("Fatoumata Exemple")), set("contact_phone", event.Text("+22370000000")),
			set("contact_how", event.List("phone_call", "only_when_she_comes"))),
		begin(consents, amana.KindConsent, first, w.teams[care],
			event.Consented{Purpose: amana.PurposeCare, Decision: amana.Granted, GivenBy: "self", How: "spoken", Language: "fra"},
			event.Consented{
				Purpose: amana.PurposeReferral, Recipient: amana.Conceal("Centre de santé"), Decision: amana.Granted,
				Until: "2026-12", GivenBy: "self", How: "thumbprint", Language: "fra", Conditions: amana.Conceal("Une femme la reçoit."),
			}),
	)
	w.save("Dalila Exemple", vault.Change{Record: first, Facts: []event.Fact{set("note/00000000a1/text", event.Text("Première visite, brève et calme."))}})
	w.as("Binta Exemple", func(s *vault.Session) error {
		_, err := s.Read(w.ctx, first)
		return err
	})
	w.save("Célestin Exemple", begin(second, amana.KindCase, amana.RecordID{}, w.teams[ward],
		set("survivor_code_no", event.Text("1000-0000-C")), set("status", event.Text("open")), set("risk_level", event.Text("low"))))
	w.eraseOne("Une erreur de saisie.")
	w.as("Aline Exemple", func(s *vault.Session) error { return s.RemoveMember(w.ctx, w.members["Dalila Exemple"]) })
	w.save("Binta Exemple",
		vault.Change{Record: first, Facts: []event.Fact{set("risk_level", event.Text("high")), event.Removed{Field: "maritial_status"}}},
		vault.Change{Record: consents, Facts: []event.Fact{event.Consented{Purpose: amana.PurposeReferral, Recipient: amana.Conceal("Centre de santé"), Decision: amana.Withdrawn}}},
	)
	back := w.now
	w.now = w.now.AddDate(0, 0, -1) // the clock is set back
	w.save("Binta Exemple", vault.Change{Record: first, Facts: []event.Fact{
		set("gbv_follow_up_subform_section/00000000b2/followup_date", event.Text("2026-03-02")),
		set("gbv_follow_up_subform_section/00000000b2/survivor_needs_met", event.Bool(false)),
	}})
	w.now = back.Add(time.Hour)
	return first, second
}

// eraseOne opens a case in the team of care and erases it.
func (w *writer) eraseOne(words string) {
	gone := amana.RecordID(seal.Random16())
	w.save("Binta Exemple",
		begin(gone, amana.KindCase, amana.RecordID{}, w.teams[care], set("assessment_main_concerns", event.Text(words))),
		begin(amana.RecordID(seal.Random16()), amana.KindIdentity, gone, w.teams[care], set("name", event.Text("Personne"))))
	w.as("Binta Exemple", func(s *vault.Session) error { return s.EraseCase(w.ctx, "mistake", gone) })
}

// move goes on with a second device, restored from a backup of the first.
func (w *writer) move() {
	var backup bytes.Buffer
	w.as("Aline Exemple", func(s *vault.Session) error { return s.Backup(w.ctx, &backup) })
	w.dir = filepath.Join(w.TempDir(), "second")
	got, err := vault.RestoreWithPassphrase(w.ctx, w.dir, &backup, []byte(w.words["Aline Exemple"]), w.clock)
	w.must(err)
	if got.Quarantined > 0 {
		w.Fatalf("%d items were refused", got.Quarantined)
	}
	w.v, err = vault.Open(w.dir, w.clock)
	w.must(err)
}

// after is what happens on the second device.
func (w *writer) after(first, second amana.RecordID) {
	w.as("Aline Exemple", func(s *vault.Session) error {
		w.must(s.Settle(w.ctx)) // the device enters the charter
		return s.SetRule(w.ctx, "languages", "fr,en,ar")
	})
	w.save("Binta Exemple", vault.Change{Record: first, Facts: []event.Fact{
		set("age", event.Int(35)), set("note/00000000c3/text", event.Text("Sur l’autre ordinateur, tout se lit.")),
	}})
	w.eraseOne("Un doublon, effacé ici.")
	w.words["Célestin Exemple"] = "une pirogue neuve au petit port"
	_, err := vault.Recover(w.ctx, w.dir, w.shares[1:], "Célestin Exemple", []byte(w.words["Célestin Exemple"]), w.clock)
	w.must(err)
	w.v, err = vault.Open(w.dir, w.clock)
	w.must(err)
	w.save("Célestin Exemple", vault.Change{Record: second, Facts: []event.Fact{
		set("assessment_health_needs", event.Text("Contrôle dans un mois.")), set("closure_reason", event.Value{}),
	}})
	w.as("Célestin Exemple", func(s *vault.Session) error {
		_, err := s.Read(w.ctx, second)
		return err
	})
	delete(w.words, "Dalila Exemple")
}

// finish keeps the folder, its backup and what is in it.
func (w *writer) finish() {
	f := frozenVault{
		Comment:   "A vault in which everything is invented; see docs/format.md section 10.3. Frozen: never changed.",
		Threshold: 2, ShareWords: strings.Join(w.shares[0].Words(), " "),
	}
	for _, s := range w.shares {
		f.Shares = append(f.Shares, s.Text())
	}
	seen := map[string]bool{}
	for _, name := range []string{"Aline Exemple", "Binta Exemple", "Célestin Exemple", "Dalila Exemple"} {
		m := frozenMember{Name: name, ID: w.members[name].String(), Passphrase: w.words[name], Reads: []string{}}
		if m.Passphrase == "" {
			f.Members = append(f.Members, m)
			continue
		}
		w.as(name, func(s *vault.Session) error {
			f.Organisation, f.Device = s.Organisation().String(), s.Device().String()
			for id, r := range readsAll(w.T, s) {
				if m.Reads = append(m.Reads, id); !seen[id] {
					seen[id] = true
					f.Records = append(f.Records, r)
				}
			}
			return nil
		})
		f.Members = append(f.Members, m)
	}
	w.as("Aline Exemple", func(s *vault.Session) error {
		erased, err := s.Erased()
		for id, e := range erased {
			f.Erased = append(f.Erased, frozenErased{Record: id.String(), By: e.Author.String(), Reason: e.Reason})
		}
		out, errCreate := os.Create(frozenBackup)
		w.must(errCreate)
		w.must(s.Backup(w.ctx, out))
		w.must(out.Close())
		return err
	})
	w.describe(&f)
	w.must(os.CopyFS(frozenDir, os.DirFS(w.dir)))
	w.must(os.RemoveAll(filepath.Join(frozenDir, "views")))
	w.must(os.Remove(filepath.Join(frozenDir, "journal", "lock")))
	raw, err := json.MarshalIndent(f, "", "  ")
	w.must(err)
	w.must(os.WriteFile(frozenFile, append(raw, '\n'), 0o644))
}

// describe adds what only a restoring shows.
func (w *writer) describe(f *frozenVault) {
	raw, err := os.ReadFile(frozenBackup)
	w.must(err)
	got, err := vault.RestoreWithShares(w.ctx, filepath.Join(w.TempDir(), "check"), bytes.NewReader(raw), w.shares[:2], w.clock)
	w.must(err)
	f.Items = got.Items
	id, err := seal.Combine(w.shares[:2])
	w.must(err)
	box, err := os.ReadFile(filepath.Join(w.dir, "recovery"))
	w.must(err)
	plain, err := id.Open([]byte("device key"), box)
	w.must(err)
	f.DeviceKey = hex.EncodeToString(plain[16:])
}
