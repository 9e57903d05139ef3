package evidence

import (
	"bytes"
	"io"
	"unicode/utf8"
)

// Media is a kind of file, told by its beginning and never by its name.
type Media struct {
	Type   string // as it is served
	Ending string // of a name that we give it
	Show   Show
}

// Show says how a page may show a file. What is not known, and what could carry a
// program or a page (SVG, HTML, PDF, archives, documents), is only handed out as a
// file that the browser does not open.
type Show string

// The ways.
const (
	ShowImage Show = "image"
	ShowAudio Show = "audio"
	ShowVideo Show = "video"
	ShowNot   Show = ""
)

// beginnings are told in order. At is where the bytes stand.
var beginnings = []struct {
	at    int
	bytes string
	Media
}{
	{0, "\xff\xd8\xff", Media{"image/jpeg", "jpg", ShowImage}},
	{0, "\x89PNG\r\n\x1a\n", Media{"image/png", "png", ShowImage}},
	{0, "GIF87a", Media{"image/gif", "gif", ShowImage}},
	{0, "GIF89a", Media{"image/gif", "gif", ShowImage}},
	{8, "WEBP", Media{"image/webp", "webp", ShowImage}},
	{8, "WAVE", Media{"audio/wav", "wav", ShowAudio}},
	{4, "ftypM4A", Media{"audio/mp4", "m4a", ShowAudio}},
	{4, "ftypqt", Media{"video/quicktime", "mov", ShowVideo}},
	{4, "ftyp", Media{"video/mp4", "mp4", ShowVideo}},
	{0, "\x1a\x45\xdf\xa3", Media{"video/webm", "webm", ShowVideo}},
	{0, "OggS", Media{"audio/ogg", "ogg", ShowAudio}},
	{0, "fLaC", Media{"audio/flac", "flac", ShowAudio}},
	{0, "ID3", Media{"audio/mpeg", "mp3", ShowAudio}},
	{0, "\xff\xfb", Media{"audio/mpeg", "mp3", ShowAudio}},
	{0, "\xff\xf3", Media{"audio/mpeg", "mp3", ShowAudio}},
	{0, "#!AMR", Media{"audio/amr", "amr", ShowNot}},
	{0, "%PDF-", Media{"application/pdf", "pdf", ShowNot}},
	{0, "PK\x03\x04", Media{"application/zip", "zip", ShowNot}},
}

// unknown is what everything else is.
var unknown = Media{"application/octet-stream", "bin", ShowNot}

// Beginning is how many bytes [MediaOf] looks at.
const Beginning = 512

// MediaOf tells a kind of file by its first bytes.
func MediaOf(first []byte) Media {
	first = first[:min(len(first), Beginning)]
	for _, b := range beginnings {
		if len(first) >= b.at && bytes.HasPrefix(first[b.at:], []byte(b.bytes)) {
			return b.Media
		}
	}
	if len(first) > 0 && isText(first) {
		return Media{"text/plain; charset=utf-8", "txt", ShowNot}
	}
	return unknown
}

// isText reports whether these are the first bytes of plain words.
func isText(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && len(b) >= utf8.UTFMax {
			return false
		}
		if r < ' ' && r != '\n' && r != '\r' && r != '\t' {
			return false
		}
		b = b[n:]
	}
	return true
}

// ReadMedia tells the kind of what r begins with.
func ReadMedia(r io.ReaderAt) Media {
	first := make([]byte, Beginning)
	n, _ := r.ReadAt(first, 0) // what cannot be read has no kind
	return MediaOf(first[:n])
}

// c2paSearched is how much of a file is looked through for a manifest.
const c2paSearched = 8 << 20

// HasC2PA reports whether a file seems to bring a C2PA manifest: a JUMBF box of that
// label (C2PA 2.4, section 11). It says that one is there, and nothing of whether it
// is genuine.
func HasC2PA(r io.ReaderAt, size int64) bool {
	const window = 1 << 20
	for at := int64(0); at < min(size, c2paSearched); at += window {
		b := make([]byte, window+16)
		n, _ := r.ReadAt(b, at) // the end is reached in good time
		b = b[:n]
		if bytes.Contains(b, []byte("jumdc2pa")) || bytes.Contains(b, []byte("c2pa\x00\x11\x00\x10\x80\x00")) {
			return true
		}
	}
	return false
}
