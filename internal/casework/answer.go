package casework

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"amana"
	"amana/internal/link"
	"amana/internal/vault"
)

// The answer to the request of a new computer by the server: left there by the computer
// that takes it in, fetched by the new one itself.

// AnswerArrival says how an answer comes to this computer.
type AnswerArrival = link.Arrival

// FetchAnswer begins to fetch the answer from where a word says, in the background. Kinds:
// ErrInvalid for what is no such word; ErrNotFound where no request was made, or nothing is
// exchanged here.
func (o *Office) FetchAnswer(word string) error {
	k := o.link()
	if k == nil {
		return fmt.Errorf("casework: %w", link.ErrNoHub)
	}
	n, err := vault.OpenNewcomer(o.dir)
	if err != nil {
		return err
	}
	return k.FetchAnswer(n, word)
}

// AnswerArrival says how far it is. One that came before the program was ended is here.
func (o *Office) AnswerArrival() AnswerArrival {
	var a AnswerArrival
	if k := o.link(); k != nil {
		a = k.Arrival()
	}
	if n, err := vault.OpenNewcomer(o.dir); err == nil && a.State != link.ComingHere {
		if got, whole := n.Got(); whole {
			a = AnswerArrival{State: link.ComingHere, Host: a.Host, Got: got, Size: got}
		}
	}
	return a
}

// JoinFetched is [Office.JoinWith] the answer that was fetched. What is none, or is cut
// short or changed, is thrown away, so that it can be fetched again. Kinds: those of
// JoinWith; ErrNotFound where none came.
func (o *Office) JoinFetched(ctx context.Context, passphrase []byte) error {
	n, err := vault.OpenNewcomer(o.dir)
	if err != nil {
		return err
	}
	answer, err := vault.Fetched(o.dir)
	if err != nil {
		return err
	}
	err = o.JoinWith(ctx, answer, passphrase)
	k := o.link()
	switch {
	case k == nil:
	case err == nil:
		k.AnswerTaken(n.Name())
	case errors.Is(err, amana.ErrInvalid), errors.Is(err, amana.ErrTampered):
		k.StopAnswer()
		return errors.Join(err, n.Drop())
	}
	return err
}

// AnswerLeft says where the answer is that was left for a new computer, and what that
// computer has to be told.
type AnswerLeft struct {
	link.LeftFor
	Word string
}

// LeaveAnswer is [Desk.AnswerDeviceStart] with an answer that is left at the server, where
// the new computer fetches it. Kinds: as [vault.Session.Pair]; ErrNotFound where there is no
// server; ErrConflict where too many wait.
func (d *Desk) LeaveAnswer(ctx context.Context, request []byte, members []amana.MemberID) (StartMade, error) {
	k := d.office.link()
	if _, err := link.AnswerWord(d.session); err != nil || k == nil {
		return StartMade{}, fmt.Errorf("casework: %w", errors.Join(err, link.ErrNoHub))
	}
	r, err := vault.ParseRequest(request)
	if err != nil {
		return StartMade{}, err
	}
	var answer bytes.Buffer
	made, err := d.PairStart(ctx, r, "", members, &answer)
	if err != nil {
		return made, err
	}
	if err := k.LeaveAnswer(d.session, r.Device, vault.AnswerName(request), answer.Bytes()); err != nil {
		return made, err
	}
	k.Follow(d.session, d)
	k.Nudge()
	return made, nil
}

// AnswerLeft says where the answer for a new computer is. State is empty where none was
// left, Word where there is no server. Kinds: ErrInvalid, ErrLocked, ErrStorage.
func (d *Desk) AnswerLeft(request []byte) (left AnswerLeft, err error) {
	r, err := vault.ParseRequest(request)
	if err != nil {
		return left, err
	}
	k := d.office.link()
	if k == nil {
		return left, nil
	}
	if left.Word, err = link.AnswerWord(d.session); errors.Is(err, link.ErrNoHub) {
		return left, nil
	}
	if err != nil {
		return left, err
	}
	if left.LeftFor, err = k.LeftFor(d.session, r.Device); errors.Is(err, amana.ErrNotFound) {
		err = nil
	}
	return left, err
}
