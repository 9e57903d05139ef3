package casework_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"amana"
	"amana/internal/casework"
	"amana/internal/i18n"
	"amana/internal/translate"
)

// Words are nobody's until somebody signs them, a change takes the signature away, and
// nothing of them or of a sound lies open on the disk.
func TestWords(t *testing.T) {
	o := newOffice(t)
	ctx := t.Context()
	c, err := i18n.New()
	if err != nil {
		t.Fatal(err)
	}
	d := o.unlock(t, adminWords)
	p := i18n.Pack{Tag: "ff-Adlm", Name: "Pulaar", Dir: "rtl", Messages: map[string]i18n.Forms{"public.title": {"other": "inventedwordsthatnobodysays"}}}
	p.Review = &i18n.Review{Name: "Nobody", On: "2026-01-01"}
	if err := d.AdoptWords(ctx, c, p); err != nil {
		t.Fatal(err)
	}
	have := d.Words(c)
	if len(have) != 1 || have[0].Pack.Review != nil || have[0].Pack.Messages["public.title"]["other"] != "inventedwordsthatnobodysays" {
		t.Fatalf("%+v", have)
	}
	version := have[0].Document.Version
	if err := d.SignWords(ctx, c, "ff-Adlm", version, ""); !errors.As(err, new(casework.FieldErrors)) {
		t.Errorf("signed by nobody: %v", err)
	}
	if err := d.SignWords(ctx, c, "ff-Adlm", "another", "Awa Inventée"); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("signed what was not read: %v", err)
	}
	if err := d.SignWords(ctx, c, "ff-Adlm", version, "Awa Inventée"); err != nil {
		t.Fatal(err)
	}
	if r := d.Words(c)[0].Pack.Review; r == nil || r.Name != "Awa Inventée" || r.On == "" {
		t.Errorf("signed: %+v", r)
	}
	bad := p
	bad.Messages = map[string]i18n.Forms{"public.title": {"other": "<b>"}}
	if err := d.AdoptWords(ctx, c, bad); !errors.Is(err, amana.ErrInvalid) {
		t.Errorf("markup: %v", err)
	}
	if err := d.AdoptWords(ctx, c, p); err != nil || d.Words(c)[0].Pack.Review != nil {
		t.Errorf("changed words keep the signature: %v", err)
	}
	sound := append([]byte("OggS\x00\x02"), append(make([]byte, 22), "OpusHead inventedsoundthatnobodyhears"...)...)
	for name, err := range map[string]error{
		"a page":           d.AdoptSound(ctx, "ff-Adlm", "public.title", []byte("<!doctype html>")),
		"too large":        d.AdoptSound(ctx, "ff-Adlm", "public.title", append(sound, make([]byte, translate.LargestSound)...)),
		"a text of ours":   d.AdoptSound(ctx, "ff-Adlm", "cases.title", sound),
		"another language": d.AdoptSound(ctx, "taq", "public.title", sound),
	} {
		if err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if err := d.AdoptSound(ctx, "ff-Adlm", "public.title", sound); err != nil {
		t.Fatal(err)
	}
	if got := d.Words(c)[0].Sounds["public.title"]; !bytes.Equal(got, sound) {
		t.Errorf("%d bytes of sound", len(got))
	}
	openOnDisk(t, o.Dir(), "inventedwordsthatnobodysays", "inventedsoundthatnobodyhears", "Awa Inventée")
	if err := d.DropWords(ctx, "ff-Adlm"); err != nil || len(d.Words(c)) != 0 || len(d.AdoptedUnder("sound/")) != 0 {
		t.Errorf("given up: %v, %d", err, len(d.AdoptedUnder("sound/")))
	}
}

// openOnDisk fails if words can be read in any file of a folder.
func openOnDisk(t *testing.T, dir string, words ...string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		for _, w := range words {
			if bytes.Contains(raw, []byte(w)) {
				t.Errorf("%s has %q open", filepath.Base(path), w)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
