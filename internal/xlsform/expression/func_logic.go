package expression

var logicFunctions = map[string]function{
	"true":    {0, 0, func(*Context, []node) Value { return BoolValue(true) }},
	"false":   {0, 0, func(*Context, []node) Value { return BoolValue(false) }},
	"not":     {1, 1, func(c *Context, a []node) Value { return BoolValue(!a[0].eval(c).Bool()) }},
	"boolean": {1, 1, func(c *Context, a []node) Value { return BoolValue(a[0].eval(c).Bool()) }},
	"boolean-from-string": {1, 1, func(c *Context, a []node) Value {
		text := a[0].eval(c).Text()
		return BoolValue(text == "true" || text == "1")
	}},
	"if": {3, 3, func(c *Context, a []node) Value {
		if a[0].eval(c).Bool() {
			return a[1].eval(c)
		}
		return a[2].eval(c)
	}},
	"coalesce":           {1, -1, coalesce},
	"checklist":          {3, -1, checklist},
	"weighted-checklist": {4, -1, weightedChecklist},
}

// coalesce returns the first argument that is neither empty nor NaN, else the last.
func coalesce(c *Context, a []node) Value {
	var v Value
	for _, arg := range a {
		if v = arg.eval(c); !v.isBlank() {
			return v
		}
	}
	return v
}

// checklist reports whether the number of true arguments lies between the first
// two, of which -1 is no limit.
func checklist(c *Context, a []node) Value {
	n := 0.0
	for _, arg := range a[2:] {
		arg.eval(c).each(func(v Value) {
			if v.Bool() {
				n++
			}
		})
	}
	return BoolValue(within(c, a, n))
}

// weightedChecklist takes a weight after each argument. A last one without a
// weight does not count.
func weightedChecklist(c *Context, a []node) Value {
	sum := 0.0
	for i := 2; i+1 < len(a); i += 2 {
		if a[i].eval(c).Bool() {
			sum += a[i+1].eval(c).Number()
		}
	}
	return BoolValue(within(c, a, sum))
}

func within(c *Context, a []node, n float64) bool {
	least, most := a[0].eval(c).Number(), a[1].eval(c).Number()
	return (least == -1 || n >= least) && (most == -1 || n <= most)
}
