// Package parcel says what goes with a release that is sent to a partner: what it is,
// for which purpose and on what conditions, by which key it opens, and what is said of it
// since. The bytes themselves travel as parts of one size; see [letter.Part] of package
// letter, and docs/format.md, section 12.5.
//
// It knows no case: neither which one it came from, nor whom it is about, is in what it
// writes.
package parcel

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"amana"
	"amana/internal/evidence"
	"amana/internal/release"
	"amana/internal/seal"
)

// Largest bounds what is sent, in bytes.
const Largest = 1 << 30

// Note is what the letter of a package says.
type Note struct {
	About
	Blob evidence.Blob // at a place that is the parcel's name
}

// About is what people are told of a package. It opens nothing.
type About struct {
	Format     string // of the release
	Purpose    amana.Purpose
	Conditions []amana.Private // on which those agreed who are in it
	Until      string          // the first day on which an answer ends, as an ISO date, or ""
	When       time.Time       // when the gate let it leave
	Size       int64           // bytes
	// Signer is the key by which the sender says that it signed a dossier, hexadecimal, or
	// "" where it did not say. The letter vouches for it: the key of a post box signs that.
	Signer string
}

const (
	version        = 1
	mostConditions = 64
	longestWords   = 2000 // bytes of one condition
	longestWord    = 64
	mostRuns       = 1024
)

// wireNote is a note as its letter has it.
type wireNote struct {
	V          int      `json:"v"`
	Parcel     string   `json:"parcel,omitempty"` // hexadecimal, as are the others
	Key        string   `json:"key,omitempty"`
	Runs       []uint64 `json:"runs,omitempty"`
	Size       int64    `json:"size"`
	Sum        string   `json:"sum,omitempty"`
	CRC        uint32   `json:"crc,omitempty"`
	Salt       string   `json:"salt,omitempty"`
	Format     string   `json:"format"`
	Purpose    string   `json:"purpose"`
	Conditions []string `json:"conditions,omitempty"`
	Until      string   `json:"until,omitempty"`
	When       string   `json:"when"`
	Signer     string   `json:"signer,omitempty"`
}

// Pack says of what was cleared, and sealed as a blob, what its recipient has to know.
// Signer is the key that signed it, hexadecimal, where it is a dossier. Kind: ErrInvalid where it
// is too long, or its conditions are.
func Pack(c release.Cleared, b evidence.Blob, signer string) ([]byte, error) {
	w := wireNote{
		V: version, Parcel: hex.EncodeToString(b.Record[:]), Key: hex.EncodeToString(b.Key.Export()), Runs: b.Runs, Size: b.Size,
		Sum: hex.EncodeToString(b.Sum[:]), CRC: b.CRC, Salt: hex.EncodeToString(b.Salt[:]),
		Format: c.Format(), Purpose: string(c.Purpose()), When: c.When().UTC().Format(time.RFC3339), Signer: signer,
	}
	for _, d := range c.Records() {
		if !d.Leaves() {
			continue
		}
		if words := d.Consent.Conditions.Reveal(); words != "" && !slices.Contains(w.Conditions, words) {
			w.Conditions = append(w.Conditions, words)
		}
		if until := d.Consent.Until; until != "" && (w.Until == "" || until < w.Until) {
			w.Until = until
		}
	}
	raw, err := json.Marshal(w)
	if err != nil {
		return nil, fmt.Errorf("parcel: %w", amana.ErrInvalid)
	}
	_, err = Read(raw)
	return raw, err
}

// Read reads the note of a package. Kinds: ErrInvalid; ErrNewer.
func Read(raw []byte) (n Note, err error) {
	w, err := decode(raw)
	if err != nil {
		return n, err
	}
	if n.About, err = w.about(); err != nil {
		return n, err
	}
	return n, w.blob(&n.Blob)
}

// Without returns a note without what opens the package: to be kept where the package
// itself is not any more. Kinds: those of [Read].
func Without(raw []byte) ([]byte, error) {
	w, err := decode(raw)
	if err != nil {
		return nil, err
	}
	w.Parcel, w.Key, w.Runs, w.Sum, w.CRC, w.Salt = "", "", nil, "", 0, ""
	again, err := json.Marshal(w)
	if err != nil {
		return nil, fmt.Errorf("parcel: %w", amana.ErrInvalid)
	}
	return again, nil
}

// ReadAbout reads a note, also one without what opens the package. Kinds: those of [Read].
func ReadAbout(raw []byte) (a About, err error) {
	w, err := decode(raw)
	if err != nil {
		return a, err
	}
	return w.about()
}

func decode(raw []byte) (w wireNote, err error) {
	if json.Unmarshal(raw, &w) != nil || w.V < version {
		return w, fmt.Errorf("parcel: not a note: %w", amana.ErrInvalid)
	}
	if w.V > version {
		return w, fmt.Errorf("parcel: a note of version %d: %w", w.V, amana.ErrNewer)
	}
	return w, nil
}

