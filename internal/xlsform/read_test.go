package xlsform_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"amana/internal/xlsform"
)

// place is a problem as a table writes it: "survey 3 relevant: key".
func place(p xlsform.Problem) string {
	return fmt.Sprintf("%s %d %s: %s", p.Sheet, p.Row, p.Column, p.Key)
}

func TestRead_refusals(t *testing.T) {
	tests := []struct{ name, survey, want string }{
		{"no type column", "name | label\na | A", "survey 1 type: xlsform.column.missing"},
		{"no rows", "type | name | label", "survey 0 : xlsform.sheet.missing"},
		{"a type that nobody knows", "type | name | label\ntxt | a | A", "survey 2 type: xlsform.type.unknown"},
		{"a row without a type", "type | name | label\n | a | A", "survey 2 type: xlsform.type.missing"},
		{"a place", "type | name | label\ngeopoint | a | A", "survey 2 type: xlsform.type.place"},
		{"a line on a map", "type | name | label\ngeotrace | a | A", "survey 2 type: xlsform.type.place"},
		{"a photograph", "type | name | label\nimage | a | A", "survey 2 type: xlsform.type.file"},
		{"a recording", "type | name | label\naudio | a | A", "survey 2 type: xlsform.type.file"},
		{"a file", "type | name | label\nfile | a | A", "survey 2 type: xlsform.type.file"},
		{"an order of choices", "type | name | label\nrank place | a | A", "survey 2 type: xlsform.type.unknown"},
		{"choices from a file", "type | name | label\nselect_one_from_file a.csv | a | A", "survey 2 type: xlsform.type.elsewhere"},
		{"choices of a repeat", "type | name | label\nselect_one ${people} | a | A", "survey 2 type: xlsform.type.unknown"},
		{"a loop", "type | name | label\nbegin loop | a | A", "survey 2 type: xlsform.type.unknown"},
		{"a name twice", "type | name | label\ntext | a | A\ntext | a | B", "survey 3 name: xlsform.name.twice"},
		{"a name twice in two groups", "type|name|label\nbegin group|g|G\ntext|a|A\nend group||\nbegin group|h|H\ntext|a|A\nend group||", "survey 6 name: xlsform.name.twice"},
		{"a group's name again", "type|name|label\nbegin group|g|G\ntext|g|A\nend group||", "survey 3 name: xlsform.name.twice"},
		{"the name of the words for other", "type|name|label\nselect_one place or_other|a|A\ntext|a_other|B", "survey 3 name: xlsform.name.twice"},
		{"no name", "type | name | label\ntext | | A", "survey 2 name: xlsform.name.missing"},
		{"a name with a space", "type | name | label\ntext | a b | A", "survey 2 name: xlsform.name.invalid"},
		{"a name with a stroke", "type | name | label\ntext | a/b | A", "survey 2 name: xlsform.name.invalid"},
		{"a name that begins with a digit", "type | name | label\ntext | 1a | A", "survey 2 name: xlsform.name.invalid"},
		{"a name too long", "type | name | label\ntext | " + strings.Repeat("a", 65) + " | A", "survey 2 name: xlsform.name.long"},
		{"a name that is taken", "type | name | label\ntext | meta | A", "survey 2 name: xlsform.name.reserved"},
		{"no words", "type | name | label\ntext | a | ", "survey 2 label: xlsform.label.empty"},
		{"a list that is not there", "type | name | label\nselect_one nowhere | a | A", "survey 2 type: xlsform.list.unknown"},
		{"a group that stays open", "type|name|label\nbegin group|g|G\ntext|a|A", "survey 2 type: xlsform.group.open"},
		{"an end too many", "type|name|label\ntext|a|A\nend group||", "survey 3 type: xlsform.group.end"},
		{"the wrong end", "type|name|label\nbegin repeat|g|G\ntext|a|A\nend group||", "survey 4 type: xlsform.group.end"},
		{"a repeat within a repeat", "type|name|label\nbegin repeat|g|G\nbegin repeat|h|H\ntext|a|A\nend repeat||\nend repeat||", "survey 3 type: xlsform.repeat.nested"},
		{"a question that is not there", "type|name|label|relevant\ntext|a|A|${b} = 1", "survey 2 relevant: xlsform.reference.unknown"},
		{"a name without braces", "type|name|label|relevance\ntext|a|A|\ntext|b|B|a = 1", "survey 3 relevance: xlsform.reference.bare"},
		{"a group in an expression", "type|name|label|constraint\nbegin group|g|G|\ntext|a|A|${g} = 1\nend group|||", "survey 3 constraint: xlsform.reference.group"},
		{"a question that was left out", "type|name|label|constraint\ntoday|today||\ndate|a|A|. <= ${today}", "survey 3 constraint: xlsform.reference.left"},
		{"a path that leads nowhere", "type|name|label|relevant\ntext|a|A|../../../b = 1", "survey 2 relevant: xlsform.reference.unknown"},
		{"one of two repeats", "type|name|label|calculation\nbegin repeat|g|G|\ntext|a|A|\nend repeat|||\nbegin repeat|h|H|\ntext|a|A|\nend repeat|||\ncalculate|c||count(${a})", "survey 8 calculation: xlsform.reference.ambiguous"},
		{"another repeat", "type|name|label|calculation\nbegin repeat|g|G|\ntext|a|A|\nend repeat|||\nbegin repeat|h|H|\ntext|b|B|\nend repeat|||\ncalculate|c||indexed-repeat(${a}, ${h}, 1)", "survey 8 calculation: xlsform.reference.repeat"},
		{"a place outside of repeats", "type|name|label|calculation\ncalculate|c||position(..)", "survey 2 calculation: xlsform.expression.position"},
		{"a label of no choice", "type|name|label|calculation\ntext|a|A|\ncalculate|c||jr:choice-name(${a}, '${a}')", "survey 3 calculation: xlsform.reference.choices"},
		{"a function that nobody knows", "type|name|label|calculation\ncalculate|c||upside-down('a')", "survey 2 calculation: xlsform.expression.function"},
		{"a half expression", "type|name|label|relevant\ntext|a|A|\ntext|b|B|${a} =", "survey 3 relevant: xlsform.expression.end"},
		{"calculations in a circle", "type|name|label|calculation\ncalculate|a||${b} + 1\ncalculate|b||${a} + 1", "survey 2 calculation: xlsform.circle"},
		{"a calculation of itself", "type|name|label|calculation\ncalculate|a||${a} + 1", "survey 2 calculation: xlsform.circle"},
		{"relevant by itself", "type|name|label|relevant\ntext|a|A|${a} = 1", "survey 2 relevant: xlsform.circle"},
		{"relevant by each other", "type|name|label|relevant\ntext|a|A|${b} = ''\ntext|b|B|${a} = ''", "survey 2 relevant: xlsform.circle"},
		{"a group relevant by what it holds", "type|name|label|relevant\nbegin group|g|G|${a} = 1\ntext|a|A|\nend group|||", "survey 2 relevant: xlsform.circle"},
		{"a calculation without one", "type|name|label|calculation\ncalculate|c||", "survey 2 calculation: xlsform.calculation.missing"},
		{"a filter without choices", "type|name|label|choice_filter\ntext|a|A|true()", "survey 2 choice_filter: xlsform.column.useless"},
		{"a filter by a column that is not there", "type|name|label|choice_filter\nselect_one place|a|A|country = 1", "survey 2 choice_filter: xlsform.reference.column"},
		{"a count without a repeat", "type|name|label|repeat_count\ntext|a|A|3", "survey 2 repeat_count: xlsform.column.useless"},
		{"a trigger", "type|name|label|trigger\ntext|a|A|\ntext|b|B|${a}", "survey 3 trigger: xlsform.column.unsupported"},
		{"readonly by an expression", "type|name|label|readonly\ntext|a|A|${b}", "survey 2 readonly: xlsform.yes_no"},
		{"a range without numbers", "type|name|label|parameters\nrange|a|A|start=a end=5", "survey 2 parameters: xlsform.range"},
		{"a label that asks for nothing there is", "type|name|label\ntext|a|Hello ${b}", "survey 2 label: xlsform.reference.unknown"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, problems := xlsform.Read(workbook(t, "survey", tt.survey, "choices", choices, "settings", settings))
			wanted := func(p xlsform.Problem) bool { return p.Fatal && place(p) == tt.want }
			if f != nil || !slices.ContainsFunc(problems, wanted) || len(problems) > 2 {
				t.Errorf("form %v, problems %v, want %s", f != nil, problems, tt.want)
			}
		})
	}
}

