package edges_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/window"
)

// What makes an aggregator panics, in words, if a function is nil. The
// functions are those of the source of package window.
func TestNilFunctionsOfAggregators(t *testing.T) {
	n := func(r row) int { return r.N }
	count := window.Count[row]()
	var none window.Aggregator[row, int64, int64]
	zero, add, merge, result := func() int { return 0 }, func(a int, _ row) int { return a }, func(a, _ int) int { return a }, func(a int) int { return a }
	both := func(a, b int64) int64 { return a + b }
	calls := map[string]func(){
		"Of zero":         func() { window.Of[row, int, int](nil, add, merge, result) },
		"Of add":          func() { window.Of[row](zero, nil, merge, result) },
		"Of merge":        func() { window.Of(zero, add, nil, result) },
		"Of result":       func() { window.Of[row, int, int](zero, add, merge, nil) },
		"Then agg":        func() { window.Then(none, func(int64) int64 { return 0 }) },
		"Then f":          func() { window.Then[row, int64, int64, int64](count, nil) },
		"Where keep":      func() { window.Where(nil, count) },
		"Where agg":       func() { window.Where(func(row) bool { return true }, none) },
		"Nullable agg":    func() { window.Nullable(none) },
		"Both a":          func() { window.Both(none, count, both) },
		"Both b":          func() { window.Both(count, none, both) },
		"Both f":          func() { window.Both[row, int64, int64, int64, int64, int64](count, count, nil) },
		"Field agg":       func() { window.Field(none, func(*row, int64) {}) },
		"Field set":       func() { window.Field[row, int64, int64, row](count, nil) },
		"Distinct of":     func() { window.Distinct[row, int](nil) },
		"Min of":          func() { window.Min[row, int](nil) },
		"Max of":          func() { window.Max[row, int](nil) },
		"Mean of":         func() { window.Mean[row, int](nil) },
		"Variance of":     func() { window.Variance[row, int](nil) },
		"Reduce merge":    func() { window.Reduce[row](nil) },
		"MapReduce of":    func() { window.MapReduce[row](nil, func(a, _ int) int { return a }) },
		"MapReduce merge": func() { window.MapReduce(n, nil) },
		"Fold start":      func() { window.Fold(nil, func(int, row) int { return 0 }) },
		"Fold step":       func() { window.Fold[row](zero, nil) },
		"Sum of":          func() { window.Sum[row, int](nil) },
		"SumFloat of":     func() { window.SumFloat[row, float64](nil) },
		"Top compare":     func() { window.Top[row](1, nil) },
		"TopK key":        func() { window.TopK[row, int](1, nil, n) },
		"TopK weight":     func() { window.TopK[row, int, int](1, n, nil) },
		"Stamp f":         func() { window.Stamp(nil) },

		"Multiset of":          func() { window.Multiset[row, int](nil) },
		"MultisetFunc of":      func() { window.MultisetFunc[row](nil, func(a, b int) int { return a - b }) },
		"MultisetFunc compare": func() { window.MultisetFunc(n, nil) },
		"ExactMean of":         func() { window.ExactMean[row, int](nil) },
		"ExactVariance of":     func() { window.ExactVariance[row, int](nil) },
	}
	var declared []string
	files, err := filepath.Glob("../../window/*.go")
	require.NoError(t, err)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		for _, d := range file.Decls {
			fun, ok := d.(*ast.FuncDecl)
			if !ok || !fun.Name.IsExported() || fun.Recv != nil {
				continue
			}
			for _, p := range fun.Type.Params.List {
				typ := p.Type
				for {
					if x, ok := typ.(*ast.IndexListExpr); ok {
						typ = x.X
						continue
					}
					break
				}
				id, named := typ.(*ast.Ident)
				_, function := typ.(*ast.FuncType)
				if function || named && (id.Name == "Aggregator" || id.Name == "Stamper") {
					for _, n := range p.Names {
						declared = append(declared, fun.Name.Name+" "+n.Name)
					}
				}
			}
		}
	}
	var called []string
	for name, call := range calls {
		called = append(called, name)
		function, argument, _ := strings.Cut(name, " ")
		require.Regexp(t, `^window: `+function+`: the (function|Aggregator) `+argument+` is nil$`, panics(call), name)
	}
	require.ElementsMatch(t, declared, called)
	require.Equal(t, "window: tumbling windows: option 1 of 1 is nil", panics(func() { window.Tumbling(1, nil) }))
}
