// Package directory knows the services that can help: what they are, in the
// terms of Open Referral HSDS 3 with what the field needs besides, who may come,
// when they are open, how far they are, and what of them may be shown to whom.
//
// A [Service] is a set of fields by path, one fact each, so that two devices that
// change it merge by field; what a foreign file says and this package does not
// understand is kept as it came. The only way out is [For]: it returns another
// type, and every writer takes that type and no other. A safe house's place never
// leaves, whatever anybody sets.
//
// It does no input or output beyond readers and writers it is handed, asks no
// clock, and knows no survivor: a [Query] is what the person at the desk asks.
package directory
