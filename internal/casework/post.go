package casework

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"amana"
	"amana/internal/charter"
	"amana/internal/event"
	"amana/internal/letter"
	"amana/internal/record"
	"amana/internal/referral"
	"amana/internal/release"
	"amana/internal/seal"
	"amana/internal/vault"
)

// Partner is an organisation with Amana, or this one: where its letters go, and the
// words by which two people make sure of it.
type Partner struct {
	ID          amana.RecordID // of its post box
	Name        string
	Fingerprint []string
	Since       time.Time
	By          amana.MemberID
	Org         amana.OrgID
}

// partnerDocuments begins the names of the cards that an administrator took in.
const partnerDocuments = "partner/"

func partnerOf(c letter.Card) Partner {
	return Partner{ID: amana.RecordID(c.Post), Name: c.Name, Fingerprint: c.Fingerprint(), Org: c.Org}
}

func partnerDocument(id amana.RecordID) string { return partnerDocuments + hex.EncodeToString(id[:]) }

// LargestLetter bounds the file of a letter or a card, in bytes.
const LargestLetter = letter.Largest

// IsCard reports whether a file says that it is a card, and no letter.
func IsCard(file []byte) bool { return letter.IsCard(file) }

// OpenPost gives the organisation a post box that a team holds, in place of the one
// before: what is on its way to that one still opens. Kinds: ErrRefused.
func (d *Desk) OpenPost(ctx context.Context, team amana.TeamID) error {
	_, err := d.session.NewPost(ctx, team)
	return err
}

// ownPost is the post box that is told to partners.
func (d *Desk) ownPost() (charter.Post, bool) {
	posts := d.charter().Posts()
	if len(posts) == 0 {
		return charter.Post{}, false
	}
	return posts[len(posts)-1], true
}

func (d *Desk) cardOf(p charter.Post) letter.Card {
	c := d.charter()
	return letter.Card{Org: c.Org(), Name: c.Name(), Post: p.ID, Verify: p.Verify, Box: p.Box}
}

// Post returns this organisation as partners know it, its card as a file, and
// whether there is a post box at all.
func (d *Desk) Post() (Partner, []byte, bool) {
	p, there := d.ownPost()
	if !there {
		return Partner{}, nil, false
	}
	card := d.cardOf(p)
	out := partnerOf(card)
	out.Since, out.By = record.When(p.Opened), p.By
	return out, card.Bytes(), true
}

// Partners returns the partners whose cards were taken in, by name.
func (d *Desk) Partners() []Partner {
	var list []Partner
	for _, doc := range d.charter().AdoptedUnder(partnerDocuments) {
		card, err := letter.ReadCard(doc.Content)
		if err != nil {
			continue
		}
		p := partnerOf(card)
		p.Since, p.By = record.When(doc.Time), doc.By
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b Partner) int { return strings.Compare(a.Name, b.Name) })
	return list
}

func (d *Desk) cardOfPartner(id amana.RecordID) (letter.Card, error) {
	doc, there := d.charter().Adopted(partnerDocument(id))
	if !there {
		return letter.Card{}, fmt.Errorf("casework: partner %s: %w", id, amana.ErrNotFound)
	}
	return letter.ReadCard(doc.Content)
}

// LookAtCard reads a card that somebody brought, for its fingerprint to be compared.
// Nothing is kept. Kind: ErrInvalid.
func (d *Desk) LookAtCard(file []byte) (Partner, error) {
	card, err := letter.ReadCard(file)
	if err == nil && card.Org == d.charter().Org() {
		err = fmt.Errorf("casework: a card of this organisation itself: %w", amana.ErrInvalid)
	}
	if err != nil {
		return Partner{}, err
	}
	return partnerOf(card), nil
}

// AddPartner takes a card in, once somebody compared its fingerprint. It is for
// administrators. Kinds: ErrInvalid, ErrRefused.
func (d *Desk) AddPartner(ctx context.Context, file []byte) error {
	p, err := d.LookAtCard(file)
	if err != nil {
		return err
	}
	return d.Adopt(ctx, partnerDocument(p.ID), d.today(), file)
}

