package dossier

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"

	"amana/internal/seal"
)

// listed is one line of a manifest.
type listed struct {
	sum  seal.Hash
	name string
}

func manifest(list []listed) []byte {
	var b bytes.Buffer
	for _, l := range list {
		fmt.Fprintf(&b, "%s  %s\n", l.sum, l.name)
	}
	return b.Bytes()
}

// parseManifest reads what manifest wrote, and nothing else.
func parseManifest(raw []byte) ([]listed, error) {
	var list []listed
	for line := range strings.Lines(string(raw)) {
		sum, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		var l listed
		if n, err := hex.Decode(l.sum[:], []byte(sum)); !ok || err != nil || n != len(l.sum) || len(sum) != 2*len(l.sum) {
			return nil, malformed("a list of hashes is not in its form")
		}
		l.name = name
		list = append(list, l)
	}
	if !bytes.Equal(manifest(list), raw) {
		return nil, malformed("a list of hashes is not in its form")
	}
	return list, nil
}

// bagInfo is bag-info.txt. Oxum is the payload's length and number of files, as the
// standard has it.
func bagInfo(id, date string, size uint64, files int) []byte {
	return fmt.Appendf(nil, "External-Identifier: %s\nBagging-Date: %s\nPayload-Oxum: %d.%d\n", id, date, size, files)
}

// signatureText is signature.txt.
func signatureText(key seal.VerifyKey, sig seal.Signature) []byte {
	return fmt.Appendf(nil, "Amana-Dossier: 1\nKey: %x\nSignature: %x\n", key[:], sig[:])
}

// SignatureLabel is that under which the list of all hashes is signed.
const SignatureLabel = "amana/1/dossier"

func parseSignature(raw []byte) (key seal.VerifyKey, sig seal.Signature, err error) {
	lines := strings.Split(string(raw), "\n")
	bad := malformed("its signature is not in its form")
	if len(lines) != 4 {
		return key, sig, bad
	}
	k, ok := strings.CutPrefix(lines[1], "Key: ")
	s, also := strings.CutPrefix(lines[2], "Signature: ")
	if !ok || !also || len(k) != 2*len(key) || len(s) != 2*len(sig) {
		return key, sig, bad
	}
	if _, err := hex.Decode(key[:], []byte(k)); err != nil {
		return key, sig, bad
	}
	if _, err := hex.Decode(sig[:], []byte(s)); err != nil || !bytes.Equal(signatureText(key, sig), raw) {
		return key, sig, bad
	}
	return key, sig, nil
}

// Fingerprint is how a key is compared by voice or on paper: the first 16 bytes of
// its digest in words, eight of them and two that check them; guessing another key with the same words costs
// more than 2^100.
func Fingerprint(key seal.VerifyKey) string {
	h := seal.Digest("amana/1/fingerprint", key[:])
	return strings.Join(seal.EncodeWords(h[:16]), " ")
}
