package wire

import (
	"amana"
	"amana/internal/seal"
)

// Mail goes from one organisation to another through a mailbox: pieces of one size that
// the hub cannot open. See docs/format.md 12.4 and 14.2.

// MailboxID names a mailbox. It follows from a key that the owner gives to partners and
// to nobody else.
type MailboxID [16]byte

// MailboxOf returns the mailbox of a key.
func MailboxOf(verify seal.VerifyKey) MailboxID {
	h := seal.Digest("amana/1/mailbox", verify[:])
	return MailboxID(h[:16])
}

const claimLabel = "amana/1/mailbox claim"

// ClaimMailbox proves that a mailbox is an organisation's: who has its key signs the
// organisation's ID.
func ClaimMailbox(owner seal.Identity, org amana.OrgID) Claim {
	key, sig := owner.VerifyKey(), owner.Sign(claimLabel, org[:])
	return Claim{Verify: key[:], Signature: sig[:]}
}

// Check verifies a claim for an organisation. Kinds: ErrInvalid, ErrTampered.
func (c Claim) Check(org amana.OrgID) (MailboxID, error) {
	if len(c.Verify) != seal.VerifyKeySize || len(c.Signature) != len(seal.Signature{}) {
		return MailboxID{}, errClaim
	}
	key := seal.VerifyKey(c.Verify)
	return MailboxOf(key), key.Verify(claimLabel, org[:], seal.Signature(c.Signature))
}

// MailID names a piece, by which its owner fetches it and has it destroyed. It is random.
type MailID [16]byte
