package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"amana"
	"amana/internal/seal"
)

// headFile remembers, sealed, where the log ends, so that a journal that was cut
// short or put back is found out. It is written after a save is durable, in two
// places by turns, and not synced: after a power cut it may be behind the log,
// never ahead of it.
type headFile struct {
	file *os.File
	key  seal.DeviceKey
	turn uint64
}

// tip is where the log ends.
type tip struct {
	_       struct{} `cbor:",toarray"`
	Turn    uint64
	Segment uint32
	Size    int64
	Heads   []deviceHead
	Mark    uint64 // the newest time that was appended, see [Log.Mark]
}

const (
	headSlot = 32 << 10
	headName = "head"
)

func createHead(dir string, key seal.DeviceKey) (*headFile, error) {
	f, err := os.OpenFile(filepath.Join(dir, headName), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, storage("new head", err)
	}
	if err := f.Truncate(2 * headSlot); err != nil {
		f.Close()
		return nil, storage("new head", err)
	}
	return &headFile{file: f, key: key}, nil
}

// openHead reads the newer of the two places that opens. whole is false where the
// other does not open as the one before it: what is written next mends that.
func openHead(dir string, key seal.DeviceKey, writable bool) (h *headFile, newest tip, whole bool, err error) {
	flag := os.O_RDWR
	if !writable {
		flag = os.O_RDONLY
	}
	f, err := os.OpenFile(filepath.Join(dir, headName), flag, 0)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, tip{}, false, fmt.Errorf("journal: the note of where it ends is missing: %w", amana.ErrTampered)
	case err != nil:
		return nil, tip{}, false, storage("open head", err)
	}
	h = &headFile{file: f, key: key}
	var older tip
	for i := range int64(2) {
		t, err := h.read(i)
		if err != nil {
			continue
		}
		if older = t; t.Turn > newest.Turn {
			older, newest = newest, t
		}
	}
	h.turn = newest.Turn
	if newest.Turn == 0 {
		return h, tip{}, false, fmt.Errorf("journal: the note of where it ends does not open: %w", amana.ErrTampered)
	}
	return h, newest, older.Turn == newest.Turn-1, nil
}

func (h *headFile) read(i int64) (tip, error) {
	b := make([]byte, headSlot)
	if _, err := h.file.ReadAt(b, i*headSlot); err != nil {
		return tip{}, storage("read head", err)
	}
	n := int(binary.BigEndian.Uint32(b))
	if n > headSlot-4 {
		return tip{}, fmt.Errorf("journal: head: %w", amana.ErrTampered)
	}
	plain, err := h.key.OpenFile(headName, b[4:4+n])
	if err != nil {
		return tip{}, err
	}
	var t tip
	if err := decoding.Unmarshal(plain, &t); err != nil {
		return tip{}, fmt.Errorf("journal: head: %w", amana.ErrTampered)
	}
	return t, nil
}

// write notes where the log ends. A failure is not one of the save: the log
// itself is durable.
func (h *headFile) write(t tip, durable bool) {
	if h == nil || h.file == nil {
		return
	}
	h.turn++
	t.Turn = h.turn
	plain, err := encoding.Marshal(t)
	if err != nil {
		panic("journal: internal error: " + err.Error())
	}
	sealed := h.key.SealFile(headName, plain)
	b := binary.BigEndian.AppendUint32(nil, uint32(len(sealed)))
	_, _ = h.file.WriteAt(append(b, sealed...), int64(h.turn%2)*headSlot)
	if durable {
		_ = h.file.Sync()
	}
}

func (h *headFile) close() {
	if h != nil && h.file != nil {
		h.file.Close()
	}
}
