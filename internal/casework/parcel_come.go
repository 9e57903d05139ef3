package casework

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"amana"
	"amana/internal/dossier"
	"amana/internal/event"
	"amana/internal/letter"
	"amana/internal/link"
	"amana/internal/parcel"
	"amana/internal/record"
	"amana/internal/seal"
	"amana/internal/vault"
)

// A package that a partner sent is two records of the team that holds the post box: the
// letter, with what was told of it since, and the file. The file alone is erased when the
// partner takes it back: what it was, and what was answered, stays.

// The fields of a letter that is about a package, beside those of every letter.
const (
	letterAbout  = "about"  // the word of the letter
	letterFile   = "parcel" // the record of the file
	letterWanted = "wanted" // the bytes may come
	letterBack   = "back"   // why it is to be given up, and since when
	letterBackOn = "back_on"
	letterWords  = "word" // what is told of it: a list of state, from, reason, when, and sent
)

// PackageCheck is what the verification of a dossier that came found.
type PackageCheck struct {
	dossier.Result
	// Whose says whose the key is that signed it. Only where it is [KeyOfPartner] is the
	// dossier the partner's.
	Whose KeyOwner
}

// KeyOwner says whose the key is that signed a dossier.
type KeyOwner string

// Whose it can be.
const (
	KeyOfPartner  KeyOwner = "partner"   // the partner's, as a letter of theirs says
	KeyUnsaid     KeyOwner = "unsaid"    // no letter of theirs says which their keys are
	KeyOfSomebody KeyOwner = "other"     // not the one that their letter names, or it says that it is of others
	KeyOfAnother  KeyOwner = "elsewhere" // another partner says that it is theirs
	KeyUnknown    KeyOwner = "unknown"   // the sender was not compared
)

// KeepReasons are why a package may be kept that was taken back.
func KeepReasons() []string { return parcel.Reasons() }

// Package is one that a partner sent.
type Package struct {
	ID      amana.RecordID
	From    Partner
	Known   bool // its card was taken in and compared
	Sent    time.Time
	Came    time.Time
	About   parcel.About
	Wanted  bool  // its bytes were asked for
	Got     int64 // bytes that are here, and how many there will be
	Of      int64
	Here    bool // all of it is on this device
	Arrived bool // on this or another device of the organisation
	Broken  bool // what came is not what was told
	Gone    bool // it was erased here
	Back    string
	BackOn  string // the day since when it is to be given up
	Words   []PackageWord
	file    amana.RecordID
}

// PackageWord is what was told of a package.
type PackageWord struct {
	parcel.Word
	Sent bool // a hub has it
}

// Ended reports whether the time for which it was given is over.
func (p Package) Ended(today string) bool { return p.About.Until != "" && p.About.Until < today }

// keepPackage keeps the letter of a package, and asks for the package where the sender is
// known and the connection does not cost.
func (d *Desk) keepPackage(ctx context.Context, l letter.Letter, team amana.TeamID, way string) (came Came, err error) {
	note, err := parcel.Read(l.Content)
	if err != nil {
		return came, err
	}
	about, err := parcel.Without(l.Content)
	if err != nil {
		return came, err
	}
	flood := d.floodOf(l.From, way)
	err = d.session.Listed(amana.KindLetter, func(have vault.Listed) error {
		if have.Values[letterID].Reveal() == hex.EncodeToString(l.ID[:]) && have.Values[letterCard].Reveal() == card64(l.From) {
			came.Package = have.ID
		}
		flood.count(have)
		return nil
	})
	if err != nil || !came.Package.IsZero() {
		return came, err
	}
	if err := flood.check(); err != nil {
		return came, err
	}
	if err := d.free(note.Blob.Record); err != nil {
		return came, err
	}
	came.Package = d.session.NewRecord(amana.KindLetter)
	values := Values{
		letterID: event.Text(hex.EncodeToString(l.ID[:])), letterCard: event.Text(card64(l.From)),
		letterSent: event.Text(l.Sent.Format(time.RFC3339)), letterContent: event.Text(string(about)), letterWay: event.Text(way),
		letterAbout: event.Text(string(letter.Package)), letterFile: event.Text(note.Blob.Record.String()),
	}
	facts := sets(values)
	if d.takesByItself(l.From, note.Size) {
		facts = append(facts, d.wanted(0)...)
	}
	return came, d.session.Save(ctx,
		vault.Change{Record: came.Package, Begin: &vault.Begin{Kind: amana.KindLetter, Teams: []amana.TeamID{team}}, Facts: facts},
		vault.Change{
			Record: note.Blob.Record, Begin: &vault.Begin{Kind: amana.KindLetter, Teams: []amana.TeamID{team}},
			Facts: append(sets(Values{vault.LetterFile: event.Text("yes")}), vault.TakenFact(note.Blob)),
		})
}

