// Package evidence keeps files as they came: a file is taken in as a stream, sealed
// chunk by chunk while it is hashed, and never changed afterwards. Beside it stands
// its custody: signed statements, each of which names those before it, of everything
// that was ever done with the item. Working copies are made from what is opened here
// and are items of their own.
//
// A file's blob is bound to its record: to the ID, to the place of each chunk and to
// its end. What is said publicly of a file is a commitment with 256 random bits in
// it, so that it confirms no guess; see [Content].
//
// It knows folders, bytes and signatures. It cannot say who may take in, read or
// change anything: package vault asks the keys, and casework the rules. It never
// runs, renders or unpacks a file.
//
// docs/format.md, sections 2.17 and 11, has every byte.
package evidence
