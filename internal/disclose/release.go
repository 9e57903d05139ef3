package disclose

import (
	"encoding/json"
	"fmt"
	"slices"

	"amana"
	"amana/internal/stats"
)

// Not shown: marks in the cells of a release in place of a count.
const (
	Withheld = -1 // too few, or it would give away what is too few
	Absent   = -2 // not asked for, or too fine to be of use
)

// Release is what was shown to somebody: figures as they may be read, and nothing
// besides. It is kept, so that what follows can be held against it.
type Release struct {
	ID           string      `json:"id"`
	Made         string      `json:"made"` // ISO date
	Audience     Audience    `json:"audience"`
	Agreement    string      `json:"agreement,omitempty"`
	Policy       Policy      `json:"policy"`
	Basis        stats.Basis `json:"basis"`
	Contributors int         `json:"contributors"`
	Areas        []AreaSet   `json:"areas"`   // the first is all of them
	Periods      []string    `json:"periods"` // "2026-01" or "2026-01/2026-03"
	Tables       []Released  `json:"tables"`
}

// AreaSet is an area that is shown: one, or a region of several. The one without a
// name is all of them, with what lies nowhere that is known.
type AreaSet struct {
	ID      string   `json:"id"`
	Members []string `json:"members,omitempty"` // itself, where there are none
}

// Released is one table of a release.
type Released struct {
	ID   string   `json:"id"`
	Rows []string `json:"rows"`
	// Cells are counts, or [Withheld], or [Absent]: by row, then area, then period.
	Cells []int `json:"cells"`
}

// At returns a cell, or [Absent].
func (r *Release) At(t *Released, row, area, period int) int {
	i := (row*len(r.Areas)+area)*len(r.Periods) + period
	if i < 0 || i >= len(t.Cells) || area >= len(r.Areas) || period >= len(r.Periods) {
		return Absent
	}
	return t.Cells[i]
}

// Percent returns a count as tenths of a percent of another, where both are shown and
// the other is large enough for a percentage.
func (r *Release) Percent(n, of int) (tenths int, ok bool) {
	if n < 0 || of < r.Policy.Percent || of <= 0 || n > of {
		return 0, false
	}
	return (1000*n + of/2) / of, true
}

// Table returns the table of an id, or nil.
func (r *Release) Table(id string) *Released {
	for i := range r.Tables {
		if r.Tables[i].ID == id {
			return &r.Tables[i]
		}
	}
	return nil
}

// Encode writes a release down.
func (r *Release) Encode() ([]byte, error) { return json.Marshal(r) }

// largestRelease bounds what is read: fifty areas by twelve months are 2 MB.
const largestRelease = 16 << 20

// ReadRelease reads a release that was written down or brought. Anything else is
// ErrInvalid.
func ReadRelease(b []byte) (Release, error) {
	var r Release
	bad := fmt.Errorf("disclose: not a release: %w", amana.ErrInvalid)
	if len(b) > largestRelease || json.Unmarshal(b, &r) != nil {
		return Release{}, bad
	}
	if r.Policy.Check(r.Audience) != nil || len(r.Areas) == 0 || r.Areas[0].ID != "" || r.Contributors < 1 {
		return Release{}, bad
	}
	if _, err := r.spans(); err != nil {
		return Release{}, bad
	}
	for i := range r.Tables {
		t := &r.Tables[i]
		if len(t.Cells) != len(t.Rows)*len(r.Areas)*len(r.Periods) || slices.ContainsFunc(t.Cells, func(n int) bool { return n < Absent || n > 1<<30 }) {
			return Release{}, bad
		}
	}
	return r, nil
}

func (r *Release) spans() ([]stats.Span, error) {
	list := make([]stats.Span, 0, len(r.Periods))
	for _, p := range r.Periods {
		s, err := stats.ParseSpan(p)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("disclose: no periods: %w", amana.ErrInvalid)
	}
	return list, nil
}

// Safe is figures that passed disclosure control and every approval that their
// agreement asks for. Its field is unexported and nothing else makes it: what takes a
// Safe cannot be called without. The zero Safe holds no figures.
type Safe struct{ release Release }

// Release returns the figures.
func (s Safe) Release() Release { return s.release }

// Empty reports whether there is nothing to be written.
func (s Safe) Empty() bool { return len(s.release.Tables) == 0 }
