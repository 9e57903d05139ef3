package dossier_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"amana"
	"amana/internal/dossier"
	"amana/internal/event"
	"amana/internal/evidence"
	"amana/internal/record"
	"amana/internal/release"
	"amana/internal/seal"
)

var noon = time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)

// book is a ledger that takes everything.
type book struct{}

func (book) Enter(context.Context, release.Entry) error         { return nil }
func (book) Stop(context.Context, amana.RecordID, string) error { return nil }
func (book) Earlier(context.Context, amana.Private, time.Time) ([]amana.RecordID, error) {
	return nil, nil
}

func id(n byte) amana.RecordID { return amana.RecordID{n, 1} }

// yes are her answers: to the court, with the evidence, its place and its account.
func yes() release.Consents {
	court := amana.Conceal("The court")
	facts := []event.Fact{
		event.Consented{Purpose: amana.PurposeAccountability, Recipient: court, Decision: amana.Granted, GivenBy: "self", How: "spoken", Language: "fra"},
		event.ConsentedItem{Purpose: amana.PurposeAccountability, Recipient: court, Item: string(release.Evidence), Decision: amana.Granted},
		event.ConsentedItem{Purpose: amana.PurposeAccountability, Recipient: court, Item: string(release.Account), Decision: amana.Granted},
		event.ConsentedItem{Purpose: amana.PurposeAccountability, Recipient: court, Item: string(release.Place), Decision: amana.Granted},
	}
	var entries []record.Entry
	for i, f := range facts {
		at := uint64(noon.Add(-time.Hour).UnixMilli()+int64(i)) << 16
		entries = append(entries, record.Entry{Time: at, Seq: uint64(i + 1), Body: event.Body{Facts: []event.Fact{f}}})
	}
	r := record.Fold(id(200), entries)
	return release.ConsentsOf(false, &r)
}

// cleared passes records through the gate.
func cleared(t testing.TB, format string, records ...release.Record) release.Cleared {
	t.Helper()
	g := &release.Gate{Now: func() time.Time { return noon }, Ledger: book{}, Rules: release.DefaultRules()}
	c, err := g.Clear(context.Background(), release.Request{
		ID: id(99), By: release.By{Member: amana.MemberID{1}, Roles: []amana.Role{amana.RoleReleaseOfficer}},
		Purpose: amana.PurposeAccountability, Recipient: amana.Conceal("The court"), Format: format,
		Records: func(context.Context) ([]release.Record, error) { return records, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func asked(n byte, c release.Consents) release.Record {
	return release.Record{ID: id(n), Kind: amana.KindEvidence, Subject: id(201), Consents: c, Fields: []release.Field{
		{Name: dossier.FieldFile, Class: release.Evidence, Value: event.Bool(true)},
		{Name: "title", Class: release.Account, Value: event.Text(fmt.Sprintf("item %d", n))},
		{Name: "media_type", Class: release.Coded, Value: event.Text("text/plain")},
		{Name: dossier.FieldWord("place"), Class: release.Place, Value: event.Text("x")},
		{Name: dossier.FieldWord("from"), Class: release.Identity, Value: event.Text("x")},
		{Name: "note", Class: release.Internal, Value: event.Text("CANARY-INTERNAL")},
	}}
}

// sample is a small dossier's material.
type sample struct {
	dossier.Material
	signer seal.Identity
	key    seal.Identity // of the custodians
	files  map[amana.RecordID][]byte
}

func newSample() *sample {
	s := &sample{signer: seal.NewIdentity(), key: seal.NewIdentity(), files: map[amana.RecordID][]byte{}}
	me := amana.MemberID{1}.String()
	v := s.signer.VerifyKey()
	s.Material = dossier.Material{
		Software: "amana test", Organisation: amana.OrgID{9}, Name: "Invented Clinic", Language: "en",
		Keys:   []dossier.Key{{Member: me, Key: fmt.Sprintf("%x", v[:])}},
		Signer: v, Recovery: s.key.BoxKey(), Redactions: []byte(`{"1":[[1,2,3,4]]}`),
		Sign: func(label string, m []byte) (seal.Signature, error) { return s.signer.Sign(label, m), nil },
		Report: func(x dossier.Index) ([]dossier.Page, error) {
			return []dossier.Page{{"report.html", []byte("<p>report</p>")}, {"method.html", []byte("<p>method</p>")}}, nil
		},
	}
	return s
}

// add puts in an item with a file, or without one.
func (s *sample) add(n byte, content []byte, statements int) {
	e := dossier.Evidence{ID: id(n), Ending: "txt"}
	said := ""
	if content != nil {
		sum := seal.NewSum()
		sum.Write(content)
		e.Blob = evidence.Blob{Record: e.ID, Size: int64(len(content)), Sum: seal.Hash(sum.Sum(nil)), CRC: crc(content), Salt: seal.Random32()}
		e.Open = func() (io.Reader, func() error, error) {
			return bytes.NewReader(s.files[e.ID]), func() error { return nil }, nil
		}
		s.files[e.ID] = content
		said = e.Blob.Content().String()
	}
	var previous []string
	for i := range statements {
		words := []evidence.Word{
			{Name: "place", Salt: seal.Random32(), Text: amana.Conceal("the clinic, été بيت")},
			{Name: "from", Salt: seal.Random32(), Text: amana.Conceal("CANARY-NAME")},
		}
		st := evidence.Statement{
			Item: e.ID.String(), Event: evidence.Received, Clock: "device", By: amana.MemberID{1}.String(), Software: "amana test <&>\u2028",
			After: said, Previous: previous, Words: map[string]string{},
		}.AtTime(noon.Add(time.Duration(i) * time.Minute))
		for _, w := range words {
			st.Words[w.Name] = w.Commitment(amana.Private.Reveal).String()
		}
		raw := st.Encode()
		one := dossier.Statement{Signed: evidence.Signed{Raw: raw, Signature: s.signer.Sign(evidence.SignatureLabel, raw)}, Words: words}
		previous = []string{one.ID().String()}
		e.Log = append(e.Log, one)
	}
	s.Evidence = append(s.Evidence, e)
}

// batch makes a batch of all statements but the last of each item.
func (s *sample) batch(token func(root seal.Hash) []byte, more ...seal.Hash) {
	b := dossier.Batch{ID: id(150), Leaves: more}
	for _, e := range s.Evidence {
		for _, st := range e.Log[:len(e.Log)-1] {
			b.Leaves = append(b.Leaves, st.ID())
		}
	}
	if token != nil {
		b.Token = token(rootOf(b.Leaves))
	}
	s.Batches = append(s.Batches, b)
}

func (s *sample) write(t testing.TB, c release.Cleared) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := dossier.Write(context.Background(), &b, c, s.Material); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// small is a whole small dossier: two files, a thing without one, a batch.
func small(t testing.TB) []byte {
	t.Helper()
	s := newSample()
	s.add(1, []byte("what she drew\n"), 3)
	s.add(2, []byte(""), 2)
	s.add(3, nil, 2)
	s.batch(nil, seal.Digest("another"))
	thing := asked(3, yes())
	thing.Fields = thing.Fields[1:]
	return s.write(t, cleared(t, dossier.Format, asked(1, yes()), asked(2, yes()), thing))
}

func verify(t testing.TB, raw []byte, o ...dossier.Options) dossier.Result {
	t.Helper()
	var opts dossier.Options
	if len(o) > 0 {
		opts = o[0]
	}
	r, err := dossier.Verify(context.Background(), bytes.NewReader(raw), int64(len(raw)), opts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
