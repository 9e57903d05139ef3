package vault

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"amana"
	"amana/internal/charter"
	"amana/internal/event"
	"amana/internal/evidence"
	"amana/internal/journal"
	"amana/internal/keyring"
)

// Check is one thing that was verified, in words.
type Check struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}

func passed(name, format string, args ...any) Check {
	return Check{Name: name, OK: true, Detail: fmt.Sprintf(format, args...)}
}

func failed(name, format string, args ...any) Check {
	return Check{Name: name, Detail: fmt.Sprintf(format, args...)}
}

// VerifyFiles checks what can be checked of a vault's folder without any key:
// that the files are there and are, byte for byte, as they were written. It finds
// damage; against forgery [Session.Verify] checks chains and signatures.
func VerifyFiles(dir string) []Check {
	var checks []Check
	if _, err := readHeader(dir); err != nil {
		checks = append(checks, failed("header", "the file %q does not read: %v", headerName, err))
	} else {
		checks = append(checks, passed("header", "the file %q is whole", headerName))
	}
	files, problems := CheckSums(dir)
	for _, err := range problems {
		checks = append(checks, failed("files", "%v", err))
	}
	if len(problems) == 0 {
		checks = append(checks, passed("files", "%d journal files are, byte for byte, as they were written", files))
	}
	for n := 1; n <= files; n++ {
		if _, err := os.Stat(filepath.Join(dir, journalDir, fmt.Sprintf("%06d.log", n))); err != nil {
			checks = append(checks, failed("files", "journal file %06d.log is missing", n))
		}
	}
	for _, name := range []string{slotsFile, deviceFile, recoveryFile, filepath.Join(journalDir, "head")} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			checks = append(checks, failed("folder", "the file %q is missing", name))
		}
	}
	return checks
}

// Verify checks the whole journal with the member's keys: that it ends where it
// did, that every chain is whole, every entry signed by a member who was allowed
// to write it, and every body that the member can read opens.
func (s *Session) Verify(ctx context.Context) ([]Check, error) {
	if err := s.Arriving(); err != nil { // of half a journal nothing can be said
		return nil, err
	}
	var checks []Check
	if err := s.Refuses(); errors.Is(err, amana.ErrTampered) {
		checks = append(checks, failed("end", "%v", err))
	} else {
		checks = append(checks, passed("end", "the journal ends where the last save ended"))
	}
	for _, note := range s.open.log.Notes() {
		checks = append(checks, passed("mended", "%s", note))
	}
	c, err := s.Charter()
	if err != nil {
		return nil, err
	}
	v := &verifier{s: s, c: c, bring: map[amana.RecordID][]foundEntry{}, keys: map[amana.RecordID]recordKeys{}, last: map[amana.DeviceID]journal.Head{}, saw: s.index.Load().remembered()}
	s.open.mu.RLock()
	v.charter = slices.Clone(s.open.charter)
	s.open.mu.RUnlock()
	err = v.gather()
	if err == nil {
		err = v.run(ctx)
	}
	if err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		v.problems = append(v.problems, failed("chain", "%v", err))
	}
	checks = append(checks, v.checks()...)
	evidenceChecks, err := v.evidence(ctx)
	if err != nil {
		return nil, err
	}
	checks = append(checks, evidenceChecks...)
	s.mu.Lock()
	for _, err := range s.rules.refused {
		checks = append(checks, failed("charter", "an entry was passed over: %v", err))
	}
	s.mu.Unlock()
	n, reason, err := s.Quarantined()
	if err != nil {
		return nil, err
	}
	if n > 0 {
		checks = append(checks, failed("quarantine", "%d entries were refused on the way in; the first: %s", n, reason))
	}
	return checks, nil
}

type verifier struct {
	s        *Session
	c        *charter.Charter
	bring    map[amana.RecordID][]foundEntry // entries that bring keys, without their bodies
	keys     map[amana.RecordID]recordKeys
	last     map[amana.DeviceID]journal.Head
	saw      seen
	charter  []journal.Pos // the entries of it that were read
	problems []Check

	entries, bodies, others, erased int

	blobs     []evidence.Blob
	elsewhere []amana.RecordID // of blobs, those that were taken in on another device
	custody   map[amana.RecordID][]evidence.Signed
}

const mostProblems = 100

type verifying struct {
	pos   journal.Pos
	item  journal.Item
	entry journal.Entry
	err   error
	sig   error
}

// gather finds the entries that bring keys of records: they may come after those that
// use them.
func (v *verifier) gather() error {
	return v.s.open.log.Each(0, func(_ journal.Pos, it journal.Item) error {
		e, err := v.s.open.openEntry(v.s.ring, it)
		if err == nil && len(e.Teams) > 0 {
			it.Entry, it.Body, it.Wraps = nil, nil, slices.Clone(it.Wraps)
			v.bring[e.Record] = append(v.bring[e.Record], foundEntry{it, e})
		}
		return nil
	})
}

// keysFor returns what the entries of a record open with.
func (v *verifier) keysFor(id amana.RecordID) recordKeys {
	k, known := v.keys[id]
	if !known {
		k = v.s.keysOf(v.bring[id])
		v.keys[id] = k
	}
	return k
}

