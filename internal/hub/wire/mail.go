package wire

import (
	"fmt"

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

// PathMailTaken is where who can open pieces says that they are kept.
const PathMailTaken = "/v1/mail/taken"

// TakenMail has the hub destroy pieces of one mailbox that were kept. It is signed by who
// has the mailbox's key, so by who could open them: any device that is let in could say so.
type TakenMail struct {
	_         struct{} `cbor:",toarray"`
	Verify    []byte   // 32 bytes
	Signature []byte   // 64 bytes
	IDs       []MailID
}

const takenLabel = "amana/1/mailbox taken"

// TakeMail says of pieces in the mailbox of a key, at an organisation, that they are kept.
func TakeMail(owner seal.Identity, org amana.OrgID, ids []MailID) TakenMail {
	key, sig := owner.VerifyKey(), owner.Sign(takenLabel, takenMessage(org, ids))
	return TakenMail{Verify: key[:], Signature: sig[:], IDs: ids}
}

func takenMessage(org amana.OrgID, ids []MailID) []byte {
	m := append([]byte(nil), org[:]...)
	for _, id := range ids {
		m = append(m, id[:]...)
	}
	return m
}

// Check verifies it for an organisation, and says of which mailbox it is. Kinds:
// ErrInvalid, ErrTampered.
func (t TakenMail) Check(org amana.OrgID) (MailboxID, error) {
	if len(t.Verify) != seal.VerifyKeySize || len(t.Signature) != len(seal.Signature{}) || len(t.IDs) > MostMail {
		return MailboxID{}, errTaken
	}
	key := seal.VerifyKey(t.Verify)
	return MailboxOf(key), key.Verify(takenLabel, takenMessage(org, t.IDs), seal.Signature(t.Signature))
}

var errTaken = fmt.Errorf("wire: this does not say what was taken: %w", amana.ErrInvalid)

// MailID names a piece, by which its owner fetches it and has it destroyed. It is random.
type MailID [16]byte
