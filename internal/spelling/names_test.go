package spelling_test

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"

	"amana/internal/spelling"
)

// family is the spellings of one name.
type family []string

func readFamilies(t *testing.T) []family {
	t.Helper()
	f, err := os.Open("testdata/names.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []family
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if line := lines.Text(); !strings.HasPrefix(line, "#") {
			all = append(all, strings.Fields(line))
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func meets(asked, written string) bool {
	return found(spelling.AppendName(nil, written), asked, false)
}

// Every spelling of a name finds every other.
func TestNames_meet(t *testing.T) {
	for _, names := range readFamilies(t) {
		for _, asked := range names {
			for _, written := range names {
				if !meets(asked, written) {
					t.Errorf("%s does not find %s (%q, %q)", asked, written, spelling.Query(asked), spelling.AppendName(nil, written))
				}
			}
		}
	}
}

// Different names seldom meet. The bounds are what was measured, rounded up: a
// change that makes them worse should be known to.
func TestNames_keepApart(t *testing.T) {
	families := readFamilies(t)
	pairs, met := 0, 0
	var examples []string
	for i, a := range families {
		for j, b := range families {
			if i >= j || slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) }) {
				continue
			}
			pairs++
			if meets(a[0], b[0]) || meets(b[0], a[0]) {
				met++
				examples = append(examples, a[0]+"~"+b[0])
			}
		}
	}
	share := float64(met) / float64(pairs)
	t.Logf("%d of %d pairs of unrelated names meet (%.2f %%): %s", met, pairs, 100*share, strings.Join(examples, " "))
	if share > 0.002 {
		t.Errorf("%.4f of unrelated names meet, want at most 0.002", share)
	}
}

func TestNames_mustNotMeet(t *testing.T) {
	for _, pair := range [][2]string{
		{"Mohamed", "Mamadou"},
		{"Fatoumata", "Fatou"},
		{"Fatoumata", "Fanta"},
		{"Aïssata", "Issa"},
		{"Aïssata", "Awa"},
		{"Amadou", "Mamadou"},
		{"Ahmed", "Amadou"},
		{"Oumar", "Oumarou"},
		{"Ali", "Aliou"},
		{"Moussa", "Massa"},
		{"Kadidia", "Kadi"},
		{"Mariam", "Marie"},
		{"Coulibaly", "Camara"},
		{"Diallo", "Diarra"},
		{"Touré", "Traoré"},
		{"Koné", "Konaté"},
		{"Sow", "Sy"},
		{"Cheick", "Sékou"},
		{"Hassan", "Housseini"},
		{"عائشة", "Issa"},
		{"محمد", "Mamadou"},
		{"فاطمة", "Fanta"},
	} {
		if meets(pair[0], pair[1]) {
			t.Errorf("%s finds %s", pair[0], pair[1])
		}
		if meets(pair[1], pair[0]) {
			t.Errorf("%s finds %s", pair[1], pair[0])
		}
	}
}
