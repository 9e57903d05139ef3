package seal

import (
	"bytes"
	"encoding/base32"
	"fmt"
	"log/slog"
	"strings"
	"unicode"

	"amana"
)

// Share is one custodian's part of the recovery key. It does not print; what it
// holds leaves by [Share.Words], [Share.Text] and [Share.QR] only, to be put on
// paper.
type Share struct {
	number, needed, of int
	set                setID
	value              secret // of the polynomial at number: a ristretto255 scalar
}

// setID is the same in all shares of one key, and in no others: it is a digest
// of the key's public half, so it also proves a combination right.
type setID [8]byte

// The layout of a share, docs/format.md section 2: two bytes of header (four
// bits each: version, and one less than needed, of, number), set, value.
const (
	shareVersion = 1
	shareSize    = 2 + 8 + KeySize
	shareChecked = shareSize + 2*checkWords
	shareWords   = shareChecked / 2
	sharePrefix  = "AMANA:"
	longestShare = 4096 // of what is read as a share, in bytes
)

func setOf(root VerifyKey, needed, of int) setID {
	h := Digest("amana/1/recovery set", root[:], []byte{byte(needed), byte(of)})
	return setID(h[:8])
}

// Number returns which share this is, from 1.
func (s Share) Number() int { return s.number }

// Needed returns how many shares give the key back.
func (s Share) Needed() int { return s.needed }

// Of returns how many shares there are.
func (s Share) Of() int { return s.of }

// IsZero reports whether there is no share.
func (s Share) IsZero() bool { return s.value.IsZero() }

// BelongsTo returns ErrShareSets unless this share is one of the recovery key
// whose public half is root: a share of another organisation, or one that was
// replaced, can be handed back before the others are asked for.
func (s Share) BelongsTo(root VerifyKey) error {
	if s.IsZero() || s.set != setOf(root, s.needed, s.of) {
		return ErrShareSets
	}
	return nil
}

// Format implements [fmt.Formatter]: a share never prints.
func (Share) Format(f fmt.State, _ rune) { fmt.Fprint(f, "[key]") }

// LogValue implements [slog.LogValuer].
func (Share) LogValue() slog.Value { return slog.StringValue("[key]") }

// Words returns the share as 23 words to write down; see [EncodeWords].
func (s Share) Words() []string { return EncodeWords(s.raw()) }

// Text returns the share as capital letters and digits, for a QR code. It holds
// the bytes of the words, check words included, in Crockford's base 32.
func (s Share) Text() string { return sharePrefix + shareText.EncodeToString(withChecks(s.raw())) }

var shareText = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

func (s Share) raw() []byte {
	raw := []byte{
		shareVersion<<4 | byte(s.needed-1),
		byte(s.of-1)<<4 | byte(s.number-1),
	}
	raw = append(raw, s.set[:]...)
	return append(raw, s.value.bytes()...)
}

// ParseShare reads a share: its words in any case, however separated or
// numbered, or the text of its QR code. It returns ErrInvalid (a [WordError]
// where one word is at fault), or ErrNewer.
func ParseShare(text string) (Share, error) {
	if len(text) > longestShare {
		return Share{}, fmt.Errorf("seal: share of %d bytes: %w", len(text), amana.ErrInvalid)
	}
	if code, ok := strings.CutPrefix(strings.ToUpper(strings.TrimSpace(text)), sharePrefix); ok {
		return parseShareText(code)
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
	if len(words) != shareWords {
		return Share{}, fmt.Errorf("seal: share of %d words, not %d: %w", len(words), shareWords, amana.ErrInvalid)
	}
	raw, err := DecodeWords(words)
	if err != nil {
		return Share{}, err
	}
	return shareFrom(raw)
}

// typedAs undoes what a hand makes of Crockford's digits, and what a line break
// or an automatic hyphen puts between them.
var typedAs = strings.NewReplacer("O", "0", "I", "1", "L", "1", " ", "", "-", "", "\t", "", "\r", "", "\n", "")

func parseShareText(code string) (Share, error) {
	code = typedAs.Replace(code)
	checked, err := shareText.DecodeString(code)
	if err != nil || len(checked) != shareChecked || shareText.EncodeToString(checked) != code {
		return Share{}, fmt.Errorf("seal: share: not the text of a code: %w", amana.ErrInvalid)
	}
	raw, err := withoutChecks(checked)
	if err != nil {
		return Share{}, fmt.Errorf("seal: share: text not as it was issued: %w", amana.ErrInvalid)
	}
	return shareFrom(raw)
}

// shareFrom reads a share's bytes. They passed their checks, so what is wrong
// with them was issued so.
func shareFrom(raw []byte) (Share, error) {
	if len(raw) != shareSize {
		return Share{}, fmt.Errorf("seal: share of %d bytes: %w", len(raw), amana.ErrInvalid)
	}
	if v := raw[0] >> 4; v > shareVersion {
		return Share{}, fmt.Errorf("seal: share of version %d: %w", v, amana.ErrNewer)
	}
	s := Share{
		needed: int(raw[0]&15) + 1,
		of:     int(raw[1]>>4) + 1,
		number: int(raw[1]&15) + 1,
		set:    setID(raw[2:10]),
		value:  keep(bytes.Clone(raw[10:])),
	}
	if raw[0]>>4 != shareVersion || s.needed < fewestNeeded || s.needed > s.of || s.number > s.of {
		return Share{}, fmt.Errorf("seal: share: no such share: %w", amana.ErrInvalid)
	}
	if _, err := scalarFrom(s.value); err != nil {
		return Share{}, err
	}
	return s, nil
}
