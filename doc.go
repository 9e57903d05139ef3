// Package amana holds the nouns of the program and the rules each obeys alone:
// IDs, kinds of record, purposes of consent, roles, words that must not print,
// and the kinds of error. It does no input or output and imports nothing of the
// module; every other package imports it.
//
// Start reading at docs/architecture.md; docs/map.txt lists the packages.
package amana
