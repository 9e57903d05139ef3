package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

// gateTypes are what only a gate can make: an exporter takes one of them, and so
// cannot be called without passing it. Whatever is about somebody is release.Cleared.
// The other two are of nobody: a directory of services is what the organisation wrote
// down of others' doors, and figures are counts, of which package disclose proves that
// they tell of no person; a consent could not be looked up for either.
var gateTypes = []string{
	"release.Cleared",
	"directory.Projection", "Projection", // what an audience may know of services: directory.For
	"disclose.Safe", "disclose.SafeRows", "Safe", "tabulate.Table", // figures: package disclose
}

// outward are the packages that make what leaves for others to read.
var outward = []string{
	"internal/brief", "internal/huridocs", "internal/dossier", "internal/directory", "internal/tabulate", "internal/referral", "internal/letter", "internal/parcel",
	"internal/exchange",
}

// exports are how functions are named that make what leaves.
var exports = []string{"Write", "Compose", "Pack", "Seal"}

// inside write to a writer and export nothing: what they write is sealed, or is of no
// person.
var inside = map[string]string{
	"internal/casework Backup": "sealed, for this organisation", "internal/vault Backup": "sealed, for this organisation",
	"internal/vault Pair": "sealed, for a device of this organisation", "internal/seal Seal": "seals",
	"internal/casework Pair": "sealed, for a device of this organisation", "internal/casework WriteBundleTo": "sealed entries and files, for this organisation",
	"internal/casework WriteBundleFor": "sealed entries, for this organisation", "internal/casework AnswerDevice": "sealed, for a device of this organisation",
	"internal/vault PairStart": "sealed, for a device of this organisation", "internal/casework PairStart": "sealed, for a device of this organisation",
	"internal/casework AnswerDeviceStart": "sealed, for a device of this organisation",
	"internal/vault WriteBundle":          "sealed entries, for this organisation", "internal/casework WriteBundleWhole": "sealed entries and files, for this organisation",
	"internal/bench WriteJSON": "measurements", "internal/bench WriteTable": "measurements",
	"internal/casework ExportRecorder":    "passes the gate part by part; only RecorderWriter.Add writes rows, and takes what it cleared",
	"internal/exchange NewRecorderWriter": "writes headers; rows come by Add, which takes what was cleared",
	"internal/casework Dossier":           "hands out what dossier.Write wrote, which takes a release.Cleared",
	"internal/casework Export":            "hands out what ExportRecorder wrote",
	"internal/scrub Copy":                 "a working copy, sealed as it is made: casework keeps it and nobody else is handed it",
	"internal/translate Write":            "texts of the program, for translators; of no person",
	"internal/letter SealAnswer":          "what became of a letter that came: a state, a reason from a list and a day; whom it was about, only its sender knows",
}

// exported are the exported functions of a file: name, and the types of parameters.
func exported(src []byte) (funcs map[string][]string, err error) {
	file, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	funcs = map[string][]string{}
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || !f.Name.IsExported() {
			continue
		}
		params := []string{}
		if f.Recv != nil {
			params = append(params, strings.TrimPrefix(types.ExprString(f.Recv.List[0].Type), "*"))
		}
		for _, p := range f.Type.Params.List {
			params = append(params, types.ExprString(p.Type))
		}
		funcs[f.Name.Name] = params
	}
	return funcs, nil
}

// TestExporters: whoever writes for others takes what a gate made. It reads the
// signatures, so a new exporter is here before it is used.
func TestExporters_takeWhatAGateMade(t *testing.T) {
	root := os.DirFS("../..")
	gated, known := 0, map[string]bool{}
	err := walk(root, func(file string) error {
		pkg := path.Dir(file)
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") || !strings.HasPrefix(pkg, "internal/") {
			return nil
		}
		src, err := fs.ReadFile(root, file)
		if err != nil {
			return err
		}
		funcs, err := exported(src)
		if err != nil {
			return err
		}
		for name, params := range funcs {
			out := slices.Contains(outward, pkg) && slices.ContainsFunc(exports, func(p string) bool { return strings.HasPrefix(name, p) || name == "Add" })
			if !slices.Contains(params, "io.Writer") && !out {
				continue
			}
			switch why := inside[pkg+" "+name]; {
			case why != "":
				known[pkg+" "+name] = true
			case !slices.ContainsFunc(params, func(p string) bool { return slices.Contains(gateTypes, p) }):
				t.Errorf("%s: %s(%s) writes for others and takes nothing that a gate made", file, name, strings.Join(params, ", "))
			default:
				gated++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if gated < 8 {
		t.Errorf("%d exporters found: they are not read as they are written", gated)
	}
	for name := range inside {
		if !known[name] {
			t.Errorf("%s is no function any more: take it off the list", name)
		}
	}
}

// TestCleared: no other package has a way to make what the gate makes.
func TestCleared_onlyTheGateMakesOne(t *testing.T) {
	root := os.DirFS("../..")
	err := walk(root, func(file string) error {
		if !strings.HasSuffix(file, ".go") || strings.HasPrefix(file, "internal/release/") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		src, err := fs.ReadFile(root, file)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if lit, ok := n.(*ast.CompositeLit); ok && lit.Type != nil && types.ExprString(lit.Type) == "release.Cleared" && len(lit.Elts) > 0 {
				t.Errorf("%s makes a release.Cleared", file)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	src, err := fs.ReadFile(root, "internal/release/cleared.go")
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	fields := 0
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok || spec.Name.Name != "Cleared" {
			return true
		}
		for _, f := range spec.Type.(*ast.StructType).Fields.List {
			for _, name := range f.Names {
				if fields++; name.IsExported() {
					t.Errorf("Cleared.%s can be set by anybody", name.Name)
				}
			}
		}
		return false
	})
	if fields < 5 {
		t.Errorf("Cleared has %d fields: it is not read as it is written", fields)
	}
}
