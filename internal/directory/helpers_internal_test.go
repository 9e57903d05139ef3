package directory

import (
	"slices"
	"strings"
	"time"
)

// noon is a Wednesday.
var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// sorted puts the items of every list of objects with ids in one order.
func sorted(value any) any {
	switch value := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, one := range value {
			out[key] = sorted(one)
		}
		return out
	case []any:
		out := make([]any, 0, len(value))
		for _, one := range value {
			out = append(out, sorted(one))
		}
		if allObjects(out) && haveIDs(out) {
			slices.SortFunc(out, func(a, b any) int { return strings.Compare(idOf(a), idOf(b)) })
		}
		return out
	}
	return value
}

func idOf(one any) string {
	id, _ := one.(map[string]any)["id"].(string)
	return id
}
