package referral

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"amana"
)

// wire is a referral as it stands in a letter to a partner: what left, and no more.
type wire struct {
	Version int        `json:"v"`
	When    string     `json:"when"` // hours are counted from then
	Lines   []wireLine `json:"lines"`
}

type wireLine struct {
	Item    Item        `json:"item"`
	Option  string      `json:"option,omitempty"`
	Options []string    `json:"options,omitempty"`
	Words   string      `json:"words,omitempty"`
	Hours   []wireHours `json:"hours,omitempty"`
}

type wireHours struct {
	ID     string `json:"id"`
	Hours  int    `json:"hours"`
	Unsure bool   `json:"unsure,omitempty"`
}

const wireVersion = 1

// Bytes writes what leaves, for a letter. Items that do not leave are not named.
func (p Package) Bytes() []byte {
	w := wire{Version: wireVersion, When: p.when.UTC().Format(time.RFC3339)}
	for _, l := range p.lines {
		line := wireLine{Item: l.Item, Option: l.Option, Options: l.Options, Words: l.Words.Reveal()}
		for _, h := range l.Hours {
			line.Hours = append(line.Hours, wireHours(h))
		}
		w.Lines = append(w.Lines, line)
	}
	raw, err := json.Marshal(w)
	if err != nil {
		panic("referral: internal error: " + err.Error())
	}
	return raw
}

// Arrived is a referral that came from a partner.
type Arrived struct {
	When  time.Time
	Lines []Line
}

const (
	mostLines   = 32
	mostOptions = 32
	longestIn   = 64 // letters of an id
)

// ReadArrived reads what [Package.Bytes] wrote, by this program or a newer one.
// Kind: ErrInvalid.
func ReadArrived(raw []byte) (Arrived, error) {
	bad := fmt.Errorf("referral: what came is no referral: %w", amana.ErrInvalid)
	var w wire
	d := json.NewDecoder(bytes.NewReader(raw))
	if err := d.Decode(&w); err != nil || d.More() || w.Version < 1 || len(w.Lines) == 0 || len(w.Lines) > mostLines {
		return Arrived{}, bad
	}
	when, err := time.Parse(time.RFC3339, w.When)
	if err != nil {
		return Arrived{}, bad
	}
	a := Arrived{When: when.UTC()}
	for _, l := range w.Lines {
		if len(l.Item) > longestIn || len(l.Option) > longestIn || len(l.Options) > mostOptions || len(l.Hours) > mostOptions ||
			slices.ContainsFunc(l.Options, func(o string) bool { return len(o) > longestIn }) ||
			slices.ContainsFunc(l.Hours, func(h wireHours) bool { return len(h.ID) > longestIn || h.Hours < 0 }) {
			return Arrived{}, bad
		}
		line := Line{Item: l.Item, In: true, Option: l.Option, Options: l.Options, Words: amana.Conceal(l.Words)}
		for _, h := range l.Hours {
			line.Hours = append(line.Hours, HoursLeft(h))
		}
		a.Lines = append(a.Lines, line)
	}
	return a, nil
}

// Left returns the hours that are left of those that a referral brought, at a later
// time: they go on running while a letter is carried.
func (a Arrived) Left(now time.Time) []HoursLeft {
	gone := max(0, int(now.Sub(a.When)/time.Hour))
	for _, l := range a.Lines {
		if l.Item == ItemWindows {
			left := slices.Clone(l.Hours)
			for i := range left {
				left[i].Hours = max(0, left[i].Hours-gone)
			}
			return left
		}
	}
	return nil
}

// Reply is what a partner answers.
type Reply struct {
	State  State  `json:"state"`
	Reason string `json:"reason,omitempty"`
	When   string `json:"when"` // ISO date
}

// Replies returns the states that a partner may answer with.
func Replies() []State {
	return []State{Acknowledged, Accepted, Declined, FirstContact, ServiceReceived, NotReceived}
}

// check says what is wrong with an answer. Kind: ErrInvalid.
func (r Reply) check() error {
	reasons := Reasons(r.State)
	if !slices.Contains(Replies(), r.State) || len(reasons) > 0 && !slices.Contains(reasons, r.Reason) || len(reasons) == 0 && r.Reason != "" {
		return fmt.Errorf("referral: an answer that is none: %w", amana.ErrInvalid)
	}
	if _, err := time.Parse(time.DateOnly, r.When); err != nil {
		return fmt.Errorf("referral: an answer of no day: %w", amana.ErrInvalid)
	}
	return nil
}

// Bytes writes an answer for a letter. Kind: ErrInvalid.
func (r Reply) Bytes() ([]byte, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	raw, err := json.Marshal(r)
	if err != nil {
		panic("referral: internal error: " + err.Error())
	}
	return raw, nil
}

// ReadReply reads what [Reply.Bytes] wrote. Kind: ErrInvalid.
func ReadReply(raw []byte) (Reply, error) {
	var r Reply
	d := json.NewDecoder(bytes.NewReader(raw))
	if err := d.Decode(&r); err != nil || d.More() {
		return Reply{}, fmt.Errorf("referral: an answer that is none: %w", amana.ErrInvalid)
	}
	return r, r.check()
}
