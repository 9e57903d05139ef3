package amana

import "errors"

// The kinds of failure a caller can act on. A package wraps one of them and
// adds what it was doing and to which ID; words for people are chosen from the
// kind where the error meets a person (web.statusOf, main.exitCode).
// Errors carry IDs, never a name, a place or anything somebody typed.
var (
	// ErrInvalid: what was given cannot be used; nothing was changed.
	ErrInvalid = errors.New("not valid")
	// ErrNotFound: there is no such thing, or it is not the asker's to see. The two
	// are the same on purpose.
	ErrNotFound = errors.New("not found")
	// ErrConflict: somebody else changed it first; read again and decide.
	ErrConflict = errors.New("changed by someone else")
	// ErrLocked: no keys are open; unlock first.
	ErrLocked = errors.New("locked")
	// ErrRefused: the rules (a role, a consent) do not allow it.
	ErrRefused = errors.New("refused")
	// ErrTampered: bytes are not what their author sealed.
	ErrTampered = errors.New("does not verify")
	// ErrPassphrase: no slot opens with this passphrase.
	ErrPassphrase = errors.New("this passphrase opens nothing here")
	// ErrWait: too many wrong passphrases; try again later.
	ErrWait = errors.New("too many attempts, wait a little")
	// ErrStorage: the disk refused (full, read-only, failing); nothing was saved.
	ErrStorage = errors.New("the disk did not take it")
	// ErrNewer: written by a newer amana.
	ErrNewer = errors.New("written by a newer amana")
)
