package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/demo"
	"amana/internal/event"
	"amana/internal/exchange"
	"amana/internal/release"
)

// importing measures how long it takes to bring in what others have: a workbook of
// the Incident Recorder, into an empty vault of its own, beside reading the same file
// and doing nothing with it; then the same file once more, which changes nothing.
func (r *run) importing(ctx context.Context) error {
	n := r.incidents
	file := filepath.Join(r.dir, "incidents.xlsx")
	if err := writeIncidents(file, n); err != nil {
		return err
	}
	f, err := os.Open(file)
	if err != nil {
		return storage("open workbook", err)
	}
	defer f.Close()
	plain, err := r.parse(ctx, f)
	if err != nil {
		return err
	}
	office, desk, err := r.newOffice(ctx, filepath.Join(r.dir, "imported"))
	if err != nil {
		return err
	}
	defer office.LockAll() //nolint:errcheck // the folder goes in a moment
	try, take, heap, err := r.bring(ctx, desk, f, n)
	if err != nil {
		return err
	}
	tryAgain, takeAgain, heapAgain, err := r.bring(ctx, desk, f, 0)
	if err != nil {
		return err
	}
	goal := 60 * float64(n) / float64(whole.incidents)
	r.add(
		figure(fmt.Sprintf("bring in %d incidents, with lists and search", n), take.Seconds(), "s").
			beside("reading the same workbook", plain.Seconds()).under(goal),
		figure("looking through them first, nothing written", try.Seconds(), "s").beside("reading the same workbook", plain.Seconds()),
		figure("memory while they are brought in, at most", heap, "MB").under(160),
		figure("bring in the same file again", takeAgain.Seconds(), "s").beside("reading the same workbook", plain.Seconds()).under(goal/4),
		figure("looking through it again", tryAgain.Seconds(), "s").beside("reading the same workbook", plain.Seconds()),
		figure("memory meanwhile, at most", heapAgain, "MB").under(160),
	)
	return nil
}

// parse reads a workbook as an import does, and does nothing with it.
func (r *run) parse(ctx context.Context, f *os.File) (time.Duration, error) {
	st, err := f.Stat()
	if err != nil {
		return 0, storage("workbook", err)
	}
	book, err := exchange.Open(ctx, f, st.Size())
	if err != nil {
		return 0, err
	}
	start := r.clock()
	err = book.Rows(ctx, book.Proposed, func(*exchange.Row) error { return nil })
	return r.clock().Sub(start), err
}

// bring takes a file in, of which so many rows must be new.
func (r *run) bring(ctx context.Context, d *casework.Desk, f *os.File, fresh int) (try, take time.Duration, heap float64, err error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return 0, 0, 0, storage("workbook", err)
	}
	if err := d.BringFile(ctx, f); err != nil {
		return 0, 0, 0, err
	}
	defer d.DropImport()
	d.AwaitImport()
	runtime.GC()
	most := watchHeap()
	start := r.clock()
	if err := d.TryImport(ctx, casework.ImportPlan{Team: d.Me().Teams[0].ID, Status: "closed"}); err != nil {
		return 0, 0, 0, err
	}
	d.AwaitImport()
	tried := r.clock()
	if err := d.TakeImport(ctx, casework.Later); err != nil {
		return 0, 0, 0, err
	}
	d.AwaitImport()
	end := r.clock()
	st, _ := d.ImportState()
	if st.Phase != casework.ImportTaken || st.Report.New != fresh {
		return 0, 0, 0, fmt.Errorf("bench: import: %s (%s), %d of %d rows are new: %w", st.Phase, st.Wrong, st.Report.New, fresh, amana.ErrConflict)
	}
	return tried.Sub(start), end.Sub(tried), most(), nil
}

// watchHeap looks at the memory that is in use, until the function that it returns is
// called and says what the most was, in MB.
func watchHeap() (most func() float64) {
	stop, done := make(chan struct{}), make(chan float64)
	go func() {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		top := uint64(0)
		for {
			metrics.Read(sample)
			top = max(top, sample[0].Value.Uint64())
			select {
			case <-stop:
				done <- float64(top) / (1 << 20)
				return
			case <-tick.C:
			}
		}
	}()
	return func() float64 {
		close(stop)
		return <-done
	}
}

