package evidence_test

import (
	"bytes"
	"testing"

	"amana/internal/evidence"
)

// What a file is, by its first bytes, and what a statement of custody says: both are read
// of files that anybody may have made.
func FuzzReadMedia(f *testing.F) {
	f.Add([]byte("\xff\xd8\xff\xe0\x00\x10JFIF"))
	f.Add([]byte("\x00\x00\x00\x18ftypmp42"))
	f.Add([]byte("%PDF-1.7"))
	f.Add([]byte("<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := evidence.ReadMedia(bytes.NewReader(raw))
		if bytes.Contains(raw[:min(len(raw), 5)], []byte("<svg")) && m.Show != evidence.ShowNot {
			t.Fatal("what can run is shown")
		}
		evidence.HasC2PA(bytes.NewReader(raw), int64(len(raw)))
		_, _ = evidence.ParseStatement(raw)
	})
}
