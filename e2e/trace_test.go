package e2e

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
)

// traces returns the files below dir, by their paths in it, that hold the
// words, in any of the ways in which a browser or a system writes them down.
func traces(t testing.TB, dir, words string) []string {
	t.Helper()
	spellings := [][]byte{[]byte(words), wide(words), []byte(percent(words))}
	var found []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, s := range spellings {
			if bytes.Contains(content, s) || strings.Contains(path, string(s)) {
				found = append(found, strings.TrimPrefix(path, dir))
				break
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// wide spells words in the two-byte letters of which browsers' sessions are made.
func wide(words string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(words)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return b
}

// percent spells words as addresses and forms do.
func percent(words string) string { return strings.ReplaceAll(words, " ", "+") }