// free refuses the name that a partner gave to a file where it is anybody's here, also of
// what this member cannot read: partners know names of ours, from dossiers say, and what is
// given up is erased by its name. Kinds: ErrTampered, ErrLocked, ErrStorage.
func (d *Desk) free(file amana.RecordID) error {
	named, _ := amana.IsNamed(file) // by whoever: none of a file is
	known, err := d.session.Known(file)
	if err == nil && (named || known) {
		err = fmt.Errorf("casework: a package by the name of something else: %w", amana.ErrTampered)
	}
	return err
}

// takesByItself reports whether a package comes without anybody's doing.
func (d *Desk) takesByItself(from letter.Card, size int64) bool {
	known, err := d.cardOfPartner(amana.RecordID(from.Post))
	if err != nil || known != from {
		return false
	}
	st, err := link.StatusOf(d.session)
	return err == nil && (!st.Metered || size <= link.MeteredLargest)
}

// wanted says that the bytes may come, from a place on.
func (d *Desk) wanted(from int64) []event.Fact {
	return append(sets(Values{letterWanted: event.Text("yes")}), d.word(parcel.Word{State: parcel.Asked, From: from})...)
}

func (d *Desk) word(w parcel.Word) []event.Fact {
	values := Values{"state": event.Text(string(w.State)), "when": event.Text(d.today())}
	if w.From > 0 {
		values["from"] = event.Text(strconv.FormatInt(w.From, 10))
	}
	if w.Reason != "" {
		values["reason"] = event.Text(w.Reason)
	}
	return itemSets(letterWords, newItem(), values)
}

// say has a word be told, unless it was.
func (d *Desk) say(ctx context.Context, id amana.RecordID, w parcel.Word) error {
	o, err := d.session.ReadRecord(ctx, id)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(wordsOf(o.Items(letterWords), textOfField(&o)), func(old PackageWord) bool { return old.State == w.State && old.From == w.From }) {
		return nil
	}
	return d.session.Save(ctx, vault.Change{Record: id, Facts: d.word(w)})
}

func textOfField(o *vault.Opened) func(string) string {
	return func(f string) string { return o.Value(f).Reveal() }
}

func wordsOf(items []string, text func(string) string) (list []PackageWord) {
	for _, item := range items {
		at := letterWords + "/" + item + "/"
		from, err := strconv.ParseInt(text(at+"from"), 10, 64)
		if err != nil {
			from = 0
		}
		list = append(list, PackageWord{
			parcel.Word{State: parcel.State(text(at + "state")), From: from, Reason: text(at + "reason"), When: text(at + "when")}, text(at+"sent") != "",
		})
	}
	return list
}

// wordsDue are the words of a package that no hub has yet.
func (d *Desk) wordsDue(l vault.Listed) (due []link.Outgoing) {
	if l.Values[letterAbout].Reveal() != string(letter.Package) || l.Values[letterWay].Reveal() != wayHub {
		return nil
	}
	card, ref, err := writerOf(l.ID, l.Values[letterCard].Reveal(), l.Values[letterID].Reveal())
	if err != nil {
		return nil
	}
	items := itemsIn(l.Values, letterWords)
	for i, w := range wordsOf(items, func(f string) string { return l.Values[f].Reveal() }) {
		if w.Sent {
			continue
		}
		due = append(due, link.Outgoing{
			To: card,
			Make: func(ctx context.Context) ([]byte, error) {
				content, err := w.Bytes()
				if err != nil {
					return nil, err
				}
				out, keys, err := d.letterhead(ctx)
				if err != nil {
					return nil, err
				}
				name := seal.Digest("amana/1/letter of a word", l.ID[:], []byte(items[i])) // the same however often it is sent
				out.ID, out.About, out.ReplyTo, out.Content = letter.ID(name[:16]), letter.Word, ref, content
				return letter.SealAnswer(keys, card, out)
			},
			Handed: func(ctx context.Context) error {
				return d.session.Save(ctx, vault.Change{Record: l.ID, Facts: sets(Values{letterWords + "/" + items[i] + "/sent": event.Text("yes")})})
			},
		})
	}
	return due
}

