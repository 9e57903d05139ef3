package web

import (
	"net/url"
	"slices"
	"strings"
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
