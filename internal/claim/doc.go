// Package claim holds who says that what was done to whom, by whom, and how they
// know: incidents with the claims that support, doubt or deny them, the accounts and
// publications in which they stand, and the parties that they name. It follows the
// entities of the HURIDOCS Events Standard Formats (event, act, person, involvement,
// information) and keeps five things apart that are not one: what is alleged, how
// credible it is, whether it was verified, to whom it is attributed, and what it is
// in law.
//
// It is pure, and concludes nothing: it lists, with sources, and shows gaps as gaps.
// It adds no numbers that may be of the same people, says of nobody that they are
// guilty, and knows no party by name.
package claim
