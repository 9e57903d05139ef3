package seal

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/cloudflare/circl/group"
	"github.com/cloudflare/circl/secretsharing"

	"amana"
)

// Bounds on the recovery key's custodians. One custodian alone is never enough.
const (
	fewestNeeded = 2
	mostShares   = 16
)

// Why shares don't give the recovery key, in words for the custodians.
var (
	ErrShareSets    = kindOf(amana.ErrInvalid, "these shares are of two different sets")
	ErrShareTwice   = kindOf(amana.ErrInvalid, "two of these are the same share")
	ErrShareMissing = kindOf(amana.ErrInvalid, "more shares are needed")
	// ErrShareChanged: each share reads well and together they don't fit. One of
	// them was made up; nobody can tell which.
	ErrShareChanged = kindOf(amana.ErrTampered, "one of these shares is not as it was issued")
)

func kindOf(kind error, text string) error { return fmt.Errorf("seal: %s: %w", text, kind) }

// NewRecovery makes the organisation's recovery key and splits it: any threshold
// of the shares give it back, fewer say nothing about it. The identity is to be
// used once, to found the organisation, and dropped.
//
// It returns ErrInvalid unless 2 ≤ threshold ≤ shares ≤ 16.
func NewRecovery(threshold, shares int) (Identity, []Share, error) {
	if threshold < fewestNeeded || threshold > shares || shares > mostShares {
		return Identity{}, nil, fmt.Errorf("seal: recovery by %d of %d shares: %w", threshold, shares, amana.ErrInvalid)
	}
	key := group.Ristretto255.RandomNonZeroScalar(rand.Reader)
	split := secretsharing.New(rand.Reader, uint(threshold-1), key)
	id, issued := recoveryFrom(key, split.Share(uint(shares)), threshold)
	return id, issued, nil
}

func recoveryFrom(key group.Scalar, parts []secretsharing.Share, threshold int) (Identity, []Share) {
	id := recoveryIdentity(key)
	issued := make([]Share, len(parts))
	for i, p := range parts {
		issued[i] = Share{
			number: i + 1, needed: threshold, of: len(parts),
			set:   setOf(id.VerifyKey(), threshold, len(parts)),
			value: scalarSecret(p.Value),
		}
	}
	return id, issued
}

// Combine gives the recovery key back. It returns an error of the kinds
// [ErrShareSets], [ErrShareTwice], [ErrShareMissing] (which [Missing] counts) or
// [ErrShareChanged].
func Combine(shares []Share) (Identity, error) {
	if err := checkShares(shares); err != nil {
		return Identity{}, err
	}
	// Everything is checked by now: secretsharing panics on two shares of one
	// number, and answers foreign ones with a wrong key and no error.
	parts := make([]secretsharing.Share, len(shares))
	for i, s := range shares {
		value, err := scalarFrom(s.value)
		if err != nil {
			return Identity{}, err
		}
		parts[i] = secretsharing.Share{ID: group.Ristretto255.NewScalar().SetUint64(uint64(s.number)), Value: value}
	}
	key, err := secretsharing.Recover(uint(shares[0].needed-1), parts)
	if err != nil {
		return Identity{}, fmt.Errorf("seal: shares: %w", amana.ErrInvalid)
	}
	id := recoveryIdentity(key)
	if err := shares[0].BelongsTo(id.VerifyKey()); err != nil {
		return Identity{}, ErrShareChanged
	}
	return id, nil
}

// checkShares finds what can be wrong before anything is combined.
func checkShares(shares []Share) error {
	if len(shares) == 0 {
		return ErrShareMissing
	}
	seen := make(map[int]Share)
	for _, s := range shares {
		if s.IsZero() {
			return fmt.Errorf("seal: an empty share: %w", amana.ErrInvalid)
		}
		if s.set != shares[0].set {
			return ErrShareSets
		}
		if s.needed != shares[0].needed || s.of != shares[0].of {
			return ErrShareChanged // the set's digest covers both
		}
		if other, ok := seen[s.number]; ok && other.value.get().key == s.value.get().key {
			return ErrShareTwice
		} else if ok {
			return ErrShareChanged
		}
		seen[s.number] = s
	}
	if n := shares[0].needed - len(shares); n > 0 {
		return missingError(n)
	}
	return nil
}

// missingError is of the kind ErrShareMissing and says how many.
type missingError int

func (n missingError) Error() string {
	if n == 1 {
		return "seal: 1 more share is needed"
	}
	return fmt.Sprintf("seal: %d more shares are needed", int(n))
}

func (missingError) Unwrap() error { return ErrShareMissing }

// Missing returns how many more shares are needed, if err is of the kind
// [ErrShareMissing] and says so; otherwise 0.
func Missing(err error) int {
	var n missingError
	errors.As(err, &n)
	return int(n)
}

// recoveryIdentity derives the recovery identity. A scalar is not uniform over
// 32 bytes, so it is extracted first.
func recoveryIdentity(key group.Scalar) Identity {
	prk, err := hkdf.Extract(sha256.New, scalarSecret(key).bytes(), []byte("amana/1/recovery"))
	if err != nil {
		panic("seal: internal error: " + err.Error())
	}
	return identityFrom(keep(prk).derive("amana/1/recovery seed"))
}

func scalarSecret(s group.Scalar) secret {
	raw, err := s.MarshalBinary() // 32 bytes, little-endian (RFC 9496, section 4.4)
	if err != nil {
		panic("seal: internal error: " + err.Error())
	}
	return keep(raw)
}

// scalarFrom refuses with ErrInvalid what is not the one encoding of a scalar.
func scalarFrom(s secret) (group.Scalar, error) {
	scalar := group.Ristretto255.NewScalar()
	if err := scalar.UnmarshalBinary(s.bytes()); err != nil {
		return nil, fmt.Errorf("seal: share: not a scalar: %w", amana.ErrInvalid)
	}
	return scalar, nil
}
