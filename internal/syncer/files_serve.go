package syncer

import (
	"io"
	"net/http"
	"time"

	"amana/internal/hub/wire"
)

// FileHandler answers another device that fetches files from this one, for whoever let
// it in: as a hub does, and no more. Nobody gets a list.
func FileHandler(d FileDevice) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+wire.PathFiles+"{name}", func(w http.ResponseWriter, r *http.Request) {
		name, err := wire.ParseFileName(r.PathValue("name"))
		if err != nil {
			http.Error(w, http.StatusText(http.StatusBadRequest), http.StatusBadRequest)
			return
		}
		list, err := d.Files(r.Context())
		if err != nil {
			http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
			return
		}
		for _, f := range list {
			if f.Name != name || !f.Here {
				continue
			}
			src, done, err := d.Read(r.Context(), f)
			if err != nil {
				break
			}
			defer done() //nolint:errcheck // it was only read
			w.Header().Set("Content-Type", "application/octet-stream")
			http.ServeContent(w, r, "", time.Time{}, io.NewSectionReader(src, 0, f.Size))
			return
		}
		http.Error(w, http.StatusText(http.StatusNotFound), http.StatusNotFound)
	})
	return mux
}
