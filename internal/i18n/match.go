package i18n

import "golang.org/x/text/language"

// Tags returns the tags of the languages there are, in alphabetical order.
func (c *Catalogue) Tags() []string { return append([]string(nil), c.tags...) }

// Language returns the language of a tag, or the nearest to it.
func (c *Catalogue) Language(tag string) Language {
	if l := c.locales[tag]; l != nil {
		return Language{l}
	}
	return c.Match(tag)
}

// Match returns the language that serves best somebody who asks for these, the
// best first. Unicode's own matching knows no kin of the languages of the Sahel,
// so what is near to them is said here.
func (c *Catalogue) Match(prefs ...string) Language {
	reads := Source
	for _, pref := range prefs {
		tag, err := language.Parse(pref)
		if err != nil {
			continue
		}
		base, _ := tag.Base()
		for name := base.String(); name != ""; name = kin(name) {
			if l := c.locales[name]; l != nil {
				return Language{l}
			}
		}
		if region, _ := tag.Region(); schooledIn(base.String()) == "fr" || region.String() == "ML" {
			reads = "fr"
		}
	}
	if l := c.locales[reads]; l != nil {
		return Language{l}
	}
	return Language{c.locales[Source]}
}

// kin returns the language whose speakers understand those of another, or "".
func kin(base string) string {
	switch base {
	case "taq", "ttq", "thv", "thz":
		return "tmh"
	case "mey", "ary", "arq", "aeb", "shu", "arz", "ayl", "apd", "acm", "apc":
		return "ar"
	case "fuf", "fuc", "fuv", "ffm", "fue", "fuh", "fuq":
		return "ff"
	case "dyu", "mku", "mnk", "emk":
		return "bm"
	case "mfe", "rcf", "gcr", "wa", "oc", "co":
		return "fr"
	}
	return ""
}

// schooledIn returns the language in which speakers of another mostly learnt to
// read, where that is known.
func schooledIn(base string) string {
	switch base {
	case "tmh", "taq", "ttq", "thv", "ff", "fuf", "fuc", "ffm", "fuh", "bm", "dyu", "mku", "ses", "khq",
		"dje", "snk", "wo", "mos", "zgh", "kab", "bmq", "boz", "dgo", "dtk", "myk", "spp", "sef", "mey":
		return "fr"
	}
	return Source
}
