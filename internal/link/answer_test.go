package link_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"amana"
	"amana/internal/hub/hubtest"
	"amana/internal/link"
	"amana/internal/seal"
	"amana/internal/syncer"
	"amana/internal/vault"
	"amana/internal/vault/vaulttest"
)

// newcomer is a new device that asked.
type newcomer struct {
	*vault.Newcomer
	dir     string
	request vault.PairRequest
	raw     []byte
}

func newNewcomer(t testing.TB) *newcomer {
	t.Helper()
	n := &newcomer{dir: filepath.Join(t.TempDir(), "new")}
	var err error
	if n.raw, err = vault.RequestPairing(n.dir); err != nil {
		t.Fatal(err)
	}
	if n.request, err = vault.ParseRequest(n.raw); err != nil {
		t.Fatal(err)
	}
	if n.Newcomer, err = vault.OpenNewcomer(n.dir); err != nil {
		t.Fatal(err)
	}
	return n
}

// leave makes the answer for a newcomer, and has it left.
func (h *house) leave(t testing.TB, k *link.Keeper, n *newcomer) {
	t.Helper()
	var answer bytes.Buffer
	if _, err := h.admin.PairStart(t.Context(), n.request, "field", []amana.MemberID{h.worker}, &answer); err != nil {
		t.Fatal(err)
	}
	if err := k.LeaveAnswer(h.admin, n.request.Device, n.Name(), answer.Bytes()); err != nil {
		t.Fatal(err)
	}
}

func (n *newcomer) join(t testing.TB) *vault.Session {
	t.Helper()
	answer, err := vault.Fetched(n.dir)
	if err != nil {
		t.Fatal(err)
	}
	v, s, err := vault.Join(t.Context(), n.dir, answer, []byte(vaulttest.WorkerWords), now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.LockAll() })
	return s
}

func stateOfLeft(t testing.TB, k *link.Keeper, h *house, n *newcomer) link.LeftFor {
	t.Helper()
	left, err := k.LeftFor(h.admin, n.request.Device)
	if err != nil {
		t.Fatal(err)
	}
	return left
}

// breaking passes connections on, each until so many bytes came through it.
func breaking(t testing.TB, to string, carries int64) (addr string, broke *atomic.Int64) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	broke = new(atomic.Int64)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			d, err := net.Dial("tcp", to)
			if err != nil {
				c.Close()
				continue
			}
			go func() { _, _ = io.Copy(d, c); d.Close() }()
			go func() {
				if n, _ := io.CopyN(c, d, carries); n == carries {
					broke.Add(1)
				}
				c.Close()
				d.Close()
			}()
		}
	}()
	return l.Addr().String(), broke
}

