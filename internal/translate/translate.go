// Package translate has the texts that survivors see, hear or are read as a workbook
// for translators, both ways, and says what a sound must be to go with one of them.
//
// The workbook has two sheets. "language" says which language it is; "texts" has one
// row for each text, or for each plural form of it: what stands in English and in
// French, the translation, and a note for the translator. A row without a translation
// is no fault: the text is then said in the nearest language, with a mark.
//
// Whatever is wrong with any row is reported by sheet, row and column, and nothing of
// the workbook is taken in: a workbook with a fault never replaces a good one.
package translate

import (
	"slices"
	"strings"

	"amana/internal/i18n"
)

// Keys returns the keys of the texts that survivors meet: the page for everyone, the
// consents that they are asked for, the page on which they say what the help was worth.
// Questions of forms are translated in the workbooks of the forms.
func Keys(c *i18n.Catalogue) []string {
	return slices.DeleteFunc(c.Keys(), func(key string) bool { return !IsOpen(key) })
}

// IsOpen reports whether a text is one that survivors meet.
func IsOpen(key string) bool {
	area, _, _ := strings.Cut(key, ".")
	if area == "public" || area == "purpose" {
		return true
	}
	for _, family := range []string{"services.good.", "referral.service."} {
		if strings.HasPrefix(key, family) {
			return true
		}
	}
	return slices.Contains(single(), key)
}

// single are texts that stand among others that only members see.
func single() []string {
	return []string{
		"feedback.done", "feedback.thanks", "feedback.thanks.more", "ask.why", "ask.follows", "frame.lock",
		"consent.default", "consent.withdraw.hint",
	}
}
