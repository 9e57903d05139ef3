package exchange

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"amana"
	"amana/internal/event"
)

// RecorderWriter writes the workbook of the Incident Recorder, row by row. It holds
// no more than a row, and the values of its menus.
type RecorderWriter struct {
	zip      *zip.Writer
	out      *bufio.Writer
	language string
	row      int
	menus    [6][]string
}

// menus are the columns of the second sheet: what a person may pick in the first.
var menus = []struct{ header, fr, field string }{
	{"CASE WORKER CODE", "Code du travailleur social", kept + "caseworker_code"},
	{"ETHNICITY", "Ethnie", "ethnicity"},
	{"INCIDENT LOCATION", "Lieu de l'incident", "incident_location_type"},
	{"INCIDENT COUNTY", "Pays où a eu lieu l'incident", kept + "county"},
	{"INCIDENT DISTRICT", "District où a eu lieu l'incident", kept + "district"},
	{"INCIDENT CAMP / TOWN", "Camp / ville où a eu lieu l'incident", "incident_camp_town"},
}

// mostMenu is how many values a menu has.
const mostMenu = 50

// NewRecorderWriter begins a workbook, with headers and choices in French or English.
func NewRecorderWriter(w io.Writer, language string) (*RecorderWriter, error) {
	r := &RecorderWriter{zip: zip.NewWriter(w), language: language}
	for _, p := range []struct{ name, content string }{
		{"[Content_Types].xml", partTypes},
		{"_rels/.rels", partRels},
		{"xl/workbook.xml", partWorkbook},
		{"xl/_rels/workbook.xml.rels", partWorkbookRels},
		{"xl/styles.xml", partStyles},
	} {
		out, err := r.zip.Create(p.name)
		if err == nil {
			_, err = io.WriteString(out, p.content)
		}
		if err != nil {
			return nil, writing(err)
		}
	}
	if err := r.begin("xl/worksheets/sheet1.xml"); err != nil {
		return nil, err
	}
	headers := make([]string, len(recorder))
	for i, t := range recorder {
		if headers[i] = t.names[0]; language == "fr" {
			headers[i] = t.fr
		}
	}
	return r, r.texts(headers)
}

func writing(err error) error {
	return fmt.Errorf("exchange: write workbook: %w: %w", amana.ErrStorage, err)
}

func (r *RecorderWriter) begin(part string) error {
	out, err := r.zip.Create(part)
	if err != nil {
		return writing(err)
	}
	r.out, r.row = bufio.NewWriter(out), 0
	_, err = r.out.WriteString(sheetHead)
	if err != nil {
		return writing(err)
	}
	return nil
}

func (r *RecorderWriter) end() error {
	if _, err := r.out.WriteString(sheetTail); err != nil {
		return writing(err)
	}
	if err := r.out.Flush(); err != nil {
		return writing(err)
	}
	return nil
}

// add writes an incident.
func (r *RecorderWriter) add(v Values) error {
	r.startRow()
	for i, t := range recorder {
		said := t.say(v, r.language)
		if said == "" {
			continue
		}
		if day := 0; t.as == asDate {
			if day = dayNumber(said); day > 0 {
				r.cell(i, `s="1"`, "<v>"+strconv.Itoa(day)+"</v>")
				continue
			}
		}
		if t.as == asCount && isWhole(said) {
			r.cell(i, "", "<v>"+said+"</v>")
			continue
		}
		r.textCell(i, said)
	}
	for i, m := range menus {
		if said := targetNamed(m.field).say(v, r.language); said != "" && len(r.menus[i]) < mostMenu && !slices.Contains(r.menus[i], said) {
			r.menus[i] = append(r.menus[i], said)
		}
	}
	return r.endRow()
}

func targetNamed(name string) Target {
	i := slices.IndexFunc(recorder, func(t Target) bool { return t.Name == name })
	return recorder[i]
}

func (r *RecorderWriter) texts(list []string) error {
	r.startRow()
	for i, s := range list {
		if s != "" {
			r.textCell(i, s)
		}
	}
	return r.endRow()
}

func (r *RecorderWriter) startRow() {
	r.row++
	fmt.Fprintf(r.out, `<row r="%d">`, r.row)
}

func (r *RecorderWriter) endRow() error {
	if _, err := r.out.WriteString("</row>\n"); err != nil {
		return writing(err)
	}
	return nil
}

func (r *RecorderWriter) cell(column int, attrs, content string) {
	fmt.Fprintf(r.out, `<c r="%s%d" %s>%s</c>`, letter(column), r.row, attrs, content)
}

func (r *RecorderWriter) textCell(column int, s string) {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(escapeCell(s))) // a builder takes everything
	r.cell(column, `t="inlineStr"`, `<is><t xml:space="preserve">`+b.String()+`</t></is>`)
}

