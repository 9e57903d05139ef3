package release

import (
	"slices"

	"amana"
)

// most is the most that a purpose lets out of a class, whatever anybody agreed to.
type most uint8

const (
	never      most = iota
	widened         // a district, a band, a month; never more
	ifItem          // if she agreed to this item; else nothing
	orWidened       // if she agreed to this item; else widened
	withAnswer      // by the answer for the purpose itself
)

// ceilings say what each purpose lets out. Care stays within the organisation, and
// what contact she wants is for those who know her: neither lets anything out.
// Statistics and matching never know a person.
func ceiling(p amana.Purpose, c Class) most {
	switch p {
	case amana.PurposeReferral, amana.PurposeAccountability:
		return ofPerson(c)
	case amana.PurposePublication:
		if c == Contact {
			return never
		}
		return ofPerson(c)
	case amana.PurposeStatistics, amana.PurposeMatching:
		return ofNobody(c)
	case amana.PurposeCare, amana.PurposeContact:
	}
	return never
}

func ofPerson(c Class) most {
	switch c {
	case Coded:
		return withAnswer
	case Identity, Contact, Account, Health, Evidence:
		return ifItem
	case Place, Date, Age:
		return orWidened
	case Internal, Known:
	}
	return never
}

func ofNobody(c Class) most {
	switch c {
	case Coded:
		return withAnswer
	case Place, Date, Age:
		return widened
	case Identity, Contact, Account, Health, Evidence, Internal, Known:
	}
	return never
}

// Asked returns the items that she can be asked about for a purpose.
func Asked(p amana.Purpose) []Class {
	return slices.DeleteFunc(Items(), func(c Class) bool {
		m := ceiling(p, c)
		return m != ifItem && m != orWidened
	})
}

// Purposes returns those for which anything may leave.
func Purposes() []amana.Purpose {
	return slices.DeleteFunc(amana.Purposes(), func(p amana.Purpose) bool { return ceiling(p, Coded) == never })
}

// needsRecipient reports whether a purpose is for somebody in particular.
func needsRecipient(p amana.Purpose) bool {
	return p == amana.PurposeReferral || p == amana.PurposeAccountability || p == amana.PurposeMatching
}

// MayRelease reports whether somebody with these roles may let anything leave for a
// purpose.
func MayRelease(p amana.Purpose, roles []amana.Role) bool {
	return slices.ContainsFunc(roles, func(r amana.Role) bool { return releases(r, p) })
}

func releases(r amana.Role, p amana.Purpose) bool {
	switch r {
	case amana.RoleReleaseOfficer:
		return true
	case amana.RoleCaseworker, amana.RoleClinician, amana.RoleDocumenter:
		return p == amana.PurposeReferral
	case amana.RoleSupervisor:
		return p == amana.PurposeReferral || p == amana.PurposeStatistics
	case amana.RoleAnalyst:
		return p == amana.PurposeStatistics
	case amana.RoleAdministrator:
	}
	return false
}

// MayApprove reports whether somebody with these roles is one of those whose
// approvals are counted.
func MayApprove(roles []amana.Role) bool {
	return slices.Contains(roles, amana.RoleSupervisor) || slices.Contains(roles, amana.RoleReleaseOfficer)
}
