package bench

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"amana"
	"amana/internal/event"
	"amana/internal/hub"
	"amana/internal/hub/wire"
	"amana/internal/link"
	"amana/internal/seal"
	"amana/internal/syncer"
	"amana/internal/vault"
)

// HubProcess is a hub that runs in a process of its own.
type HubProcess struct {
	PID      int
	Address  string // for devices
	Operator string // for whoever runs it
	End      func()
}

// firstSync measures how quickly entries go to a hub and to a new device, over TLS on this
// computer, verified and durable at both ends.
func (r *run) firstSync(ctx context.Context) (err error) {
	dir, err := r.folder("synced")
	if err != nil {
		return err
	}
	store, err := hub.OpenStore(ctx, dir)
	if err != nil {
		return err
	}
	defer store.Close()
	invitation, end, err := r.answer(ctx, store)
	if err != nil {
		return err
	}
	defer end()
	v, admin, team, err := r.foundSmall(ctx, filepath.Join(dir, "first"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, v.LockAll()) }()
	if err := link.Join(ctx, admin, invitation); err != nil {
		return err
	}
	v2, fresh, err := r.pair(ctx, admin, filepath.Join(dir, "second"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, v2.LockAll()) }()
	if err := writeCases(ctx, admin, team, r.synced); err != nil {
		return err
	}
	handed, err := r.exchange(ctx, admin)
	if err != nil {
		return err
	}
	taken, err := r.exchange(ctx, fresh)
	if err != nil {
		return err
	}
	r.add(figure(fmt.Sprintf("%d entries handed to a hub on SQLite over TLS", r.synced), handed, "entries/s"),
		figure(fmt.Sprintf("%d entries to a new device over TLS, verified and durable", r.synced), taken, "entries/s").atLeast(5000))
	return nil
}

// answer has a hub answer in this process.
func (r *run) answer(ctx context.Context, store *hub.Store) (invitation string, end func(), err error) {
	key := seal.NewHubKey()
	own, err := key.Certificate()
	if err != nil {
		return "", nil, err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, storage("listen", err)
	}
	s := hub.New(hub.Config{Store: store, Key: key, Now: r.Now, Logger: slog.New(slog.DiscardHandler)})
	h := s.HTTP()
	go h.Serve(s.Listen(l, own)) //nolint:errcheck // it ends with the run
	i := wire.Invitation{Address: wire.Address{Host: l.Addr().String(), Key: key.VerifyKey(), Note: key.NoteKey()}, Token: seal.Random16()}
	if err := store.Invite(ctx, i.Token); err != nil {
		return "", nil, errors.Join(err, h.Close())
	}
	return i.String(), func() { _ = h.Close() }, nil
}

// foundSmall founds an organisation of one member and one team.
func (r *run) foundSmall(ctx context.Context, dir string) (*vault.Vault, *vault.Session, amana.TeamID, error) {
	v, s, _, err := vault.Found(ctx, dir, vault.New{
		Name: "Bench", Administrator: "Bench", Roles: []amana.Role{amana.RoleAdministrator, amana.RoleCaseworker},
		Passphrase: []byte(words), Custodians: []string{"A", "B"}, Threshold: 2, Cost: seal.SmallestCost, Now: r.Now,
	})
	if err != nil {
		return nil, nil, amana.TeamID{}, err
	}
	team, err := s.FormTeam(ctx, event.TeamFormed{Name: "Bench", Compartment: amana.Care}, s.Member())
	return v, s, team, err
}

// pair makes another device, with the same member unlocked on it.
func (r *run) pair(ctx context.Context, admin *vault.Session, dir string) (*vault.Vault, *vault.Session, error) {
	raw, err := vault.RequestPairing(dir)
	if err != nil {
		return nil, nil, err
	}
	request, err := vault.ParseRequest(raw)
	if err != nil {
		return nil, nil, err
	}
	var answer bytes.Buffer
	if err := admin.Pair(ctx, request, "bench", []amana.MemberID{admin.Member()}, &answer); err != nil {
		return nil, nil, err
	}
	return vault.Join(ctx, dir, &answer, []byte(words), r.Now)
}

func writeCases(ctx context.Context, s *vault.Session, team amana.TeamID, n int) error {
	for n > 0 {
		var saves [][]vault.Change
		for range min(n, 10_000) {
			saves = append(saves, []vault.Change{{
				Record: amana.RecordID(seal.Random16()), Begin: &vault.Begin{Kind: amana.KindCase, Teams: []amana.TeamID{team}},
				Facts: []event.Fact{event.Set{Field: "assessment_main_concerns", Value: event.Text("orchard and river, and what was said of them")}},
			}})
		}
		if err := s.SaveMany(ctx, saves...); err != nil {
			return err
		}
		n -= len(saves)
	}
	return nil
}