// RemovePartner takes a card out: nothing more is sealed to it.
func (d *Desk) RemovePartner(ctx context.Context, id amana.RecordID) error {
	return d.Adopt(ctx, partnerDocument(id), d.today(), nil)
}

// maySealTo says why a referral cannot be sealed to a partner: there is no card, it
// is another organisation than the one for which she gave her consent, or this
// member's teams hold no post box to seal from. Kinds: FieldErrors.
func (d *Desk) maySealTo(ctx context.Context, r Referral, partner amana.RecordID) error {
	card, err := d.cardOfPartner(partner)
	own, there := d.ownPost()
	switch {
	case err != nil:
		return FieldErrors{"partner": "post.partner.none"}
	case !card.Is(r.Name):
		return FieldErrors{"partner": "post.partner.other"}
	case !there:
		return FieldErrors{"partner": "post.own.none"}
	}
	if _, err := d.session.PostKey(ctx, own.ID); err != nil {
		return FieldErrors{"partner": "post.own.team"}
	}
	return nil
}

// Is reports whether a partner is the recipient for whom she gave her consent.
func (p Partner) Is(name amana.Private) bool { return letter.Card{Name: p.Name}.Is(name) }

// letterOf names the letter by which a referral goes to a partner. It cannot be
// turned back into the referral, and is the same however often the file is made.
func letterOf(id, partner amana.RecordID) letter.ID {
	h := seal.Digest("amana/1/letter of a referral", id[:], partner[:])
	return letter.ID(h[:16])
}

// ReferralLetter seals what may leave of a referral now to the partner to whom it was
// sent. What she withdrew since does not leave. Kinds: ErrRefused, ErrNotFound where
// the partner or this organisation's own post box is not there.
func (d *Desk) ReferralLetter(ctx context.Context, caseID, id amana.RecordID) ([]byte, error) {
	if err := d.session.ArrivingOf(caseID); err != nil {
		return nil, err
	}
	f, r, err := d.openReferral(caseID, id)
	if err != nil {
		return nil, err
	}
	s := d.source(&f)
	held, err := referral.Covers(&s.Consents, r.Name, d.surely())
	if err != nil {
		return nil, err
	}
	if r.Channel != referral.AmanaFile || !r.Course.State.Waits() {
		return nil, &referral.MoveError{From: r.Course.State, To: referral.Sent, Why: "referral.why.consent"}
	}
	to, err := d.cardOfPartner(r.Partner)
	if err != nil {
		return nil, err
	}
	if !to.Is(r.Name) { // the referral or the card was changed since it was sent
		return nil, refusal("post.partner.other")
	}
	g := &release.Gate{Now: d.surely, Ledger: sent{}, Rules: d.ReleaseRules()}
	c, err := g.Clear(ctx, d.referralRequest(r, conditionsOf(held, nil)))
	if err != nil {
		return nil, referral.InHerWords(err)
	}
	l, keys, err := d.letterhead(ctx)
	if err != nil {
		return nil, err
	}
	l.ID, l.About = letterOf(id, r.Partner), letter.Referral
	return letter.Seal(keys, to, l, c, func(c release.Cleared) ([]byte, error) {
		p, err := referral.Pack(c)
		return p.Bytes(), err
	})
}

// letterhead begins a letter from this organisation's post box, with its keys.
func (d *Desk) letterhead(ctx context.Context) (l letter.Letter, keys seal.Identity, err error) {
	own, there := d.ownPost()
	if !there {
		return l, keys, fmt.Errorf("casework: no post box: %w", amana.ErrNotFound)
	}
	keys, err = d.session.PostKey(ctx, own.ID)
	l.From, l.Sent = d.cardOf(own), d.office.now()
	return l, keys, err
}

