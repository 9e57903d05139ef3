package scrub

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"amana"
	"amana/internal/evidence"
)

// Can is what can be done with a kind of file.
type Can struct {
	Copy  bool // without what came with it
	Cover bool // with regions covered
	Pages bool // it has pages, of which some may be left out
	Mute  bool // with spans made silent
}

// Of tells what can be done with a kind of file. That a kind can be muted is true of
// its common forms; of others Copy says so.
func Of(m evidence.Media) Can {
	switch m.Type {
	case "image/jpeg", "image/png", "image/gif", "image/webp":
		return Can{Copy: true, Cover: true}
	case "application/pdf":
		return Can{Copy: true, Cover: true, Pages: true}
	case "audio/wav":
		return Can{Copy: true, Mute: true}
	case "audio/mpeg", "audio/ogg", "audio/flac", "audio/mp4", "audio/amr", "video/mp4", "video/quicktime":
		return Can{Copy: true}
	}
	return Can{}
}

// Region is a part of a picture or page, in thousandths of its width and height.
type Region struct {
	Page                     int // from 1; 0 for a picture
	Left, Top, Width, Height int
}

// Valid reports whether it lies in a picture.
func (r Region) Valid() bool {
	const all = 1000
	return r.Left >= 0 && r.Top >= 0 && r.Left <= all && r.Top <= all && r.Width > 0 && r.Height > 0 &&
		r.Width <= all-r.Left && r.Height <= all-r.Top
}

// Span is a part of a sound, from its beginning.
type Span struct{ From, To time.Duration }

// Plan says what a working copy leaves out beside what it always does.
type Plan struct {
	Cover []Region
	Leave []int // pages that are left out, from 1
	Mute  []Span
}

// fits reports whether a plan asks only for what can be done.
func (p Plan) fits(c Can) bool {
	if !c.Copy || len(p.Cover) > 0 && !c.Cover || len(p.Leave) > 0 && !c.Pages || len(p.Mute) > 0 && !c.Mute {
		return false
	}
	for _, g := range p.Cover {
		if !g.Valid() || (g.Page > 0) != c.Pages || g.Page < 0 {
			return false
		}
	}
	for _, s := range p.Mute {
		if s.From < 0 || s.To <= s.From {
			return false
		}
	}
	return !slices.ContainsFunc(p.Leave, func(n int) bool { return n < 1 })
}

func cannot(why string) error {
	return fmt.Errorf("scrub: %s: %w", why, amana.ErrInvalid)
}

// Copy writes the working copy of a file that has size bytes. What was written when
// it fails is no copy. Kinds: ErrInvalid for what cannot be read or is too large, for
// a plan that does not fit the kind, and for parts outside of it; those of r and w.
func Copy(ctx context.Context, w io.Writer, r io.ReaderAt, size int64, p Plan) error {
	m := evidence.ReadMedia(r)
	if !p.fits(Of(m)) {
		return cannot("a file of this kind, or what was asked for with it")
	}
	switch m.Type {
	case "application/pdf":
		return document(ctx, w, r, size, p)
	case "audio/wav":
		return wave(ctx, w, r, size, p.Mute)
	case "audio/mpeg":
		return mpegAudio(ctx, w, r, size)
	case "audio/ogg":
		return ogg(ctx, w, r, size)
	case "audio/flac":
		return flac(ctx, w, r, size)
	case "audio/amr":
		return amr(ctx, w, r, size)
	case "audio/mp4", "video/mp4", "video/quicktime":
		return film(ctx, w, r, size)
	}
	return picture(w, r, size, p.Cover)
}

// send copies what r has, until ctx ends.
func send(ctx context.Context, w io.Writer, r io.Reader) error {
	_, err := io.Copy(w, until{ctx, r})
	return err
}

// until is a reader that ends with its context.
type until struct {
	ctx context.Context //nolint:containedctx // it lives as long as one copy
	r   io.Reader
}

func (u until) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}
