package seal

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the vector files that are not there; the others are frozen")

// A vector is one known answer. Values are hexadecimal, but for what the name
// of the file says is text or a number.
type vector struct {
	What string            `json:"what"`
	In   map[string]string `json:"in"`
	Out  map[string]string `json:"out"`
}

// A construction is one way to turn inputs into outputs. given makes the inputs
// of its vectors; where sealing is random they hold what was sealed once.
type construction struct {
	name, about string
	given       func(*testing.T) []vector
	compute     func(*testing.T, map[string]string) map[string]string
}

type vectorFile struct {
	About   string   `json:"about"`
	Vectors []vector `json:"vectors"`
}

// The vectors are the format: what they say must hold for as long as there is a
// vault. To change one is to begin a new suite.
func TestVectors(t *testing.T) {
	for _, c := range constructions {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join("testdata", c.name+".json")
			frozen, err := readVectors(path)
			if errors.Is(err, fs.ErrNotExist) && *update {
				writeVectors(t, path, c)
				frozen, err = readVectors(path)
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(frozen.Vectors) == 0 {
				t.Error("no vectors in the file")
			}
			for _, v := range frozen.Vectors {
				if got := c.compute(t, v.In); !maps.Equal(got, v.Out) {
					t.Errorf("%s:\ngot  %v\nwant %v", v.What, got, v.Out)
				}
			}
		})
	}
}

func readVectors(path string) (f vectorFile, err error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal(raw, &f)
}

func writeVectors(t *testing.T, path string, c construction) {
	t.Helper()
	f := vectorFile{About: c.about, Vectors: c.given(t)}
	for i := range f.Vectors {
		f.Vectors[i].Out = c.compute(t, f.Vectors[i].In)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(f); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// count returns n bytes that count up from first.
func count(first byte, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = first + byte(i)
	}
	return b
}

func toHex(b []byte) string { return hex.EncodeToString(b) }

func fromHex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// fromList reads what stands between commas.
func fromList(t *testing.T, s string) (list [][]byte) {
	t.Helper()
	if s == "" {
		return nil
	}
	for part := range strings.SplitSeq(s, ",") {
		list = append(list, fromHex(t, part))
	}
	return list
}

func toNumber(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func keyFrom(t *testing.T, s string) secret {
	t.Helper()
	k, err := secretFrom(fromHex(t, s))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func must[T any](t *testing.T) func(T, error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
