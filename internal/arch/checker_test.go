package arch

import (
	"strings"
	"testing"
	"testing/fstest"
)

const smallMap = `
# what we talk about
.         | the nouns                        |
seal      | the only room with cryptography  | .
keyring   | keys of one member               | . seal
vault     | the folder on a device           | . keyring seal
casework  | the verbs                        | . vault
web       | pages                            | . casework       never vault keyring but through casework
hub       | blind                            | . seal           never keyring
          | and stays so                     |
cmd/amana | wiring                           | . casework web

# who may read personal words
Reveal    | parse, show                      | web
`

func smallCode() fstest.MapFS {
	return fstest.MapFS{
		"nouns.go":                      file("amana", `"errors"`),
		"internal/seal/seal.go":         file("seal", `"crypto/hpke"`, `"golang.org/x/crypto/argon2"`, `"amana"`),
		"internal/keyring/keyring.go":   file("keyring", `"amana/internal/seal"`),
		"internal/vault/vault.go":       file("vault", `"amana"`, `"amana/internal/keyring"`),
		"internal/casework/casework.go": file("casework", `"amana/internal/vault"`),
		"internal/web/web.go":           file("web", `"net/http"`, `"amana/internal/casework"`),
		"internal/web/web_test.go":      file("web_test", `"crypto/rand"`, `"amana/internal/vault"`),
		"internal/hub/hub.go":           file("hub", `"amana/internal/seal"`),
		"cmd/amana/main.go":             file("main", `"os/exec"`, `"net/http"`, `"amana/internal/web"`),
		"tools/go.mod":                  {Data: []byte("module amana/tools\n")},
		"tools/tool.go":                 file("tools", `"crypto/md5"`),
		"internal/hub/testdata/bad.go":  file("bad", `"crypto/md5"`),
	}
}

func file(pkg string, imports ...string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte("package " + pkg + "\n\nimport (\n\t" + strings.Join(imports, "\n\t") + "\n)\n")}
}

func allFaults(t *testing.T, root fstest.MapFS, text string) []string {
	t.Helper()
	p, err := parsePlan(text)
	if err != nil {
		t.Fatal(err)
	}
	c, err := readCode(root)
	if err != nil {
		t.Fatal(err)
	}
	return append(append(p.faults(c), banFaults(c)...), p.revealFaults(c)...)
}

func TestChecker(t *testing.T) {
	tests := []struct {
		name string
		path string
		file *fstest.MapFile
		want string // a fault that contains it; none where empty
	}{
		{"what the map allows", "internal/web/more.go", file("web", `"amana"`), ""},
		{
			"a package without a row", "internal/misc/misc.go", file("misc", `"strings"`),
			"misc is not in docs/map.txt",
		},
		{
			"an import without leave", "internal/seal/more.go", file("seal", `"amana/internal/vault"`),
			"seal must not import vault (in internal/seal/more.go); docs/map.txt allows it: .",
		},
		{
			"a way around", "internal/hub/more.go", file("hub", `"amana/internal/vault"`),
			"hub must never reach keyring, but hub imports vault imports keyring",
		},
		{
			"a way past the verbs", "internal/web/more.go", file("web", `"amana/internal/hub"`, `"amana/internal/vault"`),
			"web must never reach keyring, but web imports vault imports keyring",
		},
		{
			"cryptography elsewhere", "internal/vault/more.go", file("vault", `"crypto/sha256"`),
			"vault must not import crypto/sha256 (in internal/vault/more.go): internal/seal is the only room",
		},
		{
			"cryptography from a module", "internal/keyring/more.go", file("keyring", `"golang.org/x/crypto/hkdf"`),
			"keyring must not import golang.org/x/crypto/hkdf",
		},
		{"repeatable chance", "internal/seal/more.go", file("seal", `"math/rand/v2"`), "seal must not import math/rand/v2"},
		{"the network", "internal/vault/more.go", file("vault", `"net/http"`), "vault must not import net/http"},
		{"another program", "internal/web/more.go", file("web", `"os/exec"`), "only the command starts other programs"},
		{"tests may have more", "internal/hub/hub_test.go", file("hub_test", `"crypto/rand"`, `"amana/internal/vault"`), ""},
		{"a helper for tests", "internal/vault/vaulttest/v.go", file("vaulttest", `"testing"`), ""},
		{
			"words read by whoever may", "internal/web/more.go",
			&fstest.MapFile{Data: []byte("package web\n\nfunc f(p interface{ Reveal() string }) string { return p.Reveal() }\n")},
			"",
		},
		{
			"words read by another", "internal/hub/more.go",
			&fstest.MapFile{Data: []byte("package hub\n\nfunc f(p interface{ Reveal() string }) string { return p.Reveal() }\n")},
			"internal/hub/more.go:3:58: hub must not read personal words",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := smallCode()
			root[tt.path] = tt.file
			got := strings.Join(allFaults(t, root, smallMap), "\n")
			if tt.want == "" && got != "" {
				t.Errorf("faults:\n%s\nwant none", got)
			}
			if !strings.Contains(got, tt.want) {
				t.Errorf("faults:\n%s\nwant one with %q", got, tt.want)
			}
		})
	}
}

func TestChecker_namesPackagesThatAreNotThere(t *testing.T) {
	root := smallCode()
	delete(root, "internal/hub/hub.go")
	got := strings.Join(allFaults(t, root, smallMap), "\n")
	if want := "docs/map.txt has a row for hub, but there is no such package"; got != want {
		t.Errorf("faults = %q, want %q", got, want)
	}
}

func TestParsePlan_refusesContradictions(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"a missing column", "web | pages\n", "line 1: 2 columns"},
		{"two rows", "web | a |\nweb | b |\n", "line 2: web has two rows"},
		{"an unknown package", "web | a | vault\n", "web names vault, which has no row"},
		{"may and never", "vault | a |\nweb | a | vault never vault\n", "web may import vault and must never reach it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parsePlan(tt.text)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("err = %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestSizeFaults(t *testing.T) {
	long := func(lines int) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("package p\n\nfunc f() {\n" + strings.Repeat("\tg()\n", lines) + "}\n")}
	}
	root := fstest.MapFS{
		"fits.go":      long(mostFuncLines),
		"over.go":      long(mostFuncLines + 1),
		"over_test.go": long(mostFuncLines + 1),
		"huge_test.go": long(mostFileLines),
		"said.go": {Data: []byte("package p\n\nfunc f() {\n" + strings.Repeat("\tg()\n", mostFuncLines) +
			strings.Repeat("\t// why\n", 9) + "}\n")},
	}
	got, err := sizeFaults(root)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"huge_test.go has 604 lines, 600 are allowed: it is two things",
		"over.go:3: f has 61 lines, 60 are allowed",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("faults:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestWordFaults(t *testing.T) {
	mark := "TO" + "DO"
	root := fstest.MapFS{
		"a.go":      {Data: []byte("package a\n\n// " + mark + ": later\n")},
		"b.md":      {Data: []byte("All done.\n")},
		"c.png":     {Data: []byte(mark)},
		"docs/d.md": {Data: []byte(mark)},
	}
	got, err := wordFaults(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || !strings.HasPrefix(got[0], "a.go:3: ") || !strings.HasPrefix(got[1], "docs/d.md:1: ") {
		t.Errorf("faults = %q, want a.go:3 and docs/d.md:1", got)
	}
}
