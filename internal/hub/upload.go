package hub

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	tus "github.com/tus/tusd/v2/pkg/handler"
	"github.com/tus/tusd/v2/pkg/memorylocker"
	tuslog "golang.org/x/exp/slog"

	"amana"
	"amana/internal/hub/wire"
	"amana/internal/seal"
)

// Uploads speak tus 1.0.0 by the protocol's own implementation; what is kept, and under
// which name, is decided here. Nothing of it is logged: its lines have names.

// networkPatience is how long a transfer may stand still.
const networkPatience = 3 * time.Minute

// flushAfter is how old bytes become, at most, before they are durable: what a hub that
// is killed loses of an upload.
const flushAfter = 2 * time.Second

func newUploads(f *Files) (*tus.UnroutedHandler, error) {
	c := tus.NewStoreComposer()
	c.UseCore(uploads{f})
	memorylocker.New().UseIn(c) // whoever goes on with an upload waits until what came of it before is kept
	return tus.NewUnroutedHandler(tus.Config{
		StoreComposer: c, BasePath: wire.PathFiles, MaxSize: f.Largest,
		DisableDownload: true, DisableTermination: true, DisableConcatenation: true,
		Cors: &tus.CorsConfig{Disable: true}, NetworkTimeout: networkPatience,
		Logger: tuslog.New(unheard{}),
	})
}

// unheard is a log that nobody keeps.
type unheard struct{}

func (unheard) Enabled(context.Context, tuslog.Level) bool  { return false }
func (unheard) Handle(context.Context, tuslog.Record) error { return nil }
func (u unheard) WithAttrs([]tuslog.Attr) tuslog.Handler    { return u }
func (u unheard) WithGroup(string) tuslog.Handler           { return u }

// orgKey marks whose request it is in a context.
type orgKey struct{}

func orgOf(ctx context.Context) (amana.OrgID, bool) {
	org, ok := ctx.Value(orgKey{}).(amana.OrgID)
	return org, ok && !org.IsZero()
}

// tusError is one of ours as the protocol says it: a status, and no more.
func tusError(err error) error {
	if err == nil {
		return nil
	}
	status := statusOf(err)
	if status == http.StatusNotFound {
		return tus.ErrNotFound
	}
	return tus.NewError("ERR", http.StatusText(status), status)
}

// uploads implements [tus.DataStore].
type uploads struct{ *Files }

// NewUpload implements [tus.DataStore]: the file has the name that the device gives it.
func (u uploads) NewUpload(ctx context.Context, info tus.FileInfo) (tus.Upload, error) {
	org, ok := orgOf(ctx)
	name, err := wire.ParseFileName(info.MetaData["name"])
	if err != nil || !ok || info.SizeIsDeferred {
		return nil, tusError(errors.Join(err, ifTrue(err == nil, errAsked)))
	}
	if err := u.begin(ctx, org, name, info.Size); err != nil {
		return nil, tusError(err)
	}
	return &upload{u.Files, org, name}, nil
}

// GetUpload implements [tus.DataStore].
func (u uploads) GetUpload(ctx context.Context, id string) (tus.Upload, error) {
	org, ok := orgOf(ctx)
	text, ours := strings.CutPrefix(id, org.String()+".")
	name, err := wire.ParseFileName(text)
	if err != nil || !ok || !ours {
		return nil, tus.ErrNotFound
	}
	return &upload{u.Files, org, name}, nil
}

// upload is one file while something of it comes.
type upload struct {
	f    *Files
	org  amana.OrgID
	name seal.Hash
}

// GetInfo implements [tus.Upload].
func (u *upload) GetInfo(ctx context.Context) (tus.FileInfo, error) {
	st, err := u.f.standing(ctx, u.org, u.name)
	if err != nil {
		return tus.FileInfo{}, tusError(err)
	}
	path := wire.FilePath(u.name)
	return tus.FileInfo{ID: path[len(wire.PathFiles):], Size: st.size, Offset: st.got}, nil
}

// GetReader implements [tus.Upload]; downloads go another way.
func (u *upload) GetReader(context.Context) (io.ReadCloser, error) { return nil, tus.ErrNotImplemented }

// FinishUpload implements [tus.Upload].
func (u *upload) FinishUpload(context.Context) error { return nil }

// WriteChunk implements [tus.Upload]. What came is durable when it returns, and on the
// way every two seconds. It takes no more memory than two pieces.
func (u *upload) WriteChunk(ctx context.Context, offset int64, src io.Reader) (done int64, err error) {
	st, err := u.f.standing(ctx, u.org, u.name)
	if err != nil || st.got != offset {
		return 0, tusError(errors.Join(err, ifTrue(err == nil, amana.ErrConflict)))
	}
	buf := make([]byte, 0, min(pieceSize, st.size-st.got))
	for flushed := u.f.Now(); st.got < st.size; {
		room := int(min(pieceSize-st.got%pieceSize, st.size-st.got))
		n, readErr := src.Read(buf[len(buf):min(room, cap(buf))])
		buf = buf[:len(buf)+n]
		if len(buf) > 0 && (len(buf) == room || readErr != nil || u.f.Now().Sub(flushed) >= flushAfter) {
			if err := u.f.grow(ctx, u.org, u.name, st, buf); err != nil {
				return done, tusError(err)
			}
			done, st.got = done+int64(len(buf)), st.got+int64(len(buf))
			buf, flushed = buf[:0], u.f.Now()
		}
		if readErr != nil {
			break // the end, or a line that broke: what came is there
		}
	}
	return done, nil //nolint:nilerr // so
}

