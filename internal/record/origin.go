package record

import "strings"

// Where a record came from that was brought from elsewhere. The fields stand as items
// of one list with whatever else came with it: "import/kept/…" what is no field here,
// "import/raw/…" what could not be read as the field that it was for.
const (
	originPrefix = "import/source/"
	OriginSource = originPrefix + "name" // what the source is called here
	OriginID     = originPrefix + "id"   // the source's own id
	OriginCode   = originPrefix + "code" // the source's code of the survivor
	OriginRow    = originPrefix + "row"  // digest of what the source said
	OriginRun    = originPrefix + "run"  // record of the import that brought it
)

// IsOrigin reports whether a field says where a record came from.
func IsOrigin(name string) bool { return strings.HasPrefix(name, originPrefix) }

// Taken is the list in a record of an export under which the incidents stand that
// left with it.
const Taken = "taken"

// IsLong reports whether a field is for whoever opens the record, and too long for
// lists.
func IsLong(name string) bool { return strings.HasPrefix(name, Taken+"/") }
