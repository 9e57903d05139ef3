package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"strings"
)

const (
	mostFileLines = 600 // tests too: nobody reads further
	mostFuncLines = 60  // tests exempt: a table may be long
)

// sizeFaults finds files and functions that outgrew the reader.
func sizeFaults(root fs.FS) ([]string, error) {
	var faults []string
	err := walk(root, func(file string) error {
		if !strings.HasSuffix(file, ".go") {
			return nil
		}
		src, err := fs.ReadFile(root, file)
		if err != nil {
			return err
		}
		if lines := strings.Count(string(src), "\n"); lines > mostFileLines {
			faults = append(faults, fmt.Sprintf("%s has %d lines, %d are allowed: it is two things",
				file, lines, mostFileLines))
		}
		if strings.HasSuffix(file, "_test.go") {
			return nil
		}
		long, err := longFuncs(file, src)
		faults = append(faults, long...)
		return err
	})
	return faults, err
}

func longFuncs(file string, src []byte) ([]string, error) {
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, file, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("reading code: %w", err)
	}
	line := func(p token.Pos) int { return fset.Position(p).Line }
	var faults []string
	for _, decl := range parsed.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		lines := line(fn.Body.Rbrace) - line(fn.Body.Lbrace) - 1
		for _, comment := range parsed.Comments {
			if comment.Pos() > fn.Body.Lbrace && comment.End() < fn.Body.Rbrace {
				lines -= line(comment.End()) - line(comment.Pos()) + 1
			}
		}
		if lines > mostFuncLines {
			faults = append(faults, fmt.Sprintf("%s:%d: %s has %d lines, %d are allowed",
				file, line(fn.Pos()), fn.Name.Name, lines, mostFuncLines))
		}
	}
	return faults, nil
}

// textFiles are the endings of files that people write.
var textFiles = []string{".go", ".md", ".txt", ".css", ".js", ".html", ".tmpl", ".json", ".sql", ".yml", ".sh"}

// wordFaults finds marks of unfinished work.
func wordFaults(root fs.FS) ([]string, error) {
	marks := []string{"TO" + "DO", "FIX" + "ME", "XX" + "X:", "HA" + "CK:", "<<<<" + "<<<"}
	var faults []string
	err := walk(root, func(file string) error {
		if !hasEnding(file, textFiles) {
			return nil
		}
		src, err := fs.ReadFile(root, file)
		if err != nil {
			return err
		}
		for i, line := range strings.Split(string(src), "\n") {
			for _, mark := range marks {
				if strings.Contains(line, mark) {
					faults = append(faults, fmt.Sprintf("%s:%d: %s: do it, or file it", file, i+1, mark))
				}
			}
		}
		return nil
	})
	return faults, err
}

func hasEnding(file string, endings []string) bool {
	for _, e := range endings {
		if strings.HasSuffix(file, e) {
			return true
		}
	}
	return false
}
