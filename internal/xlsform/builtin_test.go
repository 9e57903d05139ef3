package xlsform_test

import (
	"os"
	"path/filepath"
	"testing"

	"amana/internal/xlsform"
)

func TestTry(t *testing.T) {
	files, _ := filepath.Glob("../form/workbooks/*.xlsx")
	for _, f := range files {
		raw, _ := os.ReadFile(f)
		form, problems := xlsform.Read(raw)
		t.Log(f, form != nil, len(raw))
		for _, p := range problems {
			t.Log("   ", p)
		}
	}
}
