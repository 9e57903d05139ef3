package expression_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"amana/internal/xlsform/expression"
)

// answers is a form in which every name is a question: those with "list" have a
// value in each of three items.
type answers map[string]expression.Value

var names = []string{
	"self", "age", "blank", "dob", "year", "many", "clock", "yes", "no", "word", "number_as_text", "list", "list_blank", "when",
}

func sample() answers {
	return answers{
		"self": expression.TextValue("mine"), "age": expression.NumberValue(17), "dob": expression.DateValue("2009-03-09"),
		"year": expression.DateValue("2026"), "many": expression.TextValue("a b  c"), "clock": expression.ClockValue("14:30"),
		"yes": expression.BoolValue(true), "no": expression.BoolValue(false), "word": expression.TextValue("bonjour"),
		"number_as_text": expression.TextValue(" 12.50 "), "when": expression.DateValue("2026-11-25T06:00"),
	}
}

func (a answers) Value(id int) expression.Value { return a[names[id]] }

func (a answers) All(id int) []expression.Value {
	if names[id] == "list_blank" {
		return []expression.Value{{}, expression.NumberValue(4), {}}
	}
	return []expression.Value{expression.NumberValue(3), expression.NumberValue(1), expression.NumberValue(2)}
}

func (a answers) ChoiceName(_ int, choice string) string {
	if choice == "" {
		return ""
	}
	return "label of " + choice
}

func (a answers) Column(name string) string { return "column " + name }

func bind(r expression.Reference) (expression.Binding, string) {
	if r.FromChoice {
		return expression.Binding{Kind: expression.OfChoice}, ""
	}
	name := r.Name
	if len(r.Steps) > 0 {
		name = r.Steps[len(r.Steps)-1]
	}
	if r.IsSelf() {
		name = "self"
	}
	for id, known := range names {
		if known != name {
			continue
		}
		if strings.HasPrefix(name, "list") {
			return expression.Binding{Kind: expression.Many, ID: id}, ""
		}
		return expression.Binding{Kind: expression.One, ID: id}, ""
	}
	return expression.Binding{}, "xlsform.reference"
}

func eval(t testing.TB, source string) string {
	t.Helper()
	e, err := expression.Parse(source)
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	if err := e.Bind(bind); err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	return e.Eval(context(sample())).Text()
}

func context(a answers) *expression.Context {
	return &expression.Context{
		Source: a, Position: 2, Language: "fr",
		Now:    time.Date(2026, 11, 25, 6, 0, 0, 0, time.FixedZone("there", 3600)),
		Random: func() [16]byte { return [16]byte{1, 2, 3} },
	}
}

func TestEval(t *testing.T) {
	for _, tt := range vectors {
		if got := eval(t, tt[0]); got != tt[1] {
			t.Errorf("%s = %q, want %q", tt[0], got, tt[1])
		}
	}
}