// itemsIn are the items of a list among values, by name.
func itemsIn(values map[string]event.Value, list string) (items []string) {
	for name := range values {
		if item, field, ok := cutItem(name, list); ok && field == "state" {
			items = append(items, item)
		}
	}
	slices.Sort(items)
	return items
}

func cutItem(name, list string) (item, field string, ok bool) {
	if len(name) <= len(list)+1 || name[:len(list)+1] != list+"/" {
		return "", "", false
	}
	for i := len(list) + 1; i < len(name); i++ {
		if name[i] == '/' {
			return name[len(list)+1 : i], name[i+1:], true
		}
	}
	return "", "", false
}

// packageOf finds the letter of a package that was asked for, by its file. Kind:
// ErrNotFound.
func (d *Desk) packageOf(file amana.RecordID) (id amana.RecordID, err error) {
	err = d.session.Listed(amana.KindLetter, func(l vault.Listed) error {
		if l.Values[letterFile].Reveal() == file.String() && !l.Values[letterWanted].IsZero() {
			id = l.ID
		}
		return nil
	})
	if err == nil && id.IsZero() {
		err = fmt.Errorf("casework: package %s: %w", file, amana.ErrNotFound)
	}
	return id, err
}

// PartsCame implements [link.Post].
func (d *Desk) PartsCame(ctx context.Context, name [16]byte, parts []letter.Part) (int64, error) {
	file := amana.RecordID(name)
	id, err := d.packageOf(file)
	if err != nil {
		return 0, err
	}
	if _, gone := d.charter().Erased()[file]; gone {
		return 0, fmt.Errorf("casework: package %s was erased: %w", id, amana.ErrTampered)
	}
	f, err := d.session.FileOf(file)
	if err != nil {
		return 0, err
	}
	if f.Here {
		return f.Size, d.say(ctx, id, parcel.Word{State: parcel.Arrived})
	}
	whole, err := d.session.TakeFile(ctx, f, link.Following(f.Got, parts))
	switch {
	case errors.Is(err, amana.ErrTampered):
		return 0, errors.Join(err, d.say(ctx, id, parcel.Word{State: parcel.Broken}))
	case errors.Is(err, amana.ErrConflict):
		err = nil // a write was torn: the next time it goes on from there
	case err == nil && whole:
		return f.Size, d.say(ctx, id, parcel.Word{State: parcel.Arrived})
	}
	if now, bad := d.session.FileOf(file); bad == nil {
		return now.Got, err
	}
	return 0, err
}

// takeRecall notes that a partner wants a package given up. Kinds: ErrInvalid; ErrNotFound
// for one that is not here; ErrConflict where it was noted already.
func (d *Desk) takeRecall(ctx context.Context, l letter.Letter) (came Came, err error) {
	n, err := parcel.ReadNotice(l.Content)
	if err != nil {
		return came, err
	}
	var noted bool
	err = d.session.Listed(amana.KindLetter, func(have vault.Listed) error {
		card, ref, err := writerOf(have.ID, have.Values[letterCard].Reveal(), have.Values[letterID].Reveal())
		if err == nil && ref == l.ReplyTo && card.Verify == l.From.Verify && have.Values[letterAbout].Reveal() == string(letter.Package) {
			came.Package = have.ID
			noted = have.Values[letterBack].Reveal() == n.Why && have.Values[letterBackOn].Reveal() == n.When
		}
		return nil
	})
	switch {
	case err != nil:
		return came, err
	case came.Package.IsZero():
		return came, fmt.Errorf("casework: a notice about nothing that is here: %w", amana.ErrNotFound)
	case noted:
		return came, fmt.Errorf("casework: a notice that was noted: %w", amana.ErrConflict)
	}
	return came, d.session.Save(ctx, vault.Change{Record: came.Package, Facts: append(
		sets(Values{letterBack: event.Text(n.Why), letterBackOn: event.Text(n.When)}), d.word(parcel.Word{State: parcel.Noticed})...)})
}

// askAgainAfter is how long nothing may come of a package that was asked for.
const askAgainAfter = 6 * time.Hour

