// Command workbook writes the built-in forms as XLSForm workbooks from their
// source: tab-separated text, which a reviewer can read in a diff. The same source
// gives the same bytes. From the project's folder:
//
//	go generate ./internal/form/workbook
//
// It checks no form; package xlsform does, when a workbook is read.
package main

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

//go:generate go run . -source ../source -to ../workbooks

func main() {
	source := flag.String("source", "internal/form/source", "folder with one folder of text for each form")
	to := flag.String("to", "internal/form/workbooks", "folder for the workbooks")
	flag.Parse()
	if err := run(os.DirFS(*source), *to); err != nil {
		fmt.Fprintln(os.Stderr, "workbook:", err)
		os.Exit(1) //nolint:forbidigo // a command of its own
	}
}

func run(source fs.FS, to string) error {
	forms, err := formsIn(source)
	if err != nil {
		return err
	}
	for _, form := range forms {
		book, err := read(source, form)
		if err != nil {
			return err
		}
		b, err := write(book)
		if err != nil {
			return fmt.Errorf("%s: %w", form, err)
		}
		if err := os.WriteFile(filepath.Join(to, form+".xlsx"), b, 0o644); err != nil { //nolint:gosec // forms are no secret
			return err
		}
	}
	return nil
}
