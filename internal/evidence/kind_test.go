package evidence_test

import (
	"bytes"
	"strings"
	"testing"

	"amana/internal/evidence"
)

func TestMediaOf_showsOnlyWhatCannotRun(t *testing.T) {
	for begins, want := range map[string]evidence.Show{
		"\xff\xd8\xff\xe0": evidence.ShowImage, "\x89PNG\r\n\x1a\n": evidence.ShowImage, "RIFF....WEBPVP8 ": evidence.ShowImage,
		"\x00\x00\x00\x20ftypisom": evidence.ShowVideo, "\x00\x00\x00\x20ftypM4A ": evidence.ShowAudio, "ID3\x04": evidence.ShowAudio, "OggS": evidence.ShowAudio,
		"%PDF-1.7": evidence.ShowNot, "PK\x03\x04": evidence.ShowNot, "<svg onload=alert(1)>": evidence.ShowNot, "<!doctype html><script>": evidence.ShowNot,
		"": evidence.ShowNot, "MZ\x90": evidence.ShowNot, "GIF": evidence.ShowNot, "\x00\x01": evidence.ShowNot, "words": evidence.ShowNot,
	} {
		m := evidence.MediaOf([]byte(begins))
		if m.Show != want {
			t.Errorf("%q is shown as %q, want %q", begins, m.Show, want)
		}
		if strings.Contains(m.Type, "html") || strings.Contains(m.Type, "svg") || strings.Contains(m.Type, "xml") {
			t.Errorf("%q is served as %s", begins, m.Type)
		}
	}
}

func TestHasC2PA_saysThatOneIsThere(t *testing.T) {
	with := append(noise(1<<20-4), "jumb....jumdc2pa"...)
	if !evidence.HasC2PA(bytes.NewReader(with), int64(len(with))) || evidence.HasC2PA(bytes.NewReader(noise(3<<20)), 3<<20) {
		t.Error("not told")
	}
}
