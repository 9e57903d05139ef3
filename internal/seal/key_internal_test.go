package seal

import (
	"bytes"
	"testing"
)

// Where a length would not fit its field, two contexts could read the same.
func TestDerive_refusesWhatItCannotWriteDown(t *testing.T) {
	k := newSecret()
	for name, use := range map[string]func(){
		"an empty key":         func() { secret{}.derive("label") },
		"a label too long":     func() { k.derive(string(make([]byte, 256))) },
		"a context too long":   func() { k.derive("label", make([]byte, 65536)) },
		"an empty identity":    func() { Identity{}.VerifyKey() },
		"a negative offset":    func() { DeviceKey{k}.Cover([16]byte{}).XOR(nil, -1) },
		"an odd byte in words": func() { EncodeWords([]byte{1}) },
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
