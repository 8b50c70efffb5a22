package pattern_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"testing"

	"ines/shared/pattern"
)

// TestEveryPattern: a mistake in a pattern of ours is found here, and not by whoever
// is the first to need it. What an expression is put together from must be written in
// the same file.
func TestEveryPattern(t *testing.T) {
	root, compiled := os.DirFS("../.."), 0
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := fs.ReadFile(root, path)
		if err != nil || !strings.Contains(string(source), "pattern.Late{") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, source, 0)
		if err != nil {
			return err
		}
		names := map[string]string{}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == len(spec.Names) {
				for i, name := range spec.Names {
					if v, ok := text(spec.Values[i], names); ok {
						names[name.Name] = v
					}
				}
			}
			if kv, ok := n.(*ast.KeyValueExpr); ok {
				if key, ok := kv.Key.(*ast.Ident); ok && key.Name == "Expr" {
					expr, ok := text(kv.Value, names)
					if !ok {
						t.Errorf("%s: a pattern is no constant that can be read here", path)
						return true
					}
					pattern.Compile(expr)
					compiled++
				}
			}
			return true
		})
		return nil
	})
	if err != nil || compiled < 50 {
		t.Errorf("%d patterns compiled: %v", compiled, err)
	}
}

func text(e ast.Expr, names map[string]string) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		return s, err == nil
	case *ast.Ident:
		s, ok := names[e.Name]
		return s, ok
	case *ast.BinaryExpr:
		x, ok := text(e.X, names)
		y, also := text(e.Y, names)
		return x + y, ok && also && e.Op == token.ADD
	}
	return "", false
}

func TestWordEdges(t *testing.T) {
	word := pattern.Late{Expr: `‹(été)›`}
	for said, want := range map[string]bool{"cet été.": true, "été": true, "répété": false, "étéä": false} {
		if got := word.MatchString(said); got != want {
			t.Errorf("%q: %v", said, got)
		}
	}
}
