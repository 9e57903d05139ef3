// Package journal is the only source of truth: every entry of the organisation,
// append-only, one hash chain for each device. It encodes and keeps entries,
// chains and checks them; it cannot read what a body says, and cannot open an
// entry without the keys that package keyring holds.
//
// An entry has three layers (docs/format.md section 3): the frame, which anybody
// may see; the [Entry], which members of the organisation may read; and the
// body, for the teams that have the record. Wraps and bodies stand beside the
// chain, which holds only their hashes, so that erasing them leaves it whole.
//
// A [Log] keeps them in files that are written at the end only (section 4).
package journal
