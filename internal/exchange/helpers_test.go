package exchange_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"maps"
	"testing"
	"time"

	"amana"
	"amana/internal/exchange"
	"amana/internal/record"
	"amana/internal/release"
)

func open(t testing.TB, content []byte) *exchange.File {
	t.Helper()
	f, err := exchange.Open(context.Background(), bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	return f
}

func rowsOf(t testing.TB, f *exchange.File, m exchange.Mapping) (rows []*exchange.Row) {
	t.Helper()
	err := f.Rows(context.Background(), m, func(r *exchange.Row) error { rows = append(rows, r); return nil })
	if err != nil && !exchange.IsBroken(err) {
		t.Fatalf("rows: %v", err)
	}
	return rows
}

// read opens a file and reads it as is proposed.
func read(t testing.TB, content string) []*exchange.Row {
	t.Helper()
	f := open(t, []byte(content))
	return rowsOf(t, f, f.Proposed)
}

// book makes a workbook of parts, the usual ones added.
func book(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	all := map[string]string{
		"xl/workbook.xml":            `<workbook xmlns:r="r"><sheets><sheet name="One" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>`,
	}
	maps.Copy(all, parts)
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range all {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// problems lists the keys of what is wrong with a row.
func problems(r *exchange.Row) (keys []string) {
	for _, p := range r.Problems {
		keys = append(keys, p.Column+" "+p.Key)
	}
	return keys
}

// silent is a ledger that keeps nothing.
type silent struct{}

func (silent) Enter(context.Context, release.Entry) error         { return nil }
func (silent) Stop(context.Context, amana.RecordID, string) error { return nil }
func (silent) Earlier(context.Context, amana.Private, time.Time) ([]amana.RecordID, error) {
	return nil, nil
}

// clear passes an incident through the gate, for a recipient.
func clear(v exchange.Values, answers []record.ConsentState, whom, format string, now time.Time) (release.Cleared, error) {
	g := &release.Gate{Now: func() time.Time { return now }, Ledger: silent{}}
	return g.Clear(context.Background(), release.Request{
		ID: amana.RecordID{1}, By: release.By{Roles: []amana.Role{amana.RoleSupervisor}}, Purpose: amana.PurposeStatistics,
		Recipient: amana.Conceal(whom), Format: format,
		Records: func(context.Context) ([]release.Record, error) {
			return []release.Record{exchange.Record(amana.RecordID{2}, amana.RecordID{3}, v, answers, now)}, nil
		},
	})
}

// cleared is an incident that may leave.
func cleared(t interface{ Fatal(args ...any) }, v exchange.Values) release.Cleared {
	c, err := clear(v, nil, "", string(exchange.Recorder), time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return c
}
