package bench

import "fmt"

// Report is what a run found.
type Report struct {
	Machine string   `json:"machine"`
	Figures []Figure `json:"figures"`
}

// OK reports whether every goal was reached.
func (r Report) OK() bool {
	for _, f := range r.Figures {
		if !f.OK {
			return false
		}
	}
	return true
}

// Figure is one measured number. Reference, its value and the ratio to it are
// empty where there is nothing to compare with.
type Figure struct {
	Name           string   `json:"name"`
	Value          float64  `json:"value"`
	Unit           string   `json:"unit"`
	Reference      string   `json:"reference"`
	ReferenceValue *float64 `json:"reference_value"`
	Ratio          *float64 `json:"ratio"` // value divided by reference_value
	Goal           string   `json:"goal"`
	OK             bool     `json:"ok"`
}

func figure(name string, value float64, unit string) Figure {
	return Figure{Name: name, Value: value, Unit: unit, OK: true}
}

// beside puts the reference next to the value.
func (f Figure) beside(reference string, value float64) Figure {
	f.Reference, f.ReferenceValue = reference, &value
	if value > 0 {
		ratio := f.Value / value
		f.Ratio = &ratio
	}
	return f
}

// must adds a goal and says whether it is reached.
func (f Figure) must(goal string, reached bool) Figure {
	if f.Goal != "" {
		f.Goal += ", "
	}
	f.Goal += goal
	f.OK = f.OK && reached
	return f
}

func (f Figure) atLeast(least float64) Figure {
	return f.must(fmt.Sprintf("at least %g", least), f.Value >= least)
}

func (f Figure) under(most float64) Figure {
	return f.must(fmt.Sprintf("under %g", most), f.Value < most)
}

func (f Figure) ratioAtLeast(least float64) Figure {
	return f.must(fmt.Sprintf("at least %g of it", least), f.Ratio != nil && *f.Ratio >= least)
}

func (f Figure) atMostTwice() Figure {
	return f.must("at most 2 times it", f.Ratio != nil && *f.Ratio <= 2)
}

// moreAtMost is a goal on the difference to the reference.
func (f Figure) moreAtMost(most float64) Figure {
	return f.must(fmt.Sprintf("at most %g more than it", most), f.ReferenceValue != nil && f.Value-*f.ReferenceValue <= most)
}