// tusDoes answers a request by the protocol's implementation.
func (s *Server) tusDoes(do http.HandlerFunc) func(*request) error {
	answer := s.uploads.Middleware(do)
	return func(r *request) error {
		r.Header.Del("X-HTTP-Method-Override")
		asked := r.WithContext(context.WithValue(r.Context(), orgKey{}, r.device.Org))
		// Organisations hold up nothing of each other's, also where they name it alike.
		asked.URL = &url.URL{Path: "/" + r.device.Org.String() + "." + r.PathValue("name")}
		answer.ServeHTTP(r.w, asked)
		return nil
	}
}

// file answers a file that is whole, or the part of it that was asked for.
func (s *Server) file(r *request) error {
	name, err := wire.ParseFileName(r.PathValue("name"))
	if err != nil {
		return err
	}
	st, err := s.Files.standing(r.Context(), r.device.Org, name)
	if err == nil && !st.whole() {
		err = amana.ErrNotFound
	}
	if err != nil {
		return err
	}
	content := &fileReader{ctx: r.Context(), f: s.Files, org: r.device.Org, name: name, size: st.size, idx: -1}
	content.still = func(ctx context.Context) error { return s.Store.lets(ctx, r.device) }
	r.w.Header().Set("Content-Type", "application/octet-stream")
	if strings.Contains(r.Header.Get("Range"), ",") { // many parts of one byte would have as many pieces read
		r.Header.Del("Range")
	}
	http.ServeContent(patient{r.w, http.NewResponseController(r.w), r.Context()}, r.Request, "", time.Time{}, content)
	if content.failed != nil && r.Context().Err() == nil {
		return s.lost(r, name, content.failed)
	}
	return nil
}

// dropFile drops what lies under a name and is not what it should be, as a device says that
// could open it: the hub cannot tell. Whoever has the true file may leave it again.
func (s *Server) dropFile(r *request) error {
	name, err := wire.ParseFileName(r.PathValue("name"))
	if err != nil {
		return err
	}
	if err := s.Files.drop(r.Context(), r.device.Org, name); err != nil {
		return err
	}
	r.w.WriteHeader(http.StatusNoContent)
	return nil
}

// lost drops a file of which a piece is gone, so that a device that has it sends it again.
func (s *Server) lost(r *request, name seal.Hash, why error) error {
	gone := errors.Is(why, amana.ErrNotFound) || errors.Is(why, amana.ErrTampered)
	s.Logger.LogAttrs(r.Context(), slog.LevelError, "a file cannot be read from where files are kept", slog.Bool("missing", gone))
	if !gone {
		return nil
	}
	return s.Files.drop(r.Context(), r.device.Org, name)
}

// patient cuts off who takes nothing for minutes, or was ended, and nobody else.
type patient struct {
	http.ResponseWriter
	c   *http.ResponseController
	ctx context.Context //nolint:containedctx // of the request
}

// sealedAtOnce is how many bytes of an answer are sealed together, at most. What TLS has
// sealed together is worth nothing where a line breaks in the middle of it, and by itself it
// seals up to 16 KiB. A piece has 22 bytes around it.
const sealedAtOnce = 2 << 10

func (p patient) Write(b []byte) (n int, err error) {
	for part := range slices.Chunk(b, sealedAtOnce) {
		_ = p.c.SetWriteDeadline(time.Now().Add(networkPatience)) //nolint:forbidigo // a deadline of the network's clock
		if err := p.ctx.Err(); err != nil {                       // looked at last: who is cut off has no time left from then on
			return n, err
		}
		k, err := p.ResponseWriter.Write(part)
		if n += k; err != nil {
			return n, err
		}
		if len(b) > sealedAtOnce {
			_ = p.c.Flush() // where that fails, so does the next piece
		}
	}
	return n, nil
}

// fileReader reads a whole file, one piece in memory at a time.
type fileReader struct {
	ctx    context.Context //nolint:containedctx // it lives as long as one request
	f      *Files
	org    amana.OrgID
	name   seal.Hash
	size   int64
	at     int64
	idx    int64
	piece  []byte
	failed error
	still  func(context.Context) error // says of each piece that who fetches is let in
}

// Seek implements [io.Seeker].
func (r *fileReader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.size
	}
	if offset < 0 {
		return 0, errAsked
	}
	r.at = offset
	return offset, nil
}

// Read implements [io.Reader].
func (r *fileReader) Read(b []byte) (int, error) {
	if r.at >= r.size {
		return 0, io.EOF
	}
	if idx := r.at / pieceSize; idx != r.idx {
		if err := r.still(r.ctx); err != nil {
			return 0, err
		}
		piece, err := r.f.piece(r.ctx, r.org, r.name, idx, r.size)
		if err != nil {
			r.failed = err
			return 0, err
		}
		r.idx, r.piece = idx, piece
	}
	n := copy(b, r.piece[r.at%pieceSize:])
	r.at += int64(n)
	return n, nil
}

// forget destroys files.
func (s *Server) forget(r *request) error {
	raw, err := r.body(wire.LargestMessage)
	if err != nil {
		return err
	}
	var m wire.Forget
	if err := wire.Decode(raw, &m); err != nil {
		return err
	}
	if len(m.Names) > wire.MostForgotten {
		return errTooLarge
	}
	return s.Files.forget(r.Context(), r.device.Org, m.Names)
}
