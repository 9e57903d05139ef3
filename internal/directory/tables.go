package directory

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// tables are rows by the name of their table.
type tables struct {
	rows map[string][]tableRow
	byID map[[2]string][]int // table and id
}

func newTables() *tables {
	return &tables{rows: map[string][]tableRow{}, byID: map[[2]string][]int{}}
}

type tableRow struct {
	cells map[string]any // text from CSV; anything from JSON
	file  string
	row   int
}

// link is how an object hangs on another: under which key, as one or as a list,
// in which table.
type link struct {
	key, table string
	one        bool // an object, not a list of them
}

// links are the tables of HSDS, by table. An object that is one is named in its
// parent's row ("organization_id"); the items of a list name their parent.
var links = map[string][]link{
	"service": {
		{"organization", "organization", true},
		{"program", "program", true},
		{"phones", "phone", false},
		{"schedules", "schedule", false},
		{"service_areas", "service_area", false},
		{"service_at_locations", "service_at_location", false},
		{"languages", "language", false},
		{"contacts", "contact", false},
		{"cost_options", "cost_option", false},
		{"required_documents", "required_document", false},
		{"funding", "funding", false},
		{"additional_urls", "url", false},
		{"capacities", "service_capacity", false},
		{"attributes", "attribute", false},
		{"metadata", "metadata", false},
	},
	"organization": {
		{"additional_websites", "url", false},
		{"funding", "funding", false},
		{"contacts", "contact", false},
		{"phones", "phone", false},
		{"programs", "program", false},
		{"organization_identifiers", "organization_identifier", false},
		{"attributes", "attribute", false},
		{"metadata", "metadata", false},
	},
	"service_at_location": {
		{"location", "location", true},
		{"contacts", "contact", false},
		{"phones", "phone", false},
		{"schedules", "schedule", false},
		{"service_areas", "service_area", false},
		{"attributes", "attribute", false},
		{"metadata", "metadata", false},
	},
	"location": {
		{"addresses", "address", false},
		{"accessibility", "accessibility", false},
		{"contacts", "contact", false},
		{"phones", "phone", false},
		{"schedules", "schedule", false},
		{"languages", "language", false},
		{"attributes", "attribute", false},
		{"metadata", "metadata", false},
	},
	"contact":          {{"phones", "phone", false}, {"attributes", "attribute", false}, {"metadata", "metadata", false}},
	"phone":            {{"languages", "language", false}, {"attributes", "attribute", false}, {"metadata", "metadata", false}},
	"attribute":        {{"taxonomy_term", "taxonomy_term", true}},
	"taxonomy_term":    {{"taxonomy_detail", "taxonomy", true}},
	"service_capacity": {{"unit", "unit", true}},
}

// tablePaths are the files of the tables where that is not the name with an s.
var tablePaths = map[string]string{
	"service_at_location": "service_at_location.csv", "funding": "funding.csv", "accessibility": "accessibility.csv",
	"address": "addresses.csv", "metadata": "metadata.csv", "taxonomy": "taxonomies.csv", "url": "url.csv", "service_capacity": "service_capacity.csv",
}

func pathOf(table string) string {
	if path, ok := tablePaths[table]; ok {
		return path
	}
	return table + "s.csv"
}

// tableNames are the tables in the order in which they are written.
var tableNames = []string{
	"organization", "program", "service", "attribute", "service_at_location", "location", "phone", "contact", "address", "schedule",
	"funding", "service_area", "required_document", "language", "accessibility", "taxonomy_term", "taxonomy", "metadata", "cost_option",
	"organization_identifier", "url", "service_capacity", "unit",
}

// tableNamed returns the table that a file or a resource is of.
func tableNamed(name string) (string, bool) {
	name = strings.TrimSuffix(strings.ToLower(name[strings.LastIndexByte(name, '/')+1:]), ".csv")
	for _, table := range tableNames {
		if name == table || name+".csv" == pathOf(table) || name == table+"s" || name == table+"es" || name == "services_at_location" && table == "service_at_location" {
			return table, true
		}
	}
	return "", false
}

// numeric are the columns that HSDS says are numbers.
var numeric = map[string][]string{
	"service": {"minimum_age", "maximum_age"}, "location": {"latitude", "longitude"}, "schedule": {"timezone", "count", "interval"},
	"phone": {"extension"}, "cost_option": {"amount"}, "organization": {"year_incorporated"}, "service_capacity": {"available", "maximum"},
}

