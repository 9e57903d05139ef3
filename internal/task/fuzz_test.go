package task_test

import (
	"testing"

	"amana/internal/task"
)

// Rules come with the charter, from whatever device: what is read can be written, and is
// the same again.
func FuzzReadRules(f *testing.F) {
	f.Add(task.Defaults().Write())
	f.Add([]byte(`{"approval":1}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if r, err := task.ReadRules(raw); err == nil {
			if _, err := task.ReadRules(r.Write()); err != nil {
				t.Fatal(err)
			}
		}
	})
}
