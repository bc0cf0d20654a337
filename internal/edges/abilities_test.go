package edges_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/freshet-go/freshet/"

// Abilities are what a value may have besides what it has to have, so that it is asked for by a type assertion:
// a watermark for an operator, Sub for an aggregator, Waits for a reader. Who loses one is not told by the compiler.
// The table says of each what fails then: a text that a file has.
var abilities = map[string][2]string{
	"stream Advancer":                     {"stream/abilities_test.go", "_ Advancer[int]"},
	"stream Delayer":                      {"stream/abilities_test.go", "_ Delayer"},
	"stream Finisher":                     {"internal/contract/operators_test.go", "Finish("},
	"stream Ticker":                       {"internal/contract/operators_test.go", "Tick("},
	"stream aloneTaker":                   {"internal/tables/failing_test.go", "one by one, or all at once"},
	"stream reacher":                      {"stream/abilities_test.go", "_ reacher"},
	"stream Stateful":                     {"stream/abilities_test.go", "_ Stateful"},
	"stream TimerProcessor":               {"internal/contract/timers_test.go", "OnTimer("},
	"stream paneWindows":                  {"stream/abilities_test.go", "_ paneWindows["},
	"stream additive":                     {"stream/abilities_test.go", "additive["},
	"stream windowView":                   {"stream/view_open_test.go", "stream.Expose(&sums)"},
	"stream interface{ Close }":           {"internal/contract/optional_test.go", "Close() error"},
	"stream interface{ Commit }":          {"internal/lifecycle/discover_test.go", "oldShelf"},
	"stream interface{ Marker }":          {"stream/abilities_test.go", "Marker() string"},
	"stream Local":                        {"stream/flink/run_test.go", "its slices are in the memory of one process"},
	"stream LocalCommits":                 {"stream/flink/run_test.go", "LocalCommits() string"},
	"stream BatchCommits":                 {"sink/kafkasink/local_test.go", "TestBatchCommits"},
	"stream Endless":                      {"stream/spark/run_test.go", "it never ends"},
	"stream Fixed":                        {"internal/door/doortest/fixed_test.go", "FixedPartitions() string"},
	"internal/door Ordered":               {"internal/door/doortest/batch_test.go", "Advance(_, _ int"},
	"stream Locator":                      {"internal/contract/connectors_test.go", "Locate("},
	"stream KeyRevealer":                  {"internal/edges/secrets_found_test.go", "RevealsKeys() bool"},
	"stream Waiter":                       {"internal/contract/optional_test.go", "Waits() bool"},
	"stream TransactionalSink":            {"sink/sinktest/suite.go", "stream.TransactionalSink[T]"},
	"stream Preparer":                     {"sink/redissink/behaviour_test.go", "stream.Preparer"},
	"stream WatermarkWriter":              {"sink/files_test.go", "stream.WatermarkWriter"},
	"stream SkippingCommitter":            {"sink/redissink/refusal_test.go", "stream.SkippingCommitter"},
	"stream fmt.Stringer":                 {"internal/contract/optional_test.go", "String() string"},
	"window Stamped":                      {"window/laws_test.go", "TestAbilities"},
	"window Subtractor":                   {"window/laws_test.go", "TestAbilities"},
	"window filterer":                     {"window/nullable_test.go", "Where("},
	"internal/engine acknowledger":        {"internal/lifecycle/commit_test.go", "Commit("},
	"internal/engine drainer":             {"internal/lifecycle/drain_test.go", "Drain()"},
	"internal/engine skipper":             {"stream/abilities_test.go", "Skip("},
	"internal/engine interface{ Marker }": {"stream/abilities_test.go", "Marker() string"},
	"internal/engine fmt.Stringer":        {"stream/audit/run_test.go", "\"memory\", all[2].Detail[\"checkpoints\"]"},
}

// A sourceDir is the files of one folder, without tests.
type sourceDir struct {
	files      []*ast.File
	interfaces map[string]*ast.InterfaceType
}

// product returns the packages of the library by their folders, as slashes have them.
func product(t *testing.T) map[string]*sourceDir {
	all := map[string]*sourceDir{}
	root := filepath.FromSlash("../..")
	for _, top := range []string{"stream", "window", "source", "sink", "mining", "internal"} {
		require.NoError(t, filepath.WalkDir(filepath.Join(root, top), func(name string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				return err
			}
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			dir, err := filepath.Rel(root, filepath.Dir(name))
			if err != nil {
				return err
			}
			return take(all, filepath.ToSlash(dir), name, text)
		}))
	}
	return all
}

// take adds a file to the package of a folder.
func take(all map[string]*sourceDir, dir, name string, text []byte) error {
	file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	p := all[dir]
	if p == nil {
		p = &sourceDir{interfaces: map[string]*ast.InterfaceType{}}
		all[dir] = p
	}
	p.files = append(p.files, file)
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok {
			if i, ok := spec.Type.(*ast.InterfaceType); ok {
				p.interfaces[spec.Name.Name] = i
			}
		}
		return true
	})
	return nil
}