func TestRead_refusalsOutsideOfTheSurvey(t *testing.T) {
	const survey = "type | name | label\nselect_one l | a | A"
	tests := []struct {
		name   string
		sheets []string
		want   string
	}{
		{"a choice twice", []string{"survey", survey, "choices", "list_name|name|label\nl|a|A\nl|a|B", "settings", settings}, "choices 3 name: xlsform.choice.twice"},
		{"a choice with a space", []string{"survey", survey, "choices", "list_name|name|label\nl|a b|A", "settings", settings}, "choices 2 name: xlsform.choice.name"},
		{"a choice without a name", []string{"survey", survey, "choices", "list name|value|label\nl||A", "settings", settings}, "choices 2 value: xlsform.choice.name"},
		{"a choice without a list", []string{"survey", survey, "choices", "list_name|name|label\n|a|A\nl|a|A", "settings", settings}, "choices 2 list_name: xlsform.choice.list"},
		{"a choice without words", []string{"survey", survey, "choices", "list_name|name|label\nl|a|", "settings", settings}, "choices 2 label: xlsform.label.empty"},
		{"no form_id", []string{"survey", "type|name|label\ntext|a|A", "settings", "form_title\nA"}, "settings 2 form_id: xlsform.settings.form_id"},
		{"no settings", []string{"survey", "type|name|label\ntext|a|A"}, "settings 1 form_id: xlsform.settings.form_id"},
		{"choices elsewhere", []string{"survey", "type|name|label\ntext|a|A", "external_choices", "a\nb", "settings", settings}, "external_choices 0 : xlsform.sheet.unsupported"},
		{"no survey", []string{"settings", settings}, "survey 0 : xlsform.sheet.missing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, problems := xlsform.Read(workbook(t, tt.sheets...))
			wanted := func(p xlsform.Problem) bool { return p.Fatal && place(p) == tt.want }
			if f != nil || !slices.ContainsFunc(problems, wanted) || len(problems) > 2 {
				t.Errorf("form %v, problems %v, want %s", f != nil, problems, tt.want)
			}
		})
	}
}

