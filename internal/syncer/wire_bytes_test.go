package syncer_test

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"amana"
	"amana/internal/demo"
	"amana/internal/event"
	"amana/internal/form"
	"amana/internal/hub/hubtest"
	"amana/internal/journal"
	"amana/internal/journal/dictionary"
	"amana/internal/record"
	"amana/internal/seal"
	"amana/internal/syncer"
	"amana/internal/vault"
)

// meter is a line that counts what crosses, each way: all bytes, and those within TLS
// records of content (RFC 8446, section 5.2: each less its header, its tag and its type).
type meter struct {
	l        net.Listener
	to       string
	up, down count
}

type count struct{ all, within atomic.Int64 }

func startMeter(t testing.TB, to string) *meter {
	t.Helper()
	m := &meter{to: to}
	var err error
	if m.l, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.l.Close() })
	go m.serve()
	return m
}

func (m *meter) serve() {
	for {
		c, err := m.l.Accept()
		if err != nil {
			return
		}
		d, err := net.Dial("tcp", m.to)
		if err != nil {
			c.Close()
			return
		}
		go m.up.pass(d, c)
		go m.down.pass(c, d)
	}
}

func (n *count) pass(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	for {
		raw := make([]byte, 5+1<<16)
		if _, err := io.ReadFull(from, raw[:5]); err != nil {
			return
		}
		size := int(binary.BigEndian.Uint16(raw[3:]))
		raw = raw[:5+size]
		if _, err := io.ReadFull(from, raw[5:]); err != nil {
			return
		}
		n.all.Add(int64(len(raw))) // before it is passed on: who has an answer finds it counted
		if inside := size - 17; raw[0] == 23 && inside > 0 {
			n.within.Add(int64(inside))
		}
		if _, err := to.Write(raw); err != nil {
			return
		}
	}
}

// crossed is what crossed while something was done.
type crossed struct{ up, down, upWithin, downWithin int }

func (c crossed) all() int { return c.up + c.down }
func (c crossed) tls() int { return c.all() - c.upWithin - c.downWithin }

func (m *meter) now() crossed {
	return crossed{int(m.up.all.Load()), int(m.down.all.Load()), int(m.up.within.Load()), int(m.down.within.Load())}
}

func (m *meter) during(do func()) crossed {
	was := m.now()
	do()
	is := m.now()
	return crossed{is.up - was.up, is.down - was.down, is.upWithin - was.upWithin, is.downWithin - was.downWithin}
}

// fullIntake answers every question that the page of a new case has.
func fullIntake(w *demo.Writer, i int) []event.Fact {
	var facts []event.Fact
	for _, f := range form.Builtin().Intake() {
		for n, field := range f.Fields() {
			set := event.Set{Field: field.Name}
			switch field.Type {
			case record.Choice, record.Choices:
				ids := field.IDs()
				if len(ids) == 0 {
					continue
				}
				one := ids[(i*7+n)%len(ids)]
				if set.Value = event.Text(one); field.Type == record.Choices {
					set.Value = event.List(one)
				}
			case record.YesNo:
				set.Value = event.Bool((i+n)%3 == 0)
			case record.Date:
				set.Value = event.Text("2026-01")
			case record.Time, record.Moment:
				continue
			case record.Number:
				set.Value = event.Int(int64(18 + (i+n)%40))
			case record.Decimal:
				set.Value = event.Decimal(float64(i) / 8)
			case record.Phone:
				set.Value = event.Text("+00 555 " + strconv.Itoa(1000+i))
			case record.Line, record.Words:
				texts := w.Texts(100*i + n) // no answer is another's
				set.Value = event.Text(texts[n%len(texts)])
			}
			facts = append(facts, set)
		}
	}
	return facts
}

// Most bytes that cross, with TLS, on a connection that is there; docs/format.md section
// 15.5 says of what they consist.
const (
	mostOverAChange = 520 // beside its content as padded
	mostForNothing  = 200 // where nothing is new
	mostToConnect   = 3700
)

