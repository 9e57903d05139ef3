package huridocs

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"amana"
	"amana/internal/event"
	"amana/internal/release"
)

// Format is what a release is cleared as.
const Format = "huridocs"

// version is written into every file. Add, never rename.
const version = "amana-huridocs-1"

type file struct {
	Version string     `json:"format"`
	Release string     `json:"release"`
	Records []fileUnit `json:"records"`
}

type fileUnit struct {
	ID       string       `json:"id"`
	Kind     amana.Kind   `json:"kind"`
	Entities []fileEntity `json:"entities"`
}

type fileEntity struct {
	Entity string         `json:"entity"`
	ID     string         `json:"id,omitempty"`
	Fields map[string]any `json:"fields"`
}

// Write writes what was cleared. Kind: ErrRefused for what was not cleared as this.
func Write(w io.Writer, c release.Cleared) error {
	if err := c.For(Format); err != nil {
		return err
	}
	out := file{Version: version, Release: c.ID().String()}
	for _, d := range c.Records() {
		if !isKind(d.Kind) || !d.Leaves() {
			continue
		}
		i := slices.IndexFunc(out.Records, func(u fileUnit) bool { return u.ID == d.ID.String() })
		if i < 0 {
			i = len(out.Records)
			out.Records = append(out.Records, fileUnit{ID: d.ID.String(), Kind: d.Kind})
		}
		for _, l := range d.Lines {
			if l.Verdict != release.Withheld {
				out.Records[i].put(l)
			}
		}
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	if err := enc.Encode(out); err != nil {
		return fmt.Errorf("huridocs: write: %w", amana.ErrStorage)
	}
	return nil
}

func (u *fileUnit) put(l release.Line) {
	list, rest, in := strings.Cut(l.Name, "/")
	item, field, whole := strings.Cut(rest, "/")
	name := l.Name
	if in && whole {
		name = list + "/" + field
	} else {
		item = ""
	}
	at, known := placeOf(u.Kind, name)
	if !known {
		return
	}
	i := slices.IndexFunc(u.Entities, func(e fileEntity) bool { return e.Entity == at.entity && e.ID == item })
	if i < 0 {
		i = len(u.Entities)
		u.Entities = append(u.Entities, fileEntity{Entity: at.entity, ID: item, Fields: map[string]any{}})
	}
	u.Entities[i].Fields[at.number] = plain(l.Value)
}

// answers in place of a value, as the file says them.
var answers = map[event.Answer]string{event.Declined: "declined", event.DoesNotKnow: "does_not_know", event.NotAsked: "not_asked"}

func plain(v event.Value) any {
	switch v.Type() {
	case event.TypeInt:
		n, _ := v.Int()
		return n
	case event.TypeBool:
		yes, _ := v.Bool()
		return yes
	case event.TypeDecimal:
		d, _ := v.Decimal()
		return map[string]any{"decimal": d}
	case event.TypeList:
		return v.RevealList()
	case event.TypeAnswer:
		a, _ := v.Answer()
		return map[string]any{"answer": answers[a]}
	case event.TypeText, event.None:
	}
	return v.Reveal()
}
