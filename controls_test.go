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

// Who adds a control has to look at each place that decides by its kind. docs/adding.md names the files: all of them, and no others.
// What only acts on watermarks and passes the rest on decides nothing about a new kind.
func TestWhoDecidesByControls(t *testing.T) {
	named := slices.DeleteFunc(filesOf(t, "A control"), func(name string) bool {
		return name == "internal/engine/control.go" || name == "internal/engine/reading.go" // where the kinds are, and who sends them
	})
	kinds := controlKindsOf(t)
	require.Contains(t, kinds, "Barrier")
	// Of a watermark and all the rest these make a difference.
	apart := []string{"internal/engine/lanes.go", "stream/combined.go"}
	var deciding []string
	for _, dir := range []string{"internal/engine", "stream"} {
		for _, file := range sourcesOf(t, dir) {
			by := decidesBy(t, file, "engine", kinds, dir == "stream")
			file = filepath.ToSlash(file)
			if len(by) == 0 || slices.Equal(by, []string{"Watermark"}) && !slices.Contains(apart, file) {
				continue
			}
			deciding = append(deciding, file)
		}
	}
	slices.Sort(deciding)
	require.Equal(t, deciding, named)
}

// Who adds a kind of windows has to look at each place that goes by it. docs/adding.md names the files outside of window.
func TestWhoGoesByWindows(t *testing.T) {
	kinds := slices.DeleteFunc(constantsOf(t, filepath.Join("window", "spec.go")), func(name string) bool { return !strings.HasPrefix(name, "Kind") })
	require.Contains(t, kinds, "KindTumbling")
	var going []string
	for _, file := range productFiles(t) {
		if !strings.HasPrefix(file, "window/") && !strings.HasPrefix(file, "bench/") && len(decidesBy(t, file, "window", kinds, true)) > 0 {
			going = append(going, file)
		}
	}
	named := slices.DeleteFunc(filesOf(t, "A kind of windows"), func(name string) bool {
		return strings.HasPrefix(name, "window/") || name == "internal/panes/roller.go" // which sliced.go chooses
	})
	require.Equal(t, going, named)
}

// filesOf returns the files that a part of docs/adding.md names with their folders, each once.
func filesOf(t *testing.T, part string) []string {
	page, err := os.ReadFile(filepath.Join("docs", "adding.md"))
	require.NoError(t, err)
	_, about, found := strings.Cut(string(page), "\n## "+part+"\n")
	require.True(t, found)
	about, _, _ = strings.Cut(about, "\n## ")
	var named []string
	for _, m := range regexp.MustCompile("`([a-z]+/[a-z_/]+\\.go)`").FindAllStringSubmatch(about, -1) {
		named = append(named, m[1])
	}
	slices.Sort(named)
	return slices.Compact(named)
}

// controlKindsOf returns the names of the kinds of controls.
func controlKindsOf(t *testing.T) []string {
	return constantsOf(t, filepath.Join("internal", "engine", "control.go"))
}

// constantsOf returns the names of all constants of a file.
func constantsOf(t *testing.T, path string) (names []string) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	require.NoError(t, err)
	for _, decl := range file.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			continue
		}
		for _, spec := range group.Specs {
			for _, name := range spec.(*ast.ValueSpec).Names {
				names = append(names, name.Name)
			}
		}
	}
	return names
}

func sourcesOf(t *testing.T, dir string) []string {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	return slices.DeleteFunc(files, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
}

// decidesBy returns the kinds that something in a file is compared with, in order. Where they are qualified they are those of a package.
func decidesBy(t *testing.T, file, pkg string, kinds []string, qualified bool) (by []string) {
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
			if of, ok := x.X.(*ast.Ident); ok && qualified && of.Name == pkg {
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
