package scrub

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"amana"
)

// Bounds on what is read as a document: a small file may unfold into a huge one.
const (
	largestDocument = 128 << 20        // bytes
	mostPages       = 2000             // of a document
	pageTime        = 30 * time.Second // that drawing a page may take
	memoryPages     = 12 << 10         // of 64 KB, that PDFium may use: 768 MB
	dotsPerInch     = 150
	mostPagePoints  = 12 << 20 // width times height of a drawn page
	pageQuality     = 85
	engineKept      = time.Minute // without work: making it anew takes seconds, keeping it 200 MB
)

// engine is PDFium, compiled when it is first needed.
type engine struct {
	mu   sync.Mutex // guards all below; one document is drawn at a time
	pool pdfium.Pool
	rest *time.Timer
}

var drawer engine //nolint:gochecknoglobals // compiled code, the same for all

// take returns an engine for one document: memory that no other document was in.
// Callers hold mu until they have given it back.
func (e *engine) take() (pdfium.Pdfium, error) {
	if e.rest != nil {
		e.rest.Stop()
	}
	if e.pool == nil {
		features := api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling
		pool, err := webassembly.Init(webassembly.Config{
			MaxIdle: 0, MaxTotal: 1, FSConfig: wazero.NewFSConfig(), Stdout: io.Discard, Stderr: io.Discard,
			RuntimeConfig: wazero.NewRuntimeConfig().WithCoreFeatures(features).WithMemoryLimitPages(memoryPages).WithCloseOnContextDone(true),
		})
		if err != nil {
			return nil, fmt.Errorf("scrub: what draws documents does not start: %w", amana.ErrStorage)
		}
		e.pool = pool
	}
	return e.pool.GetInstance(pageTime)
}

// give notes that the work is done.
func (e *engine) give() {
	e.rest = time.AfterFunc(engineKept, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.pool != nil {
			_ = e.pool.Close() // nothing is kept in it
			e.pool = nil
		}
	})
}

// document copies a PDF: each page is drawn, its regions are covered, and the copy
// has the pictures of the pages and nothing else. Words in it can't be searched any
// more, and nothing that was not to be seen on a page is in it.
func document(ctx context.Context, w io.Writer, r io.ReaderAt, size int64, p Plan) error {
	if size > largestDocument {
		return cannot("a document of too many bytes")
	}
	raw := make([]byte, size)
	if _, err := r.ReadAt(raw, 0); err != nil {
		return err
	}
	drawer.mu.Lock()
	defer drawer.mu.Unlock()
	in, err := drawer.take()
	if err != nil {
		return err
	}
	defer drawer.give()
	d := &drawing{in: in, limit: time.AfterFunc(pageTime, func() { _ = in.Kill() })}
	defer d.close()
	stop := context.AfterFunc(ctx, func() { _ = in.Kill() })
	defer stop()
	err = d.run(w, raw, p)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// drawing is one document.
type drawing struct {
	in    pdfium.Pdfium
	limit *time.Timer
	doc   references.FPDF_DOCUMENT
}

// close gives the memory back, also where the engine was stopped for taking too long.
func (d *drawing) close() {
	if d.limit.Stop() {
		_ = d.in.Close()
	}
}

func (d *drawing) run(w io.Writer, raw []byte, p Plan) error {
	opened, err := d.in.OpenDocument(&requests.OpenDocument{File: &raw})
	if err != nil {
		return cannot("no document that can be read, or one with a password")
	}
	d.doc = opened.Document
	counted, err := d.in.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: d.doc})
	if err != nil || counted.PageCount < 1 || counted.PageCount > mostPages {
		return cannot("a document without pages, or of too many")
	}
	n := counted.PageCount
	if slices.ContainsFunc(p.Leave, func(page int) bool { return page > n }) ||
		slices.ContainsFunc(p.Cover, func(g Region) bool { return g.Page > n }) {
		return cannot("a page that the document does not have")
	}
	out := &paper{w: w}
	for page := 1; page <= n; page++ {
		if slices.Contains(p.Leave, page) {
			continue
		}
		d.limit.Reset(pageTime)
		if err := d.page(out, page, p.Cover); err != nil {
			return err
		}
	}
	if len(out.pages) == 0 {
		return cannot("a copy without any page")
	}
	return out.end()
}

