package casework

import (
	"context"
	"fmt"
	"hash/fnv"
	"strings"

	"amana"
	"amana/internal/i18n"
	"amana/internal/record"
	"amana/internal/translate"
)

// What an organisation brings of a language lies among its documents, sealed as they
// are: the words as one, each sound as one of its own.
const (
	wordDocuments  = "words/"
	soundDocuments = "sound/"
)

// Words is what the organisation brought of one language.
type Words struct {
	Pack     i18n.Pack
	Document Document
	Sounds   map[string][]byte // by the key of the text; not to be changed
}

// Words returns the languages that the organisation brought, by their tags. What this
// program cannot read is left out: the texts are then said in the nearest language.
func (d *Desk) Words(c *i18n.Catalogue) []Words {
	var list []Words
	for _, doc := range d.AdoptedUnder(wordDocuments) {
		p, err := c.ReadPack(doc.Content)
		if err != nil || wordDocument(p.Tag) != doc.Name {
			continue
		}
		w := Words{Pack: p, Document: doc, Sounds: map[string][]byte{}}
		for _, key := range translate.Keys(c) {
			if sound, there := d.Adopted(soundDocument(p.Tag, key)); there {
				w.Sounds[key] = sound.Content
			}
		}
		list = append(list, w)
	}
	return list
}

// AdoptWords makes the words of a language the organisation's, in place of those that
// it had. Nobody has signed them then. It is for administrators. Kinds: ErrRefused,
// ErrInvalid, ErrStorage.
func (d *Desk) AdoptWords(ctx context.Context, c *i18n.Catalogue, p i18n.Pack) error {
	p.Review = nil
	return d.keepWords(ctx, c, p)
}

// SignWords says who read the words of a language through. The version is the one that
// was read: of any other it is refused. It is for administrators. Kinds: ErrRefused,
// ErrNotFound, ErrInvalid, ErrStorage.
func (d *Desk) SignWords(ctx context.Context, c *i18n.Catalogue, tag, version, name string) error {
	doc, there := d.Adopted(wordDocument(tag))
	if !there {
		return fmt.Errorf("casework: words: %w", amana.ErrNotFound)
	}
	p, err := c.ReadPack(doc.Content)
	switch {
	case err != nil:
		return fmt.Errorf("casework: words: %w", amana.ErrInvalid)
	case doc.Version != version:
		return refusal("words.sign.changed")
	case name == "" || record.CheckLine(name) != "":
		return FieldErrors{"signed_by": "words.sign.name.needed"}
	}
	p.Review = &i18n.Review{Name: name, On: d.today()}
	return d.keepWords(ctx, c, p)
}

func (d *Desk) keepWords(ctx context.Context, c *i18n.Catalogue, p i18n.Pack) error {
	if c.CheckPack(p) != nil {
		return fmt.Errorf("casework: words: %w", amana.ErrInvalid)
	}
	raw, err := p.Encode()
	if err != nil {
		return fmt.Errorf("casework: words: %w", amana.ErrInvalid)
	}
	mark := fnv.New32a()
	_, _ = mark.Write(raw)
	return d.Adopt(ctx, wordDocument(p.Tag), fmt.Sprintf("%s %08x", d.today(), mark.Sum32()), raw)
}

// DropWords gives up a language, and its sounds with it. It is for administrators.
// Kinds: ErrRefused, ErrNotFound, ErrStorage.
func (d *Desk) DropWords(ctx context.Context, tag string) error {
	doc, there := d.Adopted(wordDocument(tag))
	if !there {
		return fmt.Errorf("casework: words: %w", amana.ErrNotFound)
	}
	for _, sound := range d.AdoptedUnder(strings.TrimSuffix(soundDocument(tag, "x"), "x")) {
		if err := d.Adopt(ctx, sound.Name, sound.Version, nil); err != nil {
			return err
		}
	}
	return d.Adopt(ctx, doc.Name, doc.Version, nil)
}

// AdoptSound gives a text of a language its sound, or without content takes it away.
// It is for administrators. Kinds: ErrRefused, ErrNotFound, ErrInvalid, ErrStorage.
func (d *Desk) AdoptSound(ctx context.Context, tag, key string, content []byte) error {
	name := soundDocument(tag, key)
	if _, there := d.Adopted(wordDocument(tag)); !there || !translate.IsOpen(key) {
		return fmt.Errorf("casework: sound: %w", amana.ErrNotFound)
	}
	if len(content) > 0 {
		if _, err := translate.SoundType(content); err != nil {
			return fmt.Errorf("casework: sound: %w", amana.ErrInvalid)
		}
		all := len(content)
		for _, other := range d.AdoptedUnder(soundDocuments) {
			if other.Name != name {
				all += len(other.Content)
			}
		}
		if all > translate.AllSounds {
			return refusal("words.sound.all")
		}
	}
	return d.Adopt(ctx, name, d.today(), content)
}

func wordDocument(tag string) string { return wordDocuments + plainTag(tag) }

// soundDocument is the name of the document of a sound: the dots of a key are slashes.
func soundDocument(tag, key string) string {
	return soundDocuments + plainTag(tag) + "/" + strings.ReplaceAll(key, ".", "/")
}

// plainTag writes a tag as names of documents are written.
func plainTag(tag string) string { return strings.ToLower(strings.ReplaceAll(tag, "-", "_")) }
