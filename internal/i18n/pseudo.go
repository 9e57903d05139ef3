package i18n

import (
	"strings"

	"golang.org/x/text/feature/plural"
)

// pseudo makes a language for tests from the source: whoever reads it knows the
// words, and sees what was not translated or has no room.
func pseudo(source *locale, tag, dir string) *locale {
	l := &locale{tag: tag, dir: dir, plural: source.plural, messages: map[string]message{}}
	for key, m := range source.messages {
		forms := map[plural.Form]pattern{}
		for form, p := range m.forms {
			forms[form] = disguise(p, dir)
		}
		l.messages[key] = message{forms}
	}
	return l
}

func disguise(p pattern, dir string) pattern {
	var out pattern
	letters := 0
	for _, part := range p {
		if !part.arg {
			letters += len(part.text)
			part.text = accents().Replace(part.text)
		}
		out = append(out, part)
	}
	tail := part{text: strings.Repeat("~", letters/2+1)}
	if dir == "rtl" {
		tail.text = " نص"
	}
	return append(out, tail)
}

func accents() *strings.Replacer {
	return strings.NewReplacer("a", "á", "e", "é", "i", "î", "o", "ö", "u", "û", "c", "ç", "n", "ñ", "y", "ÿ", "A", "Å", "E", "Ë")
}