func (d *drawing) page(out *paper, page int, cover []Region) error {
	at := requests.Page{ByIndex: &requests.PageByIndex{Document: d.doc, Index: page - 1}}
	size, err := d.in.GetPageSize(&requests.GetPageSize{Page: at})
	if err != nil || !(size.Width > 0) || !(size.Height > 0) || size.Width > 1e6 || size.Height > 1e6 {
		return cannot("a page that cannot be read")
	}
	const inch = 72
	scale := float64(dotsPerInch) / inch
	if most := math.Sqrt(mostPagePoints / (size.Width * size.Height)); most < scale {
		scale = most
	}
	drawn, err := d.in.RenderPageInPixels(&requests.RenderPageInPixels{
		Page: at, Width: max(1, int(size.Width*scale)), Height: max(1, int(size.Height*scale)), RenderFlags: enums.FPDF_RENDER_FLAG_ANNOT,
	})
	if err != nil {
		return cannot("a page that cannot be drawn, or takes too long")
	}
	defer drawn.Cleanup()
	m := image.NewRGBA(drawn.Result.RenderedImage.Bounds())
	draw.Draw(m, m.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(m, m.Bounds(), drawn.Result.RenderedImage, m.Bounds().Min, draw.Over)
	for _, g := range cover {
		if g.Page == page {
			draw.Draw(m, g.in(m.Bounds()), image.NewUniform(color.Black), image.Point{}, draw.Src)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: pageQuality}); err != nil {
		return err
	}
	return out.page(b.Bytes(), m.Bounds().Size(), size.Width, size.Height)
}

// paper writes a PDF (ISO 32000-1) whose pages are pictures, page by page.
type paper struct {
	w       io.Writer
	at      int64
	objects []int64 // where each begins; 1 and 2 are written at the end
	pages   []int
}

func (p *paper) write(b []byte) error {
	n, err := p.w.Write(b)
	p.at += int64(n)
	return err
}

func (p *paper) object(n int, format string, args ...any) error {
	p.objects[n-1] = p.at
	return p.write(fmt.Appendf(nil, "%d 0 obj\n"+format, append([]any{n}, args...)...))
}

func (p *paper) page(jpg []byte, size image.Point, width, height float64) error {
	if p.objects == nil {
		p.objects = make([]int64, 2)
		if err := p.write([]byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")); err != nil {
			return err
		}
	}
	n := len(p.objects) + 1
	p.objects = append(p.objects, 0, 0, 0)
	p.pages = append(p.pages, n)
	content := fmt.Sprintf("%.2f 0 0 %.2f 0 0 cm /I Do", width, height)
	err := p.object(n, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 %.2f %.2f]/Contents %d 0 R/Resources<</XObject<</I %d 0 R>>>>>>\nendobj\n", width, height, n+1, n+2)
	if err == nil {
		err = p.object(n+1, "<</Length %d>>stream\n%s\nendstream\nendobj\n", len(content), content)
	}
	if err == nil {
		err = p.object(n+2, "<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode/Length %d>>stream\n", size.X, size.Y, len(jpg))
	}
	if err == nil {
		err = p.write(jpg)
	}
	if err == nil {
		err = p.write([]byte("\nendstream\nendobj\n"))
	}
	return err
}

func (p *paper) end() error {
	kids := make([]string, len(p.pages))
	for i, n := range p.pages {
		kids[i] = fmt.Sprintf("%d 0 R", n)
	}
	if err := p.object(1, "<</Type/Catalog/Pages 2 0 R>>\nendobj\n"); err != nil {
		return err
	}
	if err := p.object(2, "<</Type/Pages/Count %d/Kids[%s]>>\nendobj\n", len(kids), strings.Join(kids, " ")); err != nil {
		return err
	}
	start := p.at
	var b bytes.Buffer
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(p.objects)+1)
	for _, at := range p.objects {
		fmt.Fprintf(&b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(p.objects)+1, start)
	return p.write(b.Bytes())
}
