// Package letter seals what one organisation tells another: a letter that only the
// post box it is for can open, signed by the post box it comes from. The bytes are
// the same in a file, on a stick and through a hub. docs/format.md, section 12.
//
// It knows no cases: a letter carries a word for what it is about, and content that
// is for others to read. It cannot know whose a post box is: a [Card] says so, and
// two people compare its fingerprint.
//
// What it cannot do: whoever has the private half of a post box reads every letter
// to it, also old ones that were kept. Who carries a letter sees for which post box
// it is, and its size class; not from whom.
package letter
