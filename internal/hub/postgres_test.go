package hub_test

import (
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"amana/internal/hub"
)

// postgres returns the address of a database with the hub's tables, in the server of
// these tests or in the one that AMANA_POSTGRES names.
func postgres(t testing.TB) string {
	t.Helper()
	if url := os.Getenv("AMANA_POSTGRES"); url != "" {
		return url
	}
	url := emptyPostgres(t)
	s, err := hub.OpenStore(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	return url
}

var (
	shared     *pgServer
	sharedOnce sync.Once
	databases  atomic.Int64
)

// emptyPostgres makes a database in the server of these tests.
func emptyPostgres(t testing.TB) string {
	t.Helper()
	sharedOnce.Do(func() {
		shared = newPostgres(t)
		shared.start(t)
	})
	if shared == nil {
		t.Skip("no PostgreSQL here")
	}
	db, err := sql.Open("pgx", shared.url("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	name := fmt.Sprintf("hub%d", databases.Add(1))
	if _, err := db.Exec("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
	}
	return shared.url(name)
}

// pgServer is a PostgreSQL server on a socket in a folder.
type pgServer struct {
	dir    string
	server *exec.Cmd
	ended  chan struct{}
}

// newPostgres makes a server's folder; start starts it.
func newPostgres(t testing.TB) *pgServer {
	t.Helper()
	p := newPostgresFolder(t)
	p.init(t)
	return p
}

// newPostgresFolder makes a folder for a server, in which init makes its files.
func newPostgresFolder(t testing.TB) *pgServer {
	t.Helper()
	if postgresProgram("initdb") == "" {
		if os.Getenv("AMANA_REQUIRE") == "all" {
			t.Fatal("no PostgreSQL here, and AMANA_REQUIRE asks for it")
		}
		t.Skip("no PostgreSQL here")
	}
	dir, err := os.MkdirTemp("", "pg") //nolint:usetesting // a socket needs a short path that anybody may enter
	if err != nil {
		t.Fatal(err)
	}
	p := &pgServer{dir: dir}
	if os.Getuid() == 0 {
		if err := os.Chown(dir, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func (p *pgServer) init(t testing.TB, args ...string) {
	t.Helper()
	if out, err := p.command("initdb", append([]string{"-D", p.data(), "-U", "amana", "--auth=trust", "--no-sync"}, args...)...).CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
}

const nobody = 65534

func (p *pgServer) data() string { return filepath.Join(p.dir, "data") }

func (p *pgServer) url(database string) string {
	return fmt.Sprintf("postgres://amana@/%s?host=%s", database, p.dir)
}

func (p *pgServer) command(name string, args ...string) *exec.Cmd {
	c := exec.Command(postgresProgram(name), args...)
	c.Dir = p.dir
	if os.Getuid() == 0 { // it will not run as root
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	return c
}

func (p *pgServer) start(t testing.TB, args ...string) {
	t.Helper()
	db, err := sql.Open("pgx", p.url("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for range 20 {
		p.server = p.command("postgres", append([]string{"-D", p.data(), "-k", p.dir, "-c", "listen_addresses="}, args...)...)
		if err := p.server.Start(); err != nil {
			t.Fatal(err)
		}
		server, ended := p.server, make(chan struct{})
		p.ended = ended
		go func() {
			defer close(ended)
			_ = server.Wait()
		}()
		for waiting := true; waiting; {
			if db.Ping() == nil {
				return
			}
			select {
			case <-ended: // what was killed is not all gone yet
				waiting = false
			case <-time.After(30 * time.Millisecond):
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("PostgreSQL does not start")
}

// kill ends all of its processes at once, as a power cut would.
func (p *pgServer) kill() {
	pids := []int{p.server.Process.Pid}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		raw, _ := os.ReadFile(path)
		var pid, parent int
		var state string
		_, after, _ := strings.Cut(string(raw), ") ")
		_, _ = fmt.Sscanf(string(raw), "%d", &pid)
		if _, err := fmt.Sscanf(after, "%s %d", &state, &parent); err == nil && parent == pids[0] {
			pids = append(pids, pid)
		}
	}
	for _, pid := range pids {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	<-p.ended
}

// end ends it for good.
func (p *pgServer) end() {
	_ = p.server.Process.Signal(syscall.SIGINT)
	<-p.ended
	_ = os.RemoveAll(p.dir)
}

func postgresProgram(name string) string {
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(found) == 0 {
		return ""
	}
	return found[len(found)-1]
}
