package scrub

import (
	"cmp"
	"io"
	"slices"
)

// patch is a part of a file that reads as something else: as with, and one byte over
// and over after it.
type patch struct {
	at, size int64
	with     []byte
	fill     byte
}

// overlaid is a file with patches. All else of it is as it was, where it was.
type overlaid struct {
	r       io.ReaderAt
	patches []patch // in order, none in another
}

// overlay puts patches over a file. Where patches meet, the later one in the file
// begins where the earlier one ends.
func overlay(r io.ReaderAt, patches []patch) overlaid {
	slices.SortStableFunc(patches, func(a, b patch) int { return cmp.Compare(a.at, b.at) })
	o := overlaid{r: r}
	end := int64(0)
	for _, p := range patches {
		if cut := end - p.at; cut > 0 { // what is covered already
			p.with = p.with[min(int64(len(p.with)), cut):]
			p.at, p.size = p.at+cut, p.size-cut
		}
		if p.size > 0 {
			o.patches = append(o.patches, p)
			end = p.at + p.size
		}
	}
	return o
}

// ReadAt implements [io.ReaderAt].
func (o overlaid) ReadAt(b []byte, off int64) (int, error) {
	n, err := o.r.ReadAt(b, off)
	b = b[:n]
	first, _ := slices.BinarySearchFunc(o.patches, off, func(p patch, at int64) int { return cmp.Compare(p.at+p.size, at+1) })
	for _, p := range o.patches[first:] {
		if p.at >= off+int64(n) {
			break
		}
		from, to := max(p.at, off), min(p.at+p.size, off+int64(n))
		part := b[from-off : to-off]
		for i := range part {
			part[i] = p.fill
		}
		if in := from - p.at; in < int64(len(p.with)) {
			copy(part, p.with[in:])
		}
	}
	return n, err
}
