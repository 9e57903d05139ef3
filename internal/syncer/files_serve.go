package syncer

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"amana"
	"amana/internal/hub/wire"
	"amana/internal/seal"
)

// shelf answers a visitor about files, by the requests that a hub answers (docs/format.md
// 14.2 and 14.4): it gives those that are here, and takes what this device lacks and no
// other. Nobody gets a list.
type shelf struct {
	device  FileDevice
	largest int64      // of those that are given and taken; zero: any
	mu      sync.Mutex // guards list
	list    map[seal.Hash]File
}

// look has the files listed anew when one is asked for next.
func (s *shelf) look() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = nil
}

// find returns a file by its name. ErrNotFound where this device knows of none, or it is
// larger than goes now.
func (s *shelf) find(ctx context.Context, text string) (File, error) {
	name, err := wire.ParseFileName(text)
	if err != nil {
		return File{}, err
	}
	if d, can := s.device.(FileFinder); can {
		if f, known, err := d.Find(name); err != nil || known {
			return f, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.list == nil {
		all, err := s.device.Files(ctx)
		if err != nil {
			return File{}, err
		}
		s.list = make(map[seal.Hash]File, len(all))
		for _, f := range all {
			s.list[f.Name] = f
		}
	}
	f, known := s.list[name]
	if !known || s.largest > 0 && f.Size > s.largest {
		return f, amana.ErrNotFound
	}
	return f, nil
}

// took notes what is here now of a file.
func (s *shelf) took(f File, whole bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Here = whole; whole && s.list != nil {
		s.list[f.Name] = f
		return
	}
	s.list = nil
}

// fileStatus is what a visitor is told of a file that is not given or taken: 410 has it
// go on with the next one.
func fileStatus(err error) int {
	switch {
	case errors.Is(err, amana.ErrNotFound), errors.Is(err, amana.ErrConflict): // not wanted here; arriving already
		return http.StatusGone
	case errors.Is(err, amana.ErrInvalid), errors.Is(err, amana.ErrTampered):
		return http.StatusBadRequest
	case errors.Is(err, amana.ErrStorage):
		return http.StatusInsufficientStorage
	}
	return http.StatusServiceUnavailable
}

func refuseFile(w http.ResponseWriter, status int) error {
	http.Error(w, http.StatusText(status), status)
	return nil
}

// standing says how much of a file is here.
func (s *shelf) standing(w http.ResponseWriter, r *http.Request) error {
	f, err := s.find(r.Context(), r.PathValue("name"))
	if err != nil {
		return refuseFile(w, fileStatus(err))
	}
	got := f.Got
	if f.Here {
		got = f.Size
	}
	w.Header().Set("Tus-Resumable", wire.TusVersion)
	w.Header().Set("Upload-Offset", strconv.FormatInt(got, 10))
	w.Header().Set("Upload-Length", strconv.FormatInt(f.Size, 10))
	w.WriteHeader(http.StatusOK)
	return nil
}

// give gives a file, or what follows of it, and reports whether the last of it went out.
func (s *shelf) give(w http.ResponseWriter, r *http.Request) (whole bool, err error) {
	f, err := s.find(r.Context(), r.PathValue("name"))
	if err == nil && !f.Here {
		err = amana.ErrNotFound
	}
	if errors.Is(err, amana.ErrNotFound) {
		return false, refuseFile(w, http.StatusNotFound)
	}
	if err != nil {
		return false, refuseFile(w, fileStatus(err))
	}
	src, done, err := s.device.Read(r.Context(), f)
	if err != nil {
		s.look()
		return false, refuseFile(w, http.StatusNotFound)
	}
	defer done() //nolint:errcheck // it was only read
	last := &reached{w: w}
	w.Header().Set("Content-Type", "application/octet-stream")
	part := io.NewSectionReader(src, 0, f.Size)
	http.ServeContent(last, r, "", time.Time{}, part)
	at, _ := part.Seek(0, io.SeekCurrent) // of a section: cannot fail
	return !last.failed && last.n > 0 && at == f.Size, nil
}

// reached counts what went out.
type reached struct {
	w      http.ResponseWriter
	n      int
	failed bool
}

func (l *reached) Header() http.Header { return l.w.Header() }
func (l *reached) WriteHeader(status int) {
	l.failed = l.failed || status >= http.StatusBadRequest
	l.w.WriteHeader(status)
}

func (l *reached) Write(p []byte) (int, error) {
	n, err := l.w.Write(p)
	l.n += n
	l.failed = l.failed || err != nil
	return n, err
}

// take takes what follows of a file that this device lacks, verified when it is whole.
// bad: what came is not that file, or finds no room.
func (s *shelf) take(w http.ResponseWriter, r *http.Request) (whole, bad bool, err error) {
	f, err := s.find(r.Context(), r.PathValue("name"))
	if err != nil {
		return false, false, refuseFile(w, fileStatus(err))
	}
	if at, err := strconv.ParseInt(r.Header.Get("Upload-Offset"), 10, 64); err != nil || f.Here || at != f.Got {
		return false, false, refuseFile(w, http.StatusConflict)
	}
	whole, err = s.device.Take(r.Context(), f, io.LimitReader(r.Body, f.Size-f.Got))
	s.took(f, whole && err == nil)
	if err != nil {
		return false, errors.Is(err, amana.ErrTampered) || errors.Is(err, amana.ErrStorage), refuseFile(w, fileStatus(err))
	}
	w.WriteHeader(http.StatusNoContent)
	return whole, false, nil
}
