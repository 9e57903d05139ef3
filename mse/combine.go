package mse

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Version changes whenever a result may: the same version, table, options and seed
// give the same numbers.
const Version = "3"

// Combine makes one interval of several estimates of the same number, each from a
// table in which what is not known was drawn anew: missing values, or links between
// records. What differs between them widens it. The rule is that of multiple
// imputation on the logarithm of the unseen, with the degrees of freedom that verdata
// uses (statistics of section 7: m-1 times (1 + W/((m+1)B)) squared). observed are the
// people on each table. Errors: [ErrOptions] for fewer than two, or estimates without
// an interval.
func Combine(estimates []Estimate, observed []int) (Estimate, error) {
	m := float64(len(estimates))
	if len(estimates) < 2 || len(observed) != len(estimates) {
		return Estimate{}, ErrOptions
	}
	logs := make([]float64, len(estimates))
	var within, people, point float64
	for i, e := range estimates {
		if e.Lower == nil || e.Upper == nil {
			return Estimate{}, ErrOptions
		}
		n := float64(observed[i])
		unseen := func(v float64) float64 { return math.Log(max(v-n, 0.1)) }
		logs[i] = unseen(e.Estimate)
		sd := (unseen(*e.Upper) - unseen(*e.Lower)) / (2 * z95)
		within += sd * sd / m
		people += n / m
		point += (e.Estimate - n) / m
	}
	middle, between := moments(logs)
	total := within + (m+1)/m*between
	t := z95
	if between > 0 {
		r := 1 + within/((m+1)*between)
		t = distuv.StudentsT{Sigma: 1, Nu: (m - 1) * r * r}.Quantile(0.975)
	}
	half := t * math.Sqrt(total)
	people = math.Round(people)
	return Estimate{
		Model: estimates[0].Model, Level: 0.95, Assumption: estimates[0].Assumption, Estimate: people + point,
		Lower: new(people + math.Exp(middle-half)), Upper: new(people + math.Exp(middle+half)),
		Detail: map[string]any{"tables": len(estimates), "within": within, "between": between},
	}, nil
}
