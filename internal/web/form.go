package web

import (
	"net/url"
	"slices"
	"strings"

	"amana/internal/i18n"
)

// form is what a person typed into one form, and what was wrong with it.
//
//nolint:recvcheck // templates read it by value; noting what is wrong needs a pointer
type form struct {
	Values url.Values
	Errors []formError // in the order in which they were found
}

// formError is a message about one field, or with no field about the whole.
type formError struct {
	Field string
	Key   string // of the message
	N     int    // its number, where it has one
	Label string // of the field in the reader's language, where the message alone does not say it
	Text  string // in the reader's language, where a form has its own words for it
}

func newForm() form { return form{Values: url.Values{}} }

// typed returns the form that a POST carries.
func (v *visit) typed() form {
	return form{Values: v.PostForm}
}

// Get returns the value of a field, without spaces around it.
func (f form) Get(name string) string { return strings.TrimSpace(f.Values.Get(name)) }

// All returns the values of a field that may be given several times.
func (f form) All(name string) []string { return f.Values[name] }

// Has reports whether a field has this value among others.
func (f form) Has(name, value string) bool { return slices.Contains(f.Values[name], value) }

// Error returns the key of the message about a field, or "".
func (f form) Error(name string) string {
	for _, e := range f.Errors {
		if e.Field == name {
			return e.Key
		}
	}
	return ""
}

// message returns what is wrong with a field in the reader's language, or "".
func (f form) message(lang i18n.Language, name string) string {
	for _, e := range f.Errors {
		switch {
		case e.Field != name:
		case e.Text != "":
			return e.Text
		default:
			return lang.T(e.Key, "n", e.N)
		}
	}
	return ""
}

// Failed reports whether anything was wrong.
func (f form) Failed() bool { return len(f.Errors) > 0 }

// wrong notes a message about a field. The first about each field is kept.
func (f *form) wrong(field, key string) {
	if f.Error(field) == "" {
		f.Errors = append(f.Errors, formError{Field: field, Key: key})
	}
}

// need notes a message where a field is empty.
func (f *form) need(field, key string) {
	if f.Get(field) == "" {
		f.wrong(field, key)
	}
}

// withoutSecrets is what may wait in memory: passphrases are never kept.
func (f form) withoutSecrets() form {
	kept := form{Values: url.Values{}, Errors: f.Errors}
	for name, values := range f.Values {
		if !strings.HasPrefix(name, "passphrase") {
			kept.Values[name] = values
		}
	}
	return kept
}

// western writes Arabic and Persian digits as the records have them, for numbers
// that are not read as a field.
func western(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case '٠' <= r && r <= '٩':
			return '0' + r - '٠'
		case '۰' <= r && r <= '۹':
			return '0' + r - '۰'
		case r == '\u200e', r == '\u200f':
			return -1
		}
		return r
	}, s)
}
