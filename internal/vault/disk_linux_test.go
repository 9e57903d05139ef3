package vault_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"amana"
	"amana/internal/vault"
)

// Disks that fill, files that may not grow, folders that may only be read: the
// error says so, nothing that was acknowledged is lost, and work goes on when there
// is room again. Each runs in a process of its own, because it changes what the
// process may do.

const spaceVariable = "AMANA_TEST_SPACE"

// alone runs the test again in a process of its own, and reports whether this is
// that process. With mounting it may mount file systems that nobody else sees.
func alone(t *testing.T, mounting bool) bool {
	t.Helper()
	if os.Getenv(spaceVariable) == t.Name() {
		return true
	}
	if _, err := template(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), spaceVariable+"="+t.Name(), houseVariable+"="+*builtDir.Load())
	if mounting {
		cmd.SysProcAttr = ownMounts()
	}
	out, err := cmd.CombinedOutput()
	if errors.Is(err, syscall.EPERM) {
		missing(t, "leave to mount a file system")
	}
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Fatalf("%v\n%s", err, out)
	}
	return false
}

func ownMounts() *syscall.SysProcAttr {
	if os.Getuid() == 0 {
		return &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	}
	return &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWNS | syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
}

func mount(t testing.TB, source, target, kind string, flags uintptr, data string) {
	t.Helper()
	if err := syscall.Mount("none", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount(source, target, kind, flags, data); err != nil {
		t.Fatal(err)
	}
}

// full is a house whose disk is full from time to time.
type full struct {
	*house
	s     *vault.Session
	c     newCase
	mu    sync.Mutex
	saved []string
	n     int
}

// save writes a note of several kilobytes, and keeps its first words if it was
// acknowledged. An error must say that it is the disk.
func (f *full) save(t testing.TB) error {
	f.mu.Lock()
	f.n++
	word := fmt.Sprintf("word%dend", f.n)
	f.mu.Unlock()
	err := addNote(f.s, f.c.Case, word+" "+strings.Repeat("x y z ", 20)+fmt.Sprintf("%x", noiseWords()))
	if err == nil {
		f.mu.Lock()
		f.saved = append(f.saved, word)
		f.mu.Unlock()
	} else if !errors.Is(err, amana.ErrStorage) || errors.Is(err, amana.ErrTampered) {
		t.Errorf("a full disk is said to be: %v", err)
	}
	return err
}

// untilRefused saves until the disk takes no more, then a few times more, from
// several members of the staff at once.
func (f *full) untilRefused(t testing.TB) {
	t.Helper()
	for range 4000 {
		if f.save(t) != nil {
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() { f.save(t) })
			}
			wg.Wait()
			return
		}
	}
	t.Fatal("the disk never fills")
}

// reads what can be read, or a clear error.
func (f *full) reads(t testing.TB) {
	t.Helper()
	if _, err := f.s.Peek(f.c.Case); err != nil && !errors.Is(err, amana.ErrStorage) {
		t.Errorf("reading on a full disk: %v", err)
	}
	if _, err := f.s.Read(context.Background(), f.c.Case); err != nil && !errors.Is(err, amana.ErrStorage) {
		t.Errorf("opening on a full disk: %v", err)
	}
}

// hasAll checks that the case has every note that was acknowledged.
func (f *full) hasAll(t testing.TB) {
	t.Helper()
	file, err := f.s.Peek(f.c.Case)
	if err != nil {
		t.Fatal(err)
	}
	if file.Case.Tampered+file.Case.Unread > 0 || len(file.Records) != 2 {
		t.Errorf("the case is not whole: %d tampered, %d unread, %d records", file.Case.Tampered, file.Case.Unread, len(file.Records))
	}
	notes := notesOf(file)
	for i, n := range notes {
		notes[i], _, _ = strings.Cut(n, " ")
	}
	for _, word := range f.saved {
		if !slices.Contains(notes, word) {
			t.Errorf("%s was acknowledged and is lost; %d of %d are there", word, len(notes), len(f.saved))
		}
	}
}

func (f *full) again(t testing.TB) {
	t.Helper()
	f.reopen(t)
	f.s = f.enter(t, "w0")
	f.hasAll(t)
	f.mustVerify(t, f.s)
}

