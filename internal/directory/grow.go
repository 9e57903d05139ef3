package directory

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"amana/internal/event"
)

// node is an object that is being put together again.
type node struct {
	object map[string]any
	nodes  map[string]*node            // objects in it
	lists  map[string]map[string]*node // items by key
	order  int64
}

func newNode() *node {
	return &node{object: map[string]any{}, nodes: map[string]*node{}, lists: map[string]map[string]*node{}}
}

// grow puts the JSON object of a service together again: what flatten took
// apart. A path that fits no shape, as a newer amana may write, is left out.
func grow(v Values) map[string]any {
	root := newNode()
	for _, path := range slices.Sorted(maps.Keys(v)) {
		root.put(strings.Split(path, "/"), v[path], service)
	}
	return root.json()
}

func (n *node) put(path []string, value event.Value, s *shape) {
	if len(path) == 1 {
		n.set(path[0], value)
		return
	}
	key := unescape(path[0])
	if inner := s.objects[key]; inner != nil {
		if n.nodes[key] == nil {
			n.nodes[key] = newNode()
		}
		n.nodes[key].put(path[1:], value, inner)
		return
	}
	inner := s.lists[key]
	if inner == nil || len(path) < 3 {
		return
	}
	if n.lists[key] == nil {
		n.lists[key] = map[string]*node{}
	}
	item := n.lists[key][path[1]]
	if item == nil {
		item = newNode()
		if !strings.HasPrefix(path[1], nameless) && !strings.HasPrefix(path[1], duplicate) {
			item.object["id"] = unescape(path[1])
		}
		n.lists[key][path[1]] = item
	}
	item.put(path[2:], value, inner)
}

func (n *node) set(segment string, value event.Value) {
	if segment == place {
		n.order, _ = value.Int()
		return
	}
	if key, is := strings.CutSuffix(segment, whole); is {
		if one, ok := decode(value.Reveal()); ok {
			n.object[unescape(key)] = one
		}
		return
	}
	if one, ok := scalarOf(value); ok {
		n.object[unescape(segment)] = one
	}
}

func scalarOf(value event.Value) (any, bool) {
	switch value.Type() {
	case event.TypeText:
		return value.Reveal(), true
	case event.TypeInt:
		n, _ := value.Int()
		return json.Number(strconv.FormatInt(n, 10)), true
	case event.TypeDecimal:
		f, _ := value.Decimal()
		return json.Number(strconv.FormatFloat(f, 'f', -1, 64)), true
	case event.TypeBool:
		yes, _ := value.Bool()
		return yes, true
	case event.None, event.TypeList, event.TypeAnswer:
	}
	return nil, false
}

func (n *node) json() map[string]any {
	for key, inner := range n.nodes {
		n.object[key] = inner.json()
	}
	for key, items := range n.lists {
		keys := slices.SortedFunc(maps.Keys(items), func(a, b string) int {
			return cmp.Or(cmp.Compare(items[a].order, items[b].order), strings.Compare(a, b))
		})
		list := make([]any, 0, len(keys))
		for _, item := range keys {
			list = append(list, items[item].json())
		}
		n.object[key] = list
	}
	return n.object
}

// kindOf returns a path without the items in it: "phones/number". A path that
// fits no shape has no kind.
func kindOf(path string) string {
	segments := strings.Split(strings.TrimSuffix(path, whole), "/")
	kind := make([]string, 0, len(segments))
	s := service
	for i := 0; i < len(segments); i++ {
		kind = append(kind, segments[i])
		if i == len(segments)-1 {
			break
		}
		key := unescape(segments[i])
		if inner := s.objects[key]; inner != nil {
			s = inner
			continue
		}
		if s = s.lists[key]; s == nil {
			return ""
		}
		if i++; i == len(segments)-1 { // the item itself
			break
		}
	}
	return strings.Join(kind, "/")
}