// A new device fetches its answer from the hub by itself, however often the line breaks,
// says meanwhile how it stands, and works with it. Then nothing lies at the hub any more.
func TestAnswer_throughTheHub(t *testing.T) {
	h := newHouse(t)
	hub := hubtest.Run(t, hubtest.Config{Quota: 1 << 20})
	if err := link.Join(t.Context(), h.admin, hub.String()); err != nil {
		t.Fatal(err)
	}
	id := h.open(t, h.admin)
	if err := h.admin.CatchUp(); err != nil {
		t.Fatal(err)
	}
	k, n := newKeeper(t), newNewcomer(t)
	word, err := link.AnswerWord(h.admin)
	if err != nil {
		t.Fatal(err)
	}
	const carries = 9_000 // bytes
	addr, broke := breaking(t, hub.Host, carries)
	word = string(bytes.Replace([]byte(word), []byte(hub.Host), []byte(addr), 1))
	there := newKeeper(t)
	if err := there.FetchAnswer(n.Newcomer, " "+word[:20]+"\n"+word[20:]+"\n"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is not let in yet", func() bool { return there.Arrival().State == link.ComingOutside })
	h.leave(t, k, n)
	if left := stateOfLeft(t, k, h, n); left.State != link.LeftWaits {
		t.Errorf("%+v", left)
	}
	if err := k.Exchange(t.Context(), h.admin); err != nil {
		t.Fatal(err)
	}
	left := stateOfLeft(t, k, h, n)
	if left.State != link.LeftLies || left.Got != left.Size || left.Size < 8_000 {
		t.Errorf("%+v", left)
	}
	eventually(t, "it is here", func() bool { return there.Arrival().State == link.ComingHere })
	if a := there.Arrival(); a.Got != left.Size || a.Size != left.Size || broke.Load() < left.Size/carries {
		t.Errorf("%+v, of %d bytes, over %d breaks", a, left.Size, broke.Load())
	}
	s := n.join(t)
	if _, err := s.Peek(id); err != nil {
		t.Errorf("the case: %v", err)
	}
	there.AnswerTaken(n.Name())
	eventually(t, "the administrator's device knows", func() bool {
		return k.Exchange(t.Context(), h.admin) == nil && stateOfLeft(t, k, h, n).State == link.LeftTaken
	})
	if got, whole := n.Got(); got != 0 || whole {
		t.Errorf("%d bytes of the answer are left", got)
	}
	if c := clientOf(t, h.admin, hub.Address); !errors.Is(standing(t, c, n), amana.ErrNotFound) {
		t.Error("it lies at the hub yet")
	}
	there.Follow(s, nil) // and it goes on by itself
	eventually(t, "the history is here", func() bool {
		st, err := s.Start()
		return err == nil && !st.Arriving
	})
}

func standing(t testing.TB, c *syncer.Client, n *newcomer) error {
	t.Helper()
	_, _, err := c.Standing(t.Context(), n.Name())
	return err
}

// Whoever is not of the organisation, also with the request in hand, can neither read nor
// take away what was left, nor leave anything in its place. What a colleague's device, or
// the hub, leaves there is refused, and the true one can be left after.
func TestAnswer_isForOneDevice(t *testing.T) {
	h := newHouse(t)
	hub := hubtest.Run(t, hubtest.Config{Quota: 1 << 20})
	if err := link.Join(t.Context(), h.admin, hub.String()); err != nil {
		t.Fatal(err)
	}
	other, k, n := newHouse(t), newKeeper(t), newNewcomer(t)
	if err := link.Join(t.Context(), other.admin, hub.Invite(t).String()); err != nil {
		t.Fatal(err)
	}
	h.leave(t, k, n)
	if err := k.Exchange(t.Context(), h.admin); err != nil {
		t.Fatal(err)
	}
	nobody, err := newNewcomer(t).Certificate()
	if err != nil {
		t.Fatal(err)
	}
	stranger := syncer.NewClient(hub.Address, nobody)
	t.Cleanup(stranger.Close)
	ctx := t.Context()
	for what, c := range map[string]*syncer.Client{"another organisation": clientOf(t, other.admin, hub.Address), "nobody": stranger} {
		if _, _, err := c.FetchOn(ctx, n.Name(), 0); err == nil {
			t.Errorf("%s read it", what)
		}
		_ = c.Drop(ctx, n.Name())
		_ = c.Forget(ctx, []seal.Hash{n.Name()})
	}
	if err := stranger.Begin(ctx, newNewcomer(t).Name(), 10); !errors.Is(err, amana.ErrRefused) {
		t.Errorf("nobody leaves something: %v", err)
	}
	ours := clientOf(t, h.admin, hub.Address)
	if err := standing(t, ours, n); err != nil {
		t.Errorf("it does not lie there any more: %v", err)
	}

	if err := ours.Drop(ctx, n.Name()); err != nil { // a colleague's device puts another in its place
		t.Fatal(err)
	}
	junk := bytes.Repeat([]byte("amana answer 2\n"), 600)
	if err := ours.Begin(ctx, n.Name(), int64(len(junk))); err != nil {
		t.Fatal(err)
	}
	if err := ours.Send(ctx, n.Name(), 0, int64(len(junk)), bytes.NewReader(junk)); err != nil {
		t.Fatal(err)
	}
	there := newKeeper(t)
	word, err := link.AnswerWord(h.admin)
	if err != nil {
		t.Fatal(err)
	}
	fetch := func() {
		t.Helper()
		if err := there.FetchAnswer(n.Newcomer, word); err != nil {
			t.Fatal(err)
		}
		eventually(t, "it is here", func() bool { return there.Arrival().State == link.ComingHere })
	}
	fetch()
	answer, err := vault.Fetched(n.dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := vault.Join(ctx, n.dir, answer, []byte(vaulttest.WorkerWords), now); err == nil {
		t.Fatal("joined with what nobody made")
	}
	if err := n.Drop(); err != nil {
		t.Fatal(err)
	}
	h.leave(t, k, n)
	if err := k.Exchange(ctx, h.admin); err != nil {
		t.Fatal(err)
	}
	fetch()
	n.join(t)
}

// A device near by gives it too, to that device, without a hub.
func TestAnswer_fromADeviceNearBy(t *testing.T) {
	h := newHouse(t)
	k, n := newKeeper(t), newNewcomer(t)
	id := h.open(t, h.admin)
	if err := h.admin.CatchUp(); err != nil {
		t.Fatal(err)
	}
	m, err := link.Listen(h.admin, "127.0.0.1:0", 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	there := newKeeper(t)
	if err := there.FetchAnswer(n.Newcomer, m.Word); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is not let in yet", func() bool { return there.Arrival().State == link.ComingOutside })
	h.leave(t, k, n)
	eventually(t, "it is here", func() bool { return there.Arrival().State == link.ComingHere })
	if _, err := n.join(t).Peek(id); err != nil {
		t.Error(err)
	}
	there.AnswerTaken(n.Name())
}

// What nobody fetched is dropped after a week; what was fetched by a device that then
// could not say so, when that device is heard of.
func TestAnswer_doesNotLieForEver(t *testing.T) {
	h := newHouse(t)
	hub := hubtest.Run(t, hubtest.Config{Quota: 1 << 20})
	if err := link.Join(t.Context(), h.admin, hub.String()); err != nil {
		t.Fatal(err)
	}
	k := newKeeper(t)
	never, silent := newNewcomer(t), newNewcomer(t)
	h.leave(t, k, never)
	h.leave(t, k, silent)
	exchange := func() {
		t.Helper()
		if err := k.Exchange(t.Context(), h.admin); err != nil {
			t.Fatal(err)
		}
	}
	exchange()
	there := newKeeper(t)
	word, err := link.AnswerWord(h.admin)
	if err != nil {
		t.Fatal(err)
	}
	if err := there.FetchAnswer(silent.Newcomer, word); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is here", func() bool { return there.Arrival().State == link.ComingHere })
	s := silent.join(t)
	there.StopAnswer()
	h.open(t, s)
	if err := there.Exchange(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	exchange()
	exchange() // it hears of the device, and then drops
	if left := stateOfLeft(t, k, h, silent); left.State != link.LeftTaken {
		t.Errorf("%+v", left)
	}
	if left := stateOfLeft(t, k, h, never); left.State != link.LeftLies {
		t.Errorf("%+v", left)
	}
	k.Now = func() time.Time { return noon.Add(link.AnswerLies + time.Hour) }
	exchange()
	if left := stateOfLeft(t, k, h, never); left.State != link.LeftOld {
		t.Errorf("%+v", left)
	}
	c := clientOf(t, h.admin, hub.Address)
	for _, n := range []*newcomer{never, silent} {
		if err := standing(t, c, n); !errors.Is(err, amana.ErrNotFound) {
			t.Errorf("it lies at the hub: %v", err)
		}
	}
}

// Words that say no place are refused, and a hub that is another, or takes no files, is
// said to be.
func TestAnswer_otherHubs(t *testing.T) {
	h := newHouse(t)
	hub := hubtest.Run(t, hubtest.Config{})
	if err := link.Join(t.Context(), h.admin, hub.String()); err != nil {
		t.Fatal(err)
	}
	k, n := newKeeper(t), newNewcomer(t)
	word, err := link.AnswerWord(h.admin)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "hub.example.org:443", word[:len(word)-1], hub.String(), "amana-answer:/" + word[len(word)-43:]} {
		if err := k.FetchAnswer(n.Newcomer, bad); !errors.Is(err, amana.ErrInvalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	changed := []byte(word)
	changed[len(changed)-10] = map[bool]byte{true: 'B', false: 'A'}[changed[len(changed)-10] == 'A']
	for want, word := range map[link.Coming]string{link.ComingOther: string(changed), link.ComingAway: "amana-answer:127.0.0.1:1" + word[len(word)-44:]} {
		if err := k.FetchAnswer(n.Newcomer, word); err != nil {
			t.Fatal(err)
		}
		eventually(t, string(want), func() bool { return k.Arrival().State == want })
	}
	k.StopAnswer()
	h.leave(t, k, n)
	if err := k.Exchange(t.Context(), h.admin); err != nil {
		t.Fatal(err)
	}
	if left := stateOfLeft(t, k, h, n); left.State != link.LeftNoHold {
		t.Errorf("%+v", left)
	}
	if _, err := vault.OpenNewcomer(h.dir); !errors.Is(err, amana.ErrNotFound) {
		t.Errorf("a device that asked for nothing: %v", err)
	}
	if err := n.Take(vault.LargestAnswer+1, bytes.NewReader(nil), func(int64) {}); !errors.Is(err, amana.ErrInvalid) {
		t.Errorf("more than an answer ever is: %v", err)
	}
}
