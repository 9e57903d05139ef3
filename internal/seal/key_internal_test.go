package seal

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// Where a length would not fit its field, two contexts could read the same.
func TestDerive_refusesWhatItCannotWriteDown(t *testing.T) {
	k, odd := newSecret(), 1
	for name, use := range map[string]func(){
		"an empty key":         func() { secret{}.derive("label") },
		"a label too long":     func() { k.derive(string(make([]byte, 256))) },
		"a context too long":   func() { k.derive("label", make([]byte, 65536)) },
		"an empty identity":    func() { Identity{}.VerifyKey() },
		"a negative offset":    func() { DeviceKey{k}.Cover([16]byte{}).XOR(nil, -1) },
		"an odd byte in words": func() { EncodeWords(k.bytes()[:odd]) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			use()
		}()
	}
}

// The same passphrase, whatever keyboard it is typed on.
func TestCanonical(t *testing.T) {
	for name, tc := range map[string]struct{ typed, want string }{
		"as it is":               {"lusab-gutih", "lusab-gutih"},
		"an accent by itself":    {"e\u0301te\u0301", "été"},
		"a no-break space":       {"a\u00a0b\u202fc", "a b c"},
		"Arabic with its marks":  {"\u0627\u0653", "\u0622"},
		"bytes that are no text": {"\xff\xfe\xe9", "\xff\xfe\xe9"},
		"capitals are kept":      {"Été", "Été"},
	} {
		typed := []byte(tc.typed)
		if got := canonical(typed); string(got) != tc.want {
			t.Errorf("%s: got %q", name, got)
		} else if clear(got); !bytes.Equal(typed, []byte(tc.typed)) {
			t.Errorf("%s: the caller's bytes were changed", name)
		}
	}
}

// A label is frozen with its first use: each has a vector, or stands in one.
func TestLabels_haveVectors(t *testing.T) {
	otherwise := map[string]string{
		"amana/1/box":          "box",      // HPKE's info
		"amana/1/recovery":     "recovery", // HKDF's salt
		"amana/1/recovery set": "recovery", // a digest
		"amana/1/blob":         "blob",
	}
	vectors, err := readVectors("testdata/derive.json")
	if err != nil {
		t.Fatal(err)
	}
	frozen := make(map[string]bool)
	for _, v := range vectors.Vectors {
		frozen[v.In["label"]] = true
	}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	label := regexp.MustCompile(`"(amana/1/[^"\\]*)`)
	for _, name := range sources {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range label.FindAllSubmatch(source, -1) {
			if l := string(m[1]); !frozen[l] && otherwise[l] == "" {
				t.Errorf("%s: label %s has no vector", name, l)
			}
		}
	}
}

// What is kept between one derivation and the next changes none of them, however many
// goroutines derive at once.
func TestDerive_isHKDFWhoeverDerivesBeforeAndBeside(t *testing.T) {
	k := newSecret()
	want := func(label, context string) []byte {
		info := append([]byte{byte(len(label))}, label...)
		info = append(append(info, 0, byte(len(context))), context...)
		b, err := hkdf.Expand(sha256.New, k.bytes(), string(info), KeySize)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range 200 {
				label, context := strings.Repeat("l", 1+i%40), strings.Repeat("c", i)
				if !bytes.Equal(k.derive(label, []byte(context)).bytes(), want(label, context)) {
					t.Errorf("label of %d, context of %d bytes: another subkey", len(label), len(context))
					return
				}
			}
		})
	}
	all.Wait()
}

func TestDigest_isOneForShortAndLong(t *testing.T) {
	for _, n := range []int{0, 1, 2000, 2022, 2023, 2024, 2048, 5000} {
		part := make([]byte, n)
		d := NewDigest("label")
		d.Add(part)
		if Digest("label", part) != d.Sum() {
			t.Errorf("a part of %d bytes: another digest than part by part", n)
		}
	}
}
