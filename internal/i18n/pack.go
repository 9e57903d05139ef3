package i18n

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Pack is what an organisation brings of a language that the program does not speak:
// some of the messages, in the words of people who do speak it. What a pack does not
// have is said in the nearest language that does, with a mark.
type Pack struct {
	Tag      string           `json:"tag"`  // as [Canonical] writes it
	Name     string           `json:"name"` // what the language calls itself
	Dir      string           `json:"dir"`  // "ltr" or "rtl"
	Messages map[string]Forms `json:"messages"`
	Review   *Review          `json:"review,omitempty"` // nil: nobody has signed it
}

// Forms is a message by plural form: "other" alone, or all that the language has.
type Forms map[string]string

// Review says who read a pack through and signed it.
type Review struct {
	Name string `json:"name"`
	On   string `json:"on"` // 2026-03-09
}

// Other is the plural form that every message has.
const Other = "other"

// longestName bounds what a language calls itself, in characters.
const longestName = 60

// Canonical returns a tag as it is written here: "bam" is "bm". An error says that it
// is no tag, or of a language that the program speaks already.
func (c *Catalogue) Canonical(tag string) (string, error) {
	parsed, err := language.Parse(tag)
	if err != nil || tag == "" || strings.HasPrefix(tag, "xx") {
		return "", errors.New("i18n: not the tag of a language")
	}
	base, _ := parsed.Base()
	if c.locales[base.String()] != nil || base.String() == "und" {
		return "", errors.New("i18n: a language that is built in")
	}
	return parsed.String(), nil
}

// Chain returns the languages in which to say what a language has no words for, the
// nearest first: the kin of its base language, the one that its speakers learnt to
// read in, the source.
func Chain(tag string) []string {
	parsed, err := language.Parse(tag)
	if err != nil {
		return []string{Source}
	}
	b, _ := parsed.Base()
	base := b.String()
	var chain []string
	if base != tag {
		chain = append(chain, base) // another script of the same language
	}
	for near := kin(base); near != ""; near = kin(near) {
		chain = append(chain, near)
	}
	for _, read := range []string{schooledIn(base), Source} {
		if !slices.Contains(chain, read) {
			chain = append(chain, read)
		}
	}
	return chain
}

// PluralForms returns the plural forms that a language has, "other" last. Of the
// languages that Unicode has no rules for it is "other" alone. The script is left
// aside: with it the rules of ff-Adlm would be lost.
func PluralForms(tag string) []string {
	rule := pluralRule(tag)
	has := map[plural.Form]bool{plural.Other: true}
	for n := range 201 {
		has[plural.Cardinal.MatchPlural(rule, n, 0, 0, 0, 0)] = true
	}
	var forms []string
	for _, name := range []string{"zero", "one", "two", "few", "many", Other} {
		if has[plurals[name]] {
			forms = append(forms, name)
		}
	}
	return forms
}

func pluralRule(tag string) language.Tag {
	parsed, err := language.Parse(tag)
	if err != nil {
		return language.Und
	}
	base, _ := parsed.Base()
	return language.Make(base.String())
}

// Direction returns the direction of the script that a language is mostly written in.
func Direction(tag string) string {
	if parsed, err := language.Parse(tag); err == nil {
		if script, _ := parsed.Script(); slices.Contains(rightToLeft(), script.String()) {
			return "rtl"
		}
	}
	return "ltr"
}

// Keys returns the keys of all messages, in alphabetical order.
func (c *Catalogue) Keys() []string { return slices.Sorted(maps.Keys(c.locales[Source].messages)) }

// Original returns a message as it is written in a language of the program, arguments
// in braces.
func (c *Catalogue) Original(tag, key string) Forms {
	l := c.locales[tag]
	if l == nil {
		return nil
	}
	forms := Forms{}
	for name, form := range plurals {
		if p := l.messages[key].forms[form]; p != nil {
			forms[name] = p.source()
		}
	}
	return forms
}

func (p pattern) source() string {
	var b strings.Builder
	for _, part := range p {
		if part.arg {
			b.WriteString("{" + part.text + "}")
		} else {
			b.WriteString(part.text)
		}
	}
	return b.String()
}

// arguments are the names of the arguments of a pattern, each once, in order.
func (p pattern) arguments() []string {
	var names []string
	for _, part := range p {
		if part.arg && !slices.Contains(names, part.text) {
			names = append(names, part.text)
		}
	}
	slices.Sort(names)
	return names
}

// Fault says what is wrong with a translated message: which form, and what.
type Fault struct{ Form, Kind string }

// The kinds of [Fault].
const (
	FaultUnknown   = "unknown"   // no such message
	FaultForm      = "form"      // a plural form that the language does not have, or one missing
	FaultArguments = "arguments" // other {arguments} than the original has
	FaultMarkup    = "markup"    // <, > or &…;: nothing is read as markup, and nobody should think so
	FaultControl   = "control"   // characters that show as nothing, or turn the writing around
	FaultLong      = "long"      // far longer than the original
	FaultBraces    = "braces"    // braces that do not match
)

