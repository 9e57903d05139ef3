package web_test

import (
	"context"
	"slices"

	"amana"
	"amana/internal/casework"
	"amana/internal/i18n"
)

// fakeWords keeps languages that an organisation brought. Their words are made up:
// nobody here speaks them.
type fakeWords struct{ words []casework.Words }

func (f *fakeWords) Words(*i18n.Catalogue) []casework.Words { return f.words }

func (f *fakeWords) at(tag string) int {
	return slices.IndexFunc(f.words, func(w casework.Words) bool { return w.Pack.Tag == tag })
}

func (f *fakeWords) AdoptWords(_ context.Context, c *i18n.Catalogue, p i18n.Pack) error {
	if c.CheckPack(p) != nil {
		return amana.ErrInvalid
	}
	w := casework.Words{Pack: p, Document: casework.Document{Version: "v1"}, Sounds: map[string][]byte{}}
	if i := f.at(p.Tag); i >= 0 {
		f.words[i] = w
		return nil
	}
	f.words = append(f.words, w)
	return nil
}

func (f *fakeWords) SignWords(_ context.Context, _ *i18n.Catalogue, tag, version, name string) error {
	i := f.at(tag)
	if version != f.words[i].Document.Version {
		return &casework.Refusal{Key: "words.sign.changed"}
	}
	f.words[i].Pack.Review = &i18n.Review{Name: name, On: "2026-11-02"}
	return nil
}

func (f *fakeWords) DropWords(_ context.Context, tag string) error {
	i := f.at(tag)
	f.words = slices.Delete(f.words, i, i+1)
	return nil
}

func (f *fakeWords) AdoptSound(_ context.Context, tag, key string, content []byte) error {
	i := f.at(tag)
	if i < 0 {
		return amana.ErrNotFound
	}
	if f.words[i].Sounds[key] = content; content == nil {
		delete(f.words[i].Sounds, key)
	}
	return nil
}

// sound is how an Opus file begins.
func sound() []byte {
	return append([]byte("OggS\x00\x02"), append(make([]byte, 22), "OpusHead\x01"...)...)
}

// manyLanguages is an office that brought the languages that tests ask for.
func manyLanguages() *fakeOffice {
	o := sampleOffice()
	for _, d := range o.desks {
		for _, l := range []struct{ tag, dir string }{{"mey", "rtl"}, {"taq", "ltr"}, {"ffm", "ltr"}, {"ses", "ltr"}, {"ff-Adlm", "rtl"}} {
			d.words = append(d.words, casework.Words{
				Pack: i18n.Pack{Tag: l.tag, Name: "Self " + l.tag, Dir: l.dir, Messages: map[string]i18n.Forms{
					"public.title": {"other": "~" + l.tag + "~ title"}, "feedback.done": {"other": "~" + l.tag + "~ done"},
				}},
				Document: casework.Document{Version: "v1"}, Sounds: map[string][]byte{},
			})
		}
		d.words[1].Sounds["public.title"] = sound()
		d.words[3].Pack.Review = &i18n.Review{Name: "Awa Inventée", On: "2026-11-01"}
	}
	return o
}
