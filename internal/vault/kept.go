package vault

import "amana"

// metaKept begins the names of what a member's pages remember.
const metaKept = "kept."

// Keep remembers something of how this member looks at lists, in the member's own
// view. It is no fact: it goes with the view where that is thrown away. Kinds:
// ErrLocked, ErrStorage.
func (s *Session) Keep(name string, value []byte) error {
	done, err := s.hold()
	if err != nil {
		return err
	}
	defer done()
	x := s.index.Load()
	if x == nil {
		return amana.ErrLocked
	}
	return x.view.SetMeta(metaKept+name, value)
}

// Kept returns what was remembered under a name, or nothing.
func (s *Session) Kept(name string) ([]byte, error) {
	done, err := s.hold()
	if err != nil {
		return nil, err
	}
	defer done()
	x := s.index.Load()
	if x == nil {
		return nil, amana.ErrLocked
	}
	return x.view.Meta(metaKept + name)
}
