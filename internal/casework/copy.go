package casework

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/evidence"
	"amana/internal/scrub"
	"amana/internal/vault"
)

// CopyPlan says what a working copy leaves out beside what it always does.
type CopyPlan = scrub.Plan

// Region is a part of a picture or page, in thousandths.
type Region = scrub.Region

// Span is a part of a sound.
type Span = scrub.Span

// CanCopy is what a working copy of an item can leave out.
type CanCopy = scrub.Can

// CanCopy tells what can be done with the kind of file that an item has, where it is
// on this device.
func (e *Evidence) CanCopy() CanCopy {
	if !e.Here {
		return CanCopy{}
	}
	return scrub.Of(e.Media)
}

// CopyEvidence makes a working copy: of what is seen and heard, without what came
// with it, and without what the plan leaves out; [scrub.Copy] says how far that goes
// with which kind. The original stays as it is; both say in their custody that the
// copy was made. Kinds: FieldErrors where it cannot be copied so; ErrNotFound,
// ErrRefused, ErrStorage.
func (d *Desk) CopyEvidence(ctx context.Context, caseID, id amana.RecordID, title amana.Private, plan CopyPlan) (amana.RecordID, error) {
	f, o, err := d.openedEvidence(caseID, id)
	if err != nil {
		return amana.RecordID{}, err
	}
	t, ok := o.Taken()
	if !ok {
		return amana.RecordID{}, FieldErrors{"plan": "evidence.copy.cannot"}
	}
	r, done, err := d.session.OpenBlob(vault.BlobOf(o.ID, t))
	if err != nil {
		return amana.RecordID{}, err
	}
	defer done() //nolint:errcheck // it was only read
	if title.IsEmpty() {
		title = amana.Conceal(o.Value("title").Reveal())
	}
	values := Values{
		"title": event.Text(title.Reveal()), "derived_from": event.Text(id.String()), "derived_how": event.Text(howCopied(evidence.ReadMedia(r), plan)),
		"derived_regions": event.Text(planText(plan)), "incident": o.Value("incident"),
		"collected_on": o.Value("collected_on"), "evidence_language": o.Value("evidence_language"),
	}
	made, stop := written(ctx, r, plan)
	defer stop()
	copied, err := d.session.TakeIn(ctx, caseID, made, func(b evidence.Blob) ([]vault.Change, error) {
		d.describe(b, values)
		child, err := d.beginEvidence(&f.Case, b.Record, values, &b, statementOf{event: evidence.Copied, copy: id})
		if err != nil {
			return nil, err
		}
		said, err := d.next(o, statementOf{event: evidence.Copied, copy: b.Record})
		return []vault.Change{child, {Record: id, Facts: []event.Fact{said}}}, err
	})
	if errors.Is(err, amana.ErrInvalid) {
		return amana.RecordID{}, FieldErrors{"plan": "evidence.copy.cannot"}
	}
	return copied, err
}

// written is the working copy as it is made. Nothing of it waits anywhere: it is
// sealed as it comes. After stop, nothing reads r any more.
func written(ctx context.Context, r *evidence.Reader, plan CopyPlan) (made io.Reader, stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	from, to := io.Pipe()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		to.CloseWithError(scrub.Copy(ctx, to, r, r.Size(), plan))
	}()
	return from, func() {
		cancel()
		from.Close()
		<-ended
	}
}

// howCopied says in a line what was done. It is part of the record, in the words of
// the format.
func howCopied(m evidence.Media, p CopyPlan) string {
	how := "without metadata"
	switch c := scrub.Of(m); {
	case c.Pages:
		how = "pictures of the pages, without anything else"
	case c.Cover:
		how = "upright, without metadata"
	}
	if len(p.Cover) > 0 {
		how += ", regions covered"
	}
	if len(p.Leave) > 0 {
		how += ", pages left out"
	}
	if len(p.Mute) > 0 {
		how += ", parts silent"
	}
	return how
}

// planText is what was covered, left out and made silent, a line each
// (docs/format.md, the fields of evidence).
func planText(p CopyPlan) string {
	var lines []string
	for _, r := range p.Cover {
		page := ""
		if r.Page > 0 {
			page = fmt.Sprintf("page %d: ", r.Page)
		}
		lines = append(lines, fmt.Sprintf("%s%d %d %d %d", page, r.Left, r.Top, r.Width, r.Height))
	}
	for _, n := range p.Leave {
		lines = append(lines, fmt.Sprintf("page %d", n))
	}
	for _, s := range p.Mute {
		lines = append(lines, fmt.Sprintf("silent: %d %d", s.From/time.Millisecond, s.To/time.Millisecond))
	}
	return strings.Join(lines, "\n")
}
