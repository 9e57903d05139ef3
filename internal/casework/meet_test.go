package casework_test

import (
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"amana"
	"amana/internal/casework"
	"amana/internal/link"
)

// visited waits until a visit is over, and says what came of it.
func visited(t *testing.T, d *casework.Desk) casework.Visited {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		st, err := d.MeetState()
		if err != nil {
			t.Fatal(err)
		}
		if st.Visit != nil && !st.Visit.Busy {
			return *st.Visit
		}
	}
	t.Fatal("the visit does not end")
	return casework.Visited{}
}

// A visit that does not come to its end says why, and whom it was to; one at a time goes, it
// can be stopped whatever the other does, and after each the next one is as it would be.
func TestMeetVisit_saysWhatCameOfIt(t *testing.T) {
	o := newOffice(t)
	here := o.unlock(t, adminWords)
	there := joined(t, o, here)
	m, err := link.Listen(here.Session(), "127.0.0.1:0", 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	_, key, _ := strings.Cut(m.Word, "/")
	at := func(l net.Listener) string { return "amana-meet:" + l.Addr().String() + "/" + key }
	begin := func(word string) {
		t.Helper()
		if err := there.MeetVisit(t.Context(), word, true); err != nil {
			t.Fatal(err)
		}
	}

	if err := there.MeetVisit(t.Context(), "amana-meet:x", true); !errors.Is(err, amana.ErrInvalid) {
		t.Errorf("no word: %v", err)
	}
	if err := here.MeetVisit(t.Context(), m.Word, true); !errors.Is(err, casework.ErrMeetSelf) {
		t.Errorf("its own word: %v", err)
	}
	begin(at(closed))
	if v := visited(t, there); v.Wrong != casework.MeetAway || v.With == "" || v.Bytes != 0 {
		t.Errorf("nobody there: %+v", v)
	}
	begin(at(silent))
	if err := there.MeetVisit(t.Context(), m.Word, true); !errors.Is(err, amana.ErrConflict) {
		t.Errorf("a second one at once: %v", err)
	}
	there.MeetStop()
	if v := visited(t, there); v.Wrong != casework.MeetStopped {
		t.Errorf("stopped: %+v", v)
	}
	begin(m.Word)
	if v := visited(t, there); v.Wrong != "" || v.Bytes == 0 || v.Taken != v.Lacked {
		t.Errorf("the next one: %+v", v)
	}
	if err := here.RevokeDevice(t.Context(), there.Session().Device()); err != nil {
		t.Fatal(err)
	}
	begin(m.Word)
	if v := visited(t, there); v.Wrong != casework.MeetRefused || v.Taken != 0 {
		t.Errorf("declared lost: %+v", v)
	}
	begin(at(silent))
	there.Lock() // waits for nobody
	if err := there.MeetVisit(t.Context(), m.Word, true); !errors.Is(err, amana.ErrLocked) {
		t.Errorf("locked: %v", err)
	}
}
