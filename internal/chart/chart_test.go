package chart_test

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"amana/internal/chart"
)

func TestNew_bars(t *testing.T) {
	c := chart.New(chart.Options{ID: "load", Title: "Open cases", Sorted: true}, []chart.Row{
		{Label: "A", Values: []int{10}}, {Label: "B", Values: []int{40}}, {Label: "C", Values: []int{0}}, {Label: "D", Values: []int{3}, Instead: "fewer than 5"},
	})
	if c.Height != 4*chart.LineHeight || len(c.Keys) != 0 {
		t.Fatalf("%+v", c)
	}
	if l := c.Lines[0]; l.Label != "B" || l.Number != "40" || l.Bars[0].Width != "100%" || l.Bars[0].X != "0%" {
		t.Errorf("the longest: %+v", l)
	}
	if l := c.Lines[1]; l.Label != "A" || l.Bars[0].Width != "25%" {
		t.Errorf("a quarter: %+v", l)
	}
	if l := c.Lines[2]; !l.Track || len(l.Bars) != 0 || l.Number != "0" {
		t.Errorf("nothing: %+v", l)
	}
	if l := c.Lines[3]; l.Track || len(l.Bars) != 0 || l.Number != "fewer than 5" || l.Values[0] != "fewer than 5" {
		t.Errorf("what is not to be shown: %+v", l)
	}
}

func TestNew_partsFromTheRight(t *testing.T) {
	c := chart.New(chart.Options{Parts: []string{"high", "other"}, RTL: true, Most: 20}, []chart.Row{{Label: "A", Values: []int{5, 5}}})
	l := c.Lines[0]
	if len(c.Keys) != 2 || l.Bars[0].X != "75%" || l.Bars[1].X != "50%" || l.Bars[1].Width != "25%" || l.Bars[0].Title != "high: 5" {
		t.Errorf("%+v", c)
	}
}

// Parts meet without a gap, and none leaves the drawing, whichever side it begins.
func TestNew_partsMeet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.IntRange(-2, 1_000_000), 1, 7).Draw(t, "values")
		rtl := rapid.Bool().Draw(t, "rtl")
		o := chart.Options{RTL: rtl, Most: rapid.IntRange(0, 100).Draw(t, "most"), Parts: strings.Split("abcdefg", "")[:len(values)]}
		c := chart.New(o, []chart.Row{{Values: values}})
		at := 0.0
		if rtl {
			at = 100
		}
		for _, b := range c.Lines[0].Bars {
			x, w := number(t, b.X), number(t, b.Width)
			begin := x
			if rtl {
				begin = x + w
			}
			if math.Abs(begin-at) > 0.001 || x < 0 || w < 0 || x+w > 100.001 {
				t.Fatalf("bar at %v of %v, want it at %v", x, w, at)
			}
			if at = x + w; rtl {
				at = x
			}
		}
	})
}

func number(t *rapid.T, percent string) float64 {
	n, err := strconv.ParseFloat(strings.TrimSuffix(percent, "%"), 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
