// Package arch holds the code to docs/map.txt: which package may import which,
// where cryptography, the network and other programs may be touched, who may
// read personal words, and how large things may grow.
//
// It has tests only. They read the source themselves rather than ask the go
// command, so that the test cache sees every edit. They cannot see what a
// package does through reflection or an interface it was handed.
package arch