// exchange exchanges once, and returns how many entries went a second.
func (r *run) exchange(ctx context.Context, s *vault.Session) (float64, error) {
	l, err := link.Open(s)
	if err != nil {
		return 0, err
	}
	defer l.Close()
	var report syncer.Report
	took, err := r.clock.seconds(func() error {
		report, err = l.Exchange(ctx)
		return err
	})
	if n := report.Pulled + report.Pushed; err == nil && n < r.synced {
		return 0, fmt.Errorf("bench: %d of %d entries went: %w", n, r.synced, amana.ErrInvalid)
	}
	return float64(report.Pulled+report.Pushed) / took, err
}

// idle measures how much memory of a hub a device takes that waits for news.
func (r *run) idle(ctx context.Context) (err error) {
	if r.Hub == nil {
		return nil
	}
	dir, err := r.folder("idle")
	if err != nil {
		return err
	}
	key := seal.NewHubKey()
	keyFile := filepath.Join(dir, "hub.key")
	if err := os.WriteFile(keyFile, []byte(hex.EncodeToString(key.Export())+"\n"), 0o600); err != nil {
		return storage("key", err)
	}
	p, err := r.Hub(ctx, dir, keyFile)
	if err != nil {
		return err
	}
	defer p.End()
	store, err := hub.OpenStore(ctx, dir)
	if err != nil {
		return err
	}
	defer store.Close()
	first, err := enrol(ctx, store)
	if err != nil {
		return err
	}
	if err := p.waiting(ctx, 0); err != nil {
		return err
	}
	w := &waiters{run: r, process: p, to: wire.Address{Host: p.Address, Key: key.VerifyKey(), Note: key.NoteKey()}}
	defer w.end()
	if err := w.come(ctx, store, first, 2*atOnceWaiting); err != nil { // what connecting takes is not theirs
		return err
	}
	before := residentOf(p.PID)
	if err := w.come(ctx, store, first, r.devices); err != nil {
		return err
	}
	if after := residentOf(p.PID); before > 0 {
		each := float64(after-before) / float64(r.devices) / 1000
		r.add(figure(fmt.Sprintf("memory of a hub for each of %d devices that wait", r.devices), each, "KB").under(30))
	}
	return nil
}

// waiters are devices that wait for news.
type waiters struct {
	*run
	process HubProcess
	to      wire.Address
	clients []*syncer.Client
	wait    sync.WaitGroup
}

// atOnceWaiting is how many devices connect at once.
const atOnceWaiting = 32

func (w *waiters) come(ctx context.Context, store *hub.Store, first *deviceChain, n int) error {
	for i := range n {
		c := newDeviceChain(first.org)
		if err := store.Admit(ctx, first.device, c.device); err != nil {
			return err
		}
		own, err := c.key.Certificate(c.device.ID)
		if err != nil {
			return err
		}
		client := syncer.NewClient(w.to, own)
		w.clients = append(w.clients, client)
		w.wait.Go(func() { _, _ = client.Log(ctx, 0, true) }) // it ends when the hub does
		if (i+1)%atOnceWaiting == 0 || i+1 == n {
			if err := w.process.waiting(ctx, len(w.clients)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *waiters) end() {
	w.process.End()
	w.wait.Wait()
	for _, c := range w.clients {
		c.Close()
	}
}

// waiting returns once so many devices wait at the hub.
func (p HubProcess) waiting(ctx context.Context, n int) error {
	ctx, stop := context.WithTimeout(ctx, hubWait)
	defer stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if now, err := p.gauge(ctx, "amana_hub_waiting"); err == nil && now >= n {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("bench: devices at a hub: %w", ctx.Err())
		case <-tick.C:
		}
	}
}

func (p HubProcess) gauge(ctx context.Context, name string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.Operator+"/metrics", nil)
	if err != nil {
		return 0, err
	}
	resp, err := new(http.Client).Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(raw)) {
		if value, is := strings.CutPrefix(strings.TrimSpace(line), name+" "); is {
			return strconv.Atoi(value)
		}
	}
	return 0, fmt.Errorf("bench: no %s: %w", name, amana.ErrInvalid)
}

// residentOf is how much memory a process holds, in bytes; 0 where the system does not
// say.
func residentOf(pid int) int {
	kb, err := strconv.Atoi(strings.TrimSuffix(after(fmt.Sprintf("/proc/%d/status", pid), "VmRSS"), " kB"))
	if err != nil {
		return 0
	}
	return kb << 10
}

func makeFolder(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return storage("new folder", err)
	}
	return nil
}
