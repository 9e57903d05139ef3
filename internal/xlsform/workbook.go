package xlsform

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Limits on a workbook. What is beyond is refused, and found out before it is
// unpacked: memory and time stay in proportion to these.
const (
	LargestWorkbook = 1 << 20  // bytes
	mostUnpacked    = 16 << 20 // bytes, of all parts together
	largestPart     = 1 << 20  // bytes, of a part that is neither a sheet nor its words
	mostParts       = 400
	mostRows        = 5_000
	mostColumns     = 200
	mostCells       = 200_000
	mostStrings     = 100_000
	longestCell     = 10_000 // characters
)

// The sheets that are read.
const (
	sheetSurvey   = "survey"
	sheetChoices  = "choices"
	sheetSettings = "settings"
)

// book is the rows of the sheets that are read, by their name in small letters.
type book struct {
	sheets map[string][][]string
	others []string // sheets that are not read
	titles map[string]string
}

// refusal is why a workbook is not read at all.
type refusal struct{ problem Problem }

func (r *refusal) Error() string { return r.problem.Key }

func refuse(key string, args ...any) error {
	return &refusal{Problem{Key: key, Args: args, Fatal: true}}
}

// Sheet returns the cells of one sheet of any workbook, within the limits and with the
// refusals of forms: rows as the spreadsheet counts them, from 0. The title is in
// small letters. A problem says why it was refused.
func Sheet(workbook []byte, title string) ([][]string, *Problem) {
	b, err := openBook(workbook, title)
	if refused, ok := errors.AsType[*refusal](err); ok {
		return nil, &refused.problem
	}
	if err != nil {
		return nil, &Problem{Key: "xlsform.file.not", Fatal: true}
	}
	if b.sheets[title] == nil {
		return nil, &Problem{Sheet: title, Key: "xlsform.sheet.missing", Fatal: true}
	}
	return b.sheets[title], nil
}

// openBook reads sheets of a workbook in memory. Nothing is written to disk.
func openBook(workbook []byte, wanted ...string) (*book, error) {
	archive, err := openArchive(workbook)
	if err != nil {
		return nil, err
	}
	parts, err := sheetParts(archive)
	if err != nil {
		return nil, err
	}
	b := &book{sheets: map[string][][]string{}, titles: map[string]string{}}
	for _, title := range slices.Sorted(maps.Keys(parts)) {
		part, name := parts[title], strings.ToLower(strings.TrimSpace(title))
		if !slices.Contains(wanted, name) {
			b.others = append(b.others, title)
			continue
		}
		b.titles[name] = title
		if err := scanSheet(archive, part, title); err != nil {
			return nil, err
		}
	}
	slices.Sort(b.others)
	return b, b.read(workbook)
}

// read reads the cells. Should the library stumble over a workbook that was made to
// do so, it is refused like any other that cannot be read.
func (b *book) read(workbook []byte) (err error) {
	defer func() {
		if recover() != nil {
			err = refuse("xlsform.file.not")
		}
	}()
	file, err := excelize.OpenReader(bytes.NewReader(workbook), excelize.Options{
		UnzipSizeLimit: mostUnpacked, UnzipXMLSizeLimit: mostUnpacked, RawCellValue: true,
	})
	if err != nil {
		return refuse("xlsform.file.not")
	}
	defer file.Close()
	for name, title := range b.titles {
		if b.sheets[name], err = readRows(file, title); err != nil {
			return err
		}
	}
	return nil
}

// openArchive looks at what is packed before anything is unpacked.
func openArchive(workbook []byte) (*zip.Reader, error) {
	if len(workbook) > LargestWorkbook {
		return nil, refuse("xlsform.file.large", "n", LargestWorkbook>>20)
	}
	if bytes.HasPrefix(workbook, []byte{0xD0, 0xCF, 0x11, 0xE0}) {
		return nil, refuse("xlsform.file.old") // .xls, or an .xlsx under a passphrase
	}
	archive, err := zip.NewReader(bytes.NewReader(workbook), int64(len(workbook)))
	if err != nil {
		return nil, refuse("xlsform.file.not")
	}
	if len(archive.File) > mostParts {
		return nil, refuse("xlsform.file.unpacked")
	}
	unpacked := uint64(0)
	seen := map[string]bool{}
	for _, f := range archive.File {
		name := partName(f.Name)
		if seen[name] {
			return nil, refuse("xlsform.file.not")
		}
		seen[name] = true
		if unpacked += min(f.UncompressedSize64, mostUnpacked+1); unpacked > mostUnpacked {
			return nil, refuse("xlsform.file.unpacked")
		}
		large := strings.HasPrefix(name, "xl/worksheets/") || name == "xl/sharedstrings.xml"
		if !large && f.UncompressedSize64 > largestPart {
			return nil, refuse("xlsform.file.unpacked")
		}
		if isActive(name) {
			return nil, refuse("xlsform.file.active")
		}
	}
	return archive, checkParts(archive)
}

