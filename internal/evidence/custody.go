package evidence

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"amana"
	"amana/internal/seal"
)

// Event is what was done with an item.
type Event string

// The events of custody. Frozen in the format: add, never rename.
const (
	Collected   Event = "collected"
	Received    Event = "received"
	Copied      Event = "copied"
	Viewed      Event = "viewed"
	Transferred Event = "transferred"
	Exported    Event = "exported"
	Analysed    Event = "analysed"
	Sealed      Event = "sealed"
	Unsealed    Event = "opened"
	Returned    Event = "returned"
	Destroyed   Event = "destroyed"
)

// Events returns every event in order.
func Events() []Event {
	return []Event{Collected, Received, Copied, Viewed, Transferred, Exported, Analysed, Sealed, Unsealed, Returned, Destroyed}
}

// The words that a statement may commit to.
const (
	WordPlace     = "place"
	WordFrom      = "from"
	WordTo        = "to"
	WordReason    = "reason"
	WordBasis     = "basis"
	WordPackaging = "packaging"
)

// Words returns the names of all words, in order.
func Words() []string {
	return []string{WordPlace, WordFrom, WordTo, WordReason, WordBasis, WordPackaging}
}

// Statement is what a member signs of one event. Its encoding is JSON with the
// fields in this order, no spaces, and no field that is empty: what is signed is
// these bytes. It holds no words, but hashes of them with a salt each; see [Word].
type Statement struct {
	Item     string            `json:"item"`             // record of the evidence
	Event    Event             `json:"event"`            // one of [Events]
	At       string            `json:"at"`               // UTC, RFC 3339 with milliseconds
	Local    string            `json:"local"`            // the same, in the local time of the device
	Clock    string            `json:"clock"`            // what told the time: "device"
	By       string            `json:"by"`               // the member, by ID
	Role     string            `json:"role,omitempty"`   // in which the member acted
	Before   string            `json:"before,omitempty"` // commitment to the content before, see [Content]
	After    string            `json:"after,omitempty"`  // and after; both are one, but where it was taken in
	Copy     string            `json:"copy,omitempty"`   // the record of the copy that was made, or of the parent
	Software string            `json:"software"`
	Words    map[string]string `json:"words,omitempty"`
	Previous []string          `json:"previous,omitempty"`
}

// Word is a text that a statement commits to.
type Word struct {
	Name string
	Salt [32]byte
	Text amana.Private
}

// Commitment is what stands in the statement for the word.
func (w Word) Commitment(reveal func(amana.Private) string) seal.Hash {
	return seal.Digest("amana/1/custody word", w.Salt[:], []byte(w.Name), []byte(reveal(w.Text)))
}

// Signed is a statement as it is kept and handed out.
type Signed struct {
	Raw       []byte
	Signature seal.Signature
}

// SignatureLabel is that under which statements are signed.
const SignatureLabel = "amana/1/custody statement"

// ID names a signed statement: the next one says it, and a timestamp's batch holds
// it. It can't be computed from what a statement says, since the signature is in it.
func (s Signed) ID() seal.Hash {
	return seal.Digest("amana/1/custody", s.Raw, s.Signature[:])
}

// Times of a statement.
const (
	utcTime   = "2006-01-02T15:04:05.000Z"
	localTime = "2006-01-02T15:04:05.000-07:00"
)

// AtTime returns the statement with its time.
func (s Statement) AtTime(now time.Time) Statement {
	s.At, s.Local = now.UTC().Format(utcTime), now.Format(localTime)
	return s
}

// Encode returns the bytes that are signed.
func (s Statement) Encode() []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic("evidence: internal error: " + err.Error())
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// ParseStatement reads what Encode wrote and nothing else: ErrTampered.
func ParseStatement(raw []byte) (s Statement, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil || !bytes.Equal(s.Encode(), raw) {
		return s, fmt.Errorf("evidence: a statement of custody is not in its one form: %w", amana.ErrTampered)
	}
	if !slices.Contains(Events(), s.Event) {
		return s, fmt.Errorf("evidence: item %s: a statement of an unknown event: %w", s.Item, amana.ErrNewer)
	}
	return s, nil
}

// Link is one statement of a chain that was checked.
type Link struct {
	Statement
	ID seal.Hash
}

// Chain checks the statements of one item in the order given: each is signed by
// the member it names, the first names none before it, each other names some that
// stand before it, and none stands twice. It returns them, and the heads: those that
// no other names. That nothing is missing at the end, only who knows the heads can
// tell. Kind: ErrTampered.
func Chain(item amana.RecordID, list []Signed, key func(member string, raw Signed) error) (links []Link, heads []seal.Hash, err error) {
	open := map[seal.Hash]bool{}
	seen := map[seal.Hash]bool{}
	for i, one := range list {
		st, err := ParseStatement(one.Raw)
		if err != nil {
			return nil, nil, fmt.Errorf("evidence: item %s: statement %d: %w", item, i+1, err)
		}
		id := one.ID()
		bad := func(why string) ([]Link, []seal.Hash, error) {
			return nil, nil, fmt.Errorf("evidence: item %s: statement %d: %s: %w", item, i+1, why, amana.ErrTampered)
		}
		if st.Item != item.String() {
			return bad("is of another item")
		}
		if err := key(st.By, one); err != nil {
			return nil, nil, fmt.Errorf("evidence: item %s: statement %d: signature: %w", item, i+1, err)
		}
		if seen[id] {
			return bad("stands twice")
		}
		if (i == 0) != (len(st.Previous) == 0) {
			return bad("does not follow those before it")
		}
		for _, p := range st.Previous {
			h, err := ParseHash(p)
			if err != nil || !seen[h] {
				return bad("names one that is not there")
			}
			delete(open, h)
		}
		seen[id], open[id] = true, true
		links = append(links, Link{st, id})
	}
	return links, sorted(open), nil
}

func sorted(open map[seal.Hash]bool) []seal.Hash {
	return slices.SortedFunc(maps.Keys(open), func(a, b seal.Hash) int { return bytes.Compare(a[:], b[:]) })
}

// ParseHash reads 64 hexadecimal digits in small letters.
func ParseHash(text string) (h seal.Hash, err error) {
	const digits = "0123456789abcdef"
	if len(text) != 2*len(h) {
		return h, fmt.Errorf("evidence: a hash of %d digits: %w", len(text), amana.ErrInvalid)
	}
	for i := range h {
		hi, lo := bytes.IndexByte([]byte(digits), text[2*i]), bytes.IndexByte([]byte(digits), text[2*i+1])
		if hi < 0 || lo < 0 {
			return h, fmt.Errorf("evidence: a hash that is none: %w", amana.ErrInvalid)
		}
		h[i] = byte(hi<<4 | lo)
	}
	return h, nil
}
