package seal_test

import (
	"strings"
	"testing"

	"amana/internal/seal"
)

func TestStrength(t *testing.T) {
	for _, tc := range []struct {
		name, passphrase string
		least, most      float64
	}{
		{"nothing", "", 0, 0},
		{"the most common", "password", 0, 10},
		{"the most common, disguised", "P@ssw0rd!", 0, 20},
		{"a run", "123456789", 0, 10},
		{"a run backwards", "987654321", 0, 10},
		{"a run on a French keyboard", "azertyuiop", 0, 10},
		{"a run in zigzag", "1q2w3e4r5t", 0, 10},
		{"one letter", strings.Repeat("a", 200), 0, 15},
		{"a word again and again", "soleil soleil soleil soleil soleil", 0, 35},
		{"a name and a year", "Fatima1990", 0, 20},
		{"a name, a year, a sign", "Fatima1990!", 0, 25},
		{"any name and a year", "Djamilatou2024", 0, 30},
		{"a date", "12/03/1985", 0, 16},
		{"a town and a telephone number", "moundou66778899", 0, 40},
		{"four words of a list", "correct horse battery staple", 0, 48},
		{"a sentence of seven words", "je suis allé au marché hier matin", 30, 50},
		{"names in the shape of our words", "salam-karim-jamal-nabil-samir", 0, 40},
		{"a name in Arabic", "فاطمة2024", 0, 20},
		{"eight signs by lot", "xK9$vLq2", 25, 50},

		{"five unrelated words", "grillage tambour oignons fenêtre vélomoteur", 50, 80},
		{"fourteen signs by lot", "xK9$vLq2#mT7&w", 50, 92},
		{"sixteen letters by lot", "qzvkxjwpmtbhrngd", 50, 76},
		{"four of our words", "lusab-gutih-tugad-mudof", 64, 64},
		{"six of our words, typed with spaces", "Lusab gutih tugad mudof sakat budov", 96, 96},
	} {
		got := seal.Strength(tc.passphrase)
		if got < tc.least || got > tc.most {
			t.Errorf("%s: %.1f bits, want %v to %v", tc.name, got, tc.least, tc.most)
		}
	}
}

func TestSuggestPassphrase(t *testing.T) {
	seen := make(map[string]bool)
	for range 2000 {
		p := seal.SuggestPassphrase()
		if bits := seal.Strength(p); bits != 96 || len(p) != 35 {
			t.Errorf("%.1f bits in %d letters", bits, len(p))
		}
		if seen[p] {
			t.Error("the same twice")
		}
		seen[p] = true
	}
}

func TestStrength_isQuickOnAnything(t *testing.T) {
	for _, s := range []string{strings.Repeat("aé1!", 100_000), "\xff\xfe", strings.Repeat("abc-", 1000)} {
		if bits := seal.Strength(s); bits < 0 || bits > 600 {
			t.Errorf("%.1f bits", bits)
		}
	}
}

func BenchmarkStrength(b *testing.B) {
	long := strings.Repeat("grillage tambour ", 10)
	for b.Loop() {
		seal.Strength(long)
	}
}
