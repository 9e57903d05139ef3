// Package referral follows her way to a service to its end: the states of a
// referral and which move is allowed, when somebody has to ask what became of it,
// what may leave with it, and whether she may be contacted at all.
//
// Nothing leaves but a [Package], and only [Pack] makes one: from what the gate of
// package release cleared by her consents as they stand, for one recipient, item by
// item. Where there is doubt (no consent on record, one that has ended, an entry that
// could not be read) the gate clears nothing.
//
// It is pure: it keeps nothing, sends nothing, and cannot know who asks. Its times
// and tables are not validated for any country.
package referral
