// Package brief makes a public brief of what passed the gate for publication: what is
// alleged, by whom and how they know, to whom it is attributed and how, how many with
// their windows and "at least", what the parties answered, what is not known, and
// what help there is. Each sentence is put together from what was coded, or is one
// that somebody wrote to be published.
//
// It reads nothing but a [release.Cleared]; it knows no record and no name that the
// gate kept. It adds no numbers.
package brief
