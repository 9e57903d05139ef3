package xlsform_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"amana/internal/event"
	"amana/internal/xlsform"
)

// examples has a small form of its own for each function that is read: an expression
// over the answers of [answered], and what it comes to.
var examples = map[string][2]string{
	"string": {"string(3)", "3"}, "concat": {"concat(${word}, '-', ${n})", "Kelmo-7"}, "join": {"join('/', ${word}, 'b')", "Kelmo/b"},
	"string-length": {"string-length(${word})", "5"}, "substr": {"substr(${word}, 1, 3)", "el"}, "substring": {"substring(${word}, 2, 2)", "el"},
	"substring-before": {"substring-before('a-b', '-')", "a"}, "substring-after": {"substring-after('a-b', '-')", "b"},
	"contains": {"string(contains(${word}, 'lm'))", "true"}, "starts-with": {"string(starts-with(${word}, 'Ke'))", "true"},
	"ends-with": {"string(ends-with(${word}, 'mo'))", "true"}, "normalize-space": {"normalize-space('  a   b ')", "a b"}, //nolint:misspell // XPath spells it so
	"translate": {"translate(${word}, 'elm', 'ELM')", "KELMo"}, "lower-case": {"lower-case(${word})", "kelmo"}, "upper-case": {"upper-case(${word})", "KELMO"},
	"regex": {"string(regex(${word}, '[A-Z][a-z]+'))", "true"}, "uuid": {"string-length(uuid())", "0"}, "random": {"string-length(random())", "0"},
	"number": {"number('7') + 1", "8"}, "int": {"int(7.9)", "7"}, "round": {"round(2.345, 2)", "2.35"}, "floor": {"floor(1.9)", "1"}, "ceiling": {"ceiling(1.1)", "2"},
	"abs": {"abs(-2)", "2"}, "pow": {"pow(${n}, 2)", "49"}, "sqrt": {"sqrt(49)", "7"}, "exp": {"exp(0)", "1"}, "exp10": {"exp10(2)", "100"}, "log": {"log(1)", "0"},
	"log10": {"log10(1000)", "3"}, "pi": {"round(pi(), 2)", "3.14"}, "sin": {"sin(0)", "0"}, "cos": {"cos(0)", "1"}, "tan": {"tan(0)", "0"}, "asin": {"asin(0)", "0"},
	"acos": {"acos(1)", "0"}, "atan": {"atan(0)", "0"}, "atan2": {"atan2(0, 1)", "0"}, "min": {"min(${n}, 3)", "3"}, "max": {"max(${n}, 3)", "7"}, "sum": {"sum(${age})", "15"},
	"today": {"format-date(today(), '%Y-%m-%d')", "2026-11-25"}, "now": {"format-date-time(now(), '%H:%M')", "12:00"},
	"date": {"format-date(date('2026-01-30') + 3, '%e/%n/%Y')", "2/2/2026"}, "date-time": {"format-date-time(date-time('2026-01-30T08:05'), '%h:%M')", "8:05"},
	"decimal-date-time": {"decimal-date-time('1970-01-02T12:00')", "1.5"}, "decimal-time": {"decimal-time('06:00')", "0.25"},
	"format-date": {"format-date(${day}, '%d %b %Y')", "09 Mar 2026"}, "format-date-time": {"format-date-time('2026-01-30T08:05', '%H')", "08"},
	"selected": {"string(selected(${many}, 'b'))", "true"}, "selected-at": {"selected-at(${many}, 1)", "b"}, "count-selected": {"count-selected(${many})", "2"},
	"jr:choice-name": {"jr:choice-name(${one}, '${one}')", "Alpha"}, "count": {"count(${age})", "2"}, "count-non-empty": {"count-non-empty(${age})", "2"},
	"position": {"join(' ', ${place})", "1 2"}, "indexed-repeat": {"indexed-repeat(${age}, ${people}, 2)", "11"},
	"if": {"if(${n} > 5, 'more', 'less')", "more"}, "coalesce": {"coalesce(${empty}, ${word})", "Kelmo"}, "once": {"once('first')", "first"}, "not": {"string(not(false()))", "true"},
	"true": {"string(true())", "true"}, "false": {"string(false())", "false"}, "boolean": {"string(boolean(${n}))", "true"},
	"boolean-from-string": {"string(boolean-from-string('1'))", "true"}, "checklist": {"string(checklist(1, 1, ${n} = 7, ${n} = 8))", "true"},
	"weighted-checklist": {"string(weighted-checklist(2, 3, ${n} = 7, 2, ${n} = 8, 5))", "true"},
}

const (
	questions = `type | name | label | calculation
text | word | Word |
integer | n | Number |
date | day | Day |
text | empty | Nothing |
select_one letter | one | One |
select_multiple letter | many | Many |
begin repeat | people | People |
integer | age | Age |
calculate | place | | position(..)
end repeat | | |
`
	letters = "list_name | name | label\nletter | a | Alpha\nletter | b | Beta"
)

func answered() xlsform.Answers {
	return xlsform.Answers{
		"word": event.Text("Kelmo"), "n": event.Text("7"), "day": event.Text("2026-03-09"), "one": event.Text("a"), "many": event.List("a", "b"),
		"people/x1/age": event.Text("4"), "people/x2/age": event.Text("11"),
	}
}

