package arch

import (
	"fmt"
	"slices"
	"strings"
)

// plan is docs/map.txt.
type plan struct {
	rows   map[string]*row
	order  []string
	reveal []string // packages that may read personal words
}

// row is what the map says of one package.
type row struct {
	may     []string // may import
	never   []string // must not reach, at any remove
	through []string // unless through one of these
}

// parsePlan reads rows of the form
//
//	package | responsibility | may import  never a b but through c d
//
// where a row without a package continues the responsibility above it.
func parsePlan(text string) (*plan, error) {
	p := &plan{rows: map[string]*row{}}
	for i, line := range strings.Split(text, "\n") {
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := p.add(line); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	return p, p.check()
}

func (p *plan) add(line string) error {
	columns := strings.Split(line, "|")
	if len(columns) != 3 {
		return fmt.Errorf("%d columns, want package | responsibility | may import", len(columns))
	}
	name, words := strings.TrimSpace(columns[0]), strings.Fields(columns[2])
	switch {
	case name == "":
		return nil
	case name == "Reveal":
		p.reveal = words
		return nil
	case p.rows[name] != nil:
		return fmt.Errorf("%s has two rows", name)
	}
	r := &row{}
	list := &r.may
	for i, w := range words {
		switch {
		case w == "never":
			list = &r.never
		case w == "but" && i+1 < len(words) && words[i+1] == "through":
			list = &r.through
		case w == "through" && list == &r.through && len(r.through) == 0:
		default:
			*list = append(*list, w)
		}
	}
	p.rows[name] = r
	p.order = append(p.order, name)
	return nil
}

// check reports what the map says against itself.
func (p *plan) check() error {
	for _, name := range p.order {
		r := p.rows[name]
		for _, other := range slices.Concat(r.may, r.through) {
			if p.rows[other] == nil {
				return fmt.Errorf("%s names %s, which has no row", name, other)
			}
		}
		for _, other := range r.never {
			if slices.Contains(r.may, other) {
				return fmt.Errorf("%s may import %s and must never reach it", name, other)
			}
		}
	}
	return nil
}

// faults compares the code with the map: each is a sentence for whoever broke it.
func (p *plan) faults(c code) []string {
	var faults []string
	for _, name := range c.names() {
		if p.rows[name] == nil && !isTestHelper(name) {
			faults = append(faults, fmt.Sprintf(
				"%s is not in docs/map.txt: what is it for, and what may it import?", name))
		}
	}
	for _, name := range p.order {
		if c[name] == nil {
			faults = append(faults, fmt.Sprintf("docs/map.txt has a row for %s, but there is no such package", name))
			continue
		}
		faults = append(faults, p.directFaults(name, c)...)
		faults = append(faults, p.reachFaults(name, c)...)
	}
	return faults
}

func (p *plan) directFaults(name string, c code) []string {
	var faults []string
	for _, imp := range c[name].own() {
		if !slices.Contains(p.rows[name].may, imp) {
			faults = append(faults, fmt.Sprintf("%s must not import %s (in %s); docs/map.txt allows it: %s",
				name, imp, c[name].importerOf(imp), strings.Join(p.rows[name].may, " ")))
		}
	}
	return faults
}

func (p *plan) reachFaults(name string, c code) []string {
	var faults []string
	r := p.rows[name]
	for _, far := range r.never {
		if way := c.way(name, far, r.through); way != nil {
			faults = append(faults, fmt.Sprintf("%s must never reach %s, but %s",
				name, far, strings.Join(way, " imports ")))
		}
	}
	return faults
}

// isTestHelper reports whether a package is a helper for other packages' tests,
// named as httptest is. No row allows its import, so only tests can have it.
func isTestHelper(name string) bool {
	parent, last, nested := cutLast(name)
	_, of, _ := cutLast(parent)
	return nested && last == of+"test"
}

func cutLast(path string) (dir, last string, nested bool) {
	if i := strings.LastIndex(path, "/"); i >= 0 {
		return path[:i], path[i+1:], true
	}
	return "", path, false
}
