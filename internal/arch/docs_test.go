package arch

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"amana"
	"amana/internal/record"
)

// Documents name tests, files, functions and sections. What they name is there.

var namedTest = regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9_]+)`")

// TestDocs_namedTestsExist: a promise that is held by a test is held by one that exists.
func TestDocs_namedTestsExist(t *testing.T) {
	root := os.DirFS("../..")
	have, err := declared(root, func(file string) bool { return strings.HasSuffix(file, "_test.go") })
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]bool{}
	for _, names := range have {
		for _, name := range names {
			tests[name] = true
		}
	}
	named := 0
	for doc, text := range documents(t, root) {
		for _, m := range namedTest.FindAllStringSubmatch(text, -1) {
			if named++; !tests[m[1]] {
				t.Errorf("%s names %s, which no test file has", doc, m[1])
			}
		}
	}
	if named < 40 {
		t.Errorf("documents name %d tests: they are not read as they are written", named)
	}
}

// step is "file.go: name" or "file.go: Type.name" in a document.
var step = regexp.MustCompile("`([a-z0-9_/]+\\.go)`: `([A-Za-z0-9_.]+)`")

// TestDocs_namedFunctionsExist: the path of a saved word is the one that code takes.
func TestDocs_namedFunctionsExist(t *testing.T) {
	root := os.DirFS("../..")
	have, err := declared(root, func(file string) bool { return strings.HasSuffix(file, ".go") })
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for doc, text := range documents(t, root) {
		for _, m := range step.FindAllStringSubmatch(text, -1) {
			if named++; !slices.Contains(have[m[1]], m[2]) {
				t.Errorf("%s says that %s is in %s, and it is not", doc, m[2], m[1])
			}
		}
	}
	if named < 20 {
		t.Errorf("documents name %d functions: they are not read as they are written", named)
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)
	citing  = regexp.MustCompile(`(?:format §|format\.md,? section )(\d+(?:\.\d+)?)`)
	heading = regexp.MustCompile(`(?m)^#+ (\d+(?:\.\d+)?)[. ]`)
)

// TestDocs_linksLeadSomewhere: a file that a document links is there.
func TestDocs_linksLeadSomewhere(t *testing.T) {
	root := os.DirFS("../..")
	for doc, text := range documents(t, root) {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if _, err := fs.Stat(root, path.Join(path.Dir(doc), m[1])); err != nil {
				t.Errorf("%s links %s, which is not there", doc, m[1])
			}
		}
	}
}

// TestDocs_citedSectionsExist: what code says of the format stands in the format.
func TestDocs_citedSectionsExist(t *testing.T) {
	root := os.DirFS("../..")
	format, err := fs.ReadFile(root, "docs/format.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(string(format), -1) {
		sections[m[1]] = true
	}
	err = walk(root, func(file string) error {
		if !strings.HasSuffix(file, ".go") {
			return nil
		}
		src, err := fs.ReadFile(root, file)
		for _, m := range citing.FindAllStringSubmatch(string(src), -1) {
			if !sections[m[1]] {
				t.Errorf("%s cites section %s of docs/format.md, which has none", file, m[1])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestDocs_formatHasEveryField: a reader of the format finds every field's name.
func TestDocs_formatHasEveryField(t *testing.T) {
	format, err := os.ReadFile("../../docs/format.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []amana.Kind{amana.KindIdentity, amana.KindCase} {
		for _, f := range record.Fields(kind) {
			name := strings.Replace(f.Name, "/", "/…/", 1)
			if want := fmt.Sprintf("`%s` %s", name, f.Type); !strings.Contains(strings.Join(strings.Fields(string(format)), " "), want) {
				t.Errorf("docs/format.md has no %s", want)
			}
		}
	}
}

// TestDocs_guidesNameWhatPagesSay: what is bold in a guide stands on a page.
func TestDocs_guidesNameWhatPagesSay(t *testing.T) {
	bold := regexp.MustCompile(`\*\*([^*]+)\*\*`)
	for guide, language := range map[string]string{"user-guide.md": "en", "guide-utilisateur.md": "fr"} {
		said := messages(t, language)
		text, err := os.ReadFile("../../docs/" + guide)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range bold.FindAllStringSubmatch(string(text), -1) {
			if m[1] != "bold" && m[1] != "gras" && !said[strings.Join(strings.Fields(m[1]), " ")] {
				t.Errorf("docs/%s: no page says %q", guide, m[1])
			}
		}
	}
}

// messages returns everything that pages say in a language.
func messages(t *testing.T, language string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("../i18n/locales/" + language + "/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no messages: %v", err)
	}
	said := map[string]bool{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var all map[string]any // a message, or one for each plural
		if err := json.Unmarshal(raw, &all); err != nil {
			t.Fatal(err)
		}
		for _, message := range all {
			if one, ok := message.(string); ok {
				said[one] = true
			}
		}
	}
	return said
}

// documents returns what people read, by path.
func documents(t *testing.T, root fs.FS) map[string]string {
	t.Helper()
	docs := map[string]string{}
	err := walk(root, func(file string) error {
		if !strings.HasSuffix(file, ".md") {
			return nil
		}
		text, err := fs.ReadFile(root, file)
		docs[file] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

// declared returns the functions, methods (as Type.name) and types of each file.
func declared(root fs.FS, wanted func(string) bool) (map[string][]string, error) {
	names := map[string][]string{}
	err := walk(root, func(file string) error {
		if !wanted(file) {
			return nil
		}
		src, err := fs.ReadFile(root, file)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, src, parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("reading code: %w", err)
		}
		for _, d := range parsed.Decls {
			names[file] = append(names[file], namesOf(d)...)
		}
		return nil
	})
	return names, err
}

func namesOf(d ast.Decl) (names []string) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		name := d.Name.Name
		if d.Recv != nil {
			name = receiver(d.Recv.List[0].Type) + "." + name
		}
		return []string{name}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, spec.Name.Name)
			case *ast.ValueSpec:
				for _, n := range spec.Names {
					names = append(names, n.Name)
				}
			}
		}
	}
	return names
}

func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	default:
		return strconv.Quote(fmt.Sprintf("%T", e))
	}
}
