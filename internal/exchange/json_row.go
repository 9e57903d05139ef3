package exchange

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/record"
)

const identityKind = amana.KindIdentity

// farAway is a day that nothing is compared with.
var farAway = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// countJSON looks through a file of records once.
func (f *File) countJSON(ctx context.Context) error {
	head := make([]byte, min(f.size, longestRecord))
	if n, err := f.src.ReadAt(head, 0); err == nil || n > 0 {
		f.lines = oneALine(string(head[:n]))
	}
	head = nil
	kinds := map[amana.Kind]int{}
	err := f.jsonRows(ctx, func(r *Row) error {
		f.Records++
		if !r.Refused {
			kinds[r.Kind]++
		}
		return nil
	})
	if errors.Is(err, ErrBroken) && f.Records > 0 {
		f.Broken, err = true, nil
	}
	f.Kinds = kinds
	f.Proposed.Kind = amana.KindIncident
	if kinds[amana.KindCase] > kinds[amana.KindIncident] {
		f.Proposed.Kind = amana.KindCase
	}
	return err
}

func (f *File) jsonRows(ctx context.Context, fn func(*Row) error) error {
	maker := newJSONMaker()
	return f.jsonRecords(ctx, func(n node, place int, reason string) error { return fn(maker.row(n, place, reason)) })
}

// jsonMaker makes rows of records.
type jsonMaker struct {
	targets map[amana.Kind]map[string]Target
	lists   map[amana.Kind]map[string]bool
}

func newJSONMaker() *jsonMaker {
	m := &jsonMaker{targets: map[amana.Kind]map[string]Target{}, lists: map[amana.Kind]map[string]bool{}}
	for _, kind := range []amana.Kind{amana.KindIncident, amana.KindCase} {
		m.targets[kind], m.lists[kind] = map[string]Target{}, map[string]bool{}
		for name, t := range ofItems {
			if t.Kind == kind {
				m.know(kind, name, t)
			}
		}
		for _, f := range record.Fields(kind) {
			m.know(kind, f.Name, targetOf(kind, f))
		}
		for _, t := range Targets(kind) {
			m.know(kind, strings.Replace(t.Name, "/"+FirstItem+"/", "/", 1), t)
		}
	}
	return m
}

// ofItems are fields of items that no column of the Incident Recorder has by itself.
var ofItems = map[string]Target{
	perpetrator + "/primary_perpetrator": {Name: perpetrator + "/primary_perpetrator", Kind: amana.KindIncident, Choices: "primary_perpetrator", as: asChoice},
	perpetrator + "/age_type":            {Name: perpetrator + "/age_type", Kind: amana.KindIncident, Choices: "age_type", as: asChoice},
}

func (m *jsonMaker) know(kind amana.Kind, name string, t Target) {
	if strings.HasPrefix(name, Imported+"/") {
		return
	}
	m.targets[kind][name] = t
	if list, _, ok := strings.Cut(name, "/"); ok {
		m.lists[kind][list] = true
	}
}

// asked are keys that only one kind of record has.
var asked = map[amana.Kind][]string{
	amana.KindReferral: {"transitioned_to", "transitioned_by", "transitioned_to_agency"},
	amana.KindIncident: {"incident_id", "incident_date", "incident_case_id", "gbv_sexual_violence_type", "incidentid_ir", "date_of_first_report", "incident_code"},
}

func kindOf(n *node) amana.Kind {
	for _, kind := range []amana.Kind{amana.KindReferral, amana.KindIncident} {
		if slices.ContainsFunc(asked[kind], func(k string) bool { return slices.Contains(n.keys, k) }) {
			return kind
		}
	}
	return amana.KindCase
}

func (m *jsonMaker) row(n node, place int, reason string) *Row {
	row := &Row{Line: place, Kind: amana.KindCase, Values: Values{}, Identity: Values{}}
	if n.kind != objectNode && reason == "" {
		reason = reasonShape
	}
	if reason != "" {
		row.refuse("", reason)
		return row
	}
	fields := &n
	if inner := n.get("data"); inner.kind == objectNode {
		fields = inner
		if id := n.get("id"); inner.get("id").kind == nullNode && id.kind != nullNode {
			row.ID = id.plain()
		}
		m.beside(row, &n)
	}
	row.Kind = kindOf(fields)
	for _, mark := range []string{"_destroy", "_delete"} {
		if fields.get(mark).isYes() || n.get(mark).isYes() {
			row.refuse(mark, reasonGone)
			return row
		}
	}
	for i, key := range fields.keys {
		m.field(row, key, fields.list[i])
	}
	if row.ID == "" {
		for _, key := range []string{"unique_identifier", "case_id", "incident_id"} {
			if v := fields.get(key); row.ID == "" && v.kind == stringNode {
				row.ID = v.text
			}
		}
	}
	if len(row.Values)+len(row.Identity) == 0 {
		row.refuse("", reasonEmpty)
	}
	return row
}

