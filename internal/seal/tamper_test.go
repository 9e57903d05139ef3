package seal_test

import (
	"errors"
	"runtime"
	"slices"
	"testing"

	"amana"
	"amana/internal/seal"
)

type opener struct {
	name   string
	sealed []byte
	open   func(sealed []byte) error
	want   func(i int) error // for a change of byte i
}

func always(kind error) func(int) error { return func(int) error { return kind } }

// sealedThings is one of everything that can be opened.
func sealedThings(t *testing.T) []opener {
	t.Helper()
	var (
		team, record = seal.NewTeamKey(), seal.NewRecordKey()
		member       = seal.NewIdentity()
		device       = seal.NewDeviceKey()
		name, nonce  = seal.Random16(), seal.NewNonce()
		place        = []byte("organisation, device, number")
		plain        = []byte("what nobody else may read")
	)
	box, err := member.BoxKey().Seal(place, plain)
	if err != nil {
		t.Fatal(err)
	}
	slot, err := seal.Stretch([]byte("passphrase"), name, seal.SmallestCost)
	if err != nil {
		t.Fatal(err)
	}
	sig := member.Sign("label", plain)
	tampered := always(amana.ErrTampered)
	return []opener{
		{"wrap", team.WrapRecord(name, record), func(b []byte) error {
			_, err := team.UnwrapRecord(name, record.Commitment(), b)
			return err
		}, tampered},
		{"entry", team.SealEntry(place, nonce, plain), func(b []byte) error {
			_, err := team.OpenEntry(place, nonce, b)
			return err
		}, tampered},
		{"body", record.SealBody(place, nonce, plain), func(b []byte) error {
			_, err := record.OpenBody(place, nonce, b)
			return err
		}, tampered},
		{"box", box, func(b []byte) error {
			_, err := member.Open(place, b)
			return err
		}, tampered},
		{"file", device.SealFile("name", plain), func(b []byte) error {
			_, err := device.OpenFile("name", b)
			return err
		}, tampered},
		{"slot", slot.SealSlot(plain), func(b []byte) error {
			_, err := slot.OpenSlot(b)
			return err
		}, func(i int) error {
			if i < seal.NonceSize+seal.KeySize { // the commitment: it may be somebody else's slot
				return amana.ErrPassphrase
			}
			return amana.ErrTampered
		}},
		{"signature", sig[:], func(b []byte) error {
			return member.VerifyKey().Verify("label", plain, seal.Signature(b))
		}, tampered},
	}
}

func TestOpen_refusesEveryChangedByte(t *testing.T) {
	for _, o := range sealedThings(t) {
		if err := o.open(o.sealed); err != nil {
			t.Errorf("%s: unchanged: %v", o.name, err)
		}
		for i := range o.sealed {
			changed := slices.Clone(o.sealed)
			changed[i] ^= 1 << (i % 8)
			if err := o.open(changed); !errors.Is(err, o.want(i)) {
				t.Errorf("%s: byte %d changed: err = %v, want %v", o.name, i, err, o.want(i))
			}
		}
	}
}

func TestOpen_refusesWhatIsCutOrLengthened(t *testing.T) {
	for _, o := range sealedThings(t) {
		if o.name == "signature" {
			continue // its length is its type
		}
		for n := range len(o.sealed) {
			if err := o.open(o.sealed[:n]); !errors.Is(err, amana.ErrTampered) {
				t.Errorf("%s: cut to %d: err = %v, want ErrTampered", o.name, n, err)
			}
		}
		if err := o.open(append(slices.Clone(o.sealed), 0)); !errors.Is(err, amana.ErrTampered) {
			t.Errorf("%s: a byte too many: err = %v, want ErrTampered", o.name, err)
		}
	}
}

