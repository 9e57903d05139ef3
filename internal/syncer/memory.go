package syncer

import (
	"slices"
	"sync"

	"amana"
	"amana/internal/hub/wire"
	"amana/internal/journal"
)

// Memory is what one device's exchanges with one hub leave behind for the next.
type Memory struct {
	mu     sync.Mutex      // guards what follows
	fresh  uint64          // the log of this size is all that the hub has, as of a moment ago; zero: unknown
	proved map[string]bool // checkpoints of others that are of the beginning of the log that is followed
	came   []journal.Batch // with the news, until they are taken in
}

// heard notes that a log of that size is all that the hub has.
func (m *Memory) heard(size uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fresh = size
}

// isFresh reports, once, whether it was heard that a log of that size is all there is.
func (m *Memory) isFresh(size uint64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	fresh := m.fresh
	m.fresh = 0
	return fresh > 0 && fresh == size
}

// bring keeps what came with news; nothing of before.
func (m *Memory) bring(n *wire.News) {
	var came []journal.Batch
	if n != nil {
		came, _ = n.Read() // what does not read is fetched, and refused there
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.came = came
}

// brought returns the batch of a device that begins with an item, if it came with news.
func (m *Memory) brought(device amana.DeviceID, from uint64) (b journal.Batch, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.came, func(b journal.Batch) bool { return b.Head.Device == device && b.First == from })
	if i < 0 {
		return b, false
	}
	b = m.came[i]
	m.came = slices.Delete(m.came, i, i+1)
	return b, true
}

// mostProved is how many checkpoints are remembered as proved.
const mostProved = 1024

func (m *Memory) isProved(note []byte) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.proved[string(note)]
}

func (m *Memory) prove(note []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.proved == nil || len(m.proved) >= mostProved {
		m.proved = map[string]bool{}
	}
	m.proved[string(note)] = true
}