// Each function that the documentation names is read in a form and comes to what it
// should, and it names all that there are examples of.
func TestCoverage_read(t *testing.T) {
	named := functionsIn(t, "| text ", "| number ", "| date ", "| choices ", "| repeats ", "| logic ")
	for name, example := range examples {
		t.Run(name, func(t *testing.T) {
			if !slices.Contains(named, name) {
				t.Errorf("docs/xlsform.md does not name it")
			}
			f, problems := xlsform.Read(workbook(t, "survey", questions+"calculate | result | | string("+example[0]+")", "choices", letters, "settings", settings))
			if f == nil {
				t.Fatalf("refused: %v", problems)
			}
			if got := state(f, answered()).Value("result").Reveal(); got != example[1] {
				t.Errorf("%s is %q, want %q", example[0], got, example[1])
			}
		})
	}
	for _, name := range named {
		if _, there := examples[name]; !there {
			t.Errorf("docs/xlsform.md names %s, of which there is no example", name)
		}
	}
}

// What the documentation says is refused is, by sheet, row and column.
func TestCoverage_refused(t *testing.T) {
	tests := []struct{ written, row, want string }{
		{"geopoint", "geopoint|q|Q|", "type: xlsform.type.place"},
		{"geotrace", "geotrace|q|Q|", "type: xlsform.type.place"},
		{"geoshape", "geoshape|q|Q|", "type: xlsform.type.place"},
		{"image", "image|q|Q|", "type: xlsform.type.file"},
		{"audio", "audio|q|Q|", "type: xlsform.type.file"},
		{"video", "video|q|Q|", "type: xlsform.type.file"},
		{"file", "file|q|Q|", "type: xlsform.type.file"},
		{"signature", "signature|q|Q|", "type: xlsform.type.file"},
		{"select_one_from_file", "select_one_from_file a.csv|q|Q|", "type: xlsform.type.elsewhere"},
		{"select_multiple_from_file", "select_multiple_from_file a.csv|q|Q|", "type: xlsform.type.elsewhere"},
		{"csv-external", "csv-external|q|Q|", "type: xlsform.type.elsewhere"},
		{"xml-external", "xml-external|q|Q|", "type: xlsform.type.elsewhere"},
		{"rank", "rank letter|q|Q|", "type: xlsform.type.unknown"},
		{"barcode", "barcode|q|Q|", "type: xlsform.type.unknown"},
		{"begin_loop", "begin_loop over letter|q|Q|", "type: xlsform.type.unknown"},
		{"osm", "osm|q|Q|", "type: xlsform.type.unknown"},
	}
	for function, key := range map[string]string{
		"area": "place", "distance": "place", "geofence": "place", "intersects": "place", "pulldata": "elsewhere", "instance": "elsewhere", "search": "elsewhere",
		"digest": "function", "base64-decode": "function", "extract-signed": "function", "randomize": "function", "version": "function", "property": "function", //nolint:misspell // ODK spells it so
		"last": "function", "name": "function", "id": "function",
	} {
		tests = append(tests, struct{ written, row, want string }{function + "()", "calculate|q||" + function + "(${word})", "calculation: xlsform.expression." + key})
	}
	for written, expression := range map[string]string{"${last-saved#name}": "${last-saved#word}", "[…]": "/data/word[1]", "//": "//word", "@": "@word"} {
		key := map[string]string{"${last-saved#name}": "last_saved", "[…]": "predicate"}[written]
		if key == "" {
			key = "unexpected"
		}
		tests = append(tests, struct{ written, row, want string }{written, "calculate|q||" + expression, "calculation: xlsform.expression." + key})
	}
	docs := documentation(t)
	for _, tt := range tests {
		t.Run(tt.written, func(t *testing.T) {
			if !strings.Contains(docs, "`"+tt.written+"`") {
				t.Error("docs/xlsform.md does not name it")
			}
			refusedAt(t, questions+tt.row, "survey 12 "+tt.want)
		})
	}
}

// Columns and appearances that change what a form does are not passed over either.
func TestCoverage_refusedColumns(t *testing.T) {
	for column, cell := range map[string]string{"trigger": "${word}", "save_to": "x", "intent": "x", "query": "x"} {
		refusedAt(t, "type|name|label|"+column+"\ntext|word|Word|\ntext|q|Q|"+cell, "survey 3 "+column+": xlsform.column.unsupported")
	}
	for cell, key := range map[string]string{"minimal search('places')": "search", "ex:org.example.app": "program"} {
		refusedAt(t, "type|name|label|appearance\ntext|word|Word|\nselect_one letter|q|Q|"+cell, "survey 3 appearance: xlsform.appearance."+key)
	}
}

func refusedAt(t *testing.T, survey, want string) {
	t.Helper()
	f, problems := xlsform.Read(workbook(t, "survey", survey, "choices", letters, "settings", settings))
	wanted := func(p xlsform.Problem) bool { return p.Fatal && place(p) == want }
	if f != nil || !slices.ContainsFunc(problems, wanted) {
		t.Errorf("form %v, problems %v, want %s", f != nil, problems, want)
	}
}

func documentation(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile("../../docs/xlsform.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

var inCode = regexp.MustCompile("`([a-z0-9:-]+)`")

// functionsIn are the functions that rows of the documentation name.
func functionsIn(t *testing.T, rows ...string) []string {
	t.Helper()
	var names []string
	for line := range strings.Lines(documentation(t)) {
		if !slices.ContainsFunc(rows, func(row string) bool { return strings.HasPrefix(line, row) }) {
			continue
		}
		for _, m := range inCode.FindAllStringSubmatch(line, -1) {
			if !slices.Contains([]string{"and", "or", "div", "mod", "-"}, m[1]) {
				names = append(names, m[1])
			}
		}
	}
	return names
}