// Letter is a referral that came from a partner.
type Letter struct {
	ID       amana.RecordID
	From     Partner
	Known    bool // its card was taken in and compared
	Sent     time.Time
	Came     time.Time
	Referral referral.Arrived
	Left     []referral.HoursLeft // now
	Answers  []referral.Reply     // the newest last
	ByHub    bool                 // a hub brought it, and carries the answer
	Handed   bool                 // the hub has the last answer
	Case     amana.RecordID       // with which it was linked, or zero
}

// The fields of a record of kind letter.
const (
	letterID      = "letter"
	letterCard    = "card"
	letterSent    = "sent"
	letterContent = "content"
	letterAnswers = "answer"
	letterWay     = "way"          // wayHub, where a hub brought it
	letterReceipt = "receipt"      // handed to the hub: "yes"
	letterSentOut = "answers_sent" // how many answers were handed to the hub
)

// Came says what a letter was: a referral that is kept now, or an answer to one of
// ours, of which it is noted what became of it.
type Came struct {
	Letter   amana.RecordID
	Case     amana.RecordID
	Referral amana.RecordID
	Release  amana.RecordID // of ours, of which a partner told something
	Package  amana.RecordID // of a partner's
}

// TakeLetter opens a letter that somebody brought; see [Desk.takeLetter].
func (d *Desk) TakeLetter(ctx context.Context, file []byte) (Came, error) {
	return d.takeLetter(ctx, file, "")
}

// takeLetter opens a letter that came by a way. The same letter twice is kept
// once. Kinds: ErrInvalid for what is no letter; ErrTampered for what was changed or
// is sealed to somebody else; ErrNotFound where another team holds the post box, or
// an answer is to nothing of ours; ErrConflict where what it says was said already.
func (d *Desk) takeLetter(ctx context.Context, file []byte, way string) (Came, error) {
	out, err := letter.Look(file)
	if err != nil {
		return Came{}, err
	}
	posts := d.charter().Posts()
	at := slices.IndexFunc(posts, func(p charter.Post) bool { return p.ID == out.Post })
	if at < 0 || out.Org != d.charter().Org() {
		return Came{}, fmt.Errorf("casework: letter for somebody else: %w", amana.ErrNotFound)
	}
	keys, err := d.session.PostKey(ctx, out.Post)
	if err != nil {
		return Came{}, err
	}
	l, err := letter.Open(keys, file)
	if err != nil {
		return Came{}, err
	}
	switch l.About {
	case letter.Referral:
		return d.keepLetter(ctx, l, posts[at].Team, way)
	case letter.Answer:
		return d.takeAnswer(ctx, l)
	case letter.Receipt:
		return d.takeReceipt(ctx, l)
	case letter.Package:
		return d.keepPackage(ctx, l, posts[at].Team, way)
	case letter.Word:
		return d.takeWord(ctx, l)
	case letter.Recall:
		return d.takeRecall(ctx, l)
	}
	return Came{}, fmt.Errorf("casework: letter about something this program does not know: %w", amana.ErrNewer)
}

func (d *Desk) keepLetter(ctx context.Context, l letter.Letter, team amana.TeamID, way string) (Came, error) {
	if _, err := referral.ReadArrived(l.Content); err != nil {
		return Came{}, err
	}
	var came Came
	flood := d.floodOf(l.From, way)
	err := d.session.Listed(amana.KindLetter, func(have vault.Listed) error {
		if have.Values[letterID].Reveal() == hex.EncodeToString(l.ID[:]) && have.Values[letterCard].Reveal() == card64(l.From) {
			came.Letter = have.ID
		}
		flood.count(have)
		return nil
	})
	if err != nil || !came.Letter.IsZero() {
		return came, err
	}
	if err := flood.check(); err != nil {
		return came, err
	}
	came.Letter = d.session.NewRecord(amana.KindLetter)
	return came, d.session.Save(ctx, vault.Change{
		Record: came.Letter, Begin: &vault.Begin{Kind: amana.KindLetter, Teams: []amana.TeamID{team}},
		Facts: sets(Values{
			letterID: event.Text(hex.EncodeToString(l.ID[:])), letterCard: event.Text(card64(l.From)),
			letterSent: event.Text(l.Sent.Format(time.RFC3339)), letterContent: event.Text(string(l.Content)),
			letterWay: event.Text(way),
		}),
	})
}

