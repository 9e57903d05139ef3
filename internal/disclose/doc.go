// Package disclose decides which figures may leave the team, and is the only one that
// can make a [Safe]: whatever writes figures for others takes that type and no other.
//
// Its rule: of a count that is too small to show, and of what is left when figures are
// subtracted from each other, nobody can tell from everything that was released, now
// and before, which of at least as many numbers as the threshold it is. Cells are
// withheld for it until that is proved; where it cannot be, nothing is released, and
// the reason is said.
//
// It cannot judge what people know beside the figures: that a place has one clinic, or
// who went there. It does not add noise: at counts under fifty over two dozen tables
// that would drown them (DESIGN section 11).
//
// It knows no person and no vault.
package disclose
