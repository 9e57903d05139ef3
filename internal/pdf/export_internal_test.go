package pdf

import (
	"bytes"
	"compress/zlib"
	"io"
	"regexp"
	"strings"
)

// Glyphs are the numbers of the glyphs that a document of one page draws before its
// footer.
func Glyphs(raw []byte) string {
	var all []string
	for _, m := range regexp.MustCompile(`(?s)/Length \d+>>\nstream\n(.*?)\nendstream`).FindAllSubmatch(raw, -1) {
		z, err := zlib.NewReader(bytes.NewReader(m[1]))
		if err != nil {
			continue
		}
		text, err := io.ReadAll(z)
		if err != nil || !bytes.Contains(text, []byte(" Tj")) {
			continue
		}
		for _, g := range regexp.MustCompile(`<([0-9A-F]{4})> Tj`).FindAllSubmatch(text, 3) {
			all = append(all, string(g[1]))
		}
	}
	return strings.Join(all, " ")
}

// Streams are the contents of a document, unpacked.
func Streams(raw []byte) string {
	var all strings.Builder
	for _, m := range regexp.MustCompile(`(?s)/Length \d+>>\nstream\n(.*?)\nendstream`).FindAllSubmatch(raw, -1) {
		z, err := zlib.NewReader(bytes.NewReader(m[1]))
		if err != nil {
			continue
		}
		text, _ := io.ReadAll(z)
		all.Write(text)
	}
	return all.String()
}
