package demo

import (
	_ "embed"
	"strings"
)

//go:embed words/eng.txt
var englishWords string

//go:embed words/fra.txt
var frenchWords string

//go:embed words/names.txt
var nameWords string

// names holds the lists of names, by section.
type names map[string][]string

func parseNames(text string) names {
	n, section := names{}, ""
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case line == "", strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			section = strings.Trim(line, "[]")
		default:
			n[section] = append(n[section], line)
		}
	}
	return n
}

// variants splits "Fatoumata = Fatimata, Fatou" into the name and its other
// spellings.
func variants(line string) (name string, others []string) {
	name, rest, found := strings.Cut(line, " = ")
	if !found {
		return name, nil
	}
	return name, strings.Split(rest, ", ")
}
