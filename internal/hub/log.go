package hub

import (
	"context"
	"net/http"
	"time"

	"amana"
	"amana/internal/hub/wire"
	"amana/internal/journal"
)

// log answers what is new, and waits for it if it was asked to.
func (s *Server) log(r *request) error {
	from, err := r.number("from")
	if err != nil {
		return err
	}
	size, err := s.Store.Size(r.Context(), r.device.Org)
	if err != nil {
		return err
	}
	if from == size && r.URL.Query().Get("wait") == "1" && s.park(r, size, s.holds(r)) {
		return errParked
	}
	if from == size {
		r.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	if from > size {
		return amana.ErrConflict // this hub was put back from an old copy
	}
	leaves, err := s.Store.Leaves(r.Context(), r.device.Org, from, wire.MostLeaves)
	if err != nil {
		return err
	}
	upTo := from + uint64(len(leaves))
	if r.URL.Query().Has("with") {
		news, err := s.news(r, leaves, upTo)
		if err != nil {
			return err
		}
		return r.answer(wire.Encode(news))
	}
	note, err := s.note(r.Context(), r.device.Org, upTo)
	if err != nil {
		return err
	}
	return r.answer(wire.Encode(wire.Log{Leaves: leaves, Size: upTo, Checkpoint: note}))
}

// holds is how long a device is kept waiting: as long as it says that it waits, so that it
// need not end the connection, but not longer than anybody.
func (s *Server) holds(r *request) time.Duration {
	seconds, err := r.number("for")
	if err != nil || seconds > uint64(s.Hold/time.Second) {
		return s.Hold
	}
	return time.Duration(seconds) * time.Second
}

// news is what is new for who waited, with the batches themselves as far as there is room.
func (s *Server) news(r *request, leaves []journal.SignedHead, size uint64) (n wire.News, err error) {
	room, err := r.number("with")
	if err != nil {
		return n, err
	}
	room = min(room, wire.MostWithNews)
	n.Log.Size = size
	if n.Log.Signature, err = s.signature(r.Context(), r.device.Org, size); err != nil {
		return n, err
	}
	for i := range leaves {
		n.Log.Leaves = append(n.Log.Leaves, &leaves[i])
	}
	came := 0
	for _, leaf := range leaves {
		if leaf.Device == r.device.ID {
			n.Batches = append(n.Batches, nil) // who wrote it has it
			continue
		}
		count, raw, err := s.Store.itemsOf(r.Context(), r.device.Org, leaf, room)
		if err != nil {
			return n, err
		}
		if len(raw) == 0 {
			break // it is fetched, and what follows
		}
		room -= uint64(len(raw))
		n.Batches = append(n.Batches, &wire.NewsBatch{N: count, Items: raw})
		if came++; came == mostWithNews {
			break
		}
	}
	return n, nil
}

// mostWithNews is how many batches come with news: each is looked for by itself.
const mostWithNews = 8

// pushed says what the log had from where on the device knows it, with the batch that it
// handed over. Where that cannot be said now, the device asks for it: the batch is taken.
func (s *Server) pushed(r *request, head journal.SignedHead, size uint64) (p wire.Pushed, ok bool) {
	from, err := r.number("from")
	if err != nil || from >= size || size-from > wire.MostLeaves {
		return p, false
	}
	leaves, err := s.Store.Leaves(r.Context(), r.device.Org, from, size-from)
	if err != nil || uint64(len(leaves)) != size-from {
		return p, false
	}
	signature, err := s.signature(r.Context(), r.device.Org, size)
	if err != nil {
		return p, false
	}
	p = wire.Pushed{Size: size, Signature: signature}
	for i := range leaves {
		if leaves[i] == head {
			p.Leaves = append(p.Leaves, nil)
		} else {
			p.Leaves = append(p.Leaves, &leaves[i])
		}
	}
	return p, true
}

// signature is the hub's on the checkpoint of a log of that size.
func (s *Server) signature(ctx context.Context, org amana.OrgID, size uint64) ([]byte, error) {
	root, err := s.Store.Root(ctx, org, size)
	if err != nil {
		return nil, err
	}
	return wire.Checkpoint{Origin: wire.Origin(org), Size: size, Root: root}.Signature(s.Key), nil
}