// What is left out is said, with the reason.
func TestRead_warnings(t *testing.T) {
	tests := []struct{ name, survey, want string }{
		{"who fills in", "type|name|label\nusername|who|\ntext|a|A", "survey 2 type: xlsform.left.who"},
		{"when it began", "type|name|label\nstart|start|\ntext|a|A", "survey 2 type: xlsform.left.who"},
		{"which device", "type|name|label\ndeviceid|device|\ntext|a|A", "survey 2 type: xlsform.left.device"},
		{"which telephone", "type|name|label\nphonenumber|phone|\ntext|a|A", "survey 2 type: xlsform.left.device"},
		{"where it was filled in", "type|name|label\nstart-geopoint|where|\ntext|a|A", "survey 2 type: xlsform.left.place"},
		{"what was said nearby", "type|name|label\nbackground-audio|sound|\ntext|a|A", "survey 2 type: xlsform.left.sound"},
		{"a column that nobody knows", "type|name|label|colour\ntext|a|A|red", "survey 1 colour: xlsform.column.left"},
		{"a column without a heading", "type|name|label|\ntext|a|A|red", "survey 1 D: xlsform.column.unnamed"},
		{"a language without a tag", "type|name|label::Zarma\ntext|a|A", "survey 1 label::Zarma: xlsform.column.language"},
		{"a text that one language lacks", "type|name|label::en|label::fr\ntext|a|A|A\ntext|b|B|", "survey 3 label::fr: xlsform.label.language"},
		{"an empty group", "type|name|label\ntext|a|A\nbegin group|g|G\nend group||", "survey 3 type: xlsform.group.empty"},
		{"a calculation that could be typed over", "type|name|label|calculation\ntext|a|A|1 + 1", "survey 2 calculation: xlsform.calculation.asked"},
		{"an order of choices", "type|name|label|parameters\nselect_one place|a|A|seed=1", "survey 2 parameters: xlsform.column.left"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, problems := xlsform.Read(workbook(t, "survey", tt.survey, "choices", choices, "settings", settings))
			if f == nil || len(problems) != 1 || place(problems[0]) != tt.want {
				t.Errorf("form %v, problems %v, want only %s", f != nil, problems, tt.want)
			}
		})
	}
	t.Run("no version", func(t *testing.T) {
		f, problems := xlsform.Read(workbook(t, "survey", "type|name|label\ntext|a|A", "settings", "form_id\ntrial"))
		if f == nil || len(f.Version) != 8 || len(problems) != 1 || problems[0].Key != "xlsform.settings.version" {
			t.Errorf("problems %v, want a version that was made", problems)
		}
	})
	t.Run("a sheet that is not read", func(t *testing.T) {
		f, problems := xlsform.Read(workbook(t, "survey", "type|name|label\ntext|a|A", "settings", settings, "how to", "=1"))
		if f == nil || len(problems) != 1 || place(problems[0]) != "how to 0 : xlsform.sheet.left" {
			t.Errorf("problems %v, want that one", problems)
		}
	})
}

