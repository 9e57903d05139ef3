package xlsform

import (
	"regexp"
	"slices"
	"strings"
)

// heading is what the first row says of a column: "label::French (fr)" is the
// column "label" in "fr".
type heading struct {
	title    string // as it stands in the workbook
	name     string // "" of a column without a heading
	part     string // of "media::image" and "bind::amana:sensitive": what follows
	language string
	unnamed  bool // the language has no tag of its own: "label::English"
}

// table is a sheet by its headings.
type table struct {
	sheet    string
	headings []heading
	rows     []row
}

// row is a row of a sheet; empty ones are left out.
type row struct {
	table *table
	n     int // as the spreadsheet counts
	cells []string
}

// cell returns the first cell that is not empty of the columns of a name.
func (r row) cell(name string) (string, heading) {
	var empty heading
	for i, h := range r.table.headings {
		if h.name != name || h.part != "" {
			continue
		}
		if i < len(r.cells) && r.cells[i] != "" {
			return r.cells[i], h
		}
		if empty.title == "" {
			empty = h
		}
	}
	return "", empty
}

func (r row) text(name string) string {
	text, _ := r.cell(name)
	return text
}

// texts returns the cells of a column in each language.
func (r row) texts(name, part string) Texts {
	var t Texts
	for i, h := range r.table.headings {
		if h.name == name && h.part == part && i < len(r.cells) && r.cells[i] != "" {
			if t == nil {
				t = Texts{}
			}
			t[h.language] = r.cells[i]
		}
	}
	return t
}

// parts returns the cells of columns such as "bind::" by what follows.
func (r row) parts(name string) map[string]string {
	var m map[string]string
	for i, h := range r.table.headings {
		if h.name == name && h.part != "" && i < len(r.cells) && r.cells[i] != "" {
			if m == nil {
				m = map[string]string{}
			}
			m[h.part] = r.cells[i]
		}
	}
	return m
}

// media returns pictures and sounds by kind.
func (r row) media() map[string]Texts {
	var m map[string]Texts
	for _, h := range r.table.headings {
		if h.name != "media" || m[h.part] != nil {
			continue
		}
		if t := r.texts("media", h.part); t != nil {
			if m == nil {
				m = map[string]Texts{}
			}
			m[h.part] = t
		}
	}
	return m
}

// tabulate takes the first row that is not empty as the headings.
func tabulate(sheet string, rows [][]string) *table {
	t := &table{sheet: sheet}
	for i, cells := range rows {
		if !slices.ContainsFunc(cells, func(c string) bool { return c != "" }) {
			continue
		}
		if t.headings == nil {
			for _, c := range cells {
				t.headings = append(t.headings, parseHeading(c))
			}
			continue
		}
		for len(t.headings) < len(cells) {
			t.headings = append(t.headings, heading{})
		}
		t.rows = append(t.rows, row{table: t, n: i + 1, cells: cells})
	}
	return t
}

// names that columns also have.
var columnAliases = map[string]string{
	"relevance": "relevant", "calculate": "calculation", "readonly": "read_only", "value": "name", "list": "list_name",
	"caption": "label", "guidance": "guidance_hint", "constraint_msg": "constraint_message", "required_msg": "required_message",
	"constraintmsg": "constraint_message", "requiredmsg": "required_message", "jr:count": "repeat_count", "count": "repeat_count",
	"choicefilter": "choice_filter", "title": "form_title", "id_string": "form_id", "id": "form_id", "bind:relevant": "relevant",
	"note": "notes", "comment": "notes", "comments": "notes",
}

// columns of which another name follows: the bind::… that are columns of their own.
var bindColumns = map[string]string{
	"relevant": "relevant", "constraint": "constraint", "required": "required", "calculate": "calculation", "readonly": "read_only",
	"jr:constraintmsg": "constraint_message", "jr:requiredmsg": "required_message",
}

var mediaKinds = []string{"image", "audio", "video", "big-image"}

func parseHeading(title string) heading {
	h := heading{title: title}
	parts := strings.Split(title, "::")
	if len(parts) == 1 && strings.Count(title, ":") > 0 && !strings.HasPrefix(strings.ToLower(title), "jr:") {
		parts = strings.Split(title, ":") // as older forms write
	}
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	h.name = columnName(parts[0])
	rest := parts[1:]
	switch h.name {
	case "media":
		if len(rest) > 0 {
			h.part, rest = strings.ToLower(rest[0]), rest[1:]
		}
	case "bind", "control", "body", "instance":
		h.part = strings.Join(rest, ":")
		if column, ok := bindColumns[strings.ToLower(h.part)]; ok && h.name == "bind" {
			h.name, h.part = column, ""
		} else if len(rest) > 1 && bindColumns[strings.ToLower(rest[0])] != "" {
			h.name, h.part = bindColumns[strings.ToLower(rest[0])], ""
			h.language, h.unnamed = languageTag(rest[1])
		}
		if h.name == "control" {
			h.name = "body"
		}
		if h.name == "body" && strings.EqualFold(h.part, "jr:count") {
			h.name, h.part = "repeat_count", ""
		}
		return h
	default:
		if slices.Contains(mediaKinds, h.name) {
			h.name, h.part = "media", h.name
		}
	}
	if len(rest) > 0 {
		h.language, h.unnamed = languageTag(strings.Join(rest, ":"))
	}
	return h
}

func columnName(s string) string {
	name := strings.ToLower(strings.Join(strings.Fields(s), "_"))
	if alias, ok := columnAliases[name]; ok {
		return alias
	}
	return name
}

var tagAtEnd = regexp.MustCompile(`^(.*)\(\s*([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*)\s*\)$`)

var tagAlone = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

// languageNames are languages that forms name without a tag.
var languageNames = map[string]string{
	"english": "en", "anglais": "en", "french": "fr", "français": "fr", "francais": "fr", "arabic": "ar", "arabe": "ar", "العربية": "ar",
	"bambara": "bm", "bamanankan": "bm", "hausa": "ha", "fulfulde": "ff", "pulaar": "ff", "tamasheq": "taq", "spanish": "es", "español": "es",
	"portuguese": "pt", "português": "pt", "swahili": "sw", "kiswahili": "sw", "somali": "so", "wolof": "wo", "soninke": "snk", "hassaniya": "mey",
}

// languageTag reads "French (fr)", "fr" and "French". Of a language that is not
// known, the name in small letters stands for the tag.
func languageTag(s string) (tag string, unnamed bool) {
	s = strings.TrimSpace(s)
	if m := tagAtEnd.FindStringSubmatch(s); m != nil {
		return strings.ToLower(strings.ReplaceAll(m[2], "_", "-")), false
	}
	if tagAlone.MatchString(s) {
		return strings.ToLower(s), false
	}
	if tag, ok := languageNames[strings.ToLower(s)]; ok {
		return tag, false
	}
	if strings.EqualFold(s, "default") {
		return "", false
	}
	return strings.ToLower(s), true
}
