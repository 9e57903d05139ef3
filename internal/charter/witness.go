package charter

import (
	"maps"

	"amana"
	"amana/internal/event"
)

// Checkpoint is the last checkpoint of the hub's log that a device says it verified.
type Checkpoint struct {
	Note []byte // as the hub signed it; whoever uses it verifies it
	Time uint64
}

// largestCheckpoint bounds what is carried: a signed note has some 200 bytes.
const largestCheckpoint = 1024

func (c *Charter) takeWitness(e Entry, f event.Witnessed) error {
	if len(f.Checkpoint) == 0 || len(f.Checkpoint) > largestCheckpoint {
		return invalid("a checkpoint of %d bytes", len(f.Checkpoint))
	}
	c.witness[e.Device] = Checkpoint{Note: f.Checkpoint, Time: e.Time}
	return nil
}

// Witnessed returns what each device saw last of the hub's log.
func (c *Charter) Witnessed() map[amana.DeviceID]Checkpoint { return maps.Clone(c.witness) }
