package xlsform

import (
	"slices"
	"strconv"
	"strings"

	"amana/internal/xlsform/expression"
)

// deepest is how many groups and repeats may stand within each other.
const deepest = 12

// columns of the survey that are read, and those that only matter to a telephone
// app or to the form's author.
var (
	surveyColumns = []string{
		"type", "name", "label", "hint", "guidance_hint", "required", "required_message", "relevant", "constraint", "constraint_message",
		"calculation", "default", "appearance", "read_only", "choice_filter", "repeat_count", "parameters", "media", "disabled",
	}
	idleColumns = []string{"notes", "rows", "autoplay", "accuracythreshold"}
	// logicColumns change what a form does: without them it would not be the same.
	logicColumns = []string{"trigger", "save_to", "intent", "query", "save_incomplete"}
)

func (r *reader) readSurvey() {
	rows, there := r.book.sheets[sheetSurvey]
	sheet := tabulate(sheetSurvey, rows)
	if !there || len(sheet.rows) == 0 {
		r.note(Problem{Sheet: sheetSurvey, Key: "xlsform.sheet.missing", Fatal: true})
		return
	}
	if !slices.ContainsFunc(sheet.headings, func(h heading) bool { return h.name == "type" }) {
		r.note(Problem{Sheet: r.book.titles[sheetSurvey], Row: 1, Column: "type", Key: "xlsform.column.missing", Fatal: true})
		return
	}
	r.checkColumns(sheet)
	b := &builder{reader: r}
	for _, at := range sheet.rows {
		if disabled := strings.ToLower(at.text("disabled")); disabled == "yes" || disabled == "true" {
			continue
		}
		b.add(at)
	}
	for _, open := range b.open {
		r.refuse(open.at, "type", "xlsform.group.open", "name", open.item.Name)
	}
	r.form.Items = b.items
	if len(b.items) == 0 && !r.fatal {
		r.note(Problem{Sheet: r.book.titles[sheetSurvey], Key: "xlsform.sheet.missing", Fatal: true})
	}
}

// checkColumns reports the columns that are not read and not empty.
func (r *reader) checkColumns(sheet *table) {
	for i, h := range sheet.headings {
		first := slices.IndexFunc(sheet.rows, func(at row) bool { return i < len(at.cells) && at.cells[i] != "" })
		if first < 0 {
			continue
		}
		at := row{table: sheet, n: 1}
		switch {
		case h.name == "":
			r.warn(at, columnLetter(i), "xlsform.column.unnamed")
		case slices.Contains(surveyColumns, h.name):
			if h.unnamed {
				r.warn(at, h.title, "xlsform.column.language", "language", h.language)
			}
			if h.name == "media" && h.part != "image" && h.part != "audio" {
				r.warn(at, h.title, "xlsform.column.left")
			}
		case slices.Contains(idleColumns, h.name):
		case h.name == "bind" && strings.HasPrefix(h.part, "amana:"), h.name == "bind" && h.part == "type":
		case slices.Contains(logicColumns, strings.ToLower(or(h.part, h.name))):
			r.refuse(sheet.rows[first], h.title, "xlsform.column.unsupported")
		default:
			r.warn(at, h.title, "xlsform.column.left")
		}
	}
}

// builder puts rows into groups and repeats.
type builder struct {
	*reader
	items []*Item
	open  []open
}

type open struct {
	item *Item
	at   row
}

func (b *builder) add(at row) {
	said, column := at.cell("type")
	kind := parseType(said)
	switch {
	case said == "" && at.text("name") == "" && len(at.texts("label", "")) == 0:
		return // a remark
	case said == "":
		b.refuse(at, or(column.title, "type"), "xlsform.type.missing")
	case kind.refused != "":
		b.refuse(at, column.title, kind.refused, "type", said)
		b.refused[at.text("name")] = true
	case kind.left != "":
		b.warn(at, column.title, kind.left, "type", said)
		b.left[at.text("name")] = true
	case kind.end:
		b.close(at, kind.typ)
	default:
		b.checkAppearance(at)
		b.place(at, b.item(at, kind))
	}
}