// An asking is a look at what interfaces some packages ask for.
type asking struct {
	all     map[string]*sourceDir
	found   map[string]bool // as the keys of abilities
	methods map[string]bool
}

// of notes what the packages of a folder ask for by type assertions that may be false. Those without a second value
// panic, which is loud enough.
func (a *asking) of(dir string) {
	for _, file := range a.all[dir].files {
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.AssignStmt); ok && len(s.Lhs) == 2 && len(s.Rhs) == 1 {
				if x, ok := s.Rhs[0].(*ast.TypeAssertExpr); ok {
					if name, ok := a.note(dir, file, x.Type); ok {
						a.found[name] = true
					}
				}
			}
			return true
		})
	}
}

// note takes in the methods of a type, if it is an interface, and returns what it is called.
func (a *asking) note(dir string, file *ast.File, of ast.Expr) (name string, is bool) {
	switch x := of.(type) {
	case *ast.IndexExpr:
		return a.note(dir, file, x.X)
	case *ast.IndexListExpr:
		return a.note(dir, file, x.X)
	case *ast.Ident:
		i := a.all[dir].interfaces[x.Name]
		if i == nil {
			return "", false
		}
		a.noteMethods(dir, file, i)
		return dir + " " + x.Name, true
	case *ast.InterfaceType:
		return dir + " interface{ " + strings.Join(a.noteMethods(dir, file, x), ", ") + " }", true
	case *ast.SelectorExpr:
		pkg := x.X.(*ast.Ident).Name
		for _, i := range file.Imports {
			at := strings.Trim(i.Path.Value, `"`)
			if path.Base(at) != pkg && (i.Name == nil || i.Name.Name != pkg) {
				continue
			}
			if ours, ok := strings.CutPrefix(at, module); ok {
				if p := a.all[ours]; p != nil && p.interfaces[x.Sel.Name] != nil {
					a.noteMethods(ours, p.files[0], p.interfaces[x.Sel.Name])
					return ours + " " + x.Sel.Name, true
				}
				return "", false
			}
		}
		if pkg == "fmt" && x.Sel.Name == "Stringer" {
			a.methods["String"] = true
			return dir + " fmt.Stringer", true
		}
	}
	return "", false
}

func (a *asking) noteMethods(dir string, file *ast.File, of *ast.InterfaceType) (names []string) {
	for _, m := range of.Methods.List {
		if len(m.Names) == 0 {
			a.note(dir, file, m.Type)
		}
		for _, n := range m.Names {
			a.methods[n.Name] = true
			names = append(names, n.Name)
		}
	}
	return names
}

// generic are the methods that an ability consists of and that have type parameters of their own. Such a
// method satisfies no interface, and the assertion is false without a word.
func (a *asking) generic() (names []string) {
	for dir, p := range a.all {
		for _, file := range p.files {
			for _, d := range file.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil && f.Type.TypeParams != nil && a.methods[f.Name.Name] {
					names = append(names, dir+" "+f.Name.Name)
				}
			}
		}
	}
	slices.Sort(names)
	return names
}

func TestAbilitiesAreNotLost(t *testing.T) {
	all := product(t)
	a := &asking{all, map[string]bool{}, map[string]bool{}}
	for _, dir := range []string{"stream", "window", "internal/engine"} {
		a.of(dir)
	}
	require.ElementsMatch(t, slices.Collect(maps.Keys(abilities)), slices.Collect(maps.Keys(a.found)), "say what fails where an ability is lost")
	for ability, proof := range abilities {
		require.True(t, says(t, proof[0], proof[1]), "%s: %s does not say %q", ability, proof[0], proof[1])
	}
	require.Empty(t, a.generic(), "methods that nobody finds, as they have type parameters of their own")

	// One that has become generic is found.
	require.NoError(t, take(all, "stream", "lost.go", []byte("package stream\nfunc (lost) Advance[_ lazily](wm Time, out *Emitter[int]) error { return nil }\nfunc (lost) Other[T any]() {}")))
	require.Equal(t, []string{"stream Advance"}, a.generic())
	for _, method := range []string{"Advance", "Finish", "Wake", "Tick", "Delay", "reached", "OnTimer", "Sub", "AddAt", "Waits", "Locate", "Drain", "Commit", "Prepare", "CommitSkipping", "Marker", "String", "Close"} {
		require.True(t, a.methods[method], method)
	}
}

// says reports whether a file has a text, or one of a folder.
func says(t *testing.T, name, text string) bool {
	at := filepath.Join("..", "..", filepath.FromSlash(name))
	files := []string{at}
	if info, err := os.Stat(at); err == nil && info.IsDir() {
		files, err = filepath.Glob(filepath.Join(at, "*.go"))
		require.NoError(t, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		if strings.Contains(string(data), text) {
			return true
		}
	}
	return false
}
