package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/dossier"
	"amana/internal/event"
	"amana/internal/release"
	"amana/internal/seal"
)

// Proofs says how much evidence to measure with.
type Proofs struct {
	File        int64 // bytes of the one file that is taken in
	Files       int   // of the dossier
	DossierSize int64 // bytes of all of them
	// Sum runs sha256sum over a file, the reference for dossiers; nil for Go's SHA-256,
	// which is quicker where the processor helps it.
	Sum func(ctx context.Context, path string) error
}

// RunProofs measures how quickly evidence is taken in, and how quickly a dossier is
// made, fetched and verified: beside the disk, the cipher and sha256sum, in the same run.
// It needs room for the file and its reference, or three times the dossier's size. It
// fails only where measuring does.
func RunProofs(ctx context.Context, o Options, p Proofs) (_ Report, err error) {
	dir, err := os.MkdirTemp(o.Dir, "amana-bench-")
	if err != nil {
		return Report{}, storage("new folder", err)
	}
	r := &run{Options: o, clock: clock(o.Now), dir: dir}
	defer func() { err = errors.Join(err, r.end()) }()
	r.say("founding an organisation")
	if err := r.found(ctx); err != nil {
		return Report{}, err
	}
	b := &proving{run: r, Proofs: p}
	for _, step := range []struct {
		doing string
		do    func(context.Context) error
	}{
		{"preparing", b.prepare}, {"taking in one file", b.one}, {"taking in many files", b.many}, {"making a dossier", b.dossier},
	} {
		r.say(step.doing)
		if err := step.do(ctx); err != nil {
			return Report{}, err
		}
	}
	return Report{Machine: describe(), Figures: r.figures}, nil
}

// proving is one run of RunProofs.
type proving struct {
	*run
	Proofs
	officer *casework.Desk
	holder  amana.RecordID
	items   []amana.RecordID
}

const proofRecipient = "Invented Court"

// prepare makes an account that evidence can be kept for, whose giver agreed to all.
func (b *proving) prepare(ctx context.Context) error {
	team, err := b.desk.FormTeam(ctx, casework.NewTeam{Name: "Proofs", Compartment: amana.Accountability, Join: true})
	if err != nil {
		return err
	}
	_, phrase, err := b.desk.AddMember(ctx, casework.NewMember{
		Name: "Release", Roles: []amana.Role{amana.RoleReleaseOfficer, amana.RoleDocumenter}, Teams: []amana.TeamID{team},
	})
	if err != nil {
		return err
	}
	if b.officer, err = b.office.Unlock(ctx, []byte(phrase)); err != nil {
		return err
	}
	b.holder, err = b.officer.BeginClaim(ctx, amana.KindAccount, casework.Values{
		"source_code": event.Text("invented"), "source_said": event.Text("told"),
	})
	if err != nil {
		return err
	}
	return b.officer.AnswerAccount(ctx, b.holder, casework.Answers{
		Consent: casework.Consent{
			Purpose: amana.PurposeAccountability, Recipient: amana.Conceal(proofRecipient), Decision: amana.Granted, GivenBy: "self", How: "spoken", Language: "fra",
		},
		Items:     map[release.Class]amana.Decision{release.Evidence: amana.Granted},
		Explained: casework.Explained{Text: b.officer.ConsentText().Version, Understood: "yes"},
	})
}

// noise gives bytes that do not compress, as many as are left; they repeat after a
// while. At is where in them it begins.
type noise struct {
	of   []byte
	at   int
	left int64
}

// oneNoise is a megabyte of it, made once.
var oneNoise = sync.OnceValue(func() []byte {
	b := make([]byte, 1<<20)
	for i := 0; i < len(b); i += 16 {
		r := seal.Random16()
		copy(b[i:], r[:])
	}
	return b
})

func newNoise(size int64) *noise { return &noise{of: oneNoise(), left: size} }

func (n *noise) Read(p []byte) (int, error) {
	if n.left == 0 {
		return 0, io.EOF
	}
	m := copy(p[:min(int64(len(p)), n.left)], n.of[n.at:])
	n.at = (n.at + m) % len(n.of)
	n.left -= int64(m)
	return m, nil
}

const mega = 1e6

// one takes in one file, beside the disk and the cipher, whichever is slower.
func (b *proving) one(ctx context.Context) error {
	memory := watchMemory()
	took, err := b.clock.seconds(func() error {
		_, err := b.officer.TakeEvidence(ctx, b.item(1), newNoise(b.File))
		return err
	})
	grown := memory()
	if err != nil {
		return err
	}
	raw, err := b.rawWrite(b.File)
	if err != nil {
		return err
	}
	gcm, err := b.cipher()
	if err != nil {
		return err
	}
	size := float64(b.File) / mega
	name, reference := "the disk, written in a row and synced", size/raw
	if gcm < reference {
		name, reference = "AES-GCM on one core", gcm
	}
	b.add(figure(fmt.Sprintf("evidence in, one file of %.1f GB", size/1000), size/took, "MB/s").beside(name, reference).ratioAtLeast(0.5))
	b.add(figure("memory that it takes", grown/mega, "MB").must("at most 64", grown <= 64*mega))
	return nil
}

func (b *proving) item(n int) casework.NewEvidence {
	return casework.NewEvidence{
		Case: b.holder, Event: "received", FileName: amana.Conceal("invented.bin"),
		Values: casework.Values{"title": event.Text(fmt.Sprintf("Invented %d", n))},
	}
}