// close ends the group or repeat that was opened last.
func (b *builder) close(at row, typ Type) {
	if len(b.open) == 0 || b.open[len(b.open)-1].item.Type != typ {
		b.refuse(at, "type", "xlsform.group.end")
		return
	}
	if ended := b.open[len(b.open)-1]; len(ended.item.Items) == 0 {
		b.warn(ended.at, "type", "xlsform.group.empty", "name", ended.item.Name)
	}
	b.open = b.open[:len(b.open)-1]
}

func (b *builder) place(at row, item *Item) {
	if len(b.open) > 0 {
		into := b.open[len(b.open)-1].item
		into.Items = append(into.Items, item)
	} else {
		b.items = append(b.items, item)
	}
	if item.Type != TypeGroup && item.Type != TypeRepeat {
		return
	}
	if len(b.open) == deepest {
		b.refuse(at, "type", "xlsform.group.deep", "n", deepest)
	}
	if item.Type == TypeRepeat && slices.ContainsFunc(b.open, func(o open) bool { return o.item.Type == TypeRepeat }) {
		b.refuse(at, "type", "xlsform.repeat.nested")
	}
	b.open = append(b.open, open{item, at})
}

// item reads one row.
func (b *builder) item(at row, kind kindOf) *Item {
	item := &Item{
		Type: kind.typ, Name: at.text("name"), List: kind.list, OrOther: kind.other, ReadOnly: kind.readOnly, Row: at.n,
		Label: at.texts("label", ""), Hint: at.texts("hint", ""), Guidance: at.texts("guidance_hint", ""),
		ConstraintMessage: at.texts("constraint_message", ""), RequiredMessage: at.texts("required_message", ""),
		Media: at.media(), Appearance: at.text("appearance"), Bind: at.parts("bind"),
	}
	b.checkName(at, item)
	b.checkLabel(at, item)
	b.checkList(at, item)
	b.readParameters(at, item)
	if text, column := at.cell("read_only"); text != "" {
		yes, known := isYes(text)
		if !known {
			b.refuse(at, column.title, "xlsform.yes_no")
		}
		item.ReadOnly = item.ReadOnly || yes
	}
	item.Relevant = b.expression(at, item, "relevant")
	item.Constraint = b.expression(at, item, "constraint")
	item.Calculation = b.expression(at, item, "calculation")
	item.RepeatCount = b.expression(at, item, "repeat_count")
	item.ChoiceFilter = b.expression(at, item, "choice_filter")
	item.Required = b.required(at, item)
	item.Default = b.defaultOf(at, item)
	b.checkUse(at, item)
	return item
}

func (b *builder) checkName(at row, item *Item) {
	column := "name"
	switch {
	case item.Name == "" && (item.Type == TypeGroup || item.Type == TypeNote):
		item.Name = "row_" + strconv.Itoa(at.n)
	case item.Name == "":
		b.refuse(at, column, "xlsform.name.missing")
	case len(item.Name) > longestName:
		b.refuse(at, column, "xlsform.name.long", "n", longestName)
	case !isName(item.Name):
		b.refuse(at, column, "xlsform.name.invalid", "name", item.Name)
	case reserved[strings.ToLower(item.Name)]:
		b.refuse(at, column, "xlsform.name.reserved", "name", item.Name)
	}
}

// checkLabel refuses a question without words: nobody could ask it.
func (b *builder) checkLabel(at row, item *Item) {
	if (item.Type.Asks() || item.Type == TypeNote) && len(item.Label) == 0 && len(item.Hint) == 0 && len(item.Media) == 0 {
		b.refuse(at, "label", "xlsform.label.empty", "name", item.Name)
	}
}

func (b *builder) checkList(at row, item *Item) {
	if item.Type != TypeSelectOne && item.Type != TypeSelectMultiple {
		return
	}
	if _, known := b.form.Lists[item.List]; !known {
		b.refuse(at, "type", "xlsform.list.unknown", "list", item.List)
	}
}

