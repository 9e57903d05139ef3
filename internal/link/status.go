package link

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"amana"
	"amana/internal/syncer"
	"amana/internal/vault"
)

// Status says how a device stands with its hub.
type Status struct {
	Hub     string    // its address; empty where there is none
	Busy    bool      // an exchange runs
	Now     Progress  // of that exchange
	Last    time.Time // when one came to its end; zero before the first
	Tried   time.Time
	Failed  Failure // why the last one did not come to its end
	Waiting int     // entries that are here, and not at the hub
	Lacking int     // entries that the hub has, and this device has not
	Left    int     // entries that came and could not be taken yet
	Lies    []string
	Metered bool
	Steward bool // this device began the organisation at the hub
	AtHub   DevicesAtHub
	Ended   *EndedHere // the hub was told to let this device in no more
}

// Progress is how far an exchange is.
type Progress struct {
	Taken, Handed, Expected int // entries
}

// StatusOf says how things stand by what is kept. Kinds: ErrLocked, ErrStorage.
func StatusOf(s *vault.Session) (Status, error) {
	n, err := notesOf(s)
	if err != nil {
		return Status{}, err
	}
	st := Status{Last: timeOf(n.Last), Tried: timeOf(n.Tried), Failed: n.Failed, Metered: n.Metered, Left: n.Left}
	to, err := addressOf(s)
	if errors.Is(err, ErrNoHub) {
		return st, nil
	}
	if err != nil {
		return st, err
	}
	state, err := stateOf(s, to)
	if err != nil {
		return st, err
	}
	st.Hub, st.Steward, st.Ended = to.Host, state.Steward, endedHere(s, n.Ended)
	if n.Devices != nil {
		st.AtHub = DevicesAtHub{Known: true, Ended: n.Devices.Ended, NoSay: n.Devices.NoSay}
	}
	for _, lie := range state.Lies {
		st.Lies = append(st.Lies, lie.What)
	}
	have := s.Have()
	for d, upTo := range have {
		if at := state.Heads[d]; upTo > at {
			st.Waiting += int(upTo - at)
		}
	}
	for d, upTo := range state.Heads {
		if at := have[d]; upTo > at {
			st.Lacking += int(upTo - at)
		}
	}
	return st, nil
}

// Proof writes what proves a lie of the hub, as a text that anybody can check with the
// hub's key: both notes are signed by it. Kind: ErrNotFound.
func Proof(s *vault.Session, n int) ([]byte, error) {
	to, err := addressOf(s)
	if err != nil {
		return nil, err
	}
	state, err := stateOf(s, to)
	if err != nil {
		return nil, err
	}
	if n < 0 || n >= len(state.Lies) {
		return nil, fmt.Errorf("link: lie %d: %w", n, amana.ErrNotFound)
	}
	return proofText(to.Host, fmt.Sprintf("%x", to.Note[:]), state.Lies[n]), nil
}

func proofText(host, key string, lie syncer.Lie) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "amana proof of a hub 1\nwhat: %s\nhub: %s\nkey of its notes (Ed25519): %s\n", lie.What, host, key)
	fmt.Fprintf(&b, "size: %d\n\n--- shown before\n%s\n--- shown after\n%s", lie.Size, lie.Before, lie.After)
	return []byte(b.String())
}