// beside takes what stands beside data in a row of a database.
func (m *jsonMaker) beside(row *Row, n *node) {
	for i, key := range n.keys {
		switch {
		case key == "data" || key == "id" || n.list[i].kind == nullNode:
		case derived(key):
			row.Ignored++
		default:
			row.keep("row."+key, n.list[i])
		}
	}
}

// derived are what the source works out by itself.
func derived(key string) bool {
	switch key {
	case "phonetic_data", "record_in_scope", "elapsed_reporting_time", moreField, "gbv_case_context", "incident_date_derived", "_destroy", "_delete":
		return true
	}
	return strings.HasPrefix(key, "srch_") || strings.HasPrefix(key, "associated_") || strings.HasSuffix(key, "_count")
}

// called are other names of fields.
var called = map[amana.Kind]map[string]string{
	amana.KindIncident: {
		"marital_status": "maritial_status", "age_estimated": "estimated", "survivor_code_no": "survivor_code",
		"gbv_ethnicity": "ethnicity", "gbv_nationality": "nationality", "gbv_religion": "religion",
		"gbv_displacement_status": "displacement_status", "gbv_disability_type": "disability_type",
		"interview_date": "date_of_first_report",
	},
	amana.KindCase: {
		"marital_status": "maritial_status", "age_estimated": "estimated", "survivor_code": "survivor_code_no",
		"ethnicity": "gbv_ethnicity", "nationality": "gbv_nationality", "religion": "gbv_religion",
		"displacement_status": "gbv_displacement_status", "disability_type": "gbv_disability_type",
		"name_nickname": "other_names", "name_other": "other_names", "telephone_current": "contact_phone", "telephone": "contact_phone",
		"phone": "contact_phone", "address_current": "place_of_stay", "assessment_survivor_occupation": "assssment_survivor_occupation",
		"closure_transferred_organization": "closure_tranferred_organization", "staff_allowed_enough_time": "staff_enowed_enough_time",
	},
}

// personal are parts of keys that hold who somebody is, whatever the field is called.
var personal = []string{"name", "nom", "phone", "telephone", "mobile", "address", "adresse", "email", "national_id", "nickname"}

// ofPerson reports whether a key that is no field is kept with the person.
func ofPerson(key string) bool {
	if key == "user_name" || strings.HasPrefix(key, "assigned_") || strings.HasPrefix(key, "owned_") || strings.Contains(key, "user") {
		return false
	}
	return slices.ContainsFunc(personal, func(p string) bool {
		return slices.Contains(strings.Split(strings.ToLower(key), "_"), p) || strings.Contains(p, "_") && strings.Contains(key, p)
	})
}

func (m *jsonMaker) field(row *Row, key string, n node) {
	switch {
	case n.kind == nullNode || n.kind == listNode && len(n.list) == 0:
		return
	case derived(key):
		row.Ignored++
		return
	case key == "id":
		row.ID = n.plain()
		return
	case key == "incident_case_id" && row.Kind == amana.KindIncident, key == "record_id" && row.Kind == amana.KindReferral:
		row.Case = n.plain()
		return
	case row.Kind == amana.KindReferral:
		row.keep(key, n)
		return
	case m.lists[row.Kind][key] && n.kind == listNode:
		m.items(row, key, n)
		return
	}
	name := key
	if other := called[row.Kind][key]; other != "" {
		name = other
	}
	t, known := m.targets[row.Kind][name]
	if known && row.Values[t.Name].IsZero() && row.Identity[t.Name].IsZero() && t.as != asKept && t.Name != caseID.Name {
		m.take(row, t, key, t.Name, n)
		return
	}
	row.keep(key, n)
}

