// Package timestamp has an authority say when a batch of hashes existed, and checks
// what it said without a network: RFC 3161 tokens over the root of a Merkle tree
// (RFC 6962). The authority sees one hash for the whole batch, and so learns neither
// what is in it nor how much.
//
// It sends nothing: who has a network asks, with the bytes that [Ask] made, and hands
// the answer to [Answered]. It cannot say whether an authority is to be trusted: that
// is for who checks to say, by the certificates they bring.
package timestamp
