package web

import (
	"errors"
	"io"
	"mime"
	"net/http"

	"amana/internal/casework"
	"amana/internal/directory"
	"amana/internal/geo"
	"amana/internal/huridocs"
	"amana/internal/translate"
	"amana/internal/xlsform"
)

// uploads are the addresses to which a file may be sent, with the most bytes that
// it may have. A file is read into memory and nowhere else, but for one that is
// brought in with what others have: that is sealed as it comes.
var uploads = map[string]int64{
	"/settings/forms":       xlsform.LargestWorkbook,
	"/settings/words":       xlsform.LargestWorkbook,
	"/settings/words/sound": translate.LargestSound,
	"/services/files":       directory.MostBytes,
	"/claims/import":        huridocs.Largest,
	"/claims/map":           geo.MostBytes,
	"/import":               casework.LargestImport,
	"/estimate":             casework.LargestCaptures,
	"/post":                 casework.LargestLetter,
	"/bundles":              casework.LargestBundle,
	"/devices/new":          casework.LargestRequest,
	"/setup/join/answer":    casework.LargestBundle,
	sumPath:                 casework.LargestContribution,
}

// aroundFile is what a form with a file may weigh beside it.
const aroundFile = 64 << 10

// bodyLimit is how much a POST may carry, and whether it may at all: a small,
// ordinary form, or a file where files are taken in.
func bodyLimit(r *http.Request) (int64, bool) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if takesEvidence(r.URL.Path) && kind == "multipart/form-data" {
		return largestEvidence, true
	}
	if largest, taken := uploads[r.URL.Path]; taken && kind == "multipart/form-data" {
		return largest + aroundFile, true
	}
	return largestBody, kind == "application/x-www-form-urlencoded" || r.ContentLength == 0
}

// errNoFile: a form with a file was sent without one.
var errNoFile = errors.New("no file was sent")

// file returns the file that was sent under a name. It is errNoFile where there is
// none, and errTooLarge where it has too many bytes.
func (v *visit) file(name string) ([]byte, error) {
	part, err := v.part(name)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(part, uploads[v.URL.Path]+1))
	switch {
	case err != nil:
		return nil, tooLargeOr(err)
	case len(raw) == 0:
		return nil, errNoFile
	case int64(len(raw)) > uploads[v.URL.Path]:
		return nil, errTooLarge
	}
	return raw, nil
}

// part returns the file that was sent under a name, as it comes.
func (v *visit) part(name string) (io.Reader, error) { return v.partAfter(name, nil) }

// longestField is the most bytes of a value that is sent beside a file.
const longestField = 200

// partAfter is part, and gives f the values of the fields that come before the file.
func (v *visit) partAfter(name string, f *form) (io.Reader, error) {
	parts, err := v.MultipartReader()
	if err != nil {
		return nil, errNoFile
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, errNoFile
		}
		if err != nil {
			return nil, tooLargeOr(err)
		}
		if part.FormName() == name && part.FileName() != "" {
			return part, nil
		}
		if f == nil || part.FileName() != "" || part.FormName() == "" || len(f.Values) > 20 {
			continue
		}
		value, err := io.ReadAll(io.LimitReader(part, longestField))
		if err != nil {
			return nil, tooLargeOr(err)
		}
		f.Values.Set(part.FormName(), string(value))
	}
}

// tooLargeOr is errTooLarge where the body was cut off, and errNoFile where it is
// not as a browser sends it.
func tooLargeOr(err error) error {
	if _, cut := errors.AsType[*http.MaxBytesError](err); cut {
		return errTooLarge
	}
	return errNoFile
}
