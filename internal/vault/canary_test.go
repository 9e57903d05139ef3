package vault_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/event"
	"amana/internal/record"
	"amana/internal/seal"
	"amana/internal/vault"
)

// A canary is a word that stands in everything that somebody can write here, and
// nowhere else in the world. Here is what the program does with it; what is left
// of it outside of people's screens is looked for by the tests.
const (
	canary       = "qzvkanarivq"
	canaryNumber = "7400913556128"
	canaryWords  = canary + " lusab babad gutih tugad mudof sakat"
)

func say(format string, args ...any) { fmt.Fprintf(os.Stdout, format+"\n", args...) }

func canaryOffice(dir string) (*casework.Office, error) {
	return casework.NewOffice(casework.Options{Dir: dir, Demo: true, Now: time.Now})
}

// useWithCanary founds, writes, reads, searches, makes every mistake there is,
// backs up, restores, and waits to be killed.
func useWithCanary(j job) error {
	ctx := context.Background()
	u := &canaryUse{dir: j.Dir}
	var err error
	if u.office, err = canaryOffice(filepath.Join(j.Dir, "v")); err != nil {
		return err
	}
	shares, err := u.office.Found(ctx, casework.NewOrganisation{
		Name: "Clinic " + canary, Languages: []string{"fr", canary}, Administrator: "Admin " + canary,
		Passphrase: []byte(canaryWords), Custodians: []string{canary + " A", canary + " B"}, Threshold: 2,
		Teams: []casework.NewTeam{{Name: "Care " + canary, Compartment: amana.Care, Identities: true, Join: true}},
	})
	if err != nil {
		return err
	}
	if u.desk, err = u.office.Unlock(ctx, []byte(canaryWords)); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{u.write, u.others, u.read, u.mistakes, u.backup} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if err := u.recovered(ctx, shares); err != nil {
		return err
	}
	say("ready")
	select {} // until it is killed
}

type canaryUse struct {
	dir    string
	office *casework.Office
	desk   *casework.Desk
	id     amana.RecordID
}

// everyField gives every field of a kind a value: the canary, wherever words can
// be written.
func everyField(kind amana.Kind) casework.Values {
	v := casework.Values{}
	for _, f := range record.Fields(kind) {
		if strings.Contains(f.Name, "/") || f.Name == "survivor_code_no" || f.Name == "status" || f.Section == "closure" {
			continue
		}
		v[f.Name] = valueFor(f)
	}
	return v
}

func valueFor(f record.Field) event.Value {
	switch f.Type {
	case record.Line, record.Words:
		return event.Text(f.Name + " " + canary)
	case record.Phone:
		return event.Text(canaryNumber)
	case record.Number:
		return event.Int(19)
	case record.Decimal:
		return event.Decimal(1.5)
	case record.Date:
		return event.Text("2026-01-02")
	case record.Time:
		return event.Text("08:30")
	case record.Moment:
		return event.Text("2026-01-02T08:30")
	case record.YesNo:
		return event.Bool(true)
	case record.Choice:
		return event.Text(record.Options(f.Options)[0])
	case record.Choices:
		return event.List(record.Options(f.Options)[0])
	}
	return event.Value{}
}

func itemFields(list string) casework.Values {
	v := casework.Values{}
	for _, f := range record.Fields(amana.KindCase) {
		if name, ok := strings.CutPrefix(f.Name, list+"/"); ok {
			v[name] = valueFor(f)
		}
	}
	return v
}

func everyConsent() (list []casework.Consent) {
	for _, p := range amana.Purposes() {
		list = append(list, casework.Consent{
			Purpose: p, Decision: amana.Granted, Recipient: amana.Conceal("to " + canary), Until: "2099-01-01",
			GivenBy: "self", How: "spoken", Language: "fra", Conditions: amana.Conceal("if " + canary),
		})
	}
	return list
}

func (u *canaryUse) write(ctx context.Context) (err error) {
	d := u.desk
	team := d.Me().Teams[0].ID
	file := everyField(amana.KindCase)
	file["prior_interview"] = event.Bool(false) // else an account waits for a supervisor
	if u.id, err = d.OpenCase(ctx, casework.Intake{
		Team: team, Identity: everyField(amana.KindIdentity), Case: file, Consents: everyConsent(),
	}); err != nil {
		return fmt.Errorf("open: %w", err)
	}
	changes := casework.Values{"assessment_main_concerns": event.Text(strings.Repeat(canary+" again ", 400))}
	return errors.Join(
		d.AddNote(ctx, u.id, amana.Conceal("note "+canary)),
		d.AddFollowUp(ctx, u.id, itemFields(record.FollowUps)),
		d.SetConsent(ctx, u.id, everyConsent()),
		d.ChangeRecord(ctx, u.id, casework.Change{Record: u.id, Values: changes}),
		d.SetRule(ctx, "languages", canary),
		d.CloseCase(ctx, u.id, casework.Values{
			"closure_reason": event.Text("closure_needs_met"), "date_closure": event.Text("2026-01-02"),
			"closure_assessment": event.Text("closed " + canary),
		}),
		d.ReopenCase(ctx, u.id),
	)
}