func card64(c letter.Card) string { return base64.StdEncoding.EncodeToString(c.Bytes()) }

// repliedTo finds the referral of ours that a partner writes about, with what lists have
// of it. Only the partner to whom it was sealed may.
func (d *Desk) repliedTo(l letter.Letter) (came Came, of vault.Listed, err error) {
	partner := amana.RecordID(l.From.Post)
	err = d.session.Listed(amana.KindReferral, func(have vault.Listed) error {
		if have.Values["partner"].Reveal() == partner.String() && letterOf(have.ID, partner) == l.ReplyTo {
			came, of = Came{Case: have.Case, Referral: have.ID}, have
		}
		return nil
	})
	if err != nil {
		return came, of, err
	}
	card, err := d.cardOfPartner(partner)
	if err != nil || came.Referral.IsZero() || card.Verify != l.From.Verify {
		return Came{}, of, fmt.Errorf("casework: an answer to nothing of ours: %w", amana.ErrNotFound)
	}
	return came, of, nil
}

// takeAnswer notes what a partner answered. Only the partner to whom the referral
// was sealed may answer it.
func (d *Desk) takeAnswer(ctx context.Context, l letter.Letter) (Came, error) {
	reply, err := referral.ReadReply(l.Content)
	if err != nil {
		return Came{}, err
	}
	came, _, err := d.repliedTo(l)
	if err != nil {
		return came, err
	}
	err = d.StepReferral(ctx, came.Case, came.Referral, ReferralStep{State: reply.State, Reason: reply.Reason, When: reply.When})
	if _, moved := errors.AsType[*referral.MoveError](err); moved {
		return came, fmt.Errorf("casework: an answer that was noted, or that comes late: %w", amana.ErrConflict)
	}
	return came, err
}

// Letters returns the referrals that came from partners, the newest first.
func (d *Desk) Letters(context.Context) ([]Letter, error) {
	var list []Letter
	err := d.session.Listed(amana.KindLetter, func(l vault.Listed) error {
		if !l.Values[letterAbout].IsZero() || !l.Values[vault.LetterFile].IsZero() {
			return nil
		}
		if one, err := d.letterIn(l.ID, l.Opened, func(f string) string { return l.Values[f].Reveal() }); err == nil {
			list = append(list, one)
		}
		return nil
	})
	slices.SortStableFunc(list, func(a, b Letter) int { return b.Came.Compare(a.Came) })
	return list, err
}

// ReadLetter opens one; the opening is on record. Kind: ErrNotFound.
func (d *Desk) ReadLetter(ctx context.Context, id amana.RecordID) (Letter, error) {
	o, err := d.session.OpenRecord(ctx, id)
	if err != nil {
		return Letter{}, err
	}
	if o.Kind != amana.KindLetter || !o.Value(letterAbout).IsZero() || !o.Value(vault.LetterFile).IsZero() {
		return Letter{}, fmt.Errorf("casework: letter %s: %w", id, amana.ErrNotFound)
	}
	l, err := d.letterIn(id, o.Opened, func(f string) string { return o.Value(f).Reveal() })
	l.Handed = len(o.Items(letterAnswers)) > 0 && o.Value(letterSentOut).Reveal() == strconv.Itoa(len(o.Items(letterAnswers)))
	for _, item := range o.Items(letterAnswers) {
		text := func(f string) string { return o.Value(letterAnswers + "/" + item + "/" + f).Reveal() }
		l.Answers = append(l.Answers, referral.Reply{State: referral.State(text("state")), Reason: text("reason"), When: text("when")})
	}
	return l, err
}

