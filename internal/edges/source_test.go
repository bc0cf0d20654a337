package edges_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// A declared function is one of package stream's that makes operators or
// options, or of a package beside it, as its source has it.
type declared struct {
	name    string // "Stream.Filter", "Try", "InOrder", "pattern.Match"
	params  map[string]string
	results []string
}

// declarations returns the exported functions and methods of these packages.
func declarations(t *testing.T) []declared {
	all, err := parsed()
	require.NoError(t, err)
	require.NotEmpty(t, all)
	return all
}

var parsed = sync.OnceValues(func() (all []declared, err error) {
	for _, dir := range []string{"", "pattern/"} { // of package stream, and of those beside it that add operators
		all, err = declaredIn(dir, all)
		if err != nil {
			return nil, err
		}
	}
	return all, nil
})

// declaredIn adds the functions and methods of a folder of stream.
func declaredIn(dir string, all []declared) ([]declared, error) {
	files, err := filepath.Glob("../../stream/" + dir + "*.go")
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, text, 0)
		if err != nil {
			return nil, err
		}
		show := func(n ast.Node) string {
			return string(text[set.Position(n.Pos()).Offset:set.Position(n.End()).Offset])
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !f.Name.IsExported() {
				continue
			}
			x := declared{name: f.Name.Name, params: map[string]string{}}
			if f.Recv != nil {
				x.name = base(show(f.Recv.List[0].Type)) + "." + x.name
			}
			x.name = strings.ReplaceAll(dir, "/", ".") + x.name
			for _, p := range f.Type.Params.List {
				for _, n := range p.Names {
					x.params[n.Name] = show(p.Type)
				}
			}
			if f.Type.Results != nil {
				for _, r := range f.Type.Results.List {
					for range max(1, len(r.Names)) {
						x.results = append(x.results, base(strings.TrimPrefix(show(r.Type), "[]")))
					}
				}
			}
			all = append(all, x)
		}
	}
	return all, nil
}

// base is a type without a star, without its package where that is stream, and without arguments.
func base(of string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(of, "*"), "[")
	return strings.TrimPrefix(name, "stream.")
}

var handles = []string{"Stream", "Keyed", "Windowed", "Table", "Grouped", "Ordered"}

// declaredOperators returns what makes operators: what gives a stream, and To.
func declaredOperators(t *testing.T) (all []declared) {
	for _, d := range declarations(t) {
		recv, _, _ := strings.Cut(strings.TrimPrefix(d.name, "pattern."), ".")
		if !ast.IsExported(recv) {
			continue
		}
		gives := slices.ContainsFunc(d.results, func(r string) bool { return slices.Contains(handles, r) })
		if gives || d.name == "Stream.To" {
			all = append(all, d)
		}
	}
	return all
}

// declaredOptions returns the names of the functions that give an option.
func declaredOptions(t *testing.T, kind string) (names []string) {
	for _, d := range declarations(t) {
		if len(d.results) == 1 && d.results[0] == kind && !strings.HasPrefix(d.name, "pattern.") { // whose own are of Match alone
			names = append(names, d.name)
		}
	}
	slices.Sort(names)
	return names
}

// A role is what a parameter of an operator is, which decides what is asked of it.
type role int

const (
	roleNone     role = iota
	roleFunction      // it is called: it may be nil, and it may fail
	roleValue         // an interface of the caller's: it may be nil
	roleHandle        // a stream: it may be zero
	roleSetting       // what state may depend on
)

func roleOf(param string) role {
	switch name := base(param); {
	case strings.HasPrefix(param, "func("):
		return roleFunction
	case slices.Contains([]string{"Operator", "KeyedOperator", "CoOperator", "Source", "Sink", "window.Aggregator", "over.Selection"}, name):
		return roleValue
	case slices.Contains(handles, name) || strings.HasPrefix(param, "...Stream[") || strings.HasPrefix(param, "[]Stream["):
		return roleHandle
	case slices.Contains([]string{"time.Duration", "window.Spec", "JoinKind", "int", "float64"}, name):
		return roleSetting
	case strings.HasPrefix(param, "..."), name == "Pattern":
		return roleNone // options, and what is made of functions and settings: see operator.inner
	}
	panic("a parameter of type " + param + ": what is to be asked of it?")
}

// The table has every operator, and nothing else.
func TestEveryOperatorIsHere(t *testing.T) {
	var want, got []string
	for _, d := range declaredOperators(t) {
		want = append(want, d.name)
	}
	for _, o := range operators {
		got = append(got, o.name)
	}
	require.ElementsMatch(t, want, got)
}

// declarationOf returns how the source declares an operator.
func declarationOf(t *testing.T, name string) declared {
	for _, d := range declaredOperators(t) {
		if d.name == name {
			return d
		}
	}
	require.Fail(t, "no operator "+name)
	return declared{}
}

// paramsOf returns the parameters of an operator, and those of what it is given.
func paramsOf(t *testing.T, o operator) map[string]string {
	all := maps.Clone(declarationOf(t, o.name).params)
	maps.Copy(all, o.inner)
	return all
}
