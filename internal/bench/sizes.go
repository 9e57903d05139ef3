package bench

import (
	"context"
	"time"

	"amana"
	"amana/internal/demo"
	"amana/internal/event"
	"amana/internal/journal"
	"amana/internal/journal/dictionary"
	"amana/internal/keyring"
	"amana/internal/seal"
)

// entrySize is what one entry of an existing record takes, in bytes.
type entrySize struct {
	content float64 // compressed, which no store can go below
	padding float64 // which hides how much was written
	wire    float64 // all that travels
}

// overhead is what the entry costs beyond content and padding.
func (s entrySize) overhead() float64 { return s.wire - s.content - s.padding }

// sizes measures what an entry takes on the wire and on the disk.
func (r *run) sizes(context.Context) error {
	size, err := entrySizes(r.writer, min(400, r.cases), r.Now)
	if err != nil {
		return err
	}
	const content = "compressed content alone"
	r.add(
		figure("entry of an existing record, on the wire", size.wire, "bytes").beside(content, size.content),
		figure("of that, neither content nor padding", size.overhead(), "bytes").must("at most 160", size.overhead() <= 160),
		figure("journal on the disk, of every entry", float64(r.disk)/float64(r.entries), "bytes"),
	)
	return nil
}

// sealer makes entries as a vault does, without keeping them.
type sealer struct {
	ring  *keyring.Ring
	clock *journal.Clock
	draft keyring.Draft
}

func newSealer(now func() time.Time) *sealer {
	ring := keyring.New(amana.OrgID(seal.Random16()), amana.MemberID(seal.Random16()), seal.NewIdentity())
	ring.Add(keyring.Organisation, 1, seal.NewTeamKey())
	return &sealer{ring: ring, clock: journal.NewClock(now), draft: keyring.Draft{
		Record: amana.RecordID(seal.Random16()), Key: seal.NewRecordKey(),
		Device: amana.DeviceID(seal.Random16()), Seq: 100_000, Last: true,
	}}
}

// size seals facts as one entry and measures it.
func (s *sealer) size(facts []event.Fact) (entrySize, error) {
	raw, err := event.Encode(event.Body{Facts: facts})
	if err != nil {
		return entrySize{}, err
	}
	s.draft.Seq++
	s.draft.Body = dictionary.Compress(nil, raw)
	s.draft.Time, s.draft.Wall = s.clock.Tick()
	it, err := s.ring.Seal(s.draft, 1)
	if err != nil {
		return entrySize{}, err
	}
	content := len(s.draft.Body)
	return entrySize{
		content: float64(content),
		padding: float64(seal.PaddedSize(content) - content),
		wire:    float64(len(it.AppendWire(nil))),
	}, nil
}

// entrySizes is the mean over the entries of so many stories, those left out that
// begin a record.
func entrySizes(w *demo.Writer, stories int, now func() time.Time) (mean entrySize, err error) {
	s, n := newSealer(now), 0.0
	for i := range stories {
		for _, facts := range demo.Entries(w.Story(i)) {
			if _, begins := facts[0].(event.Begun); begins {
				continue
			}
			one, err := s.size(facts)
			if err != nil {
				return mean, err
			}
			mean.content += one.content
			mean.padding += one.padding
			mean.wire += one.wire
			n++
		}
	}
	mean.content, mean.padding, mean.wire = mean.content/n, mean.padding/n, mean.wire/n
	return mean, nil
}
