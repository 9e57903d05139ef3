package letter

import (
	"fmt"
	"slices"
	"time"

	"amana"
	"amana/internal/release"
	"amana/internal/seal"
)

// ID names a letter.
type ID [16]byte

// About says what a letter is about.
type About string

// What letters are about. Add, never rename.
const (
	Referral About = "referral"
	Answer   About = "answer"
	Receipt  About = "receipt" // a referral came through a hub and is kept
	Package  About = "package" // a release that comes as a parcel: see [Part]
	Word     About = "word"    // what became of a package
	Recall   About = "recall"  // what was sent as a package is not to be kept any more
)

// Letter is one that was written, or opened.
type Letter struct {
	ID      ID
	To      PostID
	ToOrg   amana.OrgID
	From    Card
	About   About
	ReplyTo ID // the letter that is answered, or zero
	Sent    time.Time
	Content []byte
}

// On the wire: magic, organisation, post box and ID in the open; then the box.
const (
	magic      = "amana/letter/1\n"
	headerSize = len(magic) + 3*16
	// LargestContent and Largest bound a letter and its file, in bytes.
	LargestContent = 32 << 10
	Largest        = 48 << 10
	signLabel      = "amana/1/letter"
	boxLabel       = "letter\x00"
)

type inner struct {
	_       struct{} `cbor:",toarray"`
	From    []byte   // a card, as its file
	About   About
	ReplyTo ID
	Sent    int64 // milliseconds since 1970
	Content []byte
}

type signed struct {
	_         struct{} `cbor:",toarray"`
	Inner     []byte
	Signature seal.Signature
}

// Seal writes a letter about somebody for the post box of a card, signed by the
// sender's post box. Its content is what content makes of what the gate cleared for
// the organisation of that card, and nothing else: content is given nothing besides.
// Kinds: ErrRefused where the gate cleared it for somebody else; ErrInvalid where it
// is too long, or the card has no key that can be sealed to; those of content.
func Seal(sender seal.Identity, to Card, l Letter, c release.Cleared, content func(release.Cleared) ([]byte, error)) ([]byte, error) {
	if c.IsZero() || !to.Is(c.Recipient()) {
		return nil, fmt.Errorf("letter: not cleared for this recipient: %w", amana.ErrRefused)
	}
	var err error
	if l.Content, err = content(c); err != nil {
		return nil, err
	}
	return sealed(sender, to, l)
}

// answers are what a letter is about that names nobody.
var answers = []About{Answer, Receipt, Word, Recall}

// SealAnswer writes an answer to a letter that came, that it came, or that what an
// earlier letter brought is not to be kept. It says what
// became of the letter and names nobody: whom that one was about, only who sent it knows. Kinds: ErrInvalid,
// also for a letter that answers none.
func SealAnswer(sender seal.Identity, to Card, l Letter) ([]byte, error) {
	if !slices.Contains(answers, l.About) || l.ReplyTo == (ID{}) {
		return nil, fmt.Errorf("letter: no answer: %w", amana.ErrInvalid)
	}
	return sealed(sender, to, l)
}

func sealed(sender seal.Identity, to Card, l Letter) ([]byte, error) {
	if len(l.Content) > LargestContent {
		return nil, fmt.Errorf("letter: content of %d bytes: %w", len(l.Content), amana.ErrInvalid)
	}
	header := headerOf(to.Org, to.Post, l.ID)
	in := must(encoding.Marshal(inner{
		From: l.From.Bytes(), About: l.About, ReplyTo: l.ReplyTo, Sent: l.Sent.UnixMilli(), Content: l.Content,
	}))
	plain := must(encoding.Marshal(signed{Inner: in, Signature: sender.Sign(signLabel, append(slices.Clip(header), in...))}))
	box, err := to.Box.Seal(append([]byte(boxLabel), header...), seal.Pad(plain))
	if err != nil {
		return nil, fmt.Errorf("letter: to this card: %w", err)
	}
	return append(header, box...), nil
}

func headerOf(org amana.OrgID, post PostID, id ID) []byte {
	h := append(make([]byte, 0, headerSize), magic...)
	h = append(h, org[:]...)
	h = append(h, post[:]...)
	return append(h, id[:]...)
}

// Outside is what whoever carries a letter can see, beside its size.
type Outside struct {
	Org  amana.OrgID
	Post PostID
	ID   ID
}

// Look reads the outside of a letter. Kind: ErrInvalid.
func Look(file []byte) (Outside, error) {
	if len(file) > Largest || len(file) < headerSize+seal.BoxOverhead || !hasMagic(file, magic) {
		return Outside{}, fmt.Errorf("letter: not a letter: %w", amana.ErrInvalid)
	}
	b := file[len(magic):]
	return Outside{Org: amana.OrgID(b[:16]), Post: PostID(b[16:32]), ID: ID(b[32:48])}, nil
}

// Open opens a letter with the private half of its post box. Kinds: ErrInvalid for
// what is no letter; ErrTampered for what is for somebody else, was changed, or is
// not signed by the card that it brings.
func Open(post seal.Identity, file []byte) (Letter, error) {
	out, err := Look(file)
	if err != nil {
		return Letter{}, err
	}
	header := file[:headerSize:headerSize]
	padded, err := post.Open(append([]byte(boxLabel), header...), file[headerSize:])
	if err != nil {
		return Letter{}, fmt.Errorf("letter: %w", err)
	}
	plain, err := seal.Unpad(padded)
	if err != nil {
		return Letter{}, fmt.Errorf("letter: %w", err)
	}
	var s signed
	var in inner
	if decode(plain, &s) != nil || decode(s.Inner, &in) != nil {
		return Letter{}, fmt.Errorf("letter: what was sealed is none: %w", amana.ErrTampered)
	}
	from, err := ReadCard(in.From)
	if err != nil || len(in.Content) > LargestContent {
		return Letter{}, fmt.Errorf("letter: what was sealed is none: %w", amana.ErrTampered)
	}
	if err := from.Verify.Verify(signLabel, append(slices.Clip(header), s.Inner...), s.Signature); err != nil {
		return Letter{}, fmt.Errorf("letter: %w", err)
	}
	return Letter{
		ID: out.ID, To: out.Post, ToOrg: out.Org, From: from, About: in.About, ReplyTo: in.ReplyTo,
		Sent: time.UnixMilli(in.Sent).UTC(), Content: in.Content,
	}, nil
}
