package referral

import (
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"amana"
	"amana/internal/record"
)

// RefusedError says why nothing may leave, or why nobody may contact her. It is of
// kind [amana.ErrRefused] and holds no name.
type RefusedError struct {
	Why string // the key of a message
}

// Error implements error.
func (e *RefusedError) Error() string { return "referral: " + e.Why + ": refused" }

// Unwrap returns the kind.
func (*RefusedError) Unwrap() error { return amana.ErrRefused }

func refused(why string) error { return &RefusedError{Why: why} }

// Consents are her answers as they stand, with what casts doubt on them.
type Consents struct {
	States []record.ConsentState
	// Doubtful is set where an entry of her consents could not be read or does not
	// verify: it may have been the one by which she withdrew.
	Doubtful bool
}

// Covers returns her consent to a referral to this recipient, or a
// [*RefusedError].
//
// Her answer for the recipient decides; without one, her answer for referrals as a
// whole. Whoever withdrew or refused the whole after that, meant this one too. No
// recipient is no referral.
func (c Consents) Covers(recipient amana.Private, now time.Time) (record.ConsentState, error) {
	var none record.ConsentState
	if c.Doubtful {
		return none, refused("referral.refused.doubtful")
	}
	if plain(recipient) == "" {
		return none, refused("referral.refused.recipient")
	}
	whole, hasWhole := c.standing(amana.PurposeReferral, amana.Private{})
	own, hasOwn := c.standing(amana.PurposeReferral, recipient)
	switch {
	case hasOwn && hasWhole && denies(whole.Decision) && whole.Time >= own.Time:
		return none, refusal(whole, now)
	case hasOwn:
		return own, refusal(own, now)
	case hasWhole:
		return whole, refusal(whole, now)
	}
	return none, refused("referral.refused.not_asked")
}

func denies(d amana.Decision) bool { return d == amana.Withdrawn || d == amana.Refused }

// refusal says why a consent allows nothing now, or nil.
func refusal(s record.ConsentState, now time.Time) error {
	switch {
	case s.Holds(now):
		return nil
	case s.Decision == amana.Granted:
		return refused("referral.refused.expired")
	case s.Decision == amana.Withdrawn:
		return refused("referral.refused.withdrawn")
	case s.Decision == amana.Refused:
		return refused("referral.refused.refused")
	}
	return refused("referral.refused.not_asked")
}

// standing returns her answer for a purpose and a recipient. A recipient who was
// written in two ways ("Clinic", "clinic ") is one: of two answers the narrower.
func (c Consents) standing(p amana.Purpose, recipient amana.Private) (found record.ConsentState, ok bool) {
	for _, s := range c.States {
		if s.Purpose != p || plain(s.Recipient) != plain(recipient) {
			continue
		}
		if !ok || found.Decision == amana.Granted && s.Decision != amana.Granted || s.Decision == amana.Granted && found.Decision == s.Decision && earlier(s, found) {
			found, ok = s, true
		}
	}
	return found, ok
}

func earlier(a, b record.ConsentState) bool {
	return a.Until != "" && (b.Until == "" || a.Until < b.Until)
}

// plain is how two ways of writing one recipient compare.
func plain(p amana.Private) string {
	return strings.ToLower(strings.Join(strings.Fields(norm.NFKC.String(strings.Map(seen, p.Reveal()))), " "))
}

// seen drops what nobody sees: marks of direction, joiners, spaces of no width.
func seen(r rune) rune {
	if unicode.Is(unicode.Cf, r) {
		return -1
	}
	return r
}
