package mse

import (
	"fmt"
	"math"
)

// Estimate is one model's answer. Fields that a model does not have are nil or
// empty.
type Estimate struct {
	Model string
	// Estimate is the point that the model's authors would report: not a number where
	// chains do not agree, and there is no one point.
	Estimate float64
	Mean     *float64
	Median   *float64
	// Lower and Upper bound the interval at Level. Nil where no honest interval
	// can be given: then Modes say what the chains found.
	Lower, Upper *float64
	Level        float64 // 0.95
	Rhat         *float64
	ESS          *float64
	Warnings     []Warning
	// Assumption is what the model takes for granted and the lists cannot test.
	Assumption string
	Modes      []Mode
	// Detail is what the model was: terms, graphs, settings. Keys are stable.
	Detail map[string]any
}

// Mode is one region that chains settled in and did not leave.
type Mode struct {
	Median float64 `json:"median"`
	Lower  float64 `json:"lower"`
	Upper  float64 `json:"upper"`
	Chains int     `json:"chains"`
}

// finite is nil for what is no number.
func finite(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

// warnOf is warn with numbers in its text.
func (e *Estimate) warnOf(key, format string, numbers ...float64) {
	args := make([]any, len(numbers))
	for i, n := range numbers {
		args[i] = n
	}
	e.Warnings = append(e.Warnings, Warning{Key: key, Text: fmt.Sprintf(format, args...), Numbers: numbers})
}

func (e *Estimate) warn(key, text string, lists ...string) {
	e.Warnings = append(e.Warnings, Warning{Key: key, Text: text, Lists: lists})
}
