package vault_test

import (
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"amana"
	"amana/internal/journal"
	"amana/internal/seal"
	"amana/internal/vault"
)

// A forger has the files and the device's key, as every member does, and writes
// the journal's first file anew, with its checksums and the note of where it ends,
// so that all of it fits together. He goes by docs/format.md section 4.
type forger struct {
	dir   string // of the journal
	key   seal.DeviceKey
	org   amana.OrgID
	start int64 // where the items begin
	items []journal.Item
	at    []int64 // where each begins, and where the last ends
	mark  uint64
}

func newForger(t testing.TB, h *house, s *vault.Session) *forger {
	t.Helper()
	f := &forger{dir: filepath.Join(h.dir, "journal"), key: vault.DeviceKeyOf(h.Ways["w0"]), org: vault.OrgOf(h.Ways["w0"])}
	log := s.Journal()
	f.mark = log.Mark()
	err := log.Each(0, func(p journal.Pos, it journal.Item) error {
		if p>>32 != 1 {
			t.Fatal("more than one file")
		}
		f.at = append(f.at, int64(uint32(p)))
		f.items = append(f.items, clone(it))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	f.start = f.at[0]
	f.at = append(f.at, int64(uint32(log.End())))
	return f
}

func clone(it journal.Item) journal.Item {
	it.Entry = append([]byte(nil), it.Entry...)
	it.Wraps = append([]byte(nil), it.Wraps...)
	it.Body = append([]byte(nil), it.Body...)
	return it
}

func (f *forger) path() string { return filepath.Join(f.dir, "000001.log") }

// uncovered returns the file's id and what lies under the cover.
func (f *forger) uncovered(t testing.TB) (id [16]byte, plain []byte) {
	t.Helper()
	raw, err := os.ReadFile(f.path())
	if err != nil {
		t.Fatal(err)
	}
	id = [16]byte(raw[:16])
	f.key.Cover(id).XOR(raw[16:], 0)
	return id, raw[16:]
}

func (f *forger) write(t testing.TB, id [16]byte, plain []byte) {
	t.Helper()
	covered := append([]byte(nil), plain...)
	f.key.Cover(id).XOR(covered, 0)
	raw := append(id[:], covered...)
	writeAll(t, f.path(), raw)
	writeAll(t, filepath.Join(f.dir, "000001.sum"), checksums(raw))
}

func writeAll(t testing.TB, path string, raw []byte) {
	t.Helper()
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

// checksums are those of format section 4.5: anybody can write them.
func checksums(raw []byte) []byte {
	const block = 4096
	sum := func(i int) []byte {
		b := raw[i*block:]
		d := seal.Digest("amana/1/block", binary.BigEndian.AppendUint64(nil, uint64(i)), b[:min(block, len(b))])
		return d[:8]
	}
	whole := len(raw) / block
	out := binary.BigEndian.AppendUint64(nil, uint64(len(raw)))
	out = append(out, sum(whole)...)
	for i := range whole {
		out = append(out, sum(i)...)
	}
	return out
}

// rewrite puts these items in place of all, chained, numbered as they are, and
// notes that the log ends there.
func (f *forger) rewrite(t testing.TB, items []journal.Item) {
	t.Helper()
	id, plain := f.uncovered(t)
	b := append([]byte(nil), plain[:f.start-16]...)
	var devices []amana.DeviceID
	heads := map[amana.DeviceID]journal.Head{}
	for _, it := range items {
		head, known := heads[it.Device]
		ref := 0
		for i, d := range devices {
			if d == it.Device {
				ref = i + 1
			}
		}
		if !known {
			devices = append(devices, it.Device)
		}
		b = appendRaw(b, it, ref)
		heads[it.Device] = journal.Head{Seq: it.Seq, Hash: it.Next(f.org, head.Hash)}
	}
	f.write(t, id, b)
	f.note(t, int64(16+len(b)), devices, heads)
}

func appendRaw(b []byte, it journal.Item, ref int) []byte {
	start := len(b)
	b = binary.AppendUvarint(b, uint64(ref))
	if ref == 0 {
		b = append(b, it.Device[:]...)
	}
	b = binary.AppendUvarint(b, it.Seq)
	flags := len(b)
	b = it.AppendWire(b)
	if !it.Last {
		b[flags] |= 4
	}
	return binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b[start:]))
}

// note writes both places of the file "head".
func (f *forger) note(t testing.TB, size int64, devices []amana.DeviceID, heads map[amana.DeviceID]journal.Head) {
	t.Helper()
	var list []any
	for _, d := range devices {
		list = append(list, []any{d, []any{heads[d].Seq, heads[d].Hash}})
	}
	out := make([]byte, 2<<15)
	for turn := uint64(1 << 20); turn < 1<<20+2; turn++ {
		plain, err := cbor.Marshal([]any{turn, 1, size, list, f.mark})
		if err != nil {
			t.Fatal(err)
		}
		sealed := f.key.SealFile("head", plain)
		place := out[(turn%2)<<15:]
		binary.BigEndian.PutUint32(place, uint32(len(sealed)))
		copy(place[4:], sealed)
	}
	writeAll(t, filepath.Join(f.dir, "head"), out)
}

// moved gives an item another number, as far as that takes no key.
func moved(it journal.Item, seq uint64) journal.Item {
	it = clone(it)
	it.Seq = seq
	return it
}

// renumbered gives items the numbers from the first one's on.
func renumbered(items []journal.Item) []journal.Item {
	out := make([]journal.Item, len(items))
	for i, it := range items {
		out[i] = moved(it, items[0].Seq+uint64(i))
	}
	return out
}