// take makes a value of what a field holds and gives it to the row at a place.
func (m *jsonMaker) take(row *Row, t Target, key, place string, n node) {
	v, ok := n.read(t)
	switch {
	case !ok:
		row.problem(key, t.Name, t.fault(Cell{Text: n.plain()}, false))
		kept := n.kept()
		if t.Kind == identityKind {
			row.Identity[keptAs(raw, place)] = kept
		} else {
			row.Values[keptAs(raw, place)] = kept
		}
	case place != t.Name || strings.Contains(place, "/"):
		if !v.IsZero() {
			row.Values[place] = v
		}
	default:
		row.put(t, v)
	}
}

// items takes the things of a list, each under the id it has.
func (m *jsonMaker) items(row *Row, list string, n node) {
	for i, it := range n.list {
		if it.kind != objectNode {
			row.keep(list+"."+strconv.Itoa(i+1), it)
			continue
		}
		if it.get("_destroy").isYes() || it.get("_delete").isYes() {
			row.Ignored++
			continue
		}
		id := it.get("unique_id").text
		if !plainID(id) {
			id = positionID(i)
		}
		for j, key := range it.keys {
			v := it.list[j]
			t, known := m.targets[row.Kind][list+"/"+key]
			switch {
			case v.kind == nullNode || key == "unique_id" && v.text == id || key == "_destroy" || key == "_delete":
			case known:
				m.take(row, t, list+"."+key, list+"/"+id+"/"+key, v)
			default:
				row.keep(list+"."+id+"."+key, v)
			}
		}
	}
}

// positionID is the id of an item that has none of its own.
func positionID(i int) string {
	s := strconv.Itoa(i + 1)
	return FirstItem[:len(FirstItem)-len(s)] + s
}

func plainID(s string) bool {
	return len(s) >= 8 && len(s) <= 40 && strings.Trim(s, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_") == ""
}

// keep keeps something that is no field.
func (r *Row) keep(key string, n node) {
	place := keptAs(kept, key)
	if n.kind == numberNode && !isWhole(n.text) || n.kind == objectNode || n.kind == listNode && !n.onlyText() {
		place += asJSON
	}
	v := n.kept()
	switch {
	case v.IsZero():
	case r.Kind == amana.KindCase && ofPerson(key):
		r.Identity[place] = v
	default:
		r.Values[place] = v
	}
}

// asJSON marks what is kept as the JSON that it was.
const asJSON = "%json"

// kept is the value under which a node is kept without loss.
func (n *node) kept() event.Value {
	switch n.kind {
	case nullNode:
	case stringNode:
		return event.Text(n.text)
	case boolNode:
		return event.Bool(n.yes)
	case numberNode:
		if i, err := strconv.ParseInt(n.text, 10, 64); err == nil && isWhole(n.text) {
			return event.Int(i)
		}
		return event.Text(n.text)
	case listNode:
		if n.onlyText() {
			return event.List(n.texts()...)
		}
		return event.Text(n.json())
	case objectNode:
		return event.Text(n.json())
	}
	return event.Value{}
}

func isWhole(s string) bool {
	i, err := strconv.ParseInt(s, 10, 64)
	return err == nil && strconv.FormatInt(i, 10) == s
}

func (n *node) onlyText() bool {
	return !slices.ContainsFunc(n.list, func(v node) bool { return v.kind != stringNode || v.text == "" })
}

func (n *node) texts() []string {
	list := make([]string, len(n.list))
	for i, v := range n.list {
		list[i] = v.plain()
	}
	return list
}

// plain is a node as a cell would say it.
func (n *node) plain() string {
	if n.kind == boolNode {
		return strconv.FormatBool(n.yes)
	}
	return n.text
}

func (n *node) isYes() bool { return n.kind == boolNode && n.yes || yesNo[fold(n.text)] }

// read makes a value of a target's kind of what a field holds. A choice may come
// alone or in a list.
func (n *node) read(t Target) (event.Value, bool) {
	switch {
	case n.kind == objectNode:
		return event.Value{}, false
	case n.kind == listNode && len(n.list) == 1:
		return n.list[0].read(t)
	case n.kind == listNode:
		return n.readList(t)
	}
	return Cell{Text: n.plain()}.read(t, Column{}, false)
}

func (n *node) readList(t Target) (event.Value, bool) {
	if t.as != asChoices || len(n.list) > mostChoices {
		return event.Value{}, false
	}
	var ids []string
	for _, v := range n.list {
		one, ok := readChoice(t.Choices, v.plain())
		if !ok || one.IsZero() {
			return event.Value{}, false
		}
		ids = append(ids, one.Reveal())
	}
	return event.List(ids...), true
}