var vectors = [][2]string{
	// operators and their order
	{"1 + 2 * 3", "7"},
	{"(1 + 2) * 3", "9"},
	{"7 div 2", "3.5"},
	{"-7 mod 3", "-1"},
	{"5 mod -3", "2"},
	{"1 div 0", "Infinity"},
	{"-1 div 0", "-Infinity"},
	{"0 div 0", "NaN"},
	{"--3", "3"},
	{"-(-3)", "3"},
	{"- 3 + 5", "2"},
	{"0.1 + 0.2", "0.30000000000000004"},
	{"1 - 1 - 1", "-1"},
	{"12 div 3 div 2", "2"},
	{".5 + 1.", "1.5"},
	{"1000000 * 1000000", "1000000000000"},
	{"-0", "0"},
	{"1 < 2 and 2 < 3", "true"},
	{"1 = 1 or 1 div 0 = 2", "true"},
	{"false() and true() or true()", "true"},
	{"true() or false() and false()", "true"},
	{"1 < 2 = true()", "true"},
	{"3 > 2 > 1", "false"},
	{"1 = 1 = 1", "true"},
	{"2 <= 2", "true"},
	{"2 >= 3", "false"},
	// the spaces that are left out
	{"1and1", "true"},
	{"1or0", "true"},
	{"5mod3", "2"},
	{"6div3", "2"},
	{"${age}>=18or${age}<20", "true"},
	{"(1)and(0)", "false"},
	{"${age}-1", "16"},
	{"${age} -1", "16"},
	{"2*3", "6"},
	{"\n1\t+\r\n1 ", "2"},
	{"true()and true()", "true"},
	{"'a'='a'and'b'='b'", "true"},
	// types
	{"'1' = 1", "true"},
	{"'1.0' = 1", "true"},
	{"'1.0' = '1'", "false"},
	{"'a' < 'b'", "false"},
	{"'2' < '10'", "true"},
	{"'' = 0", "false"},
	{"'' < 1", "false"},
	{"'' = ''", "true"},
	{"true() = 1", "true"},
	{"true() = 'x'", "true"},
	{"false() = ''", "false"}, // XPath says true; then a no would count as no answer
	{"${no} = ''", "false"},
	{"${no} != ''", "true"},
	{"${no} = 'false'", "true"},
	{"true() = 'false'", "false"},
	{"false() = 'false'", "true"},
	{"true() + true()", "2"},
	{"number('abc') = number('abc')", "false"},
	{"number('abc') != number('abc')", "true"},
	{"number('')", "NaN"},
	{"number(' 12 ')", "12"},
	{"number('\n12\n')", "12"},
	{"number('1e3')", "NaN"},
	{"number('+1')", "NaN"},
	{"number('-1.5')", "-1.5"},
	{"number('--1')", "NaN"},
	{"number('1.2.3')", "NaN"},
	{"number('.')", "NaN"},
	{"number('-')", "NaN"},
	{"number(true())", "1"},
	{"number('1,5')", "NaN"},
	{"string(1.0)", "1"},
	{"string(0.50)", "0.5"},
	{"string(-0.0)", "0"},
	{"string(true())", "true"},
	{"string(1 div 3)", "0.3333333333333333"},
	{"boolean(0)", "false"},
	{"boolean('0')", "true"},
	{"boolean('')", "false"},
	{"boolean(0 div 0)", "false"},
	{"boolean(-1)", "true"},
	{"boolean('false')", "true"},
	{"boolean-from-string('1')", "true"},
	{"boolean-from-string('true')", "true"},
	{"boolean-from-string('yes')", "false"},
	{"boolean-from-string(1)", "true"},
	{"not('')", "true"},
	{"not(0)", "true"},
	{"not('a')", "false"},
	// questions
	{"${age}", "17"},
	{"${ age }", "17"},
	{"${age} < 18", "true"},
	{"${age} = '17'", "true"},
	{"${blank} = ''", "true"},
	{"${blank} != ''", "false"},
	{"${age} != ''", "true"},
	{"${blank} < 18", "false"},
	{"not(${blank} >= 18)", "true"},
	{"${blank} + 1", "NaN"},
	{"${yes}", "true"},
	{"${no} = 'false'", "true"},
	{"${yes} = 'true'", "true"},
	{"${number_as_text} * 2", "25"},
	{".", "mine"},
	{". = 'mine'", "true"},
	{"../age", "17"},
	{"../../age + 1", "18"},
	{"/data/group/age", "17"},
	{"current()/../age", "17"},
	{"current()/.", "mine"},
	{"./age", "17"},
	{"name", "column name"},
	{"name = 'column name'", "true"},
	// several values
	{"sum(${list})", "6"},
	{"min(${list})", "1"},
	{"max(${list}, 9)", "9"},
	{"count(${list})", "3"},
	{"count-non-empty(${list_blank})", "1"},
	{"sum(${list_blank})", "NaN"},
	{"${list} = 2", "true"},
	{"${list} != 2", "true"},
	{"${list} > 2", "true"},
	{"${list} > 3", "false"},
	{"${list}", "3"},
	{"join(', ', ${list})", "3, 1, 2"},
	{"concat(${list}, '!')", "312!"},
	{"indexed-repeat(${list}, ${list_blank}, 2)", "1"},
	{"indexed-repeat(${list}, ${list_blank}, 0)", ""},
	{"indexed-repeat(${list}, ${list_blank}, 4)", ""},
	{"indexed-repeat(${list}, ${list_blank}, 'x')", ""},
	{"position(..)", "2"},
	{"position(../..) = 2", "true"},
	{"selected(${list}, '2')", "true"},
	{"boolean(${list})", "true"},
	{"${list} = true()", "true"},
	{"3 = ${list}", "true"},
	// choices
	{"selected(${many}, 'b')", "true"},
	{"selected(${many}, 'c')", "true"},
	{"selected(${many}, ' a ')", "true"},
	{"selected(${many}, 'd')", "false"},
	{"selected(${many}, 'a b')", "false"},
	{"selected('', '')", "true"},
	{"selected(${blank}, 'a')", "false"},
	{"selected(${many}, '')", "false"},
	{"selected('ab', 'a')", "false"},
	{"count-selected(${many})", "3"},
	{"count-selected(${blank})", "0"},
	{"selected-at(${many}, 0)", "a"},
	{"selected-at(${many}, 2)", "c"},
	{"selected-at(${many}, 3)", ""},
	{"selected-at(${many}, -1)", ""},
	{"jr:choice-name(${word}, '${word}')", "label of bonjour"},
	{"jr:choice-name(selected-at(${many}, 1), '${many}')", "label of b"},
	{"jr:choice-name(${blank}, '${word}')", ""},
	{"jr:choice-name(${word}, ' ../word ')", "label of bonjour"},
	// logic
	{"if(1 > 2, 'a', 'b')", "b"},
	{"if('', 'a', 'b')", "b"},
	{"if(true(), if(false(), 1, 2), 3)", "2"},
	{"coalesce('', 'b')", "b"},
	{"coalesce('a', 'b')", "a"},
	{"coalesce(${blank}, ${age})", "17"},
	{"coalesce(number('x'), 5)", "5"},
	{"coalesce(false(), 'b')", "false"},
	{"coalesce('', '')", ""},
	{"coalesce(0, 1)", "0"},
	{"once('new')", "mine"},
	{"checklist(1, 2, true(), false(), 1)", "true"},
	{"checklist(-1, 1, true(), true())", "false"},
	{"checklist(2, -1, true(), 0)", "false"},
	{"weighted-checklist(3, 5, true(), 2, true(), 1, false(), 9)", "true"},
	{"weighted-checklist(3, -1, true(), 2)", "false"},
	{"weighted-checklist(-1, 4, 1, 5)", "false"},
	// numbers
	{"int(3.9)", "3"},
	{"int(-3.9)", "-3"},
	{"int('12abc')", "NaN"},
	{"floor(-1.5)", "-2"},
	{"ceiling(1.2)", "2"},
	{"ceiling(-0.5)", "0"},
	{"abs(-4)", "4"},
	{"round(2.5)", "3"},
	{"round(-2.5)", "-2"},
	{"round(-2.6)", "-3"},
	{"round(1.2345, 2)", "1.23"},
	{"round(1250, -2)", "1300"},
	{"round('x')", "NaN"},
	{"round(0.49999999999999994)", "0"},
	{"round(1234.5, 400)", "1234.5"},
	{"pow(2, 10)", "1024"},
	{"sqrt(9)", "3"},
	{"sqrt(-1)", "NaN"},
	{"exp(0)", "1"},
	{"exp10(2)", "100"},
	{"log(1)", "0"},
	{"log10(1000)", "3"},
	{"sin(0)", "0"},
	{"cos(0)", "1"},
	{"tan(0)", "0"},
	{"asin(0)", "0"},
	{"acos(1)", "0"},
	{"atan(0)", "0"},
	{"atan2(0, 1)", "0"},
	{"round(pi(), 4)", "3.1416"},
	{"min(3, 1, 2)", "1"},
	{"max(3, '7')", "7"},
	{"max(1, '')", "NaN"},
	{"sum(1, 2, 3)", "6"},
	// words
	{"concat('a', 1, true())", "a1true"},
	{"join('-', 'a', 'b', 'c')", "a-b-c"},
	{"string-length('ɓɛ́')", "3"},
	{"string-length('')", "0"},
	{"substr('hello', 1, 3)", "el"},
	{"substr('hello', 2)", "llo"},
	{"substr('hello', -3)", "llo"},
	{"substr('hello', -3, -1)", "ll"},
	{"substr('hello', 3, 1)", ""},
	{"substr('ɓɛŋ', 1, 2)", "ɛ"},
	{"substr('hello', 'x')", "hello"},
	{"substr('hello', 0, 99)", "hello"},
	{"substring('12345', 2, 3)", "234"},
	{"substring('12345', 1.5, 2.6)", "234"},
	{"substring('12345', 0, 3)", "12"},
	{"substring('12345', 2)", "2345"},
	{"substring('12345', 0 div 0, 3)", ""},
	{"substring('12345', -42, 1 div 0)", "12345"},
	{"substring-before('1999/04/01', '/')", "1999"},
	{"substring-before('abc', 'x')", ""},
	{"substring-after('1999/04/01', '/')", "04/01"},
	{"substring-after('abc', 'x')", ""},
	{"substring-after('abc', '')", "abc"},
	{"contains('abc', 'b')", "true"},
	{"contains('abc', '')", "true"},
	{"starts-with('abc', 'ab')", "true"},
	{"ends-with('abc', 'bc')", "true"},
	{"normalize-space('  a \n b ')", "a b"}, //nolint:misspell // XPath spells it so
	{"ends-with('abc', 'ab')", "false"},
	{"translate('bar', 'abc', 'AB')", "BAr"},
	{"translate('-aaa-', 'abc-', 'ABC')", "AAA"},
	{"translate('aa', 'aa', 'xy')", "xx"},
	{"regex('0612345678', '[0-9]{10}')", "true"},
	{"regex('06123456789', '[0-9]{10}')", "false"},
	{"regex('ab', 'a|ab')", "true"},
	{"regex(${age}, '\\d+')", "true"},
	{"regex('a\nb', 'a.b')", "false"},
	{"“curly” = 'curly'", "true"},
	{"‘a’", "a"},
	{`"it's"`, "it's"},
	{"uuid()", "01020300-0000-4000-8000-000000000000"},
	{"random() < 1", "true"},
	// dates: days since 1970 by the calendar of the place
	{"today()", "2026-11-25"},
	{"now()", "2026-11-25T06:00"},
	{"today() = '2026-11-25'", "true"},
	{"today() > '2026-11-24'", "true"},
	{"'2026-11-24' < today()", "true"},
	{"today() - 1 = number('2026-11-24')", "true"},
	{"date(today() - 1)", "2026-11-24"},
	{"date('2012-02-03')", "2012-02-03"},
	{"number(date('1970-01-02'))", "1"},
	{"date('1969-12-31') + 0", "-1"},
	{"date('2012-02-03T14:30:00.000+01:00')", "2012-02-03"},
	{"date('2012-02-30')", ""},
	{"date('abc')", ""},
	{"date('')", ""},
	{"date(15373)", "2012-02-03"},
	{"date(15373.9)", "2012-02-03"},
	{"date('2026-03')", "2026-03"},
	{"${year} <= today()", "true"},
	{"${year} = '2026-01-01'", "true"},
	{"${year} < '2026'", "false"},
	{"'2026-03' > ${year}", "true"},
	{"${year}", "2026"},
	{"int((today() - ${dob}) div 365.25)", "17"},
	{"${dob} > today()", "false"},
	{"${dob} = ''", "false"},
	{"${blank} <= today()", "false"},
	{"today() - ${blank}", "NaN"},
	{"date('2024-03-01') - date('2024-02-28')", "2"},
	{"'2024-03-01' - '2024-02-28'", "2"},
	{"'2024-03-01' < '2024-02-28'", "false"},
	{"min('2024-03-01', '2024-02-28')", "19781"},
	{"format-date(${dob}, '%d/%m/%Y')", "09/03/2009"},
	{"format-date(${dob}, '%e %b %y')", "9 mars 09"},
	{"format-date('2026-11-25', '%a %n')", "mer. 11"},
	{"format-date(${year}, '%d/%m/%Y')", "2026"},
	{"format-date('', '%Y')", ""},
	{"format-date('x', '%Y')", ""},
	{"format-date-time(now(), '%H:%M:%S.%3 %%')", "06:00:00.000 %"},
	{"format-date(${dob}, '100%')", "100%"},
	{"format-date(${dob}, '%q')", "%q"},
	{"date-time('2026-11-25T06:00:05')", "2026-11-25T06:00:05"},
	{"decimal-date-time('1970-01-02T12:00')", "1.5"},
	{"decimal-date-time('2012-02-03')", "15373"},
	{"date-time(1.5)", "1970-01-02T12:00"},
	{"decimal-time('06:00')", "0.25"},
	{"decimal-time(${when})", "0.25"},
	{"${clock} > '12:00'", "true"},
	{"${clock} = '14:30:00'", "true"},
	{"${clock} < '14:30'", "false"},
	{"${clock} = ''", "false"},
	{"(now() - ${when}) * 24", "0"},
	{"(decimal-date-time('2026-11-28T06:01') - ${when}) * 24 > 72", "true"},
	{"date(99999999)", ""},
	{"date(1 div 0)", ""},
}