// Close writes the menus and ends the workbook. It does not close what is below.
func (r *RecorderWriter) Close() error {
	if err := r.end(); err != nil {
		return err
	}
	if err := r.begin("xl/worksheets/sheet2.xml"); err != nil {
		return err
	}
	row := make([]string, len(menus))
	for i, m := range menus {
		if row[i] = m.header; r.language == "fr" {
			row[i] = m.fr
		}
	}
	for n := 0; ; n++ {
		if err := r.texts(row); err != nil {
			return err
		}
		more := false
		for i, menu := range r.menus {
			if row[i] = ""; n < len(menu) {
				row[i], more = menu[n], true
			}
		}
		if !more {
			break
		}
	}
	if err := r.end(); err != nil {
		return err
	}
	if err := r.zip.Close(); err != nil {
		return writing(err)
	}
	return nil
}

// say is what a column shows of an incident.
func (t Target) say(v Values, language string) string {
	switch t.as {
	case asCount:
		return sayCount(v, language)
	case asSexes:
		return saySexes(v, language)
	case asLine, asWords, asNumber, asDate, asYesNo, asChoice, asChoices, asPhone, asAge, asKept, asOther, asID, asCode, asCase, asConsent:
	}
	value := v.at(t.Name)
	if t.as == asAge && value.IsZero() {
		return sayOne("age_type", v.at(item(perpetrator, "age_type")), language)
	}
	return sayOne(t.Choices, value, language)
}

// sayOne shows one value. An answer in place of a value is not shown: the sheet has
// no words for it.
func sayOne(list string, value event.Value, language string) string {
	switch value.Type() {
	case event.TypeText, event.TypeList:
		var said []string
		for _, id := range value.RevealList() {
			said = append(said, shown(list, id, language))
		}
		return strings.Join(said, " & ")
	case event.TypeBool:
		if yes, _ := value.Bool(); yes {
			return map[bool]string{true: "Oui", false: "Yes"}[language == "fr"]
		}
		return map[bool]string{true: "Non", false: "No"}[language == "fr"]
	case event.TypeInt:
		n, _ := value.Int()
		return strconv.FormatInt(n, 10)
	case event.None, event.TypeDecimal, event.TypeAnswer:
	}
	return ""
}

// at returns a value by its place. A row has one item of each list, a record may have
// others: then that of the primary perpetrator counts, else the first.
func (v Values) at(name string) event.Value {
	if value, ok := v[name]; ok || !strings.Contains(name, "/"+FirstItem+"/") {
		return value
	}
	list, field, _ := strings.Cut(name, "/"+FirstItem+"/")
	ids := v.items(list)
	if list == perpetrator {
		for _, id := range ids {
			if v[list+"/"+id+"/primary_perpetrator"].Reveal() == "primary" {
				return v[list+"/"+id+"/"+field]
			}
		}
	}
	for _, id := range ids {
		if value := v[list+"/"+id+"/"+field]; !value.IsZero() {
			return value
		}
	}
	return event.Value{}
}

// items returns the ids of a list, in one order.
func (v Values) items(list string) []string {
	seen := map[string]bool{}
	var ids []string
	for name := range v {
		id, _, ok := strings.Cut(strings.TrimPrefix(name, list+"/"), "/")
		if ok && strings.HasPrefix(name, list+"/") && !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func sayCount(v Values, language string) string {
	if n, ok := v[countField].Int(); ok {
		return strconv.FormatInt(n, 10)
	}
	if v[countField].Reveal() == moreThan3 {
		return map[bool]string{true: "Plus de 3", false: "More than 3"}[language == "fr"]
	}
	// A row of a sheet says one of them and not how many there were.
	if ids := v.items(perpetrator); len(ids) > 1 || len(ids) == 1 && ids[0] != FirstItem {
		return strconv.Itoa(len(ids))
	}
	return ""
}

func saySexes(v Values, language string) string {
	male, female := v[kept+"perpetrator_sex"].Reveal() == bothSexes, false
	female = male
	var other string
	for _, id := range v.items(perpetrator) {
		value := v[perpetrator+"/"+id+"/perpetrator_sex"]
		if said, _ := value.Answer(); said == event.DoesNotKnow {
			value = event.Text(unknownSex)
		}
		switch sex := value.Reveal(); sex {
		case "male":
			male = true
		case "female":
			female = true
		case "":
		default:
			other = sex
		}
	}
	switch {
	case male && female:
		return map[bool]string{true: "M et F", false: "M and F"}[language == "fr"]
	case male:
		return "M"
	case female:
		return "F"
	}
	return shown("perpetrator_sex", other, language)
}
