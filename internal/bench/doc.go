// Package bench measures what the project promises, each figure beside a
// reference that is measured in the same run on the same disk: raw appends,
// plain SQLite, Argon2id alone, the compressed content alone. What the machine
// was busy with then weighs on both.
//
// It works on invented cases in a folder of its own, which goes when it ends. It
// cannot say how another machine would do, and a figure of a quick run, which
// has fewer records, says so in its name.
package bench