// waited is how much there was of a package, and since when.
type waited struct {
	got   int64
	since time.Time
}

// askAgain asks again for what does not come: a hub keeps mail for some weeks, and what
// another device began to fetch may never get here.
func (d *Desk) askAgain(ctx context.Context) error {
	list, err := d.Packages(ctx)
	if err != nil {
		return err
	}
	now := d.office.now()
	for _, p := range list {
		if !p.Wanted || p.Here || p.Arrived || p.Broken || p.Gone || p.Back != "" || p.Of == 0 {
			continue
		}
		d.parcels.mu.Lock()
		if d.parcels.waits == nil {
			d.parcels.waits = map[amana.RecordID]waited{}
		}
		before, known := d.parcels.waits[p.ID]
		late := known && before.got == p.Got && now.Sub(before.since) > askAgainAfter
		if !known || before.got != p.Got || late {
			d.parcels.waits[p.ID] = waited{p.Got, now}
		}
		d.parcels.mu.Unlock()
		if !late {
			continue
		}
		if err := d.session.Save(ctx, vault.Change{Record: p.ID, Facts: d.wanted(p.Got)}); err != nil {
			return err
		}
	}
	return nil
}

// Packages returns what partners sent, the newest first.
func (d *Desk) Packages(context.Context) (list []Package, err error) {
	err = d.session.Listed(amana.KindLetter, func(l vault.Listed) error {
		text := func(f string) string { return l.Values[f].Reveal() }
		if text(letterAbout) != string(letter.Package) {
			return nil
		}
		if p, err := d.packageIn(l.ID, l.Opened, itemsIn(l.Values, letterWords), text); err == nil {
			list = append(list, p)
		}
		return nil
	})
	slices.SortStableFunc(list, func(a, b Package) int { return b.Came.Compare(a.Came) })
	return list, err
}

// ReadPackage opens one; the opening is on record. Kind: ErrNotFound.
func (d *Desk) ReadPackage(ctx context.Context, id amana.RecordID) (Package, error) {
	o, err := d.session.OpenRecord(ctx, id)
	if err != nil {
		return Package{}, err
	}
	if o.Kind != amana.KindLetter || o.Value(letterAbout).Reveal() != string(letter.Package) {
		return Package{}, fmt.Errorf("casework: package %s: %w", id, amana.ErrNotFound)
	}
	return d.packageIn(id, o.Opened, o.Items(letterWords), textOfField(&o))
}

func (d *Desk) packageIn(id amana.RecordID, opened uint64, items []string, text func(string) string) (p Package, err error) {
	bad := fmt.Errorf("casework: package %s: %w", id, amana.ErrInvalid)
	raw, err := base64.StdEncoding.DecodeString(text(letterCard))
	if err != nil {
		return p, bad
	}
	card, err := letter.ReadCard(raw)
	if err != nil {
		return p, bad
	}
	sent, err := time.Parse(time.RFC3339, text(letterSent))
	if err != nil {
		return p, bad
	}
	p = Package{
		ID: id, From: partnerOf(card), Sent: sent, Came: record.When(opened), Wanted: text(letterWanted) != "",
		Back: text(letterBack), BackOn: text(letterBackOn), Words: wordsOf(items, text), file: idOf(text(letterFile)),
	}
	if p.About, err = parcel.ReadAbout([]byte(text(letterContent))); err != nil {
		return p, bad
	}
	known, err := d.cardOfPartner(p.From.ID)
	p.Known = err == nil && known == card
	_, p.Gone = d.charter().Erased()[p.file]
	for _, w := range p.Words {
		p.Arrived = p.Arrived || w.State == parcel.Arrived
		p.Broken = p.Broken || w.State == parcel.Broken
	}
	if f, err := d.session.FileOf(p.file); err == nil {
		p.Here, p.Got, p.Of = f.Here, f.Got, f.Size
	}
	return p, nil
}

// WantPackage asks for the bytes of a package, from where they broke off.
func (d *Desk) WantPackage(ctx context.Context, id amana.RecordID) error {
	p, err := d.ReadPackage(ctx, id)
	if err != nil {
		return err
	}
	if p.Here || p.Gone || p.Broken || p.Back != "" {
		return refusal("parcel.want.over")
	}
	if err := d.session.Save(ctx, vault.Change{Record: id, Facts: d.wanted(p.Got)}); err != nil {
		return err
	}
	if k := d.office.link(); k != nil {
		k.Nudge()
	}
	return nil
}