// Check returns what is wrong with a message of a pack.
func (c *Catalogue) Check(tag, key string, forms Forms) []Fault {
	original, known := c.locales[Source].messages[key]
	if !known {
		return []Fault{{Kind: FaultUnknown}}
	}
	want := []string{Other}
	if len(original.forms) > 1 {
		want = PluralForms(tag)
	}
	var faults []Fault
	for _, name := range slices.Sorted(maps.Keys(forms)) {
		if !slices.Contains(want, name) {
			faults = append(faults, Fault{name, FaultForm})
		}
	}
	for _, name := range want {
		text, there := forms[name]
		if !there {
			faults = append(faults, Fault{name, FaultForm})
		} else if kind := c.checkText(key, name, text); kind != "" {
			faults = append(faults, Fault{name, kind})
		}
	}
	return faults
}

func (c *Catalogue) checkText(key, form, text string) string {
	original := c.locales[Source].messages[key].forms[plural.Other]
	longest := 0
	for _, tag := range c.tags {
		for _, p := range c.locales[tag].messages[key].forms {
			longest = max(longest, utf8.RuneCountInString(p.source()))
		}
	}
	p, err := parsePattern(text)
	switch {
	case err != nil:
		return FaultBraces
	case strings.ContainsAny(text, "<>") || entityLike(text):
		return FaultMarkup
	case strings.ContainsFunc(text, isControl):
		return FaultControl
	case utf8.RuneCountInString(text) > 3*longest+120:
		return FaultLong
	}
	got, want := p.arguments(), original.arguments()
	if form == Other && !slices.Equal(got, want) {
		return FaultArguments
	}
	for _, name := range got { // "one" may do without its number
		if !slices.Contains(want, name) {
			return FaultArguments
		}
	}
	return ""
}

// entityLike reports whether a text has what a page would read as a character:
// "&eacute;", "&#233;".
func entityLike(text string) bool {
	_, after, found := strings.Cut(text, "&")
	for found {
		name, rest, ends := strings.Cut(after, ";")
		if ends && name != "" && !strings.ContainsAny(name, " &") {
			return true
		}
		_, after, found = strings.Cut(rest, "&")
	}
	return false
}

// isControl reports what has no place in a text: controls, and the characters that
// turn the direction of all that follows. Joiners are letters of some scripts.
func isControl(r rune) bool {
	return unicode.IsControl(r) || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\ufeff' || r == utf8.RuneError
}

// Encode writes a pack, to be kept.
func (p Pack) Encode() ([]byte, error) {
	raw, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("i18n: pack: %w", err)
	}
	return raw, nil
}

// ReadPack reads a pack that was kept, and checks it as a new one. Messages that this
// program no longer has are left out: they are shown nowhere.
func (c *Catalogue) ReadPack(raw []byte) (Pack, error) {
	var p Pack
	if err := json.Unmarshal(raw, &p); err != nil {
		return Pack{}, errors.New("i18n: not a pack")
	}
	for key := range p.Messages {
		if _, known := c.locales[Source].messages[key]; !known {
			delete(p.Messages, key)
		}
	}
	return p, c.CheckPack(p)
}

// CheckPack returns an error unless a pack can be spoken.
func (c *Catalogue) CheckPack(p Pack) error {
	tag, err := c.Canonical(p.Tag)
	if err != nil {
		return err
	}
	n := utf8.RuneCountInString(p.Name)
	switch {
	case tag != p.Tag:
		return errors.New("i18n: a tag that is not canonical")
	case p.Dir != "ltr" && p.Dir != "rtl":
		return errors.New("i18n: no direction")
	case n == 0 || n > longestName || strings.ContainsFunc(p.Name, isControl) || strings.ContainsAny(p.Name, "<>{}"):
		return errors.New("i18n: a language without a name that can be shown")
	case p.Review != nil && (p.Review.Name == "" || p.Review.On == ""):
		return errors.New("i18n: a review that nobody signed")
	}
	for key, forms := range p.Messages {
		if faults := c.Check(p.Tag, key, forms); len(faults) > 0 {
			return fmt.Errorf("i18n: message %s: %s", key, faults[0].Kind)
		}
	}
	return nil
}

// Local returns the language of a tag among packs that were checked, which says in the
// nearest language, of these or of the program, what it has no words for.
func (c *Catalogue) Local(tag string, packs ...Pack) (Language, bool) {
	i := slices.IndexFunc(packs, func(p Pack) bool { return p.Tag == tag })
	if i < 0 {
		return Language{}, false
	}
	l := localeOf(packs[i])
	for _, near := range Chain(tag) {
		if next := c.locales[near]; next != nil {
			l.chain = append(l.chain, next)
		} else if i := slices.IndexFunc(packs, func(p Pack) bool { return p.Tag == near }); i >= 0 {
			l.chain = append(l.chain, localeOf(packs[i]))
		}
	}
	print := fnv.New64a()
	for _, p := range packs {
		raw, _ := json.Marshal(p)
		_, _ = print.Write(raw)
	}
	l.edition = fmt.Sprintf("%s@%x", tag, print.Sum64())
	return Language{l}, true
}

func localeOf(p Pack) *locale {
	l := &locale{tag: p.Tag, name: p.Name, dir: p.Dir, plural: pluralRule(p.Tag), messages: map[string]message{}}
	for key, forms := range p.Messages {
		m := message{map[plural.Form]pattern{}}
		for name, text := range forms {
			if parsed, err := parsePattern(text); err == nil {
				m.forms[plurals[name]] = parsed
			}
		}
		if m.forms[plural.Other] != nil {
			l.messages[key] = m
		}
	}
	return l
}
