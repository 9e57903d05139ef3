// Package dictionary compresses the bodies of entries: standard zstd frames
// (RFC 8878) with a dictionary that was trained on invented entries and is shipped
// with the program. See README.md beside it for how it was made, and docs/format.md
// section 5 for what a frame must be.
//
// Dictionaries are for ever: a frame names the one it needs, so a new one gets a
// new number and the old ones stay. The package knows nothing of what a body
// says, and compression hides nothing: bodies are padded and sealed after it.
package dictionary
