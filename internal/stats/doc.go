// Package stats counts: the field's 24 monthly tables and the indicators, over rows
// of coded facts, in one pass.
//
// It knows no person and no vault. A row has codes, bands and days, no names, no
// words and no ids; it says nothing of who it is about. Each figure comes with what
// it counts: one inclusion filter holds for every table, so that sections reconcile
// with the headline, and what is not known is a row of its own, never left out.
//
// What is counted here is exact, and for those who may read the cases. Nothing of it
// may leave the team as it is: package disclose says what may.
//
// The tables and their traps: GBVIMS monthly statistics, as in the standard's report.
package stats