func (w *wireNote) about() (a About, err error) {
	a = About{Format: w.Format, Purpose: amana.Purpose(w.Purpose), Until: w.Until, Size: w.Size, Signer: w.Signer}
	if _, ok := unhex(w.Signer, len(seal.VerifyKey{})); !ok && w.Signer != "" {
		return a, fmt.Errorf("parcel: its signer: %w", amana.ErrInvalid)
	}
	if a.When, err = time.Parse(time.RFC3339, w.When); err != nil {
		return a, fmt.Errorf("parcel: when: %w", amana.ErrInvalid)
	}
	if _, err := time.Parse(time.DateOnly, w.Until); err != nil && w.Until != "" {
		a.Until = a.When.Format(time.DateOnly) // an end that cannot be read has passed
	}
	if len(w.Format) > longestWord || len(w.Purpose) > longestWord || len(w.Conditions) > mostConditions {
		return a, fmt.Errorf("parcel: too long: %w", amana.ErrInvalid)
	}
	for _, words := range w.Conditions {
		if len(words) > longestWords {
			return a, fmt.Errorf("parcel: conditions too long: %w", amana.ErrInvalid)
		}
		a.Conditions = append(a.Conditions, amana.Conceal(words))
	}
	return a, nil
}

func (w *wireNote) blob(b *evidence.Blob) error {
	id, ok := unhex(w.Parcel, 16)
	key, ok2 := unhex(w.Key, 32)
	sum, ok3 := unhex(w.Sum, 32)
	salt, ok4 := unhex(w.Salt, 32)
	if !ok || !ok2 || !ok3 || !ok4 || w.Size <= 0 || w.Size > Largest || len(w.Runs) > mostRuns {
		return fmt.Errorf("parcel: its blob: %w", amana.ErrInvalid)
	}
	k, err := seal.ImportBlobKey(key)
	if err != nil || amana.RecordID(id).IsZero() {
		return fmt.Errorf("parcel: its key: %w", amana.ErrInvalid)
	}
	*b = evidence.Blob{
		Record: amana.RecordID(id), Key: k, Runs: w.Runs, Size: w.Size, Sum: seal.Hash(sum), CRC: w.CRC, Salt: [32]byte(salt),
	}
	return nil
}

func unhex(text string, n int) ([]byte, bool) {
	raw, err := hex.DecodeString(text)
	return raw, err == nil && len(raw) == n
}

// State says what became of a package, as its recipient tells.
type State string

// What can become of one. Add, never rename.
const (
	Asked     State = "asked"     // the bytes may come, from a place on
	Arrived   State = "arrived"   // all of it is there and is what the note says
	Broken    State = "broken"    // what came is not what the note says
	Noticed   State = "noticed"   // the notice of a withdrawal is there
	Destroyed State = "destroyed" // it is erased there
	Kept      State = "kept"      // it is not, for a reason
)

// Reasons are why a recipient keeps what was withdrawn.
func Reasons() []string { return []string{"passed_on", "law", "published"} }

// Word is what a recipient tells of a package.
type Word struct {
	State  State  `json:"state"`
	From   int64  `json:"from,omitempty"`   // of what was asked for: from which byte on
	Reason string `json:"reason,omitempty"` // of what is kept
	When   string `json:"when"`             // an ISO date
}

// Bytes writes it as the content of a letter. Kind: ErrInvalid.
func (w Word) Bytes() ([]byte, error) {
	if err := w.check(); err != nil {
		return nil, err
	}
	raw, err := json.Marshal(w)
	if err != nil {
		return nil, fmt.Errorf("parcel: %w", amana.ErrInvalid)
	}
	return raw, nil
}

// ReadWord reads one. Kind: ErrInvalid.
func ReadWord(raw []byte) (w Word, err error) {
	if json.Unmarshal(raw, &w) != nil {
		return w, fmt.Errorf("parcel: not a word: %w", amana.ErrInvalid)
	}
	return w, w.check()
}

func (w Word) check() error {
	known := slices.Contains([]State{Asked, Arrived, Broken, Noticed, Destroyed, Kept}, w.State)
	reason := w.State == Kept && slices.Contains(Reasons(), w.Reason) || w.State != Kept && w.Reason == ""
	if _, err := time.Parse(time.DateOnly, w.When); err != nil || !known || !reason || w.From < 0 || w.From > Largest*2 {
		return fmt.Errorf("parcel: a word that is none: %w", amana.ErrInvalid)
	}
	return nil
}

// Notice tells a recipient that what was sent is not to be kept any more.
type Notice struct {
	Why  string `json:"why"`  // withdrawn, ended, narrowed, unclear, erased
	When string `json:"when"` // an ISO date: since when
}

// Whys are the reasons of a notice.
func Whys() []string { return []string{"withdrawn", "expired", "narrowed", "unclear", "erased"} }

// Bytes writes it as the content of a letter. Kind: ErrInvalid.
func (n Notice) Bytes() ([]byte, error) {
	if err := n.check(); err != nil {
		return nil, err
	}
	raw, err := json.Marshal(n)
	if err != nil {
		return nil, fmt.Errorf("parcel: %w", amana.ErrInvalid)
	}
	return raw, nil
}

// ReadNotice reads one. Kind: ErrInvalid.
func ReadNotice(raw []byte) (n Notice, err error) {
	if json.Unmarshal(raw, &n) != nil {
		return n, fmt.Errorf("parcel: not a notice: %w", amana.ErrInvalid)
	}
	return n, n.check()
}

func (n Notice) check() error {
	if _, err := time.Parse(time.DateOnly, n.When); err != nil || !slices.Contains(Whys(), n.Why) {
		return fmt.Errorf("parcel: a notice that is none: %w", amana.ErrInvalid)
	}
	return nil
}
