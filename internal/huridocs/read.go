package huridocs

import (
	"encoding/json"
	"fmt"
	"io"

	"amana"
	"amana/internal/event"
)

// Largest is how many bytes a file may have.
const Largest = 32 << 20

// Record is one record of a file.
type Record struct {
	ID     amana.RecordID
	Kind   amana.Kind
	Values map[string]event.Value
}

// Read reads a file that [Write] wrote, or that follows it. Whether its values may
// stand is not judged. Kind: ErrInvalid, also for a field that no format has: nothing
// is dropped in silence.
func Read(r io.Reader) ([]Record, error) {
	raw, err := io.ReadAll(io.LimitReader(r, Largest+1))
	if err != nil || len(raw) > Largest {
		return nil, fmt.Errorf("huridocs: file of more than %d bytes: %w", Largest, amana.ErrInvalid)
	}
	var in file
	if err := json.Unmarshal(raw, &in); err != nil || in.Version != version {
		return nil, fmt.Errorf("huridocs: not a file of %s: %w", version, amana.ErrInvalid)
	}
	records := make([]Record, 0, len(in.Records))
	for n, u := range in.Records {
		id, err := amana.ParseID[amana.Record](u.ID)
		if err != nil || !isKind(u.Kind) {
			return nil, fmt.Errorf("huridocs: record %d: %w", n, amana.ErrInvalid)
		}
		rec := Record{ID: id, Kind: u.Kind, Values: map[string]event.Value{}}
		for m, e := range u.Entities {
			if err := rec.take(e); err != nil {
				return nil, fmt.Errorf("huridocs: record %s, entity %d: %w", id, m, err)
			}
		}
		records = append(records, rec)
	}
	return records, nil
}

func (r *Record) take(e fileEntity) error {
	for number, raw := range e.Fields {
		list, field, ok := fieldOf(r.Kind, place{e.Entity, number})
		if !ok || (list == "") != (e.ID == "") || !isItem(e.ID) {
			return fmt.Errorf("a field that no format has: %w", amana.ErrInvalid)
		}
		v, err := value(raw)
		if err != nil {
			return err
		}
		if list != "" {
			field = list + "/" + e.ID + "/" + field
		}
		r.Values[field] = v
	}
	return nil
}

// isItem reports whether the id of an item is made of small letters and digits.
func isItem(id string) bool {
	if len(id) > 26 {
		return false
	}
	for i := range len(id) {
		if c := id[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

func value(raw any) (event.Value, error) {
	bad := fmt.Errorf("a value that no field takes: %w", amana.ErrInvalid)
	switch raw := raw.(type) {
	case string:
		return event.Text(raw), nil
	case bool:
		return event.Bool(raw), nil
	case float64:
		if n := int64(raw); float64(n) == raw {
			return event.Int(n), nil
		}
	case []any:
		var list []string
		for _, one := range raw {
			text, ok := one.(string)
			if !ok {
				return event.Value{}, bad
			}
			list = append(list, text)
		}
		return event.List(list...), nil
	case map[string]any:
		if d, ok := raw["decimal"].(float64); ok && len(raw) == 1 {
			return event.Decimal(d), nil
		}
		for a, word := range answers {
			if raw["answer"] == word && len(raw) == 1 {
				return event.Say(a), nil
			}
		}
	}
	return event.Value{}, bad
}
