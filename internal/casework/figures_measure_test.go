package casework_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/disclose"
	"amana/internal/event"
	"amana/internal/seal"
	"amana/internal/stats"
	"amana/internal/vault"
)

// The guard reads every release that was ever made, each once: what comes after reads
// only what was added. Hundreds of monthly releases of all tables do not slow a month.
func TestMeasure_hundredsOfReleases(t *testing.T) {
	if os.Getenv("AMANA_MEASURE") == "" {
		t.Skip("measures time: AMANA_MEASURE=1")
	}
	o, ctx := newOffice(t), context.Background()
	d := o.unlock(t, adminWords)
	if err := d.SetRule(ctx, casework.RuleApproveOwn, "yes"); err != nil {
		t.Fatal(err)
	}
	brought(t, d, 200, func(int) casework.Values {
		return casework.Values{"status": event.Text("open"), "created_on": event.Text("2026-02-03"), "age": event.Int(30)}
	})
	ask := casework.Releasing{To: disclose.Partners, First: "2026-02", Last: "2026-02", Group: stats.Month}
	p, err := d.PlanFigures(ctx, ask)
	if err != nil {
		t.Fatal(err)
	}
	under, err := json.Marshal(d.FiguresAgreement())
	if err != nil {
		t.Fatal(err)
	}
	const many = 400
	saves := make([][]vault.Change, many)
	size := 0
	for i := range saves {
		r, id := p.Plan.Preview(), amana.RecordID(seal.Random16())
		m := 1950*12 + i
		r.ID, r.Periods = id.String(), []string{fmt.Sprintf("%04d-%02d", m/12, m%12+1)}
		content, err := r.Encode()
		if err != nil {
			t.Fatal(err)
		}
		size += len(content)
		facts := []event.Fact{}
		for name, text := range map[string]string{
			"content": string(content), "request": "{}", "agreement": string(under), "state": "released",
			"approval/a/party": d.Organisation().Name, "approval/a/answer": "yes",
		} {
			facts = append(facts, event.Set{Field: name, Value: event.Text(text)})
		}
		saves[i] = []vault.Change{{Record: id, Begin: &vault.Begin{Kind: amana.KindFigures, Teams: []amana.TeamID{{}}}, Facts: facts}}
	}
	if err := d.Session().SaveMany(ctx, saves...); err != nil {
		t.Fatal(err)
	}
	if err := d.Session().CatchUp(); err != nil {
		t.Fatal(err)
	}
	plan := func() time.Duration {
		begin := time.Now()
		if _, err := d.PlanFigures(ctx, ask); err != nil {
			t.Fatal(err)
		}
		return time.Since(begin)
	}
	begin := time.Now()
	list, err := d.FiguresReleases(ctx)
	if err != nil || len(list) != many {
		t.Fatalf("%d releases, %v", len(list), err)
	}
	first := time.Since(begin)
	begin = time.Now()
	if _, err := d.FiguresReleases(ctx); err != nil {
		t.Fatal(err)
	}
	again := time.Since(begin)
	t.Logf("%d releases, %d KB: read and verified in %v, again in %v; a month planned beside them in %v", many, size>>10, first, again, plan())
	if 4*again > first {
		t.Errorf("read again in %v of %v: nothing was kept", again, first)
	}
}
