package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"amana/mse"
)

// An estimate that takes long tells on standard error how far it is, and stops when it is
// interrupted: with 130, and nothing on standard output.
func TestEstimate_tellsAndStops(t *testing.T) {
	const table = "a,b,c,d,count\n1,0,0,0,40000\n0,1,0,0,30000\n0,0,1,0,20000\n0,0,0,1,10000\n1,1,0,0,900\n1,0,1,0,700\n0,1,0,1,400\n0,0,1,1,30\n1,1,1,0,20\n"
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	said, w := io.Pipe()
	var out bytes.Buffer
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, []string{"estimate", "-", "--model", "lcmcr"}, strings.NewReader(table), &out, w)
		w.Close()
	}()
	first := make([]byte, 200)
	n, err := said.Read(first)
	if err != nil || !strings.Contains(string(first[:n]), "lcmcr: ") {
		t.Errorf("it told %q (%v)", first[:n], err)
	}
	stop()
	go io.Copy(io.Discard, said)
	if code := <-done; code != exitInterrupted || out.Len() > 0 {
		t.Errorf("status %d, want %d; %d bytes on standard output", code, exitInterrupted, out.Len())
	}
}

// Where chains do not agree, the answer has what each found, and no one number: neither
// an estimate nor limits. What a model does not have is left out, and no warnings are an
// empty list.
func TestEstimate_modesAndNoNumber(t *testing.T) {
	e := mse.Estimate{Model: "lcmcr", Estimate: math.NaN(), Rhat: new(1.7), Modes: []mse.Mode{{Median: 10, Chains: 1}, {Median: 90, Chains: 3}}}
	raw, err := json.Marshal(lineOf("lcmcr", e, nil))
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(raw, &fields); err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{"estimate", "mean", "median", "lower", "upper", "ess", "detail"} {
		if _, there := fields[field]; there {
			t.Errorf("%s is there though the model does not have it: %s", field, raw)
		}
	}
	for _, want := range []string{`"warnings":[]`, `"rhat":1.7`, `"modes":[{"median":10,`} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("no %s in %s", want, raw)
		}
	}
	if line := lineOf("dga", mse.Estimate{}, mse.ErrNoModel); line.Estimate != nil || len(line.Warnings) != 1 {
		t.Errorf("a model that cannot be fitted: %+v", line)
	}
}
