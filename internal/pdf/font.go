package pdf

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"

	"github.com/go-text/typesetting/font"
)

// The fonts are parts of Noto Sans and Noto Naskh Arabic (SIL Open Font License 1.1,
// fonts/OFL.txt): the letters of the languages in use, unhinted.
var (
	//go:embed fonts/NotoSans-Regular.ttf
	latinRegular []byte
	//go:embed fonts/NotoSans-Bold.ttf
	latinBold []byte
	//go:embed fonts/NotoNaskhArabic-Regular.ttf
	arabicRegular []byte
	//go:embed fonts/NotoNaskhArabic-Bold.ttf
	arabicBold []byte
)

// face is a font as this document uses it.
type face struct {
	*font.Face
	name string // its resource in the file
	raw  []byte
	used map[font.GID]string // glyphs that were drawn, each with the words it stands for
}

// faces are the fonts of one weight: the first that has a letter draws it.
type faces []*face

func loadFaces(bold bool) (faces, error) {
	sources := []struct {
		name string
		raw  []byte
	}{{"F1", latinRegular}, {"F2", arabicRegular}}
	if bold {
		sources[0].name, sources[0].raw = "F3", latinBold
		sources[1].name, sources[1].raw = "F4", arabicBold
	}
	var list faces
	for _, s := range sources {
		f, err := font.ParseTTF(bytes.NewReader(s.raw))
		if err != nil {
			return nil, fmt.Errorf("pdf: font %s: %w", s.name, err)
		}
		list = append(list, &face{f, s.name, s.raw, map[font.GID]string{}})
	}
	return list, nil
}

// ResolveFace implements shaping.Fontmap.
func (l faces) ResolveFace(r rune) *font.Face {
	for _, f := range l {
		if _, ok := f.NominalGlyph(r); ok {
			return f.Face
		}
	}
	return l[0].Face // draws an empty box
}

func (l faces) of(f *font.Face) *face {
	i := slices.IndexFunc(l, func(one *face) bool { return one.Face == f })
	return l[i]
}
