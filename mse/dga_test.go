package mse_test

import (
	"context"
	"math"
	"testing"
	"time"

	"amana/mse"
)

func TestDGA_references(t *testing.T) {
	for _, one := range []struct {
		data      string
		o         mse.DGAOptions
		mean      float64
		quantiles [5]float64
		graph     string
		weight    float64
	}{
		{"madigan_york_5_congenital", mse.DGAOptions{Delta: 0.5, Most: 300}, 617.816, [5]float64{588, 606, 616, 628, 655}, "[A B][A C][B D][D E]", 0.2171},
		{"madigan_york_5_congenital", mse.DGAOptions{Most: 3000}, 618.911, [5]float64{590, 607, 618, 629, 656}, "[A B][A C][D E]", 0.4414},
		{"kosovo", mse.DGAOptions{Most: 30000}, 12749.349, [5]float64{9827, 0, 12595, 0, 16544}, "[EXH ABA OSCE][EXH OSCE HRW]", 0.9855},
		{"kosovo", mse.DGAOptions{Delta: 0.5, Most: 30000}, 11030.735, [5]float64{}, "[EXH ABA OSCE][EXH OSCE HRW]", 0.8892},
		{"kosovo", mse.DGAOptions{Delta: 1, Most: 30000}, 4829.456, [5]float64{}, "[EXH ABA OSCE HRW]", 0.9759},
		{"madigan_york_5_congenital", mse.DGAOptions{}, 618.911, [5]float64{590, 607, 618, 629, 656}, "[A B][A C][D E]", 0.4414}, // as far as there is weight
		{"kosovo", mse.DGAOptions{}, 12749.349, [5]float64{9827, 0, 12595, 0, 16544}, "[EXH ABA OSCE][EXH OSCE HRW]", 0.9855},
		{"sparsemse_ukdat_5", mse.DGAOptions{}, 21281.608, [5]float64{10387, 12672, 22990, 26490, 33508}, "", 0},
		{"sparsemse_ukdat_5", mse.DGAOptions{Most: 54880}, 21281.608, [5]float64{10387, 12672, 22990, 26490, 33508}, "", 0},
	} {
		begun := time.Now()
		e, err := mse.DGA(context.Background(), read(t, one.data), one.o)
		if err != nil {
			t.Fatal(err)
		}
		took := time.Since(begun)
		near(t, one.data+" mean", *e.Mean, one.mean, 0.0006)
		q := e.Detail["quantiles"].([5]float64)
		for i, want := range one.quantiles {
			if want != 0 && q[i] != want {
				t.Errorf("%s: quantile %d is %.0f, want %.0f", one.data, i, q[i], want)
			}
		}
		graphs := e.Detail["graphs"].([]mse.Graph)
		if one.graph != "" {
			if graphs[0].Cliques != one.graph {
				t.Errorf("%s: best graph %s, want %s", one.data, graphs[0].Cliques, one.graph)
			}
			near(t, one.data+" weight", graphs[0].Weight, one.weight, 0.00006)
		}
		t.Logf("%s in %v", one.data, took)
	}
}

func TestDGA_spina(t *testing.T) {
	// Madigan and York's prior: N is Poisson with a mean that is Gamma(13.14, 1/55.17).
	const a, b = 13.14, 55.17
	table := read(t, "madigan_york_3_spina")
	e, err := mse.DGA(context.Background(), table, mse.DGAOptions{Delta: 1, Most: 300, LogPrior: func(n float64) float64 {
		g1, _ := math.Lgamma(n + a)
		g2, _ := math.Lgamma(n + 1)
		return g1 - g2 + n*math.Log(b/(1+b))
	}})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "mean", *e.Mean, 733.452, 0.0006)
	near(t, "relative-square estimate", e.Detail["square_loss"].(float64), 731.10, 0.006)
	if q := e.Detail["quantiles"].([5]float64); q != [5]float64{682, 715, 731, 750, 797} {
		t.Errorf("quantiles %v", q)
	}
	for i, want := range []mse.Graph{{Cliques: "[A B][C]", Weight: 0.3738}, {Cliques: "[A B][B C]", Weight: 0.3099}, {Cliques: "[A B][A C]", Weight: 0.2818}} {
		got := e.Detail["graphs"].([]mse.Graph)[i]
		near(t, want.Cliques, got.Weight, want.Weight, 0.00006)
		if got.Cliques != want.Cliques {
			t.Errorf("graph %d is %s, want %s", i, got.Cliques, want.Cliques)
		}
	}
}
