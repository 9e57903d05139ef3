package e2e

import "testing"

// TestDemo walks the demo, as several people at once do.
func TestDemo(t *testing.T) {
	t.Parallel()
	d, b := startDemo(t, "--cases", "40"), startBrowser(t)
	tests := map[string]func(*testing.T, *demo, *browser){
		"walk":     testWalk,
		"everyone": testEveryone,
		"import":   testImport,
		"estimate": testEstimate,
		"services": testServices,
		"public":   testPublicPage,
		"phone":    testPhone,
	}
	t.Run("at once", func(t *testing.T) {
		for name, test := range tests {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				test(t, d, b)
			})
		}
	})
}
