package freshet

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Who adds a control has to look at each place that decides by its kind. doc.go names the files: all of them, and no others.
// What only acts on watermarks and passes the rest on decides nothing about a new kind.
func TestWhoDecidesByControls(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	_, about, found := strings.Cut(string(doc), "\n// A control that travels between events")
	require.True(t, found)
	about, _, _ = strings.Cut(about, "\n//\n")
	named := regexp.MustCompile(`[a-z]+\.go\b`).FindAllString(about, -1)
	slices.Sort(named)
	named = slices.DeleteFunc(slices.Compact(named), func(name string) bool {
		return name == "control.go" // where the kinds are
	})
	kinds := controlKindsOf(t)
	require.Contains(t, kinds, "Barrier")
	// Of a watermark and all the rest these make a difference.
	apart := []string{"lanes.go", "combined.go"}
	var deciding []string
	for _, dir := range []string{filepath.Join("internal", "engine"), "stream"} {
		for _, file := range sourcesOf(t, dir) {
			by := decidesBy(t, file, kinds, dir == "stream")
			base := filepath.Base(file)
			if len(by) == 0 || slices.Equal(by, []string{"Watermark"}) && !slices.Contains(apart, base) {
				continue
			}
			deciding = append(deciding, base)
		}
	}
	slices.Sort(deciding)
	require.Equal(t, deciding, named)
}

// controlKindsOf returns the names of the kinds of controls.
func controlKindsOf(t *testing.T) (kinds []string) {
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("internal", "engine", "control.go"), nil, 0)
	require.NoError(t, err)
	for _, decl := range file.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			continue
		}
		for _, spec := range group.Specs {
			for _, name := range spec.(*ast.ValueSpec).Names {
				kinds = append(kinds, name.Name)
			}
		}
	}
	return kinds
}

func sourcesOf(t *testing.T, dir string) []string {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	return slices.DeleteFunc(files, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
}

// decidesBy returns the kinds that something in a file is compared with, in order. In other packages than their own they are
// those of engine.
func decidesBy(t *testing.T, file string, kinds []string, qualified bool) (by []string) {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	require.NoError(t, err)
	compared := func(e ast.Expr) {
		name := ""
		switch x := e.(type) {
		case *ast.Ident:
			if !qualified {
				name = x.Name
			}
		case *ast.SelectorExpr:
			if of, ok := x.X.(*ast.Ident); ok && qualified && of.Name == "engine" {
				name = x.Sel.Name
			}
		}
		if slices.Contains(kinds, name) {
			by = append(by, name)
		}
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.BinaryExpr:
			if x.Op == token.EQL || x.Op == token.NEQ {
				compared(x.X)
				compared(x.Y)
			}
		case *ast.CaseClause:
			for _, e := range x.List {
				compared(e)
			}
		}
		return true
	})
	slices.Sort(by)
	return slices.Compact(by)
}