// others writes records of every kind, with fields of a newer program, and brings
// a team and members.
func (u *canaryUse) others(ctx context.Context) error {
	d := u.desk
	team := d.Me().Teams[0].ID
	for _, kind := range []amana.Kind{
		amana.KindIncident, amana.KindAccount, amana.KindEvidence, amana.KindReferral,
		amana.KindService, amana.KindActor, amana.KindPublication, canary,
	} {
		if err := d.Session().Save(ctx, vault.Change{
			Record: amana.RecordID(seal.Random16()),
			Begin:  &vault.Begin{Kind: kind, Case: u.id, Teams: []amana.TeamID{team}},
			Facts: []event.Fact{
				event.Set{Field: canary, Value: event.Text(canary)},
				event.Set{Field: "list", Value: event.List(canary, canary)},
				event.Removed{Field: canary},
				event.Set{Field: canary, Value: event.Text(strings.Repeat(canary, 3))},
			},
		}); err != nil {
			return fmt.Errorf("kind: %w", err)
		}
	}
	second, err := d.FormTeam(ctx, casework.NewTeam{Name: "Second " + canary, Compartment: amana.Care, Join: true})
	if err != nil {
		return err
	}
	_, err = d.AddMemberWith(ctx, casework.NewMember{
		Name: "Worker " + canary, Roles: []amana.Role{amana.RoleCaseworker}, Teams: []amana.TeamID{team, second},
	}, []byte("other "+canaryWords))
	return err
}

// read looks at everything in every way, and makes sure that it is there.
func (u *canaryUse) read(ctx context.Context) error {
	d := u.desk
	for !d.State().Progress.Searchable {
		time.Sleep(time.Millisecond)
	}
	list, err := d.Cases(ctx, casework.Query{Search: amana.Conceal(canary)})
	if err != nil || list.Total != 1 || !strings.Contains(list.Rows[0].Name.Reveal(), canary) {
		return fmt.Errorf("search finds %d: %w", list.Total, err)
	}
	f, err := d.ReadCase(ctx, u.id)
	if err != nil || f.Identity == nil || f.Tampered > 0 {
		return fmt.Errorf("read: %d tampered, %w", f.Tampered, err)
	}
	_, err = d.Today(ctx)
	past, err2 := d.History(ctx, u.id, u.id, "assessment_main_concerns")
	if err = errors.Join(err, err2); err != nil || len(past) < 2 {
		return fmt.Errorf("history of %d: %w", len(past), err)
	}
	if _, err := d.Session().Verify(ctx); err != nil {
		return err
	}
	if err := d.Session().Rebuild(ctx); err != nil {
		return err
	}
	for !d.State().Progress.Searchable {
		time.Sleep(time.Millisecond)
	}
	return nil
}

