package web

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"amana/internal/casework"
	"amana/internal/record"
)

// wasPrefix names the hidden control that says in what state a field was shown,
// so that only what a person changed is saved. Whatever a colleague wrote into
// the other fields meanwhile stays as it is.
const wasPrefix = "was_"

// changes reads the fields of a form that were changed. A field in the state in
// which it was shown is left out unread, even if it can't be read: it may be of
// a newer program.
func (f *form) changes(fields []record.Field) (set casework.Values, removed []string) {
	changed := slices.DeleteFunc(slices.Clone(fields), func(field record.Field) bool {
		return f.Values.Has(wasPrefix+field.Name) && f.Get(wasPrefix+field.Name) == f.state(field.Name)
	})
	return f.parse(changed, "")
}

// state tells how a field was sent, in a form to compare.
func (f form) state(name string) string {
	return stateOf(f.All(name), f.All(name+answerSuffix))
}

// state tells how a field is sent if nobody touches it.
func (f fieldView) state() string {
	values := []string{f.Value}
	if f.Options != nil {
		values = chosenOf(f.Options)
	}
	return stateOf(values, chosenOf(f.Answers))
}

func chosenOf(list []choiceView) []string {
	var all []string
	for _, c := range list {
		if c.On {
			all = append(all, c.Value)
		}
	}
	return all
}

// stateOf is a digest, so that a page does not hold everything twice. It hides
// nothing from anybody: the value stands beside it.
func stateOf(values, answers []string) string {
	h := fnv.New64a()
	for _, list := range [][]string{values, answers} {
		clean := make([]string, 0, len(list))
		for _, v := range list {
			if v = strings.TrimSpace(strings.ReplaceAll(v, "\r\n", "\n")); v != "" {
				clean = append(clean, v)
			}
		}
		slices.Sort(clean)
		fmt.Fprintf(h, "%q", clean)
	}
	return fmt.Sprintf("%016x", h.Sum64())
}
