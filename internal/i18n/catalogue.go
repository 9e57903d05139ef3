package i18n

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"

	"golang.org/x/text/language"
)

//go:embed locales
var locales embed.FS

// Source is the language that messages are written in first. A message missing
// elsewhere is shown in it, marked.
const Source = "en"

// Pseudo-languages for tests of pages: made from the source language, the one
// half as long again and with accents, the other written from right to left.
const (
	PseudoLong = "xx-pseudo"
	PseudoRTL  = "xx-rtl"
)

// Catalogue holds all messages. It never changes and is safe for concurrent use.
type Catalogue struct {
	locales map[string]*locale
	tags    []string
}

// locale is one language.
type locale struct {
	tag      string
	plural   language.Tag
	dir      string
	messages map[string]message
	source   *locale // nil in the source language

	// Of a language that an organisation brought.
	name    string
	chain   []*locale // in which to say what it has no words for
	edition string    // which words exactly
}

// New reads the messages that are part of the program. An error is a fault in
// them, found when the program starts.
func New() (*Catalogue, error) { return read(locales) }

func read(files fs.FS) (*Catalogue, error) {
	dirs, err := fs.ReadDir(files, "locales")
	if err != nil {
		return nil, fmt.Errorf("i18n: %w", err)
	}
	c := &Catalogue{locales: map[string]*locale{}}
	for _, d := range dirs {
		l, err := readLocale(files, d.Name())
		if err != nil {
			return nil, err
		}
		c.locales[l.tag] = l
		c.tags = append(c.tags, l.tag)
	}
	source := c.locales[Source]
	if source == nil {
		return nil, fmt.Errorf("i18n: no messages in %s", Source)
	}
	for _, l := range c.locales {
		if l != source {
			l.source = source
		}
	}
	c.locales[PseudoLong] = pseudo(source, PseudoLong, "ltr")
	c.locales[PseudoRTL] = pseudo(source, PseudoRTL, "rtl")
	return c, nil
}

func readLocale(files fs.FS, tag string) (*locale, error) {
	parsed, err := language.Parse(tag)
	if err != nil {
		return nil, fmt.Errorf("i18n: %s: not the tag of a language", tag)
	}
	l := &locale{tag: parsed.String(), plural: pluralRule(tag), dir: Direction(tag), messages: map[string]message{}}
	areas, err := fs.ReadDir(files, path.Join("locales", tag))
	if err != nil {
		return nil, fmt.Errorf("i18n: %w", err)
	}
	for _, a := range areas {
		name := path.Join("locales", tag, a.Name())
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("i18n: %w", err)
		}
		if err := l.add(text); err != nil {
			return nil, fmt.Errorf("i18n: %s: %w", name, err)
		}
	}
	return l, nil
}

// add takes in the messages of one area.
func (l *locale) add(area []byte) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(area, &raw); err != nil {
		return err
	}
	for key, text := range raw {
		if _, twice := l.messages[key]; twice {
			return fmt.Errorf("%s: given twice", key)
		}
		m, err := parseMessage(text)
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		l.messages[key] = m
	}
	return nil
}

// rightToLeft are the scripts written from right to left.
func rightToLeft() []string {
	return []string{"Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm", "Rohg"}
}
