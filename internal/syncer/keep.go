package syncer

import (
	"amana"
	"amana/internal/hub/wire"
)

// Encode writes the state, to be kept by whoever keeps it.
func (s *State) Encode() []byte { return wire.Encode(s) }

// ReadState reads what Encode wrote; where there is nothing yet, the state is that of
// who never met the hub. Kinds: ErrInvalid.
func ReadState(raw []byte, hub wire.Address) (*State, error) {
	s := &State{Hub: hub}
	if len(raw) > 0 {
		if err := wire.DecodeState(raw, s); err != nil {
			return nil, err
		}
	}
	if s.Hub.Key != hub.Key || s.Hub.Note != hub.Note { // another hub: what was known is of the one before
		s = &State{Hub: hub}
	}
	s.Hub = hub // it may have moved, and is held to what it said where it was
	if s.Heads == nil {
		s.Heads = map[amana.DeviceID]uint64{}
	}
	if s.Erased == nil {
		s.Erased = map[amana.DeviceID]uint64{}
	}
	if s.Told == nil {
		s.Told = map[amana.DeviceID]bool{}
	}
	return s, nil
}
