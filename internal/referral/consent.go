package referral

import (
	"errors"
	"strings"
	"time"

	"amana"
	"amana/internal/record"
	"amana/internal/release"
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
type Consents = release.Consents

// Covers returns her consent to a referral to this recipient by the rules of the gate,
// or a [*RefusedError] that speaks of her. No recipient is no referral.
func Covers(c *Consents, recipient amana.Private, now time.Time) (record.ConsentState, error) {
	s, err := c.Covers(amana.PurposeReferral, recipient, now)
	return s, InHerWords(err)
}

// ofHer are the refusals of the gate that pages about a referral say of her.
var ofHer = map[string]string{
	"release.refused.doubtful": "referral.refused.doubtful", "release.refused.no_recipient": "referral.refused.recipient",
	"release.refused.expired": "referral.refused.expired", "release.refused.withdrawn": "referral.refused.withdrawn",
	"release.refused.refused": "referral.refused.refused", "release.refused.not_asked": "referral.refused.not_asked",
}

// InHerWords makes a [*RefusedError] of what the gate refused. Other errors it leaves
// as they are.
func InHerWords(err error) error {
	no, is := errors.AsType[*release.RefusedError](err)
	if !is {
		return err
	}
	if why := ofHer[no.Why]; why != "" {
		return refused(why)
	}
	return refused(no.Why)
}

// SheDecided reports whether a refusal is by an answer of hers, and no accident of the
// moment.
func SheDecided(why string) bool {
	return strings.HasPrefix(ofHer[why], "referral.refused.") && why != "release.refused.no_recipient"
}