func TestDisk_full(t *testing.T) {
	if !alone(t, true) {
		return
	}
	disk := t.TempDir()
	mount(t, "tmpfs", disk, "tmpfs", 0, "size=6m")
	t.Cleanup(func() { syscall.Unmount(disk, syscall.MNT_DETACH) })
	h := newHouse(t)
	h.v.LockAll()
	copyDir(t, h.dir, filepath.Join(disk, "vault"))
	f := &full{house: h.at(t, filepath.Join(disk, "vault"))}
	f.s = f.enter(t, "w0")
	f.c = mustOpenCase(t, f.s, f.Teams[0], "Fatoumata Exemple", "orchard")
	doomed := mustOpenCase(t, f.s, f.Teams[0], "Awa Exemple", "river")
	for range 3 {
		ballast := fill(t, disk)
		f.untilRefused(t)
		f.reads(t)
		if err := f.s.EraseCase(context.Background(), "asked", doomed.Case); err != nil && !errors.Is(err, amana.ErrStorage) && !errors.Is(err, amana.ErrNotFound) {
			t.Errorf("erasing on a full disk: %v", err)
		}
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
		f.goOn(t)
	}
	f.again(t)
	if len(f.saved) < 4 {
		t.Errorf("only %d saves", len(f.saved))
	}
	// The program starts while the disk is full.
	f.v.LockAll()
	ballast := fill(t, disk)
	f.reopen(t)
	s, err := f.v.EnterBy(context.Background(), f.Ways["w0"])
	if err != nil && !errors.Is(err, amana.ErrStorage) {
		t.Fatalf("unlocking on a full disk: %v", err)
	}
	if err == nil {
		f.s = s
		f.reads(t)
	}
	os.Remove(ballast)
	f.again(t)
}

// goOn saves again without a restart. A member whose view could not be written
// anew was locked and unlocks again.
func (f *full) goOn(t testing.TB) {
	t.Helper()
	err := f.save(t)
	if errors.Is(err, amana.ErrLocked) {
		f.s = f.enter(t, "w0")
		err = f.save(t)
	}
	if err != nil {
		t.Fatalf("there is room again: %v", err)
	}
	built(t, f.s)
	f.hasAll(t)
}

// fill takes all the room that there is.
func fill(t testing.TB, dir string) string {
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

// A limit on the size of a file needs no leave to mount: the journal is cut off in
// the middle of a save.
func TestDisk_filesThatMayNotGrow(t *testing.T) {
	if !alone(t, false) {
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	f := &full{house: newHouse(t)}
	f.s = f.enter(t, "w0")
	f.c = mustOpenCase(t, f.s, f.Teams[0], "Fatoumata Exemple", "orchard")
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		size := newestSegment(t, f.dir)
		limit := syscall.Rlimit{Cur: uint64(size) + 30_001, Max: before.Max}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			t.Fatal(err)
		}
		f.untilRefused(t)
		f.reads(t)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
			t.Fatal(err)
		}
		f.goOn(t)
	}
	f.again(t)
}

func newestSegment(t testing.TB, dir string) int64 {
	t.Helper()
	paths, _ := filepath.Glob(filepath.Join(dir, "journal", "*.log"))
	info, err := os.Stat(paths[len(paths)-1])
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// A folder that can only be read, as a whole or only its journal.
func TestDisk_readOnly(t *testing.T) {
	if !alone(t, true) {
		return
	}
	for name, part := range map[string]string{"the whole vault": "", "its journal": "journal"} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			s := h.enter(t, "w0")
			c := mustOpenCase(t, s, h.Teams[0], "Fatoumata Exemple", "orchard")
			h.v.LockAll()
			dir := filepath.Join(h.dir, part)
			mount(t, dir, dir, "", syscall.MS_BIND, "")
			mount(t, "", dir, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, "")
			t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
			h.reopen(t)
			for _, p := range problems(vault.VerifyFiles(h.dir)) {
				t.Errorf("the files: %s", p)
			}
			s, err := h.v.EnterBy(context.Background(), h.Ways["w0"])
			if err != nil {
				if !errors.Is(err, amana.ErrStorage) || errors.Is(err, amana.ErrTampered) {
					t.Errorf("unlocking: %v", err)
				}
				if part != "" {
					t.Errorf("a journal that can only be read is not read: %v", err)
				}
				t.Logf("unlocking: %v", err)
				return
			}
			built(t, s)
			if f, err := s.Read(context.Background(), c.Case); err != nil || len(f.Records) != 2 {
				t.Errorf("reading: %d records, %v", len(f.Records), err)
			}
			if err := addNote(s, c.Case, "river"); !errors.Is(err, amana.ErrStorage) || errors.Is(err, amana.ErrTampered) {
				t.Errorf("saving: %v", err)
			}
			checks, err := s.Verify(context.Background())
			if err != nil || len(problems(checks)) > 0 {
				t.Errorf("verify: %v %q", err, problems(checks))
			}
			t.Logf("it is read; saving says: %v", s.Refuses())
		})
	}
}
