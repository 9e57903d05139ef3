// Package pdf writes small documents for print: headings, paragraphs, rows of a label
// and a value, tables of numbers, bars and outlines of a map, with a footer on every page. Text is shaped as its script asks, so
// that Arabic is joined and runs from the right, and each piece carries its words in
// the order in which they are read, so that they can be searched and copied.
//
// It knows fonts and paper. It cannot read a PDF, show a photograph, or run anything:
// what it writes has no script, no link and no form.
package pdf