// restColumn holds, as a JSON object, what a table has no cell for: a value that
// is not text or not there in a column of numbers, or something nested. It is
// read back; others may ignore it.
const restColumn = "amana_rest"

// spread makes rows of an object and of all that hangs on it, and returns its id.
func (t *tables) spread(table string, object map[string]any, parents map[string]any, path string) string {
	cells := maps.Clone(parents)
	id, _ := object["id"].(string)
	rest := map[string]any{}
	if id == "" {
		id = madeID("row", table, path)
	}
	cells["id"] = id
	for _, key := range slices.Sorted(maps.Keys(object)) {
		value := object[key]
		if key == "id" {
			continue
		}
		if l, ok := linkOf(table, key); ok && t.hang(table, id, l, value, cells, path) {
			continue
		}
		if cell, ok := cellOf(table, key, value); ok && !taken(cells, key) {
			cells[key] = cell
			continue
		}
		rest[key] = value
	}
	if len(rest) > 0 {
		cells[restColumn] = encode(rest)
	}
	t.add(table, cells)
	return id
}

func taken(cells map[string]any, key string) bool { _, is := cells[key]; return is }

func linkOf(table, key string) (link, bool) {
	for _, l := range links[table] {
		if l.key == key {
			return l, true
		}
	}
	return link{}, false
}

// hang spreads what hangs on a row; false if it is not what HSDS has there.
func (t *tables) hang(table, id string, l link, value any, cells map[string]any, path string) bool {
	if l.one {
		object, is := value.(map[string]any)
		if id, _ := object["id"].(string); !is || id == "" || taken(cells, l.table+"_id") {
			return false
		}
		cells[l.table+"_id"] = t.spread(l.table, object, map[string]any{}, path+"/"+l.key)
		return true
	}
	list, is := value.([]any)
	if !is || !allObjects(list) || !haveIDs(list) {
		return false
	}
	for i, one := range list {
		parents := map[string]any{table + "_id": id}
		switch l.table {
		case "attribute":
			parents = map[string]any{"link_id": id, "link_entity": table}
		case "metadata":
			parents = map[string]any{"resource_id": id, "resource_type": table}
		}
		object := one.(map[string]any)
		if !compatible(object, parents) {
			parents = without(parents, "link_entity")
			parents = without(parents, "resource_type")
		}
		t.spread(l.table, object, parents, path+"/"+l.key+"/"+strconv.Itoa(i))
	}
	return true
}

// haveIDs reports whether every object of a list has an id of its own, without
// which a row cannot be found again.
func haveIDs(list []any) bool {
	seen := map[string]bool{}
	return !slices.ContainsFunc(list, func(one any) bool {
		object := one.(map[string]any)
		id, _ := object["id"].(string)
		twice := seen[id]
		seen[id] = true
		return id == "" || twice
	})
}

func compatible(object, parents map[string]any) bool {
	for key, value := range parents {
		if own, is := object[key]; is && own != value {
			return false
		}
	}
	return true
}

// cellOf returns what stands in a cell for a value, if it comes back the same.
func cellOf(table, key string, value any) (string, bool) {
	isNumber := slices.Contains(numeric[table], key)
	switch value := value.(type) {
	case string:
		return value, value != "" && !isNumber && key != restColumn && key != "" && value == strings.ReplaceAll(value, "\r\n", "\n")
	case json.Number:
		return value.String(), isNumber
	}
	return "", false
}

// add keeps a row, once: a phone of a service and of its location is one row that
// names both.
func (t *tables) add(table string, cells map[string]any) {
	id, _ := cells["id"].(string)
	at := [2]string{table, id}
	for _, i := range t.byID[at] {
		if have := t.rows[table][i].cells; unites(have, cells) {
			maps.Copy(have, cells)
			return
		}
	}
	t.byID[at] = append(t.byID[at], len(t.rows[table]))
	t.rows[table] = append(t.rows[table], tableRow{cells: cells})
}

func unites(a, b map[string]any) bool {
	for key, value := range b {
		if own, is := a[key]; is && own != value {
			return false
		}
		if _, is := a[key]; !is && !strings.HasSuffix(key, "_id") {
			return false
		}
	}
	for key := range a {
		if _, is := b[key]; !is && !strings.HasSuffix(key, "_id") {
			return false
		}
	}
	return true
}
