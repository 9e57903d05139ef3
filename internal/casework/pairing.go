package casework

import (
	"bytes"
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"io"

	"amana"
	"amana/internal/seal"
	"amana/internal/vault"
)

// DeviceRequest is what a new computer shows of itself, and what a computer that is there
// sees of it. The words are the same on both.
type DeviceRequest struct {
	ID    amana.DeviceID
	Words []string
	File  []byte
	Text  string   // the file in letters and digits, for pasting or for a code
	QR    [][]bool // of the text; nil where it could not be drawn
}

// LargestRequest bounds the file of a request, or its text, in bytes.
const LargestRequest = 16 << 10

const requestBegins = "AMANA-DEVICE-"

var requestText = base32.StdEncoding.WithPadding(base32.NoPadding)

// LookAtRequest reads the request of a new computer: its file, or the text that stands
// for it, with whatever spaces and breaks came into it on the way. Kind: ErrInvalid.
func LookAtRequest(raw []byte) (DeviceRequest, error) {
	if text, ok := bytes.CutPrefix(bytes.ToUpper(bytes.Join(bytes.Fields(raw), nil)), []byte(requestBegins)); ok {
		file, err := requestText.DecodeString(string(text))
		if err != nil {
			return DeviceRequest{}, fmt.Errorf("casework: this is not the request of a device: %w", amana.ErrInvalid)
		}
		raw = file
	}
	r, err := vault.ParseRequest(raw)
	if err != nil {
		return DeviceRequest{}, err
	}
	return DeviceRequest{ID: r.Device, Words: r.Words, File: raw}, nil
}

// AskToJoin makes the request of this computer, whose folder is empty, or returns the one
// that was made. Kinds: ErrConflict where there is an organisation, or something else, in
// the folder; ErrStorage.
func (o *Office) AskToJoin() (DeviceRequest, error) {
	if o.Founded() {
		return DeviceRequest{}, fmt.Errorf("casework: there is an organisation already: %w", amana.ErrConflict)
	}
	raw, err := vault.RequestPairing(o.dir)
	if err != nil {
		return DeviceRequest{}, err
	}
	r, err := LookAtRequest(raw)
	if err != nil {
		return r, err
	}
	r.Text = requestBegins + requestText.EncodeToString(raw)
	if r.QR, err = seal.QR(r.Text); err != nil {
		r.QR = nil // file and text are there all the same
	}
	return r, nil
}

// AskedToJoin reports whether this computer waits for the answer to its request.
func (o *Office) AskedToJoin() bool { return !o.Founded() && vault.Requested(o.dir) }

// ForgetRequest takes the request back.
func (o *Office) ForgetRequest() error {
	if k := o.link(); k != nil {
		k.StopAnswer()
	}
	return vault.DropRequest(o.dir)
}

// JoinWith makes this computer one of the organisation's, from the answer to its request,
// and locks it again. Kinds: ErrPassphrase; ErrInvalid for an answer to another request
// or none; ErrTampered; ErrStorage. On an error the request stands as before.
func (o *Office) JoinWith(ctx context.Context, answer io.Reader, passphrase []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.vault != nil {
		return fmt.Errorf("casework: there is an organisation already: %w", amana.ErrConflict)
	}
	v, s, err := vault.Join(ctx, o.dir, answer, passphrase, o.now)
	if err != nil {
		return err
	}
	if err := s.Settle(ctx); err != nil && !errors.Is(err, amana.ErrStorage) {
		return errors.Join(err, v.LockAll())
	}
	o.vault = v
	return v.LockAll()
}

// AddDevice takes a new computer in, once its words were compared. It is for
// administrators. Kinds: ErrInvalid, ErrRefused.
func (d *Desk) AddDevice(ctx context.Context, file []byte, name string) error {
	r, err := vault.ParseRequest(file)
	if err != nil {
		return err
	}
	if err := d.session.AddDevice(ctx, r, name); err != nil {
		return err
	}
	if k := d.office.link(); k != nil {
		k.Nudge() // so that the hub lets it in
	}
	return nil
}

// AnswerDevice writes the answer to a request: all that is here, sealed to the new
// computer, and the ways in of these members, who must have one here. Kinds: as
// [vault.Session.Pair].
func (d *Desk) AnswerDevice(ctx context.Context, file []byte, members []amana.MemberID, w io.Writer) error {
	r, err := vault.ParseRequest(file)
	if err != nil {
		return err
	}
	return d.Pair(ctx, r, "", members, w)
}
