// Package dossier writes evidence so that a stranger can verify it, and verifies it
// with nothing but the file. A dossier is a BagIt bag (RFC 8493) in a ZIP archive of
// one form: the files that were cleared, their custody, proofs of inclusion and
// timestamps, her consent as far as it concerns them, a report to be read, and what
// verifies it. Everything in it is hashed, and the hashes are signed.
//
// [Write] takes a [release.Cleared]: what the gate withheld is not in it, whatever
// else it is handed. [Verify] needs no key and no network. It cannot say whether
// what a file shows is true, nor whose key the signature's is: that takes comparing
// its fingerprint with what the organisation says of itself.
//
// docs/format.md, section 14, has every byte.
package dossier