func TestParse_refusals(t *testing.T) {
	tests := []struct {
		source string
		at     int
		key    string
	}{
		{"", 1, "xlsform.expression.end"},
		{"1 +", 4, "xlsform.expression.end"},
		{"(1", 3, "xlsform.expression.end"},
		{"1)", 2, "xlsform.expression.unexpected"},
		{"1 2", 3, "xlsform.expression.unexpected"},
		{"a b", 3, "xlsform.expression.unexpected"},
		{"1 = = 2", 5, "xlsform.expression.unexpected"},
		{"'open", 1, "xlsform.expression.quote"},
		{"${open", 1, "xlsform.expression.brace"},
		{"${}", 1, "xlsform.expression.reference"},
		{"a & b", 3, "xlsform.expression.sign"},
		{"1 == 2", 4, "xlsform.expression.unexpected"},
		{"pulldata('a', 'b', 'c', 'd')", 1, "xlsform.expression.elsewhere"},
		{"1 + instance('x')/root", 5, "xlsform.expression.elsewhere"},
		{"digest('a', 'MD5')", 1, "xlsform.expression.function"},
		{"If(1, 2, 3)", 1, "xlsform.expression.function"},
		{"if(1, 2)", 1, "xlsform.expression.arguments"},
		{"today(1)", 1, "xlsform.expression.arguments"},
		{"selected(${a})", 1, "xlsform.expression.arguments"},
		{"indexed-repeat(${a}, ${b})", 1, "xlsform.expression.arguments"},
		{"indexed-repeat(1, ${b}, 1)", 1, "xlsform.expression.arguments"},
		{"once()", 1, "xlsform.expression.arguments"},
		{"concat(1,)", 10, "xlsform.expression.unexpected"},
		{"position()", 1, "xlsform.expression.position"},
		{"regex(., '(')", 10, "xlsform.expression.pattern"},
		{"regex(., '(?=a)')", 10, "xlsform.expression.pattern"},
		{"regex(., ${a})", 1, "xlsform.expression.pattern_literal"},
		{"regex(., '(a{1000}){1000}')", 10, "xlsform.expression.pattern"},
		{"jr:choice-name(${a}, ${a})", 22, "xlsform.expression.choice_name"},
		{"jr:choice-name(${a}, 'a b')", 22, "xlsform.expression.choice_name"},
		{"concat('${a}', 1)", 8, "xlsform.expression.quoted"},
		{"${a} | ${b}", 6, "xlsform.expression.union"},
		{"${a}[1]", 5, "xlsform.expression.predicate"},
		{"//a", 1, "xlsform.expression.unexpected"},
		{"/data/*", 7, "xlsform.expression.path"},
		{"../@a", 4, "xlsform.expression.path"},
		{"a/../b", 3, "xlsform.expression.path"},
		{"${a}/b", 5, "xlsform.expression.unexpected"},
		{strings.Repeat("(", 100) + "1" + strings.Repeat(")", 100), 65, "xlsform.expression.deep"},
		{strings.Repeat("not(", 100) + "1" + strings.Repeat(")", 100), 257, "xlsform.expression.deep"},
		{strings.Repeat("1+", 5000) + "1", 8000, "xlsform.expression.long"},
	}
	for _, tt := range tests {
		_, err := expression.Parse(tt.source)
		var refused *expression.Error
		if !errors.As(err, &refused) {
			t.Errorf("%.40s: err = %v, want one that says where", tt.source, err)
			continue
		}
		if refused.At != tt.at || refused.Key != tt.key {
			t.Errorf("%.40s: %d %s, want %d %s", tt.source, refused.At, refused.Key, tt.at, tt.key)
		}
	}
}