// OpenPackage opens the file of a package that is whole here. Where it is to be given up
// it is not handed out any more. Kinds: ErrNotFound, ErrTampered; ErrRefused as
// [*Refusal].
func (d *Desk) OpenPackage(ctx context.Context, id amana.RecordID) (r io.ReaderAt, size int64, done func() error, err error) {
	p, err := d.ReadPackage(ctx, id)
	if err != nil {
		return nil, 0, nil, err
	}
	if p.Back != "" {
		return nil, 0, nil, refusal("parcel.back.no_file")
	}
	o, err := d.session.ReadRecord(ctx, p.file)
	if err != nil {
		return nil, 0, nil, err
	}
	t, ok := o.Taken()
	if !ok {
		return nil, 0, nil, fmt.Errorf("casework: package %s: its file: %w", id, amana.ErrNotFound)
	}
	blob, done, err := d.session.OpenBlob(vault.BlobOf(p.file, t))
	if err != nil {
		return nil, 0, nil, err
	}
	return blob, blob.Size(), done, nil
}

// CheckPackage verifies a dossier that came, as `amana verify` does, and says whether the
// key that signed it is the partner's who sent it. Kinds: those of [Desk.OpenPackage];
// ErrInvalid for what is no dossier.
func (d *Desk) CheckPackage(ctx context.Context, id amana.RecordID) (PackageCheck, error) {
	p, err := d.ReadPackage(ctx, id)
	if err == nil && p.About.Format != DossierFormat {
		err = fmt.Errorf("casework: package %s: no dossier: %w", id, amana.ErrInvalid)
	}
	if err != nil {
		return PackageCheck{}, err
	}
	r, size, done, err := d.OpenPackage(ctx, id)
	if err != nil {
		return PackageCheck{}, err
	}
	result, err := dossier.Verify(ctx, r, size, dossier.Options{})
	if err = errors.Join(err, done()); err != nil {
		return PackageCheck{Result: result}, err
	}
	whose, err := d.keyOwner(ctx, p, result)
	return PackageCheck{result, whose}, err
}

// keyOwner says whose the key is that signed a dossier: by the letters of packages, which
// the keys of the post boxes vouch for that people compared.
func (d *Desk) keyOwner(ctx context.Context, p Package, r dossier.Result) (KeyOwner, error) {
	if !p.Known {
		return KeyUnknown, nil
	}
	list, err := d.Packages(ctx)
	if err != nil {
		return KeyUnknown, err
	}
	named := false // by an earlier letter
	for _, one := range list {
		if !one.Known || one.About.Signer == "" || one.About.Signer != r.Key {
			continue
		}
		if one.From.Org != p.From.Org {
			return KeyOfAnother, nil
		}
		named = true
	}
	switch {
	case p.About.Signer != "" && p.About.Signer != r.Key, r.Organisation != p.From.Org.String():
		return KeyOfSomebody, nil
	case named:
		return KeyOfPartner, nil
	}
	return KeyUnsaid, nil
}

// GiveUpPackage erases the file of a package on every device of the organisation, and has
// the partner told. It is for supervisors and administrators. Kinds: ErrRefused,
// ErrNotFound.
func (d *Desk) GiveUpPackage(ctx context.Context, id amana.RecordID) error {
	p, err := d.ReadPackage(ctx, id)
	if err != nil {
		return err
	}
	if !p.Gone {
		// Where something of ours that came later has its name, that is not erased with it.
		if err := d.session.EraseCase(ctx, "given_up", p.file); err != nil {
			return err
		}
	}
	return d.say(ctx, id, parcel.Word{State: parcel.Destroyed})
}

// KeepPackage has the partner told why a package is kept that was taken back. Kinds:
// FieldErrors, ErrNotFound.
func (d *Desk) KeepPackage(ctx context.Context, id amana.RecordID, reason string) error {
	if !slices.Contains(parcel.Reasons(), reason) {
		return FieldErrors{"reason": string(record.FaultRequired)}
	}
	p, err := d.ReadPackage(ctx, id)
	if err != nil {
		return err
	}
	if p.Back == "" {
		return refusal("parcel.want.over")
	}
	return d.session.Save(ctx, vault.Change{Record: id, Facts: d.word(parcel.Word{State: parcel.Kept, Reason: reason})})
}
