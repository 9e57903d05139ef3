package web

import (
	"log/slog"
	"net/http"
	"path"
	"runtime/debug"
	"strings"
)

// largestBody fits the longest case file: a dozen accounts of 20,000 letters,
// each of which may take nine bytes in a form.
const largestBody = 4 << 20

// contentPolicy is FRONTEND section 10 as shipped; a test holds it to the letter.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
	"font-src 'self'; media-src 'self' blob:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types app"

const permissions = "accelerometer=(), autoplay=(), camera=(), clipboard-read=(), display-capture=(), " +
	"encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), magnetometer=(), " +
	"microphone=(), midi=(), payment=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(), " +
	"xr-spatial-tracking=()"

// guarded is what every request passes before any page, outermost last. The
// host is checked before anything else is read: a page on the web may resolve
// its own name to 127.0.0.1 and call us as its own.
func (s *Server) guarded(pages http.Handler) http.Handler {
	h := onlyForms(pages)
	h = sameOrigin(h)
	h = s.survive(h)
	h = plainRequests(h)
	h = secureHeaders(h)
	return s.onlyOurHosts(h)
}

// onlyOurHosts refuses a request for any other name than ours.
func (s *Server) onlyOurHosts(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.hosts[r.Host] {
			w.Header().Set("Cache-Control", "no-store")
			w.Header().Set("X-Content-Type-Options", "nosniff")
			w.WriteHeader(http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func secureHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Embedder-Policy", "require-corp")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Origin-Agent-Cluster", "?1")
		h.Set("Permissions-Policy", permissions)
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Dns-Prefetch-Control", "off")
		h.Set("X-Frame-Options", "DENY") // for browsers that do not know frame-ancestors
		next.ServeHTTP(w, r)
	})
}

// plainRequests answers three methods, and only addresses in the one spelling
// that our own links have: no dots, doubled slashes, escapes or backslashes.
func plainRequests(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet, http.MethodHead, http.MethodPost:
		default:
			w.Header().Set("Allow", "GET, HEAD, POST")
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		if !plainPath(r.URL.Path) || r.URL.RawPath != "" || r.URL.Host != "" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// plainPath reports whether a path could be one of ours.
func plainPath(p string) bool {
	if !strings.HasPrefix(p, "/") || path.Clean(p) != p {
		return false
	}
	for _, c := range []byte(p) {
		letter := 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '/' || c == '-' || c == '_' || c == '.'
		if !letter {
			return false
		}
	}
	return true
}

// sameOrigin refuses what another site sends in our user's name: every POST,
// and every GET that is not the person following a link.
func sameOrigin(next http.Handler) http.Handler {
	posts := http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Header.Get("Sec-Fetch-Site") {
		case "cross-site", "same-site":
			if r.Header.Get("Sec-Fetch-Mode") != "navigate" || r.Header.Get("Sec-Fetch-Dest") != "document" {
				w.WriteHeader(http.StatusForbidden)
				return
			}
		}
		posts.ServeHTTP(w, r)
	})
}

// onlyForms limits what a POST may carry: a small, ordinary form or nothing, or a
// file where one is asked for.
func onlyForms(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			largest, taken := bodyLimit(r)
			if !taken {
				w.WriteHeader(http.StatusUnsupportedMediaType)
				return
			}
			r.Body = http.MaxBytesReader(w, r.Body, largest)
		}
		next.ServeHTTP(w, r)
	})
}

// survive turns a panic into a plain page.
func (s *Server) survive(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer s.caught(w, r)
		next.ServeHTTP(w, r)
	})
}

// caught ends a panic, if there is one. The log gets where it happened, and not
// the words it happened with.
func (s *Server) caught(w http.ResponseWriter, r *http.Request) {
	switch cause := recover(); cause {
	case nil:
	case http.ErrAbortHandler: // a download that could not be finished
		panic(cause)
	default:
		s.log.LogAttrs(r.Context(), slog.LevelError, "page failed", slog.String("stack", string(debug.Stack())))
		s.failWith(w, r, http.StatusInternalServerError)
	}
}
