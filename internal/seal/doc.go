// Package seal is the only room with cryptography. Everything else asks it and
// holds keys only as the types below: a key for one use cannot be handed to
// another, prints as "[key]", and gives its bytes to no package but this one
// (the exceptions are named Export…, and [Identity.ViewKey] for the store).
//
// It knows no people, no records and no files: callers pass the context that a
// ciphertext is bound to. Every sealed thing is bound to a suite number, by the
// labels under which its key is derived, so that an algorithm can be replaced:
// see [Suite].
//
// What it cannot do: protect a device that is compromised while keys are open.
// Go's garbage collector may leave copies of a key in memory; locking drops
// every reference but promises no more.
//
// docs/format.md, section 2, specifies every construction with vectors.
package seal

// Suite names a set of algorithms. Add, never renumber.
type Suite byte

// Suite1: HPKE (RFC 9180) with MLKEM768-X25519 (KEM 0x647a), HKDF-SHA256,
// AES-256-GCM; Ed25519 (RFC 8032); HKDF-SHA256 (RFC 5869); SHA-256;
// Argon2id (RFC 9106); AES-256-CTR for journal files; Shamir's shares over the
// scalars of ristretto255 (RFC 9496). It is the 1 in every label: amana/1/….
const Suite1 Suite = 1