// mistakes makes every mistake that somebody can make, with the canary in it: no
// error may repeat it.
func (u *canaryUse) mistakes(ctx context.Context) error {
	d := u.desk
	team := d.Me().Teams[0].ID
	strange := casework.Values{"age": event.Text(canary), "sex": event.Text(canary), "name": event.Int(3), "created_on": event.Text(canary), "other_names": event.Text(strings.Repeat(canary, 40))}
	member := func(n casework.NewMember, words string) error {
		_, err := d.AddMemberWith(ctx, n, []byte(words))
		return err
	}
	unlock := func(words string) error { _, err := u.office.Unlock(ctx, []byte(words)); return err }
	roles := []amana.Role{amana.RoleCaseworker}
	tries := map[string]func() error{
		"found twice": func() error { _, err := u.office.Found(ctx, casework.NewOrganisation{Name: canary}); return err },
		"open": func() error {
			_, err := d.OpenCase(ctx, casework.Intake{Team: team, Identity: strange, Case: strange})
			return err
		},
		"no team": func() error {
			_, err := d.OpenCase(ctx, casework.Intake{Team: amana.TeamID{1}, Case: strange})
			return err
		},
		"consent": func() error {
			return d.SetConsent(ctx, u.id, []casework.Consent{{Purpose: canary, Decision: canary, Until: canary}})
		},
		"follow-up":       func() error { return d.AddFollowUp(ctx, u.id, casework.Values{"followup_date": event.Text(canary)}) },
		"a field of none": func() error { return d.AddFollowUp(ctx, u.id, casework.Values{canary: event.Text(canary)}) },
		"note too long":   func() error { return d.AddNote(ctx, u.id, amana.Conceal(strings.Repeat(canary, 3000))) },
		"change":          func() error { return d.ChangeRecord(ctx, u.id, casework.Change{Record: u.id, Values: strange}) },
		"change of none": func() error {
			return d.ChangeRecord(ctx, u.id, casework.Change{Record: amana.RecordID{1}, Values: strange})
		},
		"close":          func() error { return d.CloseCase(ctx, u.id, casework.Values{"closure_reason": event.Text(canary)}) },
		"erase":          func() error { return d.EraseCase(ctx, u.id, canary, canary, "") },
		"a case of none": func() error { _, err := d.ReadCase(ctx, amana.RecordID([]byte(canary+"12345"))); return err },
		"member of no role": func() error {
			return member(casework.NewMember{Name: canary, Roles: []amana.Role{canary}}, canaryWords)
		},
		"member's name":  func() error { return member(casework.NewMember{Name: "Worker " + canary, Roles: roles}, canaryWords) },
		"member's words": func() error { return member(casework.NewMember{Name: "New " + canary, Roles: roles}, canaryWords) },
		"team": func() error {
			_, err := d.FormTeam(ctx, casework.NewTeam{Name: canary + "\n", Compartment: canary})
			return err
		},
		"rule":        func() error { return d.SetRule(ctx, canary, canary+"\x00") },
		"weak words":  func() error { return d.ChangePassphrase(ctx, []byte(canary), []byte(canary)) },
		"wrong words": func() error { return d.ChangePassphrase(ctx, []byte(canary), []byte("something "+canaryWords+" else")) },
		"unlock":      func() error { return unlock(canary) },
		"recover": func() error {
			_, err := vault.Recover(ctx, filepath.Join(u.dir, "none"), nil, canary, []byte(canaryWords), time.Now)
			return err
		},
		"restore": func() error {
			_, err := vault.RestoreWithPassphrase(ctx, filepath.Join(u.dir, "none"), strings.NewReader(canary), []byte(canaryWords), time.Now)
			return err
		},
		"a fact too long": func() error {
			return d.Session().Save(ctx, vault.Change{Record: u.id, Facts: []event.Fact{event.Set{Field: canary, Value: event.Text(strings.Repeat(canary, 2_000_000))}}})
		},
		"share": func() error { _, err := seal.ParseShare(canary + " " + canary); return err },
	}
	for name, try := range tries {
		err := try()
		if err == nil {
			return fmt.Errorf("%s: no error", name)
		}
		if text := fmt.Sprintf("%v %+v %s %q", err, err, err, err); bytes.Contains(bytes.ToLower([]byte(text)), []byte(canary)) {
			say("leak: the error of %q repeats what was written", name)
		}
	}
	return nil
}

func (u *canaryUse) backup(ctx context.Context) error {
	path := filepath.Join(u.dir, "backup")
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := errors.Join(u.desk.Backup(ctx, f), f.Close()); err != nil {
		return err
	}
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	got, err := vault.RestoreWithPassphrase(ctx, filepath.Join(u.dir, "restored"), in, []byte(canaryWords), time.Now)
	if err != nil || got.Quarantined > 0 {
		return fmt.Errorf("restore: %d refused, %w", got.Quarantined, err)
	}
	return nil
}

// recovered gives the member of the restored vault a new passphrase by shares, and
// leaves it unlocked.
func (u *canaryUse) recovered(ctx context.Context, printed []casework.Share) error {
	dir := filepath.Join(u.dir, "restored")
	shares := make([]seal.Share, 0, len(printed))
	for _, p := range printed {
		s, err := seal.ParseShare(p.Text)
		if err != nil {
			return err
		}
		shares = append(shares, s)
	}
	if _, err := vault.Recover(ctx, dir, shares, "Nobody "+canary, []byte("new "+canaryWords), time.Now); err == nil || strings.Contains(err.Error(), canary) {
		say("leak: recovering for nobody says what was typed, or nothing")
	}
	if _, err := vault.Recover(ctx, dir, shares, "Worker "+canary, []byte("new "+canaryWords), time.Now); err != nil {
		return fmt.Errorf("recover: %w", err)
	}
	o, err := canaryOffice(dir)
	if err != nil {
		return err
	}
	d, err := o.Unlock(ctx, []byte("new "+canaryWords))
	if err != nil {
		return err
	}
	_, err = d.ReadCase(ctx, u.id)
	return err
}

// useAgain unlocks, looks for it, and locks in good order.
func useAgain(j job) error {
	for dir, words := range map[string]string{"v": canaryWords, "restored": "new " + canaryWords} {
		o, err := canaryOffice(filepath.Join(j.Dir, dir))
		if err != nil {
			return err
		}
		d, err := o.Unlock(context.Background(), []byte(words))
		if err != nil {
			return err
		}
		for !d.State().Progress.Searchable {
			time.Sleep(time.Millisecond)
		}
		list, err := d.Cases(context.Background(), casework.Query{Search: amana.Conceal(canary)})
		if err != nil || list.Total != 1 {
			return fmt.Errorf("%s: search finds %d: %w", dir, list.Total, err)
		}
		if err := d.AddNote(context.Background(), list.Rows[0].ID, amana.Conceal(canary)); err != nil {
			return err
		}
		if err := o.LockAll(); err != nil {
			return err
		}
	}
	return nil
}