func TestBind_namesWhatIsMissing(t *testing.T) {
	e, err := expression.Parse("1 + ${nowhere}")
	if err != nil {
		t.Fatal(err)
	}
	var refused *expression.Error
	if err := e.Bind(bind); !errors.As(err, &refused) || refused.At != 5 || refused.Args[1] != "${nowhere}" {
		t.Errorf("err = %v, want one at character 5 that names it", err)
	}
}

// Whatever is asked, not() turns it, and a blank never counts as a number.
func TestLaws(t *testing.T) {
	value := rapid.SampledFrom([]string{"1", "0", "''", "'a'", "'12'", "true()", "false()", "${age}", "${blank}", "${dob}", "${list}", "today()", "0 div 0", "'2026-01-01'"})
	operator := rapid.SampledFrom([]string{"=", "!=", "<", "<=", ">", ">=", "and", "or", "+", "-", "*", "div", "mod"})
	rapid.Check(t, func(rt *rapid.T) {
		a, b, op := value.Draw(rt, "a"), value.Draw(rt, "b"), operator.Draw(rt, "op")
		source := a + " " + op + " " + b
		if eval(t, "not("+source+")") == eval(t, "boolean("+source+")") {
			rt.Fatalf("not(%s) is the same", source)
		}
		if eval(t, a+" = "+b) != eval(t, b+" = "+a) {
			rt.Fatalf("%s = %s is not the same the other way round", a, b)
		}
		if eval(t, a+" < "+b) != eval(t, b+" > "+a) {
			rt.Fatalf("%s < %s is not the same as the other way round", a, b)
		}
		if a != "${list}" && b != "${list}" && eval(t, a+" = "+b) == eval(t, a+" != "+b) {
			rt.Fatalf("%s is equal and unequal to %s", a, b)
		}
		if eval(t, "if("+source+", 'x', 'y')") == eval(t, "if(not("+source+"), 'x', 'y')") {
			rt.Fatalf("if does not follow %s", source)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, v := range vectors {
		f.Add(v[0])
	}
	f.Add("current(")
	f.Add("jr:choice-name(1, '''')")
	f.Fuzz(func(t *testing.T, source string) {
		e, err := expression.Parse(source)
		if err != nil {
			return
		}
		if e.String() != source {
			t.Fatalf("%q is kept as %q", source, e)
		}
		if e.Bind(bind) == nil {
			_ = e.Eval(context(sample())).Text()
		}
	})
}

func BenchmarkEval(b *testing.B) {
	e, err := expression.Parse("(${age} < 18 or selected(${many}, 'c')) and ${dob} <= today() and not(${blank} = 'x') and string-length(.) > 2")
	if err == nil {
		err = e.Bind(bind)
	}
	if err != nil {
		b.Fatal(err)
	}
	c := context(sample())
	b.ReportAllocs()
	for b.Loop() {
		e.Eval(c)
	}
}
