// Package link keeps a device in step with its hub for as long as somebody is unlocked,
// and says how that stands: what waits, what failed, whether the hub kept its word. It
// opens nothing of what it moves.
//
// Work never waits for it: an exchange runs beside it, one at a time, and holds the
// member's keys only while a batch is taken in.
package link