// newOffice founds an organisation of one member and one team.
func (r *run) newOffice(ctx context.Context, dir string) (*casework.Office, *casework.Desk, error) {
	office, err := casework.NewOffice(casework.Options{Dir: dir, Now: r.Now, Demo: true})
	if err != nil {
		return nil, nil, err
	}
	_, err = office.Found(ctx, casework.NewOrganisation{
		Name: demo.Name, Languages: demo.Languages(), Administrator: "Bench", Passphrase: []byte(words),
		Teams:      []casework.NewTeam{{Name: "Bench", Compartment: amana.Care, Identities: true, Join: true}},
		Custodians: demo.Custodians(), Threshold: 3,
	})
	if err != nil {
		return nil, nil, err
	}
	desk, err := office.Unlock(ctx, []byte(words))
	if err != nil {
		return nil, nil, err
	}
	for !desk.State().Progress.Searchable {
		time.Sleep(time.Millisecond)
	}
	return office, desk, nil
}

// writeIncidents writes a workbook of invented incidents, each of another survivor,
// with most columns filled in.
func writeIncidents(path string, n int) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return storage("new workbook", err)
	}
	w, err := exchange.NewRecorderWriter(f, "en")
	for from := 0; from < n && err == nil; from += rowsAtOnce {
		var c release.Cleared
		if c, err = clearInvented(from, min(n, from+rowsAtOnce)); err == nil {
			err = w.Add(c)
		}
	}
	if err == nil {
		err = w.Close()
	}
	return errors.Join(err, f.Close())
}

// rowsAtOnce is how many invented incidents pass the gate at once.
const rowsAtOnce = 500

// clearInvented passes invented incidents through a gate whose ledger keeps nothing.
func clearInvented(from, to int) (release.Cleared, error) {
	g := &release.Gate{Now: func() time.Time { return time.Time{} }, Ledger: nobodys{}}
	return g.Clear(context.Background(), release.Request{
		ID: amana.RecordID{1}, By: release.By{Roles: []amana.Role{amana.RoleSupervisor}}, Purpose: amana.PurposeStatistics, Format: string(exchange.Recorder),
		Records: func(context.Context) (list []release.Record, err error) {
			for i := from; i < to; i++ {
				list = append(list, exchange.Record(amana.RecordID{}, amana.RecordID{}, inventedIncident(i), nil, time.Time{}))
			}
			return list, nil
		},
	})
}

// nobodys is the ledger of what is about nobody.
type nobodys struct{}

// Enter implements [release.Ledger].
func (nobodys) Enter(context.Context, release.Entry) error { return nil }

// Stop implements [release.Ledger].
func (nobodys) Stop(context.Context, amana.RecordID, string) error { return nil }

// Earlier implements [release.Ledger].
func (nobodys) Earlier(context.Context, amana.Private, time.Time) ([]amana.RecordID, error) {
	return nil, nil
}

// inventedIncident fills in what a sheet has, by the number of the row.
func inventedIncident(i int) exchange.Values {
	day := func(from string, add int) event.Value {
		t, err := time.Parse(time.DateOnly, from)
		if err != nil {
			panic("bench: internal error: no day")
		}
		return event.Text(t.AddDate(0, 0, add).Format(time.DateOnly))
	}
	v := exchange.Values{}
	for _, t := range exchange.RecorderTargets() {
		switch {
		case t.IsChoice():
			ids := exchange.Choices(t.Choices)
			v[t.Name] = event.Text(ids[(i*7+len(t.Name))%len(ids)])
		case t.IsYesNo():
			v[t.Name] = event.Bool(i%3 > 0)
		case t.IsDate(), t.Name == "number_of_individual_perpetrators_from_ir":
		default:
			v[t.Name] = event.Text(fmt.Sprintf("Invented %d", i%40))
		}
	}
	v["incidentid_ir"], v["survivor_code"] = event.Text(fmt.Sprintf("IR-%06d", i)), event.Text(fmt.Sprintf("S-%06d", i))
	v["incident_date"], v["date_of_first_report"] = day("2020-01-01", i%2000), day("2020-01-03", i%2000)
	v["incident_camp_town"] = event.Text(fmt.Sprintf("Invented camp %d", i/2000)) // of one day, no two are alike
	v["date_of_birth"] = day("1950-01-01", i%20_011)
	v["number_of_individual_perpetrators_from_ir"] = event.Int(int64(1 + i%3))
	v["consent_reporting"] = event.Bool(true)
	return v
}
