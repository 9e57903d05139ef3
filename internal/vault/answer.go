package vault

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"amana"
	"amana/internal/seal"
)

// The answer to a request can come by a hub: it lies there as any sealed file, under a
// name that only those know who had the request in hand, until the new device fetched it.
// See format §13.6.

// LargestAnswer bounds an answer that comes by a hub, in bytes.
const LargestAnswer = 128 << 10

const (
	answerFile   = "answer"      // one that came whole
	answerPart   = "answer.part" // one that is coming
	leftFile     = "left"        // what this device left at a hub for new devices
	answerLabel  = "amana/1/answer at a hub"
	packageLabel = "amana/1/more of a start"
)

// AnswerName is the name under which the answer to a request lies at a hub.
func AnswerName(request []byte) seal.Hash { return seal.Digest(answerLabel, request) }

// LeftAnswers returns what was kept of answers that were left at a hub, or nothing.
func (s *Session) LeftAnswers() (raw []byte, err error) {
	err = openSealedFile(s.vault.dir, s.open.key, leftFile, &raw)
	return raw, err
}

// KeepLeftAnswers keeps it, durably.
func (s *Session) KeepLeftAnswers(raw []byte) error {
	return sealedFile(s.vault.dir, s.open.key, leftFile, raw)
}

// Newcomer is a device that asked and has no answer yet.
type Newcomer struct {
	dir  string
	p    pairing
	name seal.Hash
}

// OpenNewcomer takes up the request that was made in a folder. Kind: ErrNotFound.
func OpenNewcomer(dir string) (*Newcomer, error) {
	p, err := readPairing(dir)
	if err != nil {
		return nil, err
	}
	raw, err := RequestPairing(dir)
	if err != nil {
		return nil, err
	}
	return &Newcomer{dir: dir, p: p, name: AnswerName(raw)}, nil
}

// Name is under which its answer lies.
func (n *Newcomer) Name() seal.Hash { return n.name }

// Certificate is what it shows to a hub: the key that its request has.
func (n *Newcomer) Certificate() (seal.Certificate, error) {
	key, _, err := n.p.keys()
	if err != nil {
		return seal.Certificate{}, err
	}
	return key.Certificate(n.p.Device)
}

// Got is how much of an answer is here, in bytes, and whether that is all of it.
func (n *Newcomer) Got() (got int64, whole bool) {
	for _, name := range []string{answerFile, answerPart} {
		if st, err := os.Stat(filepath.Join(n.dir, name)); err == nil {
			return st.Size(), name == answerFile
		}
	}
	return 0, false
}

// Take keeps what follows of an answer of size bytes after what is here of it, and calls
// came for what does. Kinds: ErrInvalid for one that is larger than any; ErrStorage.
func (n *Newcomer) Take(size int64, r io.Reader, came func(got int64)) error {
	got, whole := n.Got()
	if whole {
		return nil
	}
	if size > LargestAnswer || got > size {
		return fmt.Errorf("vault: an answer of %d bytes: %w", size, amana.ErrInvalid)
	}
	if !Requested(n.dir) {
		return fmt.Errorf("vault: the request was taken back: %w", amana.ErrNotFound)
	}
	path := filepath.Join(n.dir, answerPart)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return storage("answer", err)
	}
	buf := make([]byte, 1<<10)
	for got < size && err == nil {
		var k int
		k, err = r.Read(buf[:min(int64(len(buf)), size-got)])
		if _, bad := f.Write(buf[:k]); bad != nil {
			return errors.Join(storage("answer", bad), f.Close())
		}
		got += int64(k)
		came(got)
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	if bad := errors.Join(f.Sync(), f.Close()); bad != nil {
		return storage("answer", bad)
	}
	if err != nil || got < size {
		return err
	}
	if err := os.Rename(path, filepath.Join(n.dir, answerFile)); err != nil {
		return storage("answer", err)
	}
	return syncDir(n.dir)
}

// Drop throws away what is here of an answer, so that another can come.
func (n *Newcomer) Drop() error { return dropFetched(n.dir) }

func dropFetched(dir string) error {
	for _, name := range []string{answerFile, answerPart} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return storage("remove "+name, err)
		}
	}
	return nil
}

// Fetched opens the answer that came whole, for [Join]. Kind: ErrNotFound.
func Fetched(dir string) (io.Reader, error) {
	raw, err := os.ReadFile(filepath.Join(dir, answerFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("vault: no answer came: %w", amana.ErrNotFound)
	}
	if err != nil {
		return nil, storage("read "+answerFile, err)
	}
	return bytes.NewReader(raw), nil
}
