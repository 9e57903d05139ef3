// Package release is the gate: nothing leaves but through it. [Gate.Clear] decides,
// for one purpose and one recipient, what of each field may leave (as it is,
// widened, or not at all) by the answers that the people it is about gave and that
// still stand, writes that into the ledger, looks again, and only then returns a
// [Cleared]. No other package can make one, and every exporter takes one.
//
// It fails closed: what was not asked, has ended, was withdrawn, cannot be read, or
// is on a condition that nobody confirmed, stays.
//
// It is pure: records are handed to it and the ledger is an interface. It cannot
// open a record, write a file, or know who somebody is.
package release
