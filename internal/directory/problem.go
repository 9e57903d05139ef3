package directory

import "slices"

// Problem says what is wrong with a file, and where. Its message names no value.
type Problem struct {
	File   string // in an archive, or ""
	Row    int    // of a table, from 1 with its head; or the number of an object
	Column string
	Key    string // of the message
	Fatal  bool   // nothing of the file is used
}

// What can be wrong.
const (
	FaultJSON     = "services.fault.json"      // not JSON, or cut short
	FaultShape    = "services.fault.shape"     // JSON, but no services
	FaultZip      = "services.fault.zip"       // not an archive, or damaged
	FaultTable    = "services.fault.table"     // a table that cannot be read
	FaultTables   = "services.fault.tables"    // no table of services
	FaultLarge    = "services.fault.large"     // larger than is taken in
	FaultName     = "services.fault.name"      // no name
	FaultID       = "services.fault.id"        // no id
	FaultTwice    = "services.fault.twice"     // the id came before
	FaultStatus   = "services.fault.status"    // not a status
	FaultOneLarge = "services.fault.one_large" // one service with too much in it
	FaultPoint    = "services.fault.point"     // coordinates that are nowhere on earth
	FaultColumn   = "services.fault.column"    // a column without a name, or twice
	FaultLost     = "services.fault.lost"      // a row that belongs to nothing
)

// Limits on what is read.
const (
	MostBytes    = 64 << 20  // of a file
	mostUnpacked = 128 << 20 // of an archive
	mostFiles    = 64
	mostServices = 50_000
	mostRows     = 500_000   // of all tables
	mostKept     = 4_000_000 // fields of all services
	mostProblems = 200
	mostFields   = 2000    // of one service
	mostInOne    = 1 << 18 // bytes of one service
	longestText  = 20_000
	deepest      = 32
)

// Incoming is a service as a file has it.
type Incoming struct {
	Values Values
	File   string
	Row    int
}

// Reading is what a file comes to.
type Reading struct {
	Services []Incoming
	Problems []Problem
	More     int // problems beyond those that are told

	kept, rows int
}

func (r *Reading) wrong(p Problem) {
	if len(r.Problems) >= mostProblems && !p.Fatal {
		r.More++
		return
	}
	if p.Fatal {
		r.Services = nil
	}
	r.Problems = append(r.Problems, p)
}

// Failed reports whether the file cannot be used at all.
func (r *Reading) Failed() bool {
	for _, p := range r.Problems {
		if p.Fatal {
			return true
		}
	}
	return false
}

// take checks one object and keeps it, or says why not.
func (r *Reading) take(object map[string]any, file string, row int, seen map[string]bool) {
	p := Problem{File: file, Row: row}
	id, _ := object["id"].(string)
	name, _ := object["name"].(string)
	status, stated := object["status"].(string)
	switch {
	case id == "" || len(id) > longestID:
		p.Column, p.Key = "id", FaultID
	case seen[id]:
		p.Column, p.Key = "id", FaultTwice
	case name == "" || len(name) > longestText:
		p.Column, p.Key = "name", FaultName
	case stated && !knownStatus(status):
		p.Column, p.Key = "status", FaultStatus
	default:
		values := valuesOf(object)
		if r.kept += len(values); r.kept > mostKept {
			p.Key, p.Fatal = FaultLarge, true
			break
		}
		if p.Column, p.Key = values.Check(); p.Key == "" {
			seen[id] = true
			r.Services = append(r.Services, Incoming{Values: values, File: file, Row: row})
			return
		}
	}
	r.wrong(p)
}

func knownStatus(s string) bool {
	return slices.Contains(Statuses(), Status(s))
}

// Check says what is wrong with the fields of a service: in which, and the key of
// the message, or "".
func (v Values) Check() (column, key string) {
	size := 0
	for path, value := range v {
		size += len(path) + 8
		for _, text := range value.RevealList() {
			size += len(text)
		}
	}
	if len(v) > mostFields || size > mostInOne {
		return "", FaultOneLarge
	}
	s := Service{Values: v}
	for _, site := range s.Items("service_at_locations") {
		_, lat := v[site+"/location/latitude"].Decimal()
		_, lon := v[site+"/location/longitude"].Decimal()
		if p, ok := s.point(site); lat && lon && !ok && p != (Point{}) {
			return "latitude", FaultPoint
		}
	}
	return "", ""
}