// The names that columns and types have had over the years all mean the same.
func TestRead_manySpellings(t *testing.T) {
	f, _ := xlsform.Read(workbook(t,
		"Survey", `
Type | Name | label::French (fr) | label : English | Hint::fr | relevance | Constraint Message::fr | read only | required message::fr | media::image::fr | bind::amana:sensitive | guidance_hint::fr | calculate | required
begin group | g | Groupe | Group |
select one from yes no list | a
`, "settings", settings))
	if f != nil {
		t.Fatal("a list with spaces in its name was read")
	}
	var problems []xlsform.Problem
	f, problems = xlsform.Read(workbook(t,
		"Survey", `
Type | Name | label::French (fr) | label:English | Hint::fr | relevance | Constraint Message::fr | read only | required message::fr | media::image::fr | bind::amana:sensitive | guidance_hint::fr | calculate | required
begin group | g | Groupe | Group
Select One yes_no or_other | a | Question | Question | Aide | | Non | yes | Dites-le | a.png | yes | Pourquoi
select all that apply from place | b | Q | Q | | ${a} = 'yes'
int | c | Q | Q | | | | | | | | | | TRUE
add select one prompt using yes_no | d | Q | Q
end_group
`, "Choices", "list name | value | label::French (fr) | label::English (en)\nyes_no|yes|Oui|Yes\nplace|p|L|P",
		"SETTINGS", "id_string | title::fr | default_language | version\nmine | Essai | French (fr) | 2026-1"))
	if f == nil || len(problems) > 0 {
		t.Fatalf("problems %v, want none", problems)
	}
	if f.ID != "mine" || f.Version != "2026-1" || f.Title["fr"] != "Essai" || f.Default != "fr" || !slices.Equal(f.Languages, []string{"fr", "en"}) {
		t.Errorf("settings: %q %q %v %q %v", f.ID, f.Version, f.Title, f.Default, f.Languages)
	}
	a := f.Items[0].Items[0]
	if a.Type != xlsform.TypeSelectOne || a.List != "yes_no" || !a.OrOther || !a.ReadOnly || !a.Sensitive() {
		t.Errorf("a: %+v", a)
	}
	if a.Label["fr"] != "Question" || a.Label["en"] != "Question" || a.Hint["fr"] != "Aide" || a.ConstraintMessage["fr"] != "Non" ||
		a.RequiredMessage["fr"] != "Dites-le" || a.Media["image"]["fr"] != "a.png" || a.Guidance["fr"] != "Pourquoi" {
		t.Errorf("a's words: %+v", a)
	}
	rest := f.Items[0].Items[1:]
	if rest[0].Type != xlsform.TypeSelectMultiple || rest[0].Relevant.String() != "${a} = 'yes'" || rest[1].Type != xlsform.TypeInteger ||
		rest[1].Required == nil || rest[2].Type != xlsform.TypeSelectOne {
		t.Errorf("the rest: %+v %+v %+v", rest[0], rest[1], rest[2])
	}
}