func (d *Desk) letterIn(id amana.RecordID, opened uint64, text func(field string) string) (Letter, error) {
	bad := fmt.Errorf("casework: letter %s: %w", id, amana.ErrInvalid)
	raw, err := base64.StdEncoding.DecodeString(text(letterCard))
	if err != nil {
		return Letter{}, bad
	}
	card, err := letter.ReadCard(raw)
	if err != nil {
		return Letter{}, bad
	}
	arrived, err := referral.ReadArrived([]byte(text(letterContent)))
	if err != nil {
		return Letter{}, bad
	}
	sent, err := time.Parse(time.RFC3339, text(letterSent))
	if err != nil {
		return Letter{}, bad
	}
	l := Letter{ID: id, From: partnerOf(card), Sent: sent, Came: record.When(opened), Referral: arrived, Left: arrived.Left(d.office.now())}
	known, err := d.cardOfPartner(l.From.ID)
	l.Known = err == nil && known == card
	l.ByHub, l.Case = text(letterWay) == wayHub, idOf(text(letterCase))
	return l, nil
}

// AnswerLetter notes what is answered. Kinds: FieldErrors, ErrNotFound.
func (d *Desk) AnswerLetter(ctx context.Context, id amana.RecordID, reply referral.Reply) error {
	reply.When = d.today()
	if _, err := reply.Bytes(); err != nil {
		return FieldErrors{"state": "post.answer.needed"}
	}
	if o, err := d.session.ReadRecord(ctx, id); err != nil || o.Kind != amana.KindLetter || !o.Value(letterAbout).IsZero() {
		return fmt.Errorf("casework: letter %s: %w", id, amana.ErrNotFound)
	}
	item := letterAnswers + "/" + newItem() + "/"
	return d.session.Save(ctx, vault.Change{Record: id, Facts: sets(Values{
		item + "state": event.Text(string(reply.State)), item + "reason": event.Text(reply.Reason), item + "when": event.Text(reply.When),
	})})
}

// AnswerFile seals the last answer to a letter to whoever sent it. Kinds:
// ErrNotFound, where nothing was answered yet.
func (d *Desk) AnswerFile(ctx context.Context, id amana.RecordID) ([]byte, error) {
	if _, err := d.ReadLetter(ctx, id); err != nil { // who saves it has looked at it
		return nil, err
	}
	return d.sealAnswer(ctx, id)
}

// sealAnswer seals the last answer to a letter to whoever sent it.
func (d *Desk) sealAnswer(ctx context.Context, id amana.RecordID) ([]byte, error) {
	o, err := d.session.ReadRecord(ctx, id)
	if err != nil {
		return nil, err
	}
	items := o.Items(letterAnswers)
	if len(items) == 0 {
		return nil, fmt.Errorf("casework: letter %s: not answered: %w", id, amana.ErrNotFound)
	}
	text := func(f string) string { return o.Value(letterAnswers + "/" + items[len(items)-1] + "/" + f).Reveal() }
	content, err := referral.Reply{State: referral.State(text("state")), Reason: text("reason"), When: text("when")}.Bytes()
	if err != nil {
		return nil, err
	}
	card, ref, err := writerOf(id, o.Value(letterCard).Reveal(), o.Value(letterID).Reveal())
	if err != nil {
		return nil, err
	}
	out, keys, err := d.letterhead(ctx)
	if err != nil {
		return nil, err
	}
	out.ID, out.About, out.ReplyTo, out.Content = letter.ID(seal.Random16()), letter.Answer, ref, content
	return letter.SealAnswer(keys, card, out)
}

// writerOf reads who wrote a letter that is kept, and its name.
func writerOf(id amana.RecordID, card64, name string) (card letter.Card, ref letter.ID, err error) {
	bad := fmt.Errorf("casework: letter %s: %w", id, amana.ErrInvalid)
	raw, err := base64.StdEncoding.DecodeString(card64)
	if err != nil {
		return card, ref, bad
	}
	if card, err = letter.ReadCard(raw); err != nil {
		return card, ref, err
	}
	of, err := hex.DecodeString(name)
	if err != nil || len(of) != len(ref) {
		return card, ref, bad
	}
	return card, letter.ID(of), nil
}
