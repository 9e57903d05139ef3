package web

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"hash/fnv"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

//go:embed static
var staticFiles embed.FS

// asset is a file that never changes under its name, compressed once.
type asset struct {
	kind       string
	plain, zip []byte
}

// assets are the static files by their path, which carries a digest of the
// content. The digest finds changes; it defends against nobody.
type assets map[string]asset

// stylesheets are joined in this order into style.css.
func stylesheets() []string {
	return []string{"reset.css", "base.css", "parts.css", "print.css"}
}

func loadAssets() (assets, error) {
	a := assets{}
	var css bytes.Buffer
	css.WriteString("@layer reset,base,parts,print;\n")
	for _, name := range stylesheets() {
		text, err := staticFiles.ReadFile("static/css/" + name)
		if err != nil {
			return nil, err
		}
		css.WriteString(withoutComments(string(text)))
	}
	if err := a.add("style.css", css.Bytes()); err != nil {
		return nil, err
	}
	for _, dir := range []string{"static/js", "static/img"} {
		files, err := fs.ReadDir(staticFiles, dir)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			text, err := staticFiles.ReadFile(path.Join(dir, f.Name()))
			if err == nil {
				err = a.add(f.Name(), text)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return a, nil
}

func (a assets) add(name string, content []byte) error {
	digest := fnv.New64a()
	digest.Write(content)
	ext := path.Ext(name)
	kinds := map[string]string{
		".css": "text/css; charset=utf-8",
		".js":  "text/javascript; charset=utf-8",
		".svg": "image/svg+xml",
	}
	if kinds[ext] == "" {
		return fmt.Errorf("%s: no type for it", name)
	}
	var zip bytes.Buffer
	z, err := gzip.NewWriterLevel(&zip, gzip.BestCompression)
	if err == nil {
		_, err = z.Write(content)
	}
	if err == nil {
		err = z.Close()
	}
	a[fmt.Sprintf("/static/%s-%016x%s", strings.TrimSuffix(name, ext), digest.Sum64(), ext)] = asset{
		kind: kinds[ext], plain: content, zip: zip.Bytes(),
	}
	return err
}

// path returns the address of a file by its own name. A template that names a
// file that is not there is a fault of ours.
func (a assets) path(name string) string {
	ext := path.Ext(name)
	for p := range a {
		if strings.HasPrefix(p, "/static/"+strings.TrimSuffix(name, ext)+"-") && strings.HasSuffix(p, ext) {
			return p
		}
	}
	panic("web: internal error: no static file " + name)
}

// ServeHTTP serves the files; they may be kept for ever, since they say nothing
// of anybody and another content has another name.
func (a assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, found := a[r.URL.Path]
	if !found {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Type", f.kind)
	h.Set("Vary", "Accept-Encoding")
	body := f.plain
	if takesGzip(r) {
		h.Set("Content-Encoding", "gzip")
		body = f.zip
	}
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(body) // an error is the browser's going away
}

func takesGzip(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")
}

// withoutComments leaves out what a browser does not need to read.
func withoutComments(css string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(css, "/*")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		_, css, _ = strings.Cut(rest, "*/")
	}
}
