// Package scrub makes working copies of files: what is seen and heard in them, and
// not what came with it (where, when and by what it was made, earlier versions, what
// was cut off, whatever follows the end), and with parts of it covered or silent.
//
// Pictures and the pages of documents are copied from their points and from nothing
// else, so that what is covered is gone and not only painted over. Sounds and films
// are not decoded: their streams are copied as they are, without the boxes, tags and
// further streams around them. What is written into the picture of a film, or into
// the frames of a sound, stays; [Of] says what can be done with which kind.
//
// A file may be malicious. Documents are opened by PDFium as a WebAssembly program
// that has no files, no network, and bounds on memory and time; everything else is read by
// Go, within bounds. Nothing is run. Package scrub keeps nothing, and knows no person.
package scrub