// readParameters reads "start=0 end=10 step=1" of a range. Those of other types
// order or show choices.
func (b *builder) readParameters(at row, item *Item) {
	text, column := at.cell("parameters")
	for _, p := range strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(" ,;\n\t", c) }) {
		name, value, _ := strings.Cut(p, "=")
		if item.Parameters == nil {
			item.Parameters = map[string]string{}
		}
		item.Parameters[strings.ToLower(name)] = value
	}
	if item.Type != TypeRange {
		if text != "" {
			b.warn(at, column.title, "xlsform.column.left")
			item.Parameters = nil
		}
		return
	}
	if item.Parameters == nil {
		item.Parameters = map[string]string{}
	}
	for name, preset := range map[string]string{"start": "1", "end": "10", "step": "1"} {
		if item.Parameters[name] == "" {
			item.Parameters[name] = preset
		}
		if _, err := strconv.ParseFloat(item.Parameters[name], 64); err != nil {
			b.refuse(at, column.title, "xlsform.range", "name", name)
		}
	}
}

// isYes reads a yes or a no.
func isYes(s string) (yes, known bool) {
	switch strings.ToLower(strings.ReplaceAll(s, " ", "")) {
	case "yes", "true", "true()", "1":
		return true, true
	case "no", "false", "false()", "0":
		return false, true
	}
	return false, false
}

func (b *builder) required(at row, item *Item) *expression.Expr {
	yes, known := isYes(at.text("required"))
	if known && !yes {
		return nil
	}
	if known {
		always, err := expression.Parse("true()")
		if err != nil {
			return nil
		}
		return always
	}
	return b.expression(at, item, "required")
}

// defaultOf reads what a question begins with: words as they stand, or an
// expression where there is a call or a reference in it.
func (b *builder) defaultOf(at row, item *Item) *expression.Expr {
	text := at.text("default")
	if text == "" {
		return nil
	}
	if !strings.Contains(text, "${") && !strings.Contains(text, "(") {
		return expression.Literal(text)
	}
	return b.expression(at, item, "default")
}

func (b *builder) expression(at row, item *Item, name string) *expression.Expr {
	text, column := at.cell(name)
	if text == "" {
		return nil
	}
	e, err := expression.Parse(text)
	if err != nil {
		b.refuseExpression(at.n, column.title, err)
		return nil
	}
	c := cell{expr: e, item: item, column: column.title}
	if name == "choice_filter" {
		c.filter = item.List
	}
	b.cells = append(b.cells, c)
	return e
}

// checkUse refuses and warns of columns that mean nothing for the type.
func (b *builder) checkUse(at row, item *Item) {
	switch {
	case item.Type == TypeCalculate && item.Calculation == nil && item.Default == nil && at.text("calculation") == "":
		b.refuse(at, "calculation", "xlsform.calculation.missing", "name", item.Name)
	case item.ChoiceFilter != nil && item.List == "":
		b.refuse(at, "choice_filter", "xlsform.column.useless")
	case item.RepeatCount != nil && item.Type != TypeRepeat:
		b.refuse(at, "repeat_count", "xlsform.column.useless")
	}
	if item.Calculation != nil && item.Type.Asks() {
		if !item.ReadOnly {
			b.warn(at, "calculation", "xlsform.calculation.asked", "name", item.Name)
		}
		item.ReadOnly = true
	}
}

// checkAppearance refuses the appearances that change what a form does and not how it
// looks: choices from a file, and an answer that another program gives.
func (b *builder) checkAppearance(at row) {
	said, column := at.cell("appearance")
	for word := range strings.FieldsSeq(strings.ToLower(said)) {
		switch {
		case strings.HasPrefix(word, "search("):
			b.refuse(at, column.title, "xlsform.appearance.search")
		case strings.HasPrefix(word, "ex:"):
			b.refuse(at, column.title, "xlsform.appearance.program")
		}
	}
}