// rawWrite writes so many bytes in a row, with a sync at the end, and takes the file away.
func (b *proving) rawWrite(size int64) (seconds float64, err error) {
	path := filepath.Join(b.dir, "raw")
	defer os.Remove(path)
	return b.clock.seconds(func() error {
		f, err := os.Create(path)
		if err != nil {
			return storage("raw file", err)
		}
		_, err = io.CopyBuffer(struct{ io.Writer }{f}, newNoise(size), make([]byte, 1<<20))
		if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
			return storage("raw file", err)
		}
		return nil
	})
}

// cipher is AES-GCM alone, on one core, in MB a second.
func (b *proving) cipher() (float64, error) {
	const rounds = 8 << 10
	sealer := seal.NewBlobKey().Run(b.holder, 0)
	chunk, out := make([]byte, seal.BlobChunk), make([]byte, 0, seal.BlobChunk+seal.TagSize)
	took, err := b.clock.seconds(func() error {
		for i := range rounds {
			out = sealer.Seal(out[:0], chunk, uint64(i), false)
		}
		return nil
	})
	return rounds * seal.BlobChunk / mega / took, err
}

// many takes in the files of the dossier.
func (b *proving) many(ctx context.Context) error {
	each := b.DossierSize / int64(b.Files)
	took, err := b.clock.seconds(func() error {
		for i := range b.Files {
			id, err := b.officer.TakeEvidence(ctx, b.item(i+2), newNoise(each))
			if err != nil {
				return err
			}
			b.items = append(b.items, id)
		}
		return nil
	})
	b.add(figure(fmt.Sprintf("evidence in, %d files of %.1f MB", b.Files, float64(each)/mega), float64(b.DossierSize)/mega/took, "MB/s"))
	return err
}

// dossier makes a dossier, fetches it, and verifies it, beside sha256sum over it.
func (b *proving) dossier(ctx context.Context) error {
	plan := casework.DossierPlan{
		Case: b.holder, Recipient: amana.Conceal(proofRecipient), Items: b.items, Alone: true,
		Tongue: casework.Tongue{Code: "en", Words: func(key string, _ ...any) string { return key }, Field: func(name string) string { return name }},
	}
	memory := watchMemory()
	made, err := b.clock.seconds(func() error { return b.officer.PrepareDossier(ctx, plan) })
	if err != nil {
		return err
	}
	path := filepath.Join(b.dir, "dossier.zip")
	fetched, err := b.clock.seconds(func() error { return fetch(path, b.officer) })
	if err != nil {
		return err
	}
	var found dossier.Result
	verified, err := b.clock.seconds(func() error { found, err = verifyFile(ctx, path); return err })
	if err != nil {
		return err
	}
	grown := memory()
	if !found.OK {
		return fmt.Errorf("bench: the dossier does not verify: %w", amana.ErrTampered)
	}
	how := "SHA-256 of Go over it"
	if b.Sum != nil {
		how = "sha256sum over it"
	}
	summed, err := b.clock.seconds(func() error { return b.sum(ctx, path) })
	if err != nil {
		return err
	}
	what := fmt.Sprintf("dossier of %d files, %.1f GB", b.Files, float64(b.DossierSize)/mega/1000)
	b.add(
		figure(what+", made and sealed until it is fetched", made, "s").beside(how, summed).atMostTwice(),
		figure(what+", fetched", fetched, "s").beside(how, summed),
		figure(what+", verified", verified, "s").beside(how, summed).atMostTwice(),
		figure("memory that it takes", grown/mega, "MB"),
	)
	return nil
}

func fetch(path string, d *casework.Desk) error {
	f, err := os.Create(path)
	if err != nil {
		return storage("dossier", err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	return errors.Join(d.Dossier(w), w.Flush(), f.Close())
}

func verifyFile(ctx context.Context, path string) (dossier.Result, error) {
	f, err := os.Open(path)
	if err != nil {
		return dossier.Result{}, storage("dossier", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return dossier.Result{}, storage("dossier", err)
	}
	return dossier.Verify(ctx, f, info.Size(), dossier.Options{})
}

// sum is what sha256sum does: by the program of that name, where who measures brings
// it.
func (b *proving) sum(ctx context.Context, path string) error {
	if b.Sum != nil {
		return b.Sum(ctx, path)
	}
	f, err := os.Open(path)
	if err != nil {
		return storage("dossier", err)
	}
	defer f.Close()
	_, err = io.CopyBuffer(struct{ io.Writer }{seal.NewSum()}, struct{ io.Reader }{f}, make([]byte, 1<<20))
	return err
}

// watchMemory looks ten times a second how much memory is in use; what it returns ends
// that, and says how much that grew at most.
func watchMemory() func() float64 {
	inUse := func() uint64 {
		s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(s)
		return s[0].Value.Uint64()
	}
	before := inUse()
	var most atomic.Uint64
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		const often = 100 * time.Millisecond
		for t := time.NewTicker(often); ; {
			most.Store(max(most.Load(), inUse()))
			select {
			case <-stop:
				t.Stop()
				return
			case <-t.C:
			}
		}
	}()
	return func() float64 {
		close(stop)
		<-ended
		return float64(max(most.Load(), before) - before)
	}
}
