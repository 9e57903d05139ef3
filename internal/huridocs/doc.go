// Package huridocs writes incidents, the people, acts, involvements and information
// in them, and the parties, as entities of the HURIDOCS Events Standard Formats, and
// reads them back: fields by their numbers where the formats have one, ours under
// names that begin with "x-amana-". What is written and read again is the same.
//
// It writes only what passed the gate ([release.Cleared]). It cannot open a vault, and
// what it reads is for casework to judge.
package huridocs
