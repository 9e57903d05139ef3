package vault

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"

	"amana/internal/seal"
)

// Seen is what somebody without any key can learn of one file.
type Seen struct {
	Name    string  `json:"name"`
	Size    int64   `json:"size"`
	Says    string  `json:"says"`    // in words
	Entropy float64 `json:"entropy"` // bits a byte; 8 is noise
}

// Inspection is what a thief learns from a vault's folder.
type Inspection struct {
	Files []Seen    `json:"files"`
	Cost  seal.Cost `json:"cost"`  // of one guess of a passphrase
	Slots int       `json:"slots"` // always a multiple of sixteen, mostly noise
	// Strange are files that are not the vault's own.
	Strange []string `json:"strange"`
}

var says = map[string]string{
	headerName:     "that this is a vault, what one guess of a passphrase costs, and slots that are mostly noise",
	slotsFile:      "its size",
	deviceFile:     "its size",
	recoveryFile:   "its size",
	erasedFile:     "its size, which grows with the number of erasures",
	charterFile:    "its size, which grows with the number of changes to the organisation",
	quarantineFile: "its size: something was once refused",
	"head":         "its size, which is always the same",
	"lock":         "nothing: it is empty",
	".log":         "its size, which grows with the work that was done",
	".sum":         "checksums of covered bytes: nothing but the size again",
	".db":          "its size; how many such files there are says how many members worked on this device",
	".db-wal":      "its size: the program was not ended in order",
}

// Inspect looks at a vault's folder as somebody would who has no key at all.
func Inspect(dir string) (Inspection, error) {
	h, err := readHeader(dir)
	if err != nil {
		return Inspection{}, err
	}
	in := Inspection{Cost: h.Cost, Slots: len(h.Slots)}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		seen, known, err := lookAt(path, name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // gone while we looked
		}
		if !known {
			in.Strange = append(in.Strange, filepath.ToSlash(name))
		}
		in.Files = append(in.Files, seen)
		return err
	})
	if err != nil {
		return in, storage("inspect", err)
	}
	return in, nil
}

func lookAt(path, name string) (Seen, bool, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return Seen{}, true, err
	}
	base := filepath.Base(name)
	words, known := says[base]
	for _, end := range []string{".log", ".sum", ".db", ".db-wal"} {
		if !known && strings.HasSuffix(base, end) {
			words, known = says[end], true
		}
	}
	if !known {
		words = "unknown: it is not the program's own"
	}
	return Seen{Name: filepath.ToSlash(name), Size: int64(len(raw)), Says: words, Entropy: entropy(raw)}, known, nil
}

// entropy is Shannon's, over bytes.
func entropy(b []byte) float64 {
	var count [256]int
	for _, c := range b {
		count[c]++
	}
	var h float64
	for _, n := range count {
		if n > 0 {
			p := float64(n) / float64(len(b))
			h -= p * math.Log2(p)
		}
	}
	return math.Round(h*100) / 100
}
