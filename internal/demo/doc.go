// Package demo holds an invented organisation: a clinic that exists nowhere,
// seven members, three teams, and as many invented cases as are asked for, in
// French and English with some Arabic, reproducible from a seed. It is what
// `amana demo` shows, what `amana bench` measures on, and what the dictionary of
// the journal was trained on.
//
// Its texts are about needs, safety, services and what comes next. They hold no
// detail of what was done to anyone, no party and no place that exists; every
// name is put together here. One thing in it is not invented: what a public news
// summary says, taken apart into claims (see [Claims]). It has no place on a map; what
// has one is invented and says so (see [Incidents]). The demo can not make data that
// should be used for anything but looking and measuring: its randomness is predictable
// on purpose.
package demo
