package exchange

import (
	"context"
	"errors"
	"strings"

	"amana/internal/event"
	"amana/internal/record"
)

// Rows calls fn with every row of the file, the refused ones too, in order. The row
// is fn's. A file that breaks off ends with [ErrBroken], after the rows before.
func (f *File) Rows(ctx context.Context, m Mapping, fn func(*Row) error) error {
	if f.Format == JSON {
		return f.jsonRows(ctx, fn)
	}
	if err := m.Check(); err != nil {
		return err
	}
	t := f.table
	if f.Format == CSV && m.Encoding != "" && m.Delimiter != "" {
		t = csvTable(f.src, f.size, m.Encoding, rune(m.Delimiter[0]))
	}
	r := newRowReader(t, m, fn)
	if m.Header == 0 {
		r.header = f.Proposed.Header
	}
	return t.each(ctx, r.take)
}

// rowReader makes rows of a table's lines.
type rowReader struct {
	table   *table
	mapping Mapping
	header  int
	targets []Target // by column
	keep    []string // where a column without a field is kept, or "" where it is left out
	choices []map[string]string
	fn      func(*Row) error
}

func newRowReader(t *table, m Mapping, fn func(*Row) error) *rowReader {
	r := &rowReader{table: t, mapping: m, header: m.Header, fn: fn}
	known := targetsByName(m.Kind)
	for i, c := range m.Columns {
		r.targets = append(r.targets, known[c.Field])
		place := ""
		if c.Field == "" {
			name := c.Header
			if strings.TrimSpace(name) == "" {
				name = letter(i)
			}
			place = keptAs(kept, name)
		}
		r.keep = append(r.keep, place)
		said := map[string]string{}
		for written, id := range c.Values {
			said[fold(written)] = id
		}
		r.choices = append(r.choices, said)
	}
	return r
}

func (r *rowReader) take(line int, cells []Cell, reason string) error {
	if line <= r.header {
		return nil
	}
	row := &Row{Sheet: r.table.sheet, Line: line, Kind: r.mapping.Kind, Values: Values{}, Identity: Values{}}
	switch {
	case reason != "":
		row.refuse("", reason)
	case len(cells) > len(r.targets) && !allEmpty(cells[len(r.targets):]):
		row.refuse(letter(len(r.targets)), reasonCells)
	default:
		for i, c := range cells[:min(len(cells), len(r.targets))] {
			r.cell(row, i, c)
		}
		if len(row.Values)+len(row.Identity) == 0 {
			row.refuse("", reasonEmpty)
		}
	}
	return r.fn(row)
}

func (r *rowReader) cell(row *Row, i int, c Cell) {
	if c.Formula {
		row.problem(letter(i), r.targets[i].Name, problemFormula)
	}
	if strings.TrimSpace(c.Text) == "" || r.mapping.Columns[i].Field == Leave {
		return
	}
	t := r.targets[i]
	if t.Name == "" {
		row.Values[r.keep[i]] = event.Text(c.Text)
		return
	}
	if id, said := r.choices[i][fold(c.Text)]; said && t.Choices != "" {
		c.Text = id
	}
	v, ok := c.read(t, r.mapping.Columns[i], r.table.from1904)
	if !ok {
		row.problem(letter(i), t.Name, t.fault(c, r.table.from1904))
		row.keepRaw(t, event.Text(c.Text))
		return
	}
	row.put(t, v)
}

// keepRaw keeps what could not be read, with the person where it is of the person.
func (r *Row) keepRaw(t Target, v event.Value) {
	if t.Kind == identityKind {
		r.Identity[keptAs(raw, t.Name)] = v
		return
	}
	r.Values[keptAs(raw, t.Name)] = v
}

// put gives a row the value of a target.
func (r *Row) put(t Target, v event.Value) {
	switch {
	case v.IsZero():
		return
	case t.Kind == identityKind:
		r.Identity[t.Name] = v
		return
	}
	switch t.as {
	case asID:
		r.ID = v.Reveal()
		if t.Name == caseID.Name {
			return
		}
	case asCode:
		if r.Code = v.Reveal(); t.Name == caseCode.Name { // a case has a code of our own
			return
		}
	case asCase:
		r.Case = v.Reveal()
		return
	case asConsent:
		r.Reporting = v
	case asSexes:
		if v.Reveal() == bothSexes {
			r.Values[kept+"perpetrator_sex"] = v
			return
		}
	case asAge:
		if id := v.Reveal(); id == "adult" || id == "minor" {
			t.Name = item(perpetrator, "age_type")
		}
	case asLine, asWords, asNumber, asDate, asYesNo, asChoice, asChoices, asPhone, asKept, asCount, asOther:
	}
	r.Values[t.Name] = v
	if strings.HasPrefix(t.Name, perpetrator+"/") {
		r.Values[item(perpetrator, "primary_perpetrator")] = event.Text("primary")
	}
}

