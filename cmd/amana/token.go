package main

import (
	"encoding/hex"

	"amana/internal/seal"
)

// newToken returns a secret of 256 bits, for a browser's cookie.
func newToken() string {
	a, b := seal.Random16(), seal.Random16()
	return hex.EncodeToString(append(a[:], b[:]...))
}

// hashToken returns what the server may remember of a token.
func hashToken(secret string) string {
	h := seal.Digest("amana/1/session token", []byte(secret))
	return hex.EncodeToString(h[:])
}