func TestOpen_refusesAnotherPlaceOrKey(t *testing.T) {
	var (
		team, other    = seal.NewTeamKey(), seal.NewTeamKey()
		record         = seal.NewRecordKey()
		recordID, nope = seal.Random16(), seal.Random16()
		nonce          = seal.NewNonce()
		member         = seal.NewIdentity()
		device         = seal.NewDeviceKey()
		wrap           = team.WrapRecord(recordID, record)
		entry          = team.SealEntry([]byte("1"), nonce, []byte("entry"))
		body           = record.SealBody([]byte("1"), nonce, []byte("body"))
		file           = device.SealFile("a", []byte("file"))
		sig            = member.Sign("a", []byte("message"))
	)
	box, err := member.BoxKey().Seal([]byte("a"), []byte("box"))
	if err != nil {
		t.Fatal(err)
	}
	for name, open := range map[string]func() error{
		"wrap, another record": func() error { _, err := team.UnwrapRecord(nope, record.Commitment(), wrap); return err },
		"wrap, another team":   func() error { _, err := other.UnwrapRecord(recordID, record.Commitment(), wrap); return err },
		"wrap, another commitment": func() error {
			_, err := team.UnwrapRecord(recordID, seal.NewRecordKey().Commitment(), wrap)
			return err
		},
		"wrap, another commitment of this name": func() error {
			c := record.Commitment()
			c[31] ^= 1 // the generation is its first eight bytes
			_, err := team.UnwrapRecord(recordID, c, wrap)
			return err
		},
		"entry, another place":  func() error { _, err := team.OpenEntry([]byte("2"), nonce, entry); return err },
		"entry, another nonce":  func() error { _, err := team.OpenEntry([]byte("1"), seal.NewNonce(), entry); return err },
		"entry, another team":   func() error { _, err := other.OpenEntry([]byte("1"), nonce, entry); return err },
		"body, another place":   func() error { _, err := record.OpenBody([]byte("2"), nonce, body); return err },
		"body, another record":  func() error { _, err := seal.NewRecordKey().OpenBody([]byte("1"), nonce, body); return err },
		"box, another purpose":  func() error { _, err := member.Open([]byte("b"), box); return err },
		"box, another member":   func() error { _, err := seal.NewIdentity().Open([]byte("a"), box); return err },
		"file, another name":    func() error { _, err := device.OpenFile("b", file); return err },
		"file, another device":  func() error { _, err := seal.NewDeviceKey().OpenFile("a", file); return err },
		"signature, of a kind":  func() error { return member.VerifyKey().Verify("b", []byte("message"), sig) },
		"signature, by a key":   func() error { return device.VerifyKey([16]byte{}).Verify("a", []byte("message"), sig) },
		"signature, of another": func() error { return member.VerifyKey().Verify("a", []byte("massage"), sig) },
		"team key, announced":   func() error { return other.Check(team.Commitment()) },
	} {
		if err := open(); !errors.Is(err, amana.ErrTampered) {
			t.Errorf("%s: err = %v, want ErrTampered", name, err)
		}
	}
}

func TestKeys_ofAnotherLengthAreRefused(t *testing.T) {
	for _, n := range []int{0, 1, 31, 33, 64} {
		raw := make([]byte, n)
		_, team := seal.ImportTeamKey(raw)
		_, device := seal.ImportDeviceKey(raw)
		_, identity := seal.ImportIdentity(raw)
		for name, err := range map[string]error{"team": team, "device": device, "identity": identity} {
			if !errors.Is(err, amana.ErrInvalid) {
				t.Errorf("%s key of %d bytes: err = %v, want ErrInvalid", name, n, err)
			}
		}
	}
}

func TestStretch_givesItsMemoryBack(t *testing.T) {
	if _, err := seal.Stretch([]byte("passphrase"), [16]byte{}, seal.SmallestCost); err != nil {
		t.Fatal(err)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if held := m.HeapSys - m.HeapReleased; held > 48<<20 {
		t.Errorf("%d MiB still held", held>>20)
	}
}

func TestBoxKey_thatIsNoneIsRefused(t *testing.T) {
	good := seal.NewIdentity().BoxKey()
	low := good
	clear(low[1184:]) // X25519's point of order one: the shared secret would be zero
	high := good
	for i := range 1152 {
		high[i] = 0xff // coefficients past ML-KEM's modulus
	}
	for name, k := range map[string]seal.BoxKey{"a point of low order": low, "coefficients too large": high} {
		if _, err := k.Seal(nil, []byte("plain")); !errors.Is(err, amana.ErrInvalid) {
			t.Errorf("%s: err = %v, want ErrInvalid", name, err)
		}
	}
}

func TestCost_checksWhatAHeaderAsks(t *testing.T) {
	for _, tc := range []struct {
		name string
		cost seal.Cost
		want error
	}{
		{"the default", seal.DefaultCost, nil},
		{"the smallest", seal.SmallestCost, nil},
		{"a gigabyte", seal.Cost{MemoryKiB: 1 << 20, Passes: 3, Threads: 4}, nil},
		{"nothing", seal.Cost{}, amana.ErrInvalid},
		{"too little memory", seal.Cost{MemoryKiB: 64<<10 - 1, Passes: 3, Threads: 4}, amana.ErrInvalid},
		{"too few passes", seal.Cost{MemoryKiB: 64 << 10, Passes: 2, Threads: 4}, amana.ErrInvalid},
		{"more memory than machines have", seal.Cost{MemoryKiB: 1<<20 + 1, Passes: 3, Threads: 4}, amana.ErrInvalid},
		{"passes for a day", seal.Cost{MemoryKiB: 64 << 10, Passes: 1 << 20, Threads: 4}, amana.ErrInvalid},
		{"no threads", seal.Cost{MemoryKiB: 64 << 10, Passes: 3}, amana.ErrInvalid},
		{"too many threads", seal.Cost{MemoryKiB: 64 << 10, Passes: 3, Threads: 255}, amana.ErrInvalid},
	} {
		err := tc.cost.Check()
		if !errors.Is(err, tc.want) {
			t.Errorf("%s: err = %v, want %v", tc.name, err, tc.want)
		}
	}
	if _, err := seal.Stretch([]byte("p"), [16]byte{}, seal.Cost{MemoryKiB: 1 << 31, Passes: 1}); !errors.Is(err, amana.ErrInvalid) {
		t.Errorf("stretched at a cost out of bounds: %v", err)
	}
}
