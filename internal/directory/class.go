package directory

import (
	"slices"
	"strings"
)

// Class says who may be told a field.
type Class string

// The classes, from the widest to the narrowest.
const (
	Public     Class = "public"
	Partners   Class = "partners"
	Restricted Class = "restricted"
)

// Classes returns the classes, the narrowest first.
func Classes() []Class { return []Class{Restricted, Partners, Public} }

// width orders classes: what is not a class is restricted.
func (c Class) width() int { return max(slices.Index(Classes(), c), 0) }

// Audience is whom a projection is for.
type Audience string

// The audiences. Ourselves is the organisation: everything, for a copy of its
// own directory that is to be guarded like the vault.
const (
	ForPublic    Audience = "public"
	ForPartners  Audience = "partners"
	ForOurselves Audience = "ourselves"
)

// Audiences returns the audiences, the widest first.
func Audiences() []Audience { return []Audience{ForPublic, ForPartners, ForOurselves} }

// sees reports whether an audience is told what has a class.
func (a Audience) sees(c Class) bool {
	switch a {
	case ForOurselves:
		return true
	case ForPartners:
		return c.width() >= Partners.width()
	case ForPublic:
		return c.width() >= Public.width()
	}
	return false
}

// Group is a set of fields that are published together.
type Group struct {
	ID      string
	Default Class
	// Fixed groups cannot be given another class.
	Fixed bool
	// SafeHouse groups may be told of a safe house too; no other is, to anybody
	// but ourselves.
	SafeHouse bool
}

// The groups.
const (
	groupName         = "name"
	groupOtherName    = "alternate_name"
	groupDescription  = "description"
	groupWeb          = "web"
	groupStatus       = "status"
	groupHow          = "how"
	groupAlert        = "alert"
	groupCost         = "cost"
	groupWho          = "who"
	groupEligible     = "eligibility"
	groupPhones       = "phones"
	groupHours        = "hours"
	groupAddress      = "address"
	groupCoordinates  = "coordinates"
	groupTravel       = "travel"
	groupAccess       = "accessibility"
	groupArea         = "area"
	groupLanguages    = "languages"
	groupContacts     = "contacts"
	groupDocuments    = "documents"
	groupOrganization = "organization"
	groupTypes        = "types"
	groupCMR          = "cmr"
	groupStock        = "stock"
	groupDiscretion   = "discretion"
	groupReferral     = "referral"
	groupCapacity     = "capacity"
	groupTransport    = "transport"
	groupReporting    = "reporting"
	groupAfterHours   = "after_hours"
	groupInternal     = "internal"
	groupUnknown      = "unknown"
)

var groups = []Group{
	{groupName, Public, false, true},
	{groupOtherName, Partners, false, false},
	{groupOrganization, Public, false, true},
	{groupDescription, Public, false, false},
	{groupTypes, Public, false, true},
	{groupStatus, Public, true, true},
	{groupPhones, Public, false, false},
	{groupAfterHours, Public, false, false},
	{groupHours, Public, false, false},
	{groupAddress, Public, false, false},
	{groupCoordinates, Partners, false, false},
	{groupTravel, Public, false, false},
	{groupTransport, Public, false, true},
	{groupArea, Public, false, false},
	{groupWho, Public, false, true},
	{groupEligible, Public, false, false},
	{groupLanguages, Public, false, true},
	{groupAccess, Public, false, false},
	{groupHow, Public, false, false},
	{groupCost, Public, false, false},
	{groupDocuments, Public, false, false},
	{groupReporting, Public, false, true},
	{groupAlert, Public, false, false},
	{groupWeb, Public, false, false},
	{groupReferral, Partners, false, false},
	{groupCapacity, Partners, false, true},
	{groupCMR, Partners, false, false},
	{groupStock, Partners, false, false},
	{groupDiscretion, Partners, false, false},
	{groupContacts, Restricted, false, false},
	{groupInternal, Restricted, true, false},
	{groupUnknown, Restricted, true, false},
}

// Groups returns the groups in the order in which a page asks for their class.
func Groups() []Group { return groups }

var groupByID = func() map[string]Group {
	m := map[string]Group{}
	for _, g := range groups {
		m[g.ID] = g
	}
	return m
}()

