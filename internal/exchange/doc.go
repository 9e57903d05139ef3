// Package exchange reads what others have and writes what they can read: the
// workbook of the GBVIMS Incident Recorder, tables (CSV, workbooks) with a mapping
// of their columns, and JSON exports of cases and incidents. Everything streams:
// however long a file is, no more than a row of it is held at a time.
//
// What it cannot make a value of is reported with its place, and kept as it was
// written; it never guesses in silence. It knows no vault and decides nothing: who
// may bring or take what is for package casework to say, and that a row was brought
// before too.
package exchange
