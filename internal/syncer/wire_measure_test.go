package syncer_test

import (
	"encoding/binary"
	"io"
	"net"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"amana"
	"amana/internal/demo"
	"amana/internal/event"
	"amana/internal/form"
	"amana/internal/journal"
	"amana/internal/journal/dictionary"
	"amana/internal/record"
	"amana/internal/seal"
	"amana/internal/syncer"
	"amana/internal/vault"
)

// meter is a line that counts: all bytes, and those within TLS records of content
// (RFC 8446, section 5.2: each less its header, its tag and its type).
type meter struct {
	l           net.Listener
	to          string
	all, within atomic.Int64
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
		go m.pass(d, c)
		go m.pass(c, d)
	}
}

func (m *meter) pass(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	for {
		raw := make([]byte, 5+1<<16)
		if _, err := io.ReadFull(from, raw[:5]); err != nil {
			return
		}
		n := int(binary.BigEndian.Uint16(raw[3:]))
		raw = raw[:5+n]
		if _, err := io.ReadFull(from, raw[5:]); err != nil {
			return
		}
		m.all.Add(int64(len(raw)))
		if inside := n - 17; raw[0] == 23 && inside > 0 {
			m.within.Add(int64(inside))
		}
		if _, err := to.Write(raw); err != nil {
			return
		}
	}
}

// during counts what crosses while something is done.
func (m *meter) during(do func()) (all, within int64) {
	all, within = m.all.Load(), m.within.Load()
	do()
	time.Sleep(100 * time.Millisecond) // what crosses after the answer
	return m.all.Load() - all, m.within.Load() - within
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

// TestMeasure_wire says how many bytes cross between a device and a hub for 1,000 full
// intakes, for one change alone and where there is nothing new, beside the floor: the
// contents as compressed with the shipped dictionary, and these as padded.
func TestMeasure_wire(t *testing.T) {
	if os.Getenv("AMANA_MEASURE") == "" {
		t.Skip("AMANA_MEASURE=1 measures")
	}
	const many = 1000
	h, r := newHouse(t), run(t, t.TempDir())
	m := &meter{to: r.Host}
	var err error
	if m.l, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.l.Close() })
	go m.serve()
	r.Host = m.l.Addr().String()
	first, field := r.client(t, h.admin), h.pair(t)
	all, _ := m.during(func() {
		if err := first.Enrol(t.Context(), r.Token, h.admin.Organisation(), h.admin.Device()); err != nil {
			t.Fatal(err)
		}
	})
	t.Logf("a connection, and one small request: %d bytes", all)
	d, _ := mustCharter(t, h.admin).Device(field.Device())
	if err := first.Admit(t.Context(), field.Device(), d.VerifyKey, false); err != nil {
		t.Fatal(err)
	}
	mustSync(t, r.syncer(t, h.admin))
	s := r.syncer(t, field)
	mustSync(t, s)
	w := demo.New(7, h.Now)
	before := field.Have()
	var saves [][]vault.Change
	content, facts := 0, 0
	var last amana.RecordID
	for i := range many {
		last = amana.RecordID(seal.Random16())
		one := fullIntake(w, i)
		saves = append(saves, []vault.Change{{Record: last, Begin: &vault.Begin{Kind: amana.KindCase, Teams: []amana.TeamID{h.team}}, Facts: one}})
		facts += len(one)
		content += packed(t, append([]event.Fact{event.Begun{Kind: amana.KindCase}}, one...))
	}
	if err := field.SaveMany(t.Context(), saves...); err != nil {
		t.Fatal(err)
	}
	p := partsOf(t, field, before)
	all, within := m.during(func() { mustSync(t, s) })
	t.Logf("%d intakes of %d facts: %d bytes each as compressed; padded %d; entry %d, wraps %d; in batches %d",
		p.items, facts/many, content/many, p.bodies/many, p.entries/many, p.wraps/many, p.batches/many)
	t.Logf("crossed: %d each with TLS, %d without; %.3f of the padded floor with TLS, %.3f without; %.3f of the compressed contents",
		all/many, within/many, float64(all)/float64(p.bodies), float64(within)/float64(p.bodies), float64(all)/float64(content))

	before = field.Have()
	change := []event.Fact{event.Set{Field: "assessment_main_concerns", Value: event.Text("She asks for the appointment to be moved to Thursday.")}}
	if err := field.Save(t.Context(), vault.Change{Record: last, Facts: change}); err != nil {
		t.Fatal(err)
	}
	one, p := packed(t, change), partsOf(t, field, before)
	all, within = m.during(func() { mustSync(t, s) })
	t.Logf("one change: %d bytes as compressed, padded %d; entry %d, wraps %d; in a batch %d; crossed %d with TLS, %d without: %d over the padded contents",
		one, p.bodies, p.entries, p.wraps, p.batches, all, within, all-int64(p.bodies))
	aloneOnTheWire(t, m, r.client(t, field), field, vault.Change{Record: last, Facts: change}, s.State)
	mustSync(t, s)
	all, within = m.during(func() { mustSync(t, s) })
	t.Logf("nothing new: %d with TLS, %d without", all, within)
	if all >= 400 {
		t.Errorf("a look that finds nothing new takes %d bytes, want under 400", all)
	}
}

// aloneOnTheWire says of what one change consists on a connection that is there: the
// batch's own request, and the look whether the hub's log has it.
func aloneOnTheWire(t *testing.T, m *meter, c *syncer.Client, from *vault.Session, change vault.Change, st *syncer.State) {
	t.Helper()
	if _, err := c.Log(t.Context(), st.Log.Size, false); err != nil { // the connection
		t.Fatal(err)
	}
	if err := from.Save(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	all, within := m.during(func() {
		if err := from.HandOver(t.Context(), st.Heads, func(b journal.Batch) error {
			_, err := c.Push(t.Context(), b)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
	t.Logf("of it the batch's request and answer: %d with TLS, %d without", all, within)
	all, within = m.during(func() {
		if l, err := c.Log(t.Context(), st.Log.Size, false); err != nil || l == nil || len(l.Leaves) != 1 {
			t.Fatal(l, err)
		}
	})
	t.Logf("the look at the log after it: %d with TLS, %d without", all, within)
}

func packed(t *testing.T, facts []event.Fact) int {
	t.Helper()
	raw, err := event.Encode(event.Body{Facts: facts})
	if err != nil {
		t.Fatal(err)
	}
	return len(dictionary.Compress(nil, raw))
}

// parts are the lengths of what is to be handed over.
type parts struct{ items, bodies, entries, wraps, batches int }

func partsOf(t *testing.T, s *vault.Session, have map[amana.DeviceID]uint64) (p parts) {
	t.Helper()
	const tag = 16
	if err := s.HandOver(t.Context(), have, func(b journal.Batch) error {
		p.batches += len(b.Append(nil))
		for _, it := range b.Items {
			p.items++
			p.bodies += len(it.Body) - tag
			p.entries += len(it.Entry)
			p.wraps += len(it.Wraps)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return p
}
