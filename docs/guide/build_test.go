package guide_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/racing"
)

// build compiles all programs into one, which runs the one that FRESHET_GUIDE names. They
// are files of one package: so what they have in common, such as the windows of
// orders, is compiled once and not for each, and linked once. What each declares has a
// number behind its name there.
//
// The package is an overlay of this module: nothing is written beside the pages, and its
// imports are those of go.mod.
func build(t testing.TB, all []program) string {
	t.Helper()
	noteLibrary(t)
	dir := t.TempDir()
	here, err := os.Getwd()
	require.NoError(t, err)
	overlay := map[string]string{}
	add := func(name, text string) {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		overlay[filepath.Join(here, "programs", name)] = path
	}

	var mains, tests strings.Builder
	for n, p := range all {
		declared := declaredBy(t, p)
		for i, f := range p.files {
			text := renamed(t, f, declared, n)
			// What the compiler complains of has the page's line.
			add(fmt.Sprintf("p%d_%d.go", n, i), fmt.Sprintf("//line %s:%d\n%s", filepath.Join(here, f.page), f.line, text))
		}
		if !p.main.word("test") {
			fmt.Fprintf(&mains, "\t%q: main_%d,\n", p.name, n)
			continue
		}
		fmt.Fprintf(&tests, "\t%q: {\n", p.name)
		for _, name := range declared {
			if strings.HasPrefix(name, "Test") {
				fmt.Fprintf(&tests, "\t\t{Name: %q, F: %s_%d},\n", name, name, n)
			}
		}
		fmt.Fprint(&tests, "\t},\n")
	}
	add("main.go", fmt.Sprintf(dispatch, mains.String(), tests.String()))

	list, err := json.Marshal(map[string]any{"Replace": overlay})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "overlay.json"), list, 0o644))
	binary := filepath.Join(dir, "programs.exe")
	// What the programs import is compiled as for other tests, which may have done so already. The programs themselves need not be fast:
	// without optimizations and tables for debuggers they take 22 s of processor time, and 37 with them.
	c := exec.Command("go", "build", "-overlay", filepath.Join(dir, "overlay.json"), fmt.Sprintf("-race=%t", racing.On),
		"-gcflags=-N -l", "-ldflags=-s -w", "-o", binary, "./programs")
	out, err := c.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return binary
}

// noteLibrary looks at the folders of the library. The go command takes what a test has said before from its cache
// if nothing that the test imports, or looks at, has changed, and the programs are built by another process.
func noteLibrary(t testing.TB) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(filepath.Join("..", ".."), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && strings.HasPrefix(d.Name(), ".") && d.Name() != ".." {
			return filepath.SkipDir
		}
		return err
	}))
}

// dispatch is the main function of the program of all programs.
const dispatch = `package main

import (
	"flag"
	"os"
	"testing"
)

var mains = map[string]func(){
%s}

var tests = map[string][]testing.InternalTest{
%s}

func main() {
	name := os.Getenv("FRESHET_GUIDE")
	if f, ok := mains[name]; ok {
		f()
		return
	}
	testing.Init()
	flag.Parse()
	any := func(pattern, name string) (bool, error) { return true, nil }
	if len(tests[name]) == 0 || !testing.RunTests(any, tests[name]) {
		os.Exit(1)
	}
}
`

// declaredBy returns the names that a program declares at the top of its files.
func declaredBy(t testing.TB, p program) (names []string) {
	t.Helper()
	for _, f := range p.files {
		parsed, err := parser.ParseFile(token.NewFileSet(), f.page, f.text, 0)
		require.NoError(t, err, "%s", f)
		require.Equal(t, "main", parsed.Name.Name, "%s: the package", f)
		for _, d := range parsed.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil {
					names = append(names, d.Name.Name)
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					switch s := s.(type) {
					case *ast.TypeSpec:
						names = append(names, s.Name.Name)
					case *ast.ValueSpec:
						for _, name := range s.Names {
							names = append(names, name.Name)
						}
					}
				}
			}
		}
	}
	return names
}

// renamed returns the text of a file with the number of its program behind each of the
// names. Variables of functions that have one of the names are renamed as well, which
// changes nothing. Fields and methods are not. Lines stay what they are.
func renamed(t testing.TB, f block, names []string, number int) string {
	t.Helper()
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, f.page, f.text, 0)
	require.NoError(t, err, "%s", f)

	stays := map[*ast.Ident]bool{parsed.Name: true}
	var ends []int
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			stays[n.Sel] = true
		case *ast.FuncDecl:
			stays[n.Name] = n.Recv != nil
		case *ast.StructType:
			for _, field := range n.Fields.List {
				for _, name := range field.Names {
					stays[name] = true
				}
			}
		case *ast.InterfaceType:
			for _, method := range n.Methods.List {
				for _, name := range method.Names {
					stays[name] = true
				}
			}
		case *ast.KeyValueExpr: // of a struct, most likely
			if key, ok := n.Key.(*ast.Ident); ok {
				stays[key] = true
			}
		case *ast.Ident:
			if !stays[n] && slices.Contains(names, n.Name) {
				ends = append(ends, set.Position(n.End()).Offset)
			}
		}
		return true
	})
	slices.Sort(ends)
	var b strings.Builder
	from := 0
	for _, end := range ends {
		fmt.Fprintf(&b, "%s_%d", f.text[from:end], number)
		from = end
	}
	b.WriteString(f.text[from:])
	return b.String()
}
