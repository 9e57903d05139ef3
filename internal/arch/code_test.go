package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

const module = "amana"

// code is the project's packages by the name that docs/map.txt has for them:
// the folder, without internal/.
type code map[string]*pkg

// pkg is one package without its tests.
type pkg struct {
	imports map[string]string // import path → a file that has it
	reveals []string          // where personal words are read: file:line
}

// readCode parses every Go file of the module that is not a test.
func readCode(root fs.FS) (code, error) {
	c := code{}
	err := walk(root, func(file string) error {
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		return c.read(root, file)
	})
	return c, err
}

// walk visits the project's own files: not .git, not testdata, not modules within.
func walk(root fs.FS, visit func(file string) error) error {
	return fs.WalkDir(root, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !d.IsDir():
			return visit(p)
		case p == ".":
			return nil
		case d.Name() == "testdata" || strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		}
		if _, err := fs.Stat(root, path.Join(p, "go.mod")); err == nil {
			return fs.SkipDir
		}
		return nil
	})
}

func (c code) read(root fs.FS, file string) error {
	src, err := fs.ReadFile(root, file)
	if err != nil {
		return err
	}
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, file, src, parser.SkipObjectResolution)
	if err != nil {
		return fmt.Errorf("reading code: %w", err)
	}
	name := strings.TrimPrefix(path.Dir(file), "internal/")
	if c[name] == nil {
		c[name] = &pkg{imports: map[string]string{}}
	}
	for _, spec := range parsed.Imports {
		imp, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return fmt.Errorf("%s: import %s: %w", file, spec.Path.Value, err)
		}
		c[name].imports[imp] = file
	}
	c[name].reveals = append(c[name].reveals, reveals(fset, parsed)...)
	return nil
}

// reveals finds mentions of Reveal on something, called or handed on.
func reveals(fset *token.FileSet, file *ast.File) []string {
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "Reveal" {
			found = append(found, fset.Position(sel.Sel.Pos()).String())
		}
		return true
	})
	return found
}

// names returns the packages in order.
func (c code) names() []string { return slices.Sorted(maps.Keys(c)) }

// own returns the packages of this module that p imports.
func (p *pkg) own() []string {
	var own []string
	for _, imp := range slices.Sorted(maps.Keys(p.imports)) {
		if name, ok := nameOf(imp); ok {
			own = append(own, name)
		}
	}
	return own
}

// importerOf returns a file that imports the package of this module.
func (p *pkg) importerOf(name string) string {
	for imp, file := range p.imports {
		if n, ok := nameOf(imp); ok && n == name {
			return file
		}
	}
	return ""
}

// nameOf turns an import path into the map's name for it.
func nameOf(imp string) (string, bool) {
	if imp == module {
		return ".", true
	}
	rest, ok := strings.CutPrefix(imp, module+"/")
	return strings.TrimPrefix(rest, "internal/"), ok
}

// way returns a shortest chain of imports from one package to another that
// passes none of the packages in around, or nil.
func (c code) way(from, to string, around []string) []string {
	ways := map[string][]string{from: {from}}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if c[at] == nil {
			continue
		}
		for _, next := range c[at].own() {
			if ways[next] != nil || slices.Contains(around, next) {
				continue
			}
			ways[next] = append(slices.Clip(ways[at]), next)
			if next == to {
				return ways[next]
			}
			queue = append(queue, next)
		}
	}
	return nil
}
