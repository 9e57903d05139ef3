package hub_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"amana/internal/hub/wire"
)

// The disk of the hub's database fills: what was acknowledged is there, what comes is
// refused by a status of its own, what is there can be fetched, readiness says why; and the hub goes on
// by itself when there is room. It runs in a process of its own, with file systems that
// nobody else sees.
func TestDisk_full(t *testing.T) {
	if !inOwnMounts(t) {
		return
	}
	t.Run("SQLite", func(t *testing.T) {
		where := t.TempDir()
		small(t, where, "size=4m")
		f := newFilling(t, where, where)
		f.refused = func(status int) bool { return status == 507 }
		f.rounds(t, 2)
	})
	t.Run("PostgreSQL, its tables", func(t *testing.T) {
		p := newPostgresFolder(t)
		if err := os.Mkdir(p.data(), 0o700); err != nil {
			t.Fatal(err)
		}
		small(t, p.data(), "size=80m,mode=0700"+asOwner())
		p.init(t, "--waldir="+filepath.Join(p.dir, "wal"))
		f := fillPostgres(t, p, p.data())
		f.refused = func(status int) bool { return status == 507 }
		f.rounds(t, 2)
	})
	t.Run("PostgreSQL, its log", func(t *testing.T) { // which ends PostgreSQL: whoever runs it starts it again
		p := newPostgresFolder(t)
		wal := filepath.Join(p.dir, "wal")
		if err := os.Mkdir(wal, 0o700); err != nil {
			t.Fatal(err)
		}
		small(t, wal, "size=12m,mode=0700"+asOwner())
		p.init(t, "--waldir="+wal, "--wal-segsize=1")
		f := fillPostgres(t, p, wal, "-c", "min_wal_size=2MB", "-c", "max_wal_size=4MB")
		f.refused = func(status int) bool { return status == 503 || status == 507 }
		f.rounds(t, 1)
	})
}

func fillPostgres(t *testing.T, p *pgServer, disk string, args ...string) *filling {
	t.Helper()
	args = append(args, "-c", "fsync=off") // no power is cut here
	p.start(t, args...)
	t.Cleanup(p.end)
	f := newFilling(t, p.url("postgres"), disk)
	f.again = func() {
		select {
		case <-p.ended:
			p.start(t, args...)
		default:
		}
	}
	return f
}

// filling is a hub whose disk fills.
type filling struct {
	*running
	disk    string
	client  *http.Client
	chains  []*chain
	acked   acknowledged
	refused func(status int) bool
	again   func() // starts what ended
}

func newFilling(t *testing.T, where, disk string) *filling {
	t.Helper()
	r := runOn(t, where)
	c := newOrg(t, r.store)
	client := r.as(t, c)
	client.Timeout = time.Minute
	return &filling{running: r, disk: disk, client: client, chains: []*chain{c}, acked: make(acknowledged, 1), again: func() {}}
}

// push hands over the next batch once, and returns the status.
func (f *filling) push(t *testing.T, raw []byte) int {
	t.Helper()
	status, more := ask(t, f.client, "POST", "https://"+f.addr+wire.PathBatch, bytes.NewReader(raw))
	if status >= 500 && len(more) > 0 {
		t.Errorf("status %d, and %q", status, more)
	}
	return status
}

func (f *filling) rounds(t *testing.T, n int) {
	c := f.chains[0]
	for range n {
		ballast := fill(t, f.disk)
		var raw []byte
		status := http.StatusOK
		for n := 0; status == http.StatusOK; n++ {
			b := c.next(20)
			raw = b.Append(nil)
			if status = f.push(t, raw); status == http.StatusOK {
				f.acked[0].Store(b.Last())
			}
			if n > 20_000 {
				t.Fatal("the disk does not fill")
			}
		}
		if !f.refused(status) {
			t.Errorf("on a full disk: status %d", status)
		}
		if got, words := f.ready(); got != 503 || !strings.Contains(words, "the database ") {
			t.Errorf("ready on a full disk: %d, %q", got, words)
		}
		if got, _ := ask(t, f.client, "GET", "https://"+f.addr+wire.PathLog+"?from=0", nil); status == 507 && got != 200 && f.acked[0].Load() > 0 {
			t.Errorf("fetching on a full disk: %d", got)
		}
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
		f.goesOn(t, raw)
		f.acked[0].Store(c.head.Seq)
	}
	f.acked.kept(t, f.store, f.chains)
}

// goesOn hands the same batch over until it is taken.
func (f *filling) goesOn(t *testing.T, raw []byte) {
	t.Helper()
	status := 0
	for deadline := time.Now().Add(time.Minute); status != http.StatusOK; {
		f.again()
		if status = f.push(t, raw); time.Now().After(deadline) {
			t.Fatalf("there is room again: status %d", status)
		}
		if status != http.StatusOK {
			time.Sleep(20 * time.Millisecond)
		}
	}
	if got, words := f.ready(); got != 200 {
		t.Errorf("ready when there is room again: %d, %q", got, words)
	}
}

// ready asks whether the hub is.
func (r *running) ready() (status int, words string) {
	rec := httptest.NewRecorder()
	r.server.Operator().ServeHTTP(rec, httptest.NewRequest("GET", "/readyz", nil))
	return rec.Code, rec.Body.String()
}

const mountsVariable = "AMANA_TEST_MOUNTS"

// inOwnMounts runs the test again in a process that may mount what nobody else sees, and
// reports whether this is that process.
func inOwnMounts(t *testing.T) bool {
	t.Helper()
	if os.Getenv(mountsVariable) != "" {
		return true
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), mountsVariable+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if os.Getuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}}
	}
	out, err := cmd.CombinedOutput()
	if errors.Is(err, syscall.EPERM) {
		if os.Getenv("AMANA_REQUIRE") == "all" {
			t.Fatal("no leave to mount a file system here, and AMANA_REQUIRE asks for it")
		}
		t.Skip("no leave to mount a file system here")
	}
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Fatalf("%v\n%s", err, out)
	}
	return false
}

// small makes a folder a file system of its own, with little room.
func small(t *testing.T, at, options string) {
	t.Helper()
	if err := syscall.Mount("none", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", at, "tmpfs", 0, options); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(at, syscall.MNT_DETACH) })
}

// asOwner is who PostgreSQL runs as.
func asOwner() string {
	if os.Getuid() == 0 {
		return ",uid=65534,gid=65534"
	}
	return ""
}

// fill takes all the room that there is.
func fill(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "ballast")
	b, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for size := 1 << 20; size > 0; {
		if _, err := b.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
	return path
}
