package dossier

import _ "embed"

//go:embed verify.html
var verifierPage []byte

// VerifierPage is one page that verifies a dossier in a browser, without a network
// and with nothing else. It is also in every dossier, for convenience: whoever doubts
// a dossier takes the page from somewhere else.
func VerifierPage() []byte { return verifierPage }
