package main

import (
	"cmp"
	"fmt"
	"io/fs"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// countries returns the choices of the list "country": the ids of the source with
// the names that the Unicode locale data have for each in the three languages. A
// name in the source itself wins: the data are older than some countries' names.
func countries(source fs.FS) (sheet, error) {
	rows, err := table(source, "countries.tsv")
	if err != nil {
		return nil, err
	}
	namers := []display.Namer{
		display.Regions(language.English),
		display.Regions(language.French),
		display.Regions(language.Arabic),
	}
	var choices sheet
	for _, row := range rows[1:] {
		region, err := language.ParseRegion(row[0])
		if err != nil {
			return nil, fmt.Errorf("countries.tsv: %s: %w", row[0], err)
		}
		choice := []string{"country", row[1]}
		for i, n := range namers {
			choice = append(choice, cmp.Or(row[2+i], n.Name(region)))
		}
		choices = append(choices, choice)
	}
	return choices, nil
}
