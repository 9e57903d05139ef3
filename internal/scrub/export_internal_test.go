package scrub

import "bytes"

// OggOf makes an Ogg stream; each list of packets fills pages of its own.
func OggOf(serial uint32, pages ...[]string) (out []byte) {
	number := uint32(0)
	for i, packets := range pages {
		var raw [][]byte
		for _, p := range packets {
			raw = append(raw, []byte(p))
		}
		list := pagesOf(serial, raw...)
		for j, p := range list {
			if i == 0 {
				p.flags = oggFirst
			}
			if i == len(pages)-1 && j == len(list)-1 && i > 1 {
				p.flags |= oggLast
			}
			out = append(out, p.encode(number)...)
			number++
		}
	}
	return out
}

// OggSum is the checksum of a page.
func OggSum(b []byte) uint32 { return oggSum(b) }

// IsDocument reports whether a file would be read as a PDF.
func IsDocument(raw []byte) bool { return bytes.HasPrefix(raw, []byte("%PDF-")) }
