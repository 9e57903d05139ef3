package expression

import (
	"math"
	"strings"
	"unicode/utf8"
)

var textFunctions = map[string]function{
	"string": {1, 1, func(c *Context, a []node) Value { return TextValue(a[0].eval(c).Text()) }},
	"concat": {1, -1, func(c *Context, a []node) Value { return TextValue(join(c, "", a)) }},
	"join": {2, -1, func(c *Context, a []node) Value {
		return TextValue(join(c, a[0].eval(c).Text(), a[1:]))
	}},
	"string-length": {1, 1, func(c *Context, a []node) Value {
		return NumberValue(float64(utf8.RuneCountInString(a[0].eval(c).Text())))
	}},
	"substr":    {2, 3, substr},
	"substring": {2, 3, substring},
	"substring-before": {2, 2, func(c *Context, a []node) Value {
		before, _, found := strings.Cut(a[0].eval(c).Text(), a[1].eval(c).Text())
		if !found {
			return Value{}
		}
		return TextValue(before)
	}},
	"substring-after": {2, 2, func(c *Context, a []node) Value {
		_, after, _ := strings.Cut(a[0].eval(c).Text(), a[1].eval(c).Text())
		return TextValue(after)
	}},
	"contains": {2, 2, func(c *Context, a []node) Value {
		return BoolValue(strings.Contains(a[0].eval(c).Text(), a[1].eval(c).Text()))
	}},
	"starts-with": {2, 2, func(c *Context, a []node) Value {
		return BoolValue(strings.HasPrefix(a[0].eval(c).Text(), a[1].eval(c).Text()))
	}},
	"ends-with": {2, 2, func(c *Context, a []node) Value {
		return BoolValue(strings.HasSuffix(a[0].eval(c).Text(), a[1].eval(c).Text()))
	}},
	"normalize-space": {1, 1, func(c *Context, a []node) Value { //nolint:misspell // XPath spells it so
		return TextValue(strings.Join(strings.Fields(a[0].eval(c).Text()), " "))
	}},
	"translate":  {3, 3, translate},
	"lower-case": {1, 1, func(c *Context, a []node) Value { return TextValue(strings.ToLower(a[0].eval(c).Text())) }},
	"upper-case": {1, 1, func(c *Context, a []node) Value { return TextValue(strings.ToUpper(a[0].eval(c).Text())) }},
	"selected": {2, 2, func(c *Context, a []node) Value {
		want := strings.TrimSpace(a[1].eval(c).Text())
		found := false
		a[0].eval(c).each(func(v Value) { found = found || selected(v.Text(), want) })
		return BoolValue(found)
	}},
	"selected-at": {2, 2, func(c *Context, a []node) Value {
		i := a[1].eval(c).Number()
		words := strings.Fields(a[0].eval(c).Text())
		if !(i >= 0 && i < float64(len(words))) {
			return Value{}
		}
		return TextValue(words[int(i)])
	}},
	"count-selected": {1, 1, func(c *Context, a []node) Value {
		return NumberValue(float64(len(strings.Fields(a[0].eval(c).Text()))))
	}},
	"uuid":   {0, 0, func(c *Context, _ []node) Value { return TextValue(uuid(c)) }},
	"random": {0, 0, func(c *Context, _ []node) Value { return random(c) }},
}

// MostText is how many bytes what is worked out may have. What grows beyond is cut
// somewhere behind that, and nobody takes it for a value: calculations that double each
// other would fill any memory.
const MostText = 64 << 10

func join(c *Context, between string, args []node) string {
	var b strings.Builder
	first := true
	for _, a := range args {
		a.eval(c).each(func(v Value) {
			if b.Len() > MostText {
				return
			}
			if !first {
				b.WriteString(between)
			}
			first = false
			b.WriteString(v.Text())
		})
	}
	return b.String()
}

// selected reports whether want is one of the words of list, which have spaces
// between them.
func selected(list, want string) bool {
	if want == "" {
		return strings.TrimSpace(list) == ""
	}
	for list != "" {
		var word string
		if word, list, _ = strings.Cut(list, " "); word == want {
			return true
		}
	}
	return false
}

// substr counts characters from 0, or from the end where negative.
func substr(c *Context, a []node) Value {
	text := []rune(a[0].eval(c).Text())
	end := float64(len(text))
	if len(a) == 3 {
		end = a[2].eval(c).Number()
	}
	from, to := clip(a[1].eval(c).Number(), len(text)), clip(end, len(text))
	if from >= to {
		return Value{}
	}
	return TextValue(string(text[from:to]))
}

func clip(f float64, n int) int {
	if f < 0 {
		f += float64(n)
	}
	if !(f > 0) { // NaN too
		return 0
	}
	return int(math.Min(math.Trunc(f), float64(n)))
}

// substring counts characters from 1 and rounds, as XPath does.
func substring(c *Context, a []node) Value {
	text := a[0].eval(c).Text()
	from := roundHalfUp(a[1].eval(c).Number())
	until := math.Inf(1)
	if len(a) == 3 {
		until = from + roundHalfUp(a[2].eval(c).Number())
	}
	var b strings.Builder
	at := 0.0
	for _, r := range text {
		if at++; at >= from && at < until {
			b.WriteRune(r)
		}
	}
	return TextValue(b.String())
}

func translate(c *Context, a []node) Value {
	from, to := []rune(a[1].eval(c).Text()), []rune(a[2].eval(c).Text())
	become := make(map[rune]rune, len(from))
	for i, r := range from {
		if _, twice := become[r]; twice {
			continue
		}
		become[r] = -1
		if i < len(to) {
			become[r] = to[i]
		}
	}
	return TextValue(strings.Map(func(r rune) rune {
		if other, ok := become[r]; ok {
			return other
		}
		return r
	}, a[0].eval(c).Text()))
}

const hex = "0123456789abcdef"

// uuid makes a random UUID of version 4.
func uuid(c *Context) string {
	if c.Random == nil {
		return ""
	}
	raw := c.Random()
	raw[6], raw[8] = raw[6]&0x0f|0x40, raw[8]&0x3f|0x80
	out := make([]byte, 0, 36)
	for i, b := range raw {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			out = append(out, '-')
		}
		out = append(out, hex[b>>4], hex[b&15])
	}
	return string(out)
}

func random(c *Context) Value {
	if c.Random == nil {
		return Value{}
	}
	raw := c.Random()
	n := uint64(0)
	for _, b := range raw[:7] {
		n = n<<8 | uint64(b)
	}
	return NumberValue(float64(n>>3) / (1 << 53))
}
