package link

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"amana"
	"amana/internal/hub/wire"
	"amana/internal/seal"
	"amana/internal/syncer"
	"amana/internal/vault"
)

// A new device fetches the answer to its request from the hub, or from a device that
// listens (see [Listen]): it is told by a word where that is, and by which key it is
// known. It has nothing else to do, so this comes before everything.

const answerBegins = "amana-answer:"

// wordOf writes where something answers and by which key it is known, as one word.
func wordOf(begins, host string, key seal.VerifyKey) string {
	return begins + host + "/" + base64.RawURLEncoding.EncodeToString(key[:])
}

// readWord reads such a word, with whatever spaces and breaks came into it on the way.
func readWord(begins, word string) (to wire.Address, ok bool) {
	rest, begun := strings.CutPrefix(strings.Join(strings.Fields(word), ""), begins)
	host, text, found := strings.Cut(rest, "/")
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if !begun || !found || err != nil || len(raw) != seal.VerifyKeySize || !syncer.IsAddress(host) {
		return to, false
	}
	return wire.Address{Host: host, Key: seal.VerifyKey(raw)}, true
}

// AnswerWord is what a new device has to be told, to fetch what was left for it at the
// hub. Kinds: ErrNoHub, ErrLocked, ErrStorage.
func AnswerWord(s *vault.Session) (string, error) {
	to, err := addressOf(s)
	if err != nil {
		return "", err
	}
	return wordOf(answerBegins, to.Host, to.Key), nil
}

// Coming is how far the answer to a new device's request is.
type Coming string

// How far. Frozen: they are keys of messages.
const (
	ComingNot     Coming = ""        // nobody looks for one
	ComingAway    Coming = "away"    // where it lies cannot be reached, or is silent
	ComingOther   Coming = "other"   // another answers there
	ComingOutside Coming = "outside" // this device is not let in yet
	ComingWaits   Coming = "waits"   // nothing lies there yet
	ComingNow     Coming = "now"     // it comes
	ComingHere    Coming = "here"    // it is here
	ComingWrong   Coming = "wrong"   // what lies there is no answer
	ComingDisk    Coming = "disk"    // this device cannot keep it
)

// Arrival says how the answer to a new device's request comes.
type Arrival struct {
	State     Coming
	Host      string
	Got, Size int64 // bytes; Size is zero until it is known
}

// arrival is an answer on its way.
type arrival struct {
	Arrival
	client *syncer.Client
	stop   context.CancelFunc
	ended  chan struct{}
}

// FetchAnswer begins to fetch the answer of a new device from where a word says, and goes
// on by itself until it is here or the program ends. Who is told another word goes there.
// Kind: ErrInvalid for what is no such word.
func (k *Keeper) FetchAnswer(n *vault.Newcomer, word string) error {
	to, ok := readWord(answerBegins, word)
	if !ok {
		if to, ok = readWord(meetBegins, word); !ok {
			return fmt.Errorf("link: this does not say where an answer lies: %w", amana.ErrInvalid)
		}
	}
	own, err := n.Certificate()
	if err != nil {
		return err
	}
	k.StopAnswer()
	ctx, stop := context.WithCancel(k.life)
	a := &arrival{Arrival: Arrival{State: ComingAway, Host: to.Host}, client: syncer.NewClient(to, own), stop: stop, ended: make(chan struct{})}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.arrival = a
	k.wg.Go(func() {
		defer close(a.ended)
		defer a.client.Close()
		k.fetchAnswer(ctx, a, n)
	})
	return nil
}

// Arrival says how far the answer is.
func (k *Keeper) Arrival() Arrival {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.arrival == nil {
		return Arrival{}
	}
	return k.arrival.Arrival
}

// StopAnswer ends the fetching of an answer. What came of it stays.
func (k *Keeper) StopAnswer() {
	k.mu.Lock()
	a := k.arrival
	k.arrival = nil
	k.mu.Unlock()
	if a != nil {
		a.stop()
		<-a.ended
	}
}

func (k *Keeper) fetchAnswer(ctx context.Context, a *arrival, n *vault.Newcomer) {
	for ctx.Err() == nil {
		state := k.fetchOnce(ctx, a, n)
		k.mu.Lock()
		a.State = state
		k.mu.Unlock()
		switch state { //nolint:exhaustive // after the others it looks again in a while
		case ComingHere, ComingDisk, ComingWrong:
			return
		case ComingNow:
			continue // the line broke, and something had come
		}
		t := time.NewTimer(between(k.Pace.AfterFail/2, k.Pace.AfterFail))
		select {
		case <-ctx.Done():
		case <-t.C:
		}
		t.Stop()
	}
}

// fetchOnce fetches what follows of an answer, until the line breaks.
func (k *Keeper) fetchOnce(ctx context.Context, a *arrival, n *vault.Newcomer) Coming {
	before, whole := n.Got()
	if whole {
		return ComingHere
	}
	body, size, err := a.client.FetchOn(ctx, n.Name(), before)
	if err == nil {
		err = n.Take(size, body, func(got int64) {
			k.mu.Lock()
			defer k.mu.Unlock()
			a.State, a.Got, a.Size = ComingNow, got, size
		})
		body.Close()
	}
	got, whole := n.Got()
	switch {
	case whole:
		return ComingHere
	case err == nil, errors.Is(err, syncer.ErrAway) && got > before:
		return ComingNow
	case errors.Is(err, amana.ErrStorage):
		return ComingDisk
	case errors.Is(err, amana.ErrRefused):
		return ComingOutside
	case errors.Is(err, amana.ErrNotFound):
		return ComingWaits
	case errors.Is(err, syncer.ErrLength) && n.Drop() == nil: // it was left anew
		return ComingWaits
	case errors.Is(err, amana.ErrTampered):
		return ComingOther
	case errors.Is(err, amana.ErrInvalid):
		return ComingWrong
	}
	return ComingAway
}

// longestDrop is how long a device tries to have the hub drop what it has taken.
const longestDrop = 2 * time.Minute

// AnswerTaken has what was fetched dropped where it lay, since the device has joined with
// it. Where that fails, the device that left it has it dropped later.
func (k *Keeper) AnswerTaken(name seal.Hash) {
	k.mu.Lock()
	a := k.arrival
	k.mu.Unlock()
	if a == nil {
		return
	}
	k.StopAnswer()
	k.wg.Go(func() {
		ctx, stop := context.WithTimeout(k.life, longestDrop)
		defer stop()
		defer a.client.Close()
		_ = a.client.Drop(ctx, name) // so
	})
}