// run goes through the journal in lots: opening and signatures on all cores, the
// rest in order.
func (v *verifier) run(ctx context.Context) error {
	var lot []verifying
	flush := func() error {
		if err := ctx.Err(); err != nil {
			return err
		}
		v.lot(lot)
		lot = lot[:0]
		return nil
	}
	err := v.s.open.log.Scan(0, func(f journal.Found) error {
		head := journal.Head{Seq: f.Item.Seq, Hash: f.Head}
		v.last[f.Item.Device] = head
		if saw := v.saw[f.Item.Device]; saw.Seq == head.Seq && saw != head {
			v.problems = append(v.problems, failed("history", "entry %d of device %s, or one before, is not the one you have seen", saw.Seq, f.Item.Device))
		}
		lot = append(lot, verifying{pos: f.Pos, item: f.Item})
		if len(lot) == itemsAtOnce {
			return flush()
		}
		return nil
	})
	if last := flush(); err == nil {
		err = last
	}
	return err
}

func (v *verifier) lot(lot []verifying) {
	parallel(len(lot), func(i int) {
		one := &lot[i]
		if one.entry, one.err = v.s.open.openEntry(v.s.ring, one.item); one.err != nil {
			return
		}
		if one.entry.Author == (journal.Author{}) {
			one.sig = verifyEntry(v.s.rules.root, v.s.open.org, one.entry, one.item)
		} else {
			_, one.sig = verifyAuthor(v.c, v.s.open.org, one.entry, one.item)
		}
	})
	for i := range lot {
		v.one(&lot[i])
	}
}

func (v *verifier) one(o *verifying) {
	v.entries++
	switch {
	case errors.Is(o.err, keyring.ErrNoKey):
		v.others++
		return
	case o.err != nil:
		v.problem("entry", o, o.err)
		return
	case o.sig != nil:
		v.problem("signature", o, o.sig)
		return
	}
	if o.item.Flags&journal.Erased != 0 {
		v.erased++
		if _, ordered := v.c.Erased()[o.entry.Record]; !ordered {
			v.problem("erasure", o, errors.New("its content is gone and nobody ordered it"))
		}
		return
	}
	if _, ordered := v.c.Erased()[o.entry.Record]; ordered {
		v.problem("erasure", o, errors.New("it was ordered erased, and its content is there"))
		return
	}
	v.body(o)
}

// body opens the body where the member can, and checks that its author was
// allowed to write it.
func (v *verifier) body(o *verifying) {
	if o.entry.Record == charterRecord(v.s.open.org) {
		v.bodies++ // read and applied at unlocking
		if !slices.Contains(v.charter, o.pos) {
			v.problem("charter", o, errors.New("it was left out of what is read at unlocking"))
		}
		return
	}
	if (foundEntry{o.item, o.entry}).forged(v.s.open.org) {
		v.problem("name", o, errors.New("it would begin a record that somebody else began"))
		return
	}
	rk := v.keysFor(o.entry.Record)
	if len(o.entry.Teams) > 0 {
		if !rk.fits(foundEntry{o.item, o.entry}) {
			v.problem("key", o, errors.New("it would bring the record into another team"))
			return
		}
		if _, err := v.s.ring.RecordKey(o.entry, o.item); err != nil && !errors.Is(err, keyring.ErrNoKey) {
			v.problem("key", o, err)
		}
	}
	if len(rk.keys) == 0 {
		v.others++
		return
	}
	b, err := openBody(v.s.ring, o.entry, o.item, rk.keys, rk.first)
	if err == nil {
		err = v.allowed(o, b, rk.teams)
	}
	if errors.Is(err, keyring.ErrNoKey) {
		v.others++
		return
	}
	if err != nil {
		v.problem("body", o, err)
		return
	}
	v.bodies++
	v.files(o, b)
}

// allowed verifies who wrote a body, and that who may write only to what is about
// nobody wrote to nothing else.
func (v *verifier) allowed(o *verifying, b event.Body, teams []amana.TeamID) error {
	author, by, err := v.s.verify(o.entry, o.item, b, teams)
	if err != nil || by != narrow {
		return err
	}
	r, known, err := v.s.index.Load().view.Find(o.entry.Record)
	if err == nil && known && !r.Kind.AboutNobody() {
		return fmt.Errorf("vault: member %s: no role that writes to a record of kind %s: %w", author, r.Kind, amana.ErrRefused)
	}
	return err
}

func (v *verifier) problem(name string, o *verifying, err error) {
	if len(v.problems) < mostProblems {
		v.problems = append(v.problems, failed(name, "entry %d of device %s: %v", o.item.Seq, o.item.Device, err))
	}
}

func (v *verifier) checks() []Check {
	for d, saw := range v.saw {
		if v.last[d].Seq < saw.Seq {
			v.problems = append(v.problems, failed("history", "the chain of device %s ends at entry %d, and you have seen entry %d", d, v.last[d].Seq, saw.Seq))
		}
	}
	for d, head := range v.s.open.log.Heads() {
		if v.last[d] != head {
			v.problems = append(v.problems, failed("chain", "the chain of device %s does not end at entry %d as it did", d, head.Seq))
		}
	}
	if len(v.problems) > 0 {
		return v.problems
	}
	return []Check{
		passed("chain", "every chain is whole: %d entries of %d devices", v.entries, len(v.last)),
		passed("signatures", "every entry is signed by a member who was allowed to write it"),
		passed("content", "%d entries open with your keys; %d are other teams'; %d were erased by order", v.bodies, v.others, v.erased),
	}
}
