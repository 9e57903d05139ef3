package xlsform_test

import (
	"fmt"
	"strings"
	"testing"

	"amana/internal/event"
	"amana/internal/xlsform"
)

// A form whose calculations grow by each other takes no more memory than a long form, and
// the rest of it works: such a one may come from anywhere.
func TestEvaluate_calculationsThatGrow(t *testing.T) {
	for name, each := range map[string]string{
		"concat": "concat(${c%[1]d}, ${c%[1]d}, ${c%[1]d}, ${c%[1]d})",
		"join":   "join(${c%[1]d}, ${c%[1]d}, ${c%[1]d}, ${c%[1]d})",
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			b.WriteString("type|name|label|relevant|constraint|required|calculation\n")
			b.WriteString("text|said|What was said||||\n")
			b.WriteString("calculate|c0|||||concat(${said}, '0123456789')\n")
			for i := range 40 {
				fmt.Fprintf(&b, "calculate|c%d|||||%s\n", i+1, fmt.Sprintf(each, i))
			}
			b.WriteString("calculate|short|||||concat(${said}, '!')\n")
			s := state(form(t, b.String()), xlsform.Answers{"said": event.Text("words")})
			if got := s.Value("short").Reveal(); got != "words!" {
				t.Errorf("what stands beside it is %q", got)
			}
			all := 0
			for i := range 41 {
				all += len(s.Value(fmt.Sprintf("c%d", i)).Reveal())
			}
			if all > 1<<20 {
				t.Errorf("%d bytes were calculated", all)
			}
			if s.Value("c2").IsZero() || !s.Value("c40").IsZero() {
				t.Error("want what is small, and nothing where it grew too long")
			}
		})
	}
}