// What one change takes on the wire beside its content, and a look that finds nothing new,
// does not grow unnoticed. With AMANA_MEASURE=1 it is also said where each byte goes, and
// the intakes are 1,000.
func TestWire_bytes(t *testing.T) {
	many := 40
	if os.Getenv("AMANA_MEASURE") != "" {
		many = 1000
	}
	h, unmetered := newHouse(t), &running{hubtest.Run(t, hubtest.Config{})}
	m := startMeter(t, unmetered.Host)
	r := unmetered.by(m.l.Addr().String())
	first, field := r.client(t, h.admin), h.pair(t)
	begun := m.during(func() {
		if err := first.Enrol(t.Context(), r.Token, h.admin.Organisation(), h.admin.Device()); err != nil {
			t.Fatal(err)
		}
	})
	t.Logf("a connection, and one small request: %d bytes", begun.all())
	d, _ := mustCharter(t, h.admin).Device(field.Device())
	if err := first.Admit(t.Context(), field.Device(), d.VerifyKey, false); err != nil {
		t.Fatal(err)
	}
	mustSync(t, r.syncer(t, h.admin))
	s := r.syncer(t, field)
	s.Memory = &syncer.Memory{}
	mustSync(t, s)
	w := demo.New(7, h.Clock())
	before := field.Have()
	var saves [][]vault.Change
	content, facts, reference := 0, 0, 0
	zstd3 := plainly(t)
	var last amana.RecordID
	for i := range many {
		last = amana.RecordID(seal.Random16())
		one := fullIntake(w, i)
		saves = append(saves, []vault.Change{{Record: last, Begin: &vault.Begin{Kind: amana.KindCase, Teams: []amana.TeamID{h.team}}, Facts: one}})
		facts += len(one)
		body := encoded(t, append([]event.Fact{event.Begun{Kind: amana.KindCase}}, one...))
		content += len(dictionary.Compress(nil, body))
		reference += zstd3(body)
	}
	if err := field.SaveMany(t.Context(), saves...); err != nil {
		t.Fatal(err)
	}
	p := partsOf(t, field, before)
	waited := m.during(func() { wait(t, s) })
	c := m.during(func() { mustSync(t, s) })
	t.Logf("%d intakes of %d facts, each, in bytes:", p.items, facts/many)
	table(t, content, p, c, many)
	all := float64(c.all())
	t.Logf("%.3f of the compressed contents, %.3f of these as padded, %.3f of the contents by zstd at its usual level without the dictionary (%d each)",
		all/float64(content), all/float64(p.bodies), all/float64(reference), reference/many)

	before = field.Have()
	change := []event.Fact{event.Set{Field: "assessment_main_concerns", Value: event.Text("She asks for the appointment to be moved to Thursday.")}}
	if err := field.Save(t.Context(), vault.Change{Record: last, Facts: change}); err != nil {
		t.Fatal(err)
	}
	one, p := len(dictionary.Compress(nil, encoded(t, change))), partsOf(t, field, before)
	wait(t, s)
	c = m.during(func() { mustSync(t, s) })
	t.Log("one change, in bytes:")
	table(t, one, p, c, 1)
	over := c.all() - p.bodies
	t.Logf("%d over its content as padded", over)
	looked := m.during(func() { mustSync(t, s) })

	reader := r.syncer(t, h.admin)
	reader.Memory = &syncer.Memory{}
	if got := mustSync(t, reader).Pulled; got != many+1 {
		t.Errorf("%d of %d came", got, many+1)
	}
	before = field.Have()
	if err := field.Save(t.Context(), vault.Change{Record: last, Facts: change}); err != nil {
		t.Fatal(err)
	}
	p = partsOf(t, field, before)
	writer := unmetered.syncer(t, field)
	writer.State = s.State
	mustSync(t, writer)
	got := 0
	in := m.during(func() {
		wait(t, reader)
		got = mustSync(t, reader).Pulled
	})
	t.Logf("to receive it: %d with TLS, %d over its content as padded", in.all(), in.all()-p.bodies)
	t.Logf("a wait that ends with nothing new: %d; a look: %d", waited.all(), looked.all())
	for _, one := range []struct {
		what      string
		got, most int
	}{
		{"a connection and a small request", begun.all(), mostToConnect},
		{"one change, over its content as padded", over, mostOverAChange},
		{"one change that comes, over its content as padded", in.all() - p.bodies, mostOverAChange},
		{"a wait that ends with nothing new", waited.all(), mostForNothing},
		{"a look that finds nothing new", looked.all(), mostForNothing},
	} {
		if one.got > one.most || one.got <= 0 {
			t.Errorf("%s takes %d bytes, want at most %d", one.what, one.got, one.most)
		}
	}
	if got != 1 {
		t.Errorf("%d changes came", got)
	}
}

func wait(t testing.TB, s *syncer.Syncer) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	if err := s.Wait(ctx); err != nil {
		t.Fatal(err)
	}
}

// table says where the bytes go, for each of n.
func table(t testing.TB, content int, p parts, c crossed, n int) {
	t.Helper()
	requests := c.upWithin - p.batches
	for _, line := range []struct {
		what string
		size int
	}{
		{"content, compressed", content},
		{"padding", p.bodies - content},
		{"seal of the content", p.items * seal.TagSize},
		{"entry: when, who, which record, keys; author's signature; its seal", p.entries},
		{"wraps of the record's key", p.wraps},
		{"nonce, flags, epoch, lengths", p.frames},
		{"signed head of the chain", p.batches - p.items*seal.TagSize - p.bodies - p.entries - p.wraps - p.frames},
		{"request line and headers", requests},
		{"answers: status, headers, the hub's signature", c.downWithin},
		{"TLS records", c.tls()},
		{"together", c.all()},
	} {
		t.Logf("%8.1f  %s", float64(line.size)/float64(n), line.what)
	}
}

func encoded(t testing.TB, facts []event.Fact) []byte {
	t.Helper()
	raw, err := event.Encode(event.Body{Facts: facts})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// plainly says how long a body is by zstd as its command compresses, without the dictionary.
func plainly(t testing.TB) func([]byte) int {
	t.Helper()
	w, err := zstd.NewWriter(nil, zstd.WithEncoderCRC(false), zstd.WithSingleSegment(true))
	if err != nil {
		t.Fatal(err)
	}
	return func(body []byte) int { return len(w.EncodeAll(body, nil)) }
}

// parts are the lengths of what is to be handed over. The syncer may cut it into more
// batches than are counted here.
type parts struct{ items, bodies, entries, wraps, frames, batches int }

func partsOf(t *testing.T, s *vault.Session, have map[amana.DeviceID]uint64) (p parts) {
	t.Helper()
	if err := s.HandOver(t.Context(), have, func(b journal.Batch) error {
		p.batches += len(b.Append(nil))
		for _, it := range b.Items {
			p.items++
			p.bodies += len(it.Body) - seal.TagSize
			p.entries += len(it.Entry)
			p.wraps += len(it.Wraps)
			p.frames += len(it.AppendWire(nil)) - len(it.Body) - len(it.Entry) - len(it.Wraps)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return p
}