const bothSexes = "both"

// read makes a value of what a cell says.
func (c Cell) read(t Target, col Column, from1904 bool) (v event.Value, ok bool) {
	if strings.TrimSpace(c.Text) == "" {
		return event.Value{}, true
	}
	switch t.as {
	case asLine, asID, asCode, asCase:
		v, ok = readWords(record.Line, c.plain())
		return v, ok && record.CheckLine(v.Reveal()) == ""
	case asKept:
		return event.Text(c.Text), true
	case asWords:
		return readWords(record.Words, c.Text)
	case asNumber:
		v, ok = readNumber(c.Text)
	case asDate:
		v, _ = c.dateValue(col.Dates, from1904)
		ok = !v.IsZero()
	case asYesNo, asConsent:
		v, ok = readYesNo(c.Text)
	case asChoice:
		v, ok = readChoice(t.Choices, c.plain())
	case asChoices:
		v, ok = readChoices(t.Choices, c.plain())
	case asOther:
		v, ok = readWords(t.written, c.plain())
	case asPhone:
		if v, ok = readWords(record.Phone, c.plain()); ok {
			ok = record.Validate(identityKind, "contact_phone", v, farAway) == ""
		}
	case asCount:
		v, ok = readCount(c.Text)
	case asSexes:
		v, ok = readSexes(c.Text)
	case asAge:
		if v, ok = readChoice("age_group", c.plain()); !ok {
			v, ok = readChoice("age_type", c.plain())
		}
	}
	if !ok && t.as != asConsent && t.as != asCount {
		return readAnswer(c.Text)
	}
	return v, ok
}

// plain is the text of a cell; a workbook may write a code of figures as a number
// with a fraction of nothing.
func (c Cell) plain() string {
	if c.Number {
		return strings.TrimSuffix(c.Text, ".0")
	}
	return c.Text
}

// fault is the key of what is wrong with a cell that could not be read.
func (t Target) fault(c Cell, from1904 bool) string {
	switch t.as {
	case asDate:
		if _, form := c.readDate(Undecided, from1904); form == eitherFirst || form == onlyDayFirst || form == onlyMonthFirst {
			return problemOrder
		}
		return problemDate
	case asNumber, asCount:
		return problemNumber
	case asYesNo, asConsent:
		return problemYesNo
	case asPhone:
		return problemPhone
	case asChoice, asChoices, asSexes, asAge:
		if len(choices[t.Choices]) > 0 {
			return problemChoice
		}
		return problemWords
	case asLine, asWords, asKept, asID, asCode, asCase, asOther:
	}
	return problemWords
}

var moreThanThree = map[string]bool{
	"more than 3": true, "more than three": true, "plus de 3": true, "plus de trois": true, "more_than_3": true, "3+": true,
	"أكثر من 3": true, "اكثر من 3": true,
}

func readCount(s string) (event.Value, bool) {
	if f := fold(s); moreThanThree[f] || f == fold(moreThan3) || strings.TrimSpace(s) == ">3" {
		return event.Text(moreThan3), true
	}
	return readNumber(s)
}

func readSexes(s string) (event.Value, bool) {
	switch fold(s) {
	case "m and f", "f and m", "m et f", "f et m", "both", "masculin et feminin", "feminin et masculin", "male and female", "female and male", "m f":
		return event.Text(bothSexes), true
	}
	v, ok := readChoice("perpetrator_sex", s)
	if v.Reveal() == unknownSex { // of which a form has no choice, but an answer
		v = event.Say(event.DoesNotKnow)
	}
	return v, ok
}

// unknownSex is what the sheet says where forms say that nobody knows.
const unknownSex = "unknown"

// IsBroken reports whether an error says only that a file breaks off.
func IsBroken(err error) bool { return errors.Is(err, ErrBroken) }