// kinds of path and the group that they and what lies under them belong to.
var groupOfKind = map[string]string{
	"id": groupStatus, "name": groupName, "alternate_name": groupOtherName, "description": groupDescription,
	"url": groupWeb, "email": groupWeb, "status": groupStatus, "assured_date": groupStatus, "last_modified": groupStatus,
	"application_process": groupHow, "interpretation_services": groupHow, "wait_time": groupHow, "alert": groupAlert,
	"fees_description": groupCost, "fees": groupCost, "cost_options": groupCost,
	"eligibility_description": groupEligible, "minimum_age": groupEligible, "maximum_age": groupEligible,
	"phones": groupPhones, "service_at_locations/phones": groupPhones, "service_at_locations/location/phones": groupPhones,
	"schedules": groupHours, "service_at_locations/schedules": groupHours, "service_at_locations/location/schedules": groupHours,
	"service_at_locations": groupAddress, "service_at_locations/location": groupAddress,
	"service_at_locations/location/latitude": groupCoordinates, "service_at_locations/location/longitude": groupCoordinates,
	"service_at_locations/location/external_identifier": groupCoordinates, "service_at_locations/location/external_identifier_type": groupCoordinates,
	"service_at_locations/location/transportation": groupTravel, "service_at_locations/location/accessibility": groupAccess,
	"service_at_locations/location/languages": groupLanguages, "languages": groupLanguages,
	"service_areas": groupArea, "service_at_locations/service_areas": groupArea,
	"contacts": groupContacts, "service_at_locations/contacts": groupContacts, "service_at_locations/location/contacts": groupContacts,
	"required_documents": groupDocuments, "organization/name": groupOrganization, "organization/id": groupOrganization,
	"organization/alternate_name": groupOtherName, "organization/description": groupDescription,
	"organization/email": groupWeb, "organization/url": groupWeb, "organization/website": groupWeb,
}

// known are the keys of HSDS in places whose other keys nobody here understands:
// these are restricted.
var known = map[string][]string{
	"service_at_locations":          {"id", "description", "location_id"},
	"service_at_locations/location": {"id", "name", "alternate_name", "description", "location_type"},
	"phones":                        {"id", "number", "extension", "type", "description"},
	"phones/languages":              {"id", "name", "code", "note"},
	"languages":                     {"id", "name", "code", "note"},
	"addresses":                     {"id", "attention", "address_1", "address_2", "city", "region", "state_province", "postal_code", "country", "address_type"},
	"accessibility":                 {"id", "description", "details", "url"},
	"service_areas":                 {"id", "name", "description"},
	"cost_options":                  {"id", "valid_from", "valid_to", "option", "currency", "amount", "amount_description"},
	"required_documents":            {"id", "document", "uri"},
	"contacts":                      {"id", "name", "title", "department", "email"},
	"schedules":                     {"id", "valid_from", "valid_to", "dtstart", "timezone", "until", "count", "wkst", "freq", "interval", "byday", "byweekno", "bymonthday", "byyearday", "description", "opens_at", "closes_at", "schedule_link", "attending_type", "notes"},
}

// groupOf returns the group that a field is published with.
func groupOf(path string) string {
	if a, ok := additionByName[path]; ok {
		return a.Group
	}
	if strings.HasSuffix(path, whole) {
		return groupUnknown
	}
	kind := strings.TrimSuffix(kindOf(path), "/"+place)
	if kind == "" {
		return groupUnknown
	}
	if g, ok := groupOfKind[kind]; ok {
		return g
	}
	parent, key, nested := cutLast(kind)
	if !nested || !isKnown(parent, key) {
		return groupUnknown
	}
	for under := parent; under != ""; under, _, _ = cutLast(under) {
		if g, ok := groupOfKind[under]; ok {
			return g
		}
	}
	return groupUnknown
}

func isKnown(parent, key string) bool {
	if keys, ok := known[parent]; ok {
		return slices.Contains(keys, key)
	}
	_, list, _ := cutLast(parent)
	if list == "languages" && strings.Contains(parent, "phones/languages") {
		list = "phones/languages"
	}
	if list == "" {
		list = parent
	}
	return slices.Contains(known[list], key)
}

// cutLast cuts a kind before its last key.
func cutLast(kind string) (before, last string, found bool) {
	i := strings.LastIndexByte(kind, '/')
	if i < 0 {
		return "", kind, false
	}
	return kind[:i], kind[i+1:], true
}