func partName(name string) string {
	return strings.ToLower(strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(name, `\`, "/")), "/"))
}

// isActive reports whether a part can do something or fetch something: macros,
// controls, embedded files, links to other workbooks, connections.
func isActive(part string) bool {
	for _, active := range []string{
		"vbaproject", "vbadata", "macrosheets/", "activex/", "embeddings/", "externallinks/", "connections.xml", "querytables/", "ctrlprops/", "dialogsheets/",
	} {
		if strings.Contains(part, active) {
			return true
		}
	}
	return false
}

// checkParts refuses workbooks that say they have macros, and more words than fit.
func checkParts(archive *zip.Reader) error {
	types, err := readPart(archive, "[content_types].xml")
	if err != nil {
		return err
	}
	if bytes.Contains(bytes.ToLower(types), []byte("macroenabled")) {
		return refuse("xlsform.file.active")
	}
	strs, err := openPart(archive, "xl/sharedstrings.xml")
	if errors.Is(err, errNoPart) {
		return nil
	}
	if err != nil {
		return err
	}
	defer strs.Close()
	n := 0
	return eachStart(strs, func(e xml.StartElement) error {
		if n++; n > 4*mostStrings {
			return refuse("xlsform.file.unpacked")
		}
		return nil
	})
}

var errNoPart = errors.New("xlsform: no such part")

func openPart(archive *zip.Reader, name string) (io.ReadCloser, error) {
	for _, f := range archive.File {
		if partName(f.Name) == name {
			r, err := f.Open()
			if err != nil {
				return nil, refuse("xlsform.file.not")
			}
			return r, nil
		}
	}
	return nil, errNoPart
}

func readPart(archive *zip.Reader, name string) ([]byte, error) {
	r, err := openPart(archive, name)
	if err != nil {
		return nil, refuse("xlsform.file.not")
	}
	defer r.Close()
	raw, err := io.ReadAll(io.LimitReader(r, largestPart))
	if err != nil {
		return nil, refuse("xlsform.file.not")
	}
	return raw, nil
}

// eachStart calls visit with every element that begins.
func eachStart(r io.Reader, visit func(xml.StartElement) error) error {
	d := xml.NewDecoder(r)
	d.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, errNoPart }
	for {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return refuse("xlsform.file.not")
		}
		if e, ok := t.(xml.StartElement); ok {
			if err := visit(e); err != nil {
				return err
			}
		}
	}
}

// sheetParts returns the part of each sheet by its title.
func sheetParts(archive *zip.Reader) (map[string]string, error) {
	var workbook struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
			ID2  string `xml:"http://purl.oclc.org/ooxml/officeDocument/relationships id,attr"`
		} `xml:"sheets>sheet"`
	}
	var relations struct {
		Relations []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	for part, into := range map[string]any{"xl/workbook.xml": &workbook, "xl/_rels/workbook.xml.rels": &relations} {
		raw, err := readPart(archive, part)
		if err != nil {
			return nil, err
		}
		if xml.Unmarshal(raw, into) != nil {
			return nil, refuse("xlsform.file.not")
		}
	}
	parts := map[string]string{}
	for _, sheet := range workbook.Sheets {
		for _, r := range relations.Relations {
			if r.ID == sheet.ID || r.ID == sheet.ID2 {
				target := r.Target
				if !strings.HasPrefix(target, "/") {
					target = "xl/" + target
				}
				parts[sheet.Name] = partName(target)
			}
		}
	}
	return parts, nil
}

// scanSheet refuses formulas, and sheets larger than any form.
func scanSheet(archive *zip.Reader, part, title string) error {
	r, err := openPart(archive, part)
	if err != nil {
		return refuse("xlsform.file.not")
	}
	defer r.Close()
	rows, cells, row, column := 0, 0, 0, ""
	return eachStart(r, func(e xml.StartElement) error {
		switch e.Name.Local {
		case "row":
			rows, row = rows+1, max(row+1, number(attribute(e, "r")))
			if rows > mostRows || row > mostRows {
				return &refusal{Problem{Sheet: title, Key: "xlsform.sheet.rows", Args: []any{"n", mostRows}, Fatal: true}}
			}
		case "c":
			cells++
			column = strings.TrimRight(attribute(e, "r"), "0123456789")
			if n, _ := excelize.ColumnNameToNumber(column); n > mostColumns || cells > mostCells {
				return &refusal{Problem{Sheet: title, Row: row, Key: "xlsform.sheet.columns", Args: []any{"n", mostColumns}, Fatal: true}}
			}
		case "f":
			return &refusal{Problem{Sheet: title, Row: row, Column: column, Key: "xlsform.sheet.formula", Fatal: true}}
		}
		return nil
	})
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// number reads a whole number; what is none, or too large to matter, is the limit.
func number(s string) int {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' || n > mostRows {
			return mostRows + 1
		}
		n = n*10 + int(s[i]-'0')
	}
	return n
}

func readRows(file *excelize.File, title string) ([][]string, error) {
	rows, err := file.Rows(title)
	if err != nil {
		return nil, refuse("xlsform.file.not")
	}
	defer rows.Close()
	var out [][]string
	for rows.Next() {
		if len(out) == mostRows {
			return nil, refuse("xlsform.sheet.rows", "n", mostRows)
		}
		cells, err := rows.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, refuse("xlsform.file.not")
		}
		for i, c := range cells {
			if len(c) > longestCell {
				return nil, &refusal{Problem{Sheet: title, Row: len(out) + 1, Key: "xlsform.sheet.cell", Args: []any{"n", longestCell}, Fatal: true}}
			}
			cells[i] = clean(c)
		}
		out = append(out, cells)
	}
	if rows.Error() != nil {
		return nil, refuse("xlsform.file.not")
	}
	return out, nil
}

// clean takes away the spaces around a text, also those that do not break.
func clean(s string) string { return strings.TrimSpace(spaces.Replace(s)) }

var spaces = strings.NewReplacer("\u00a0", " ", "\r\n", "\n", "\ufeff", "")
