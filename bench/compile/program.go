package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
)

// A program is something to be built.
type program struct {
	name   string
	budget budget
	dir    string // where it is built
	pkg    string // as the go command knows it
	code   string // the package whose code is counted, where that is not pkg
	test   bool   // it is the test of a package
	file   string // the one that is edited
}

// A budget is what a build after an edit may cost at most; 0 where that is not
// said.
type budget struct {
	seconds   float64 // where net/http takes the usual time
	megabytes int64   // of the compiler
	functions int
}

const tiny = `package main

import (
	"context"
	"log"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

type order struct {
	shop  string
	cents int64
}

func (o order) paid() bool { return o.cents > 0 }

func main() {
	p := stream.New("tiny")
	p.From(source.Slice([]order{{"a", 1}})).
		Filter(order.paid).
		To(sink.Func(func(context.Context, stream.Event[order]) error { return nil }))
	if err := p.Run(context.Background()); err != nil {
		log.Fatal(err)
	}
}
`

const server = `package main

import (
	"fmt"
	"log"
	"net/http"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "hello", r.URL.Path) })
	log.Fatal(http.ListenAndServe("localhost:8080", nil))
}
`

// programs makes all programs, those of their own in folders of scratch.
func programs(root, scratch string) ([]program, error) {
	readme, err := firstProgram(filepath.Join(root, "README.md"))
	if err != nil {
		return nil, err
	}
	var all []program
	for _, p := range []struct {
		name, text string
		budget     budget
	}{
		{"net/http", server, budget{}},
		{"From.Filter.To", tiny, budget{0.6, 120, 400}},
		{"README", readme, budget{2, 150, 0}},
	} {
		dir := filepath.Join(scratch, filepath.Base(p.name))
		if err := module(root, dir, p.text); err != nil {
			return nil, err
		}
		all = append(all, program{name: p.name, budget: p.budget, dir: dir, pkg: ".", file: filepath.Join(dir, "main.go")})
	}
	for _, x := range []struct {
		name   string
		code   string // below it
		file   string
		budget budget
	}{
		{"cartjoin", "", "main.go", budget{8, 400, 0}},
		{"sales", "", "main.go", budget{8, 400, 0}},
		{"accesslog", "", "main.go", budget{8, 400, 0}},
		{"mining", "", "main.go", budget{8, 400, 0}},
		{"shop", "service", "service/shop.go", budget{10, 600, 0}},
		{"shop/large", "", "packing.go", budget{10, 700, 0}},
	} {
		all = append(all, program{
			name: "examples/" + x.name, budget: x.budget, dir: root, pkg: "./examples/" + x.name, code: "./" + path.Join("examples", x.name, x.code),
			file: filepath.Join(root, "examples", x.name, x.file),
		})
	}
	return append(all, program{
		name: "Nexmark's tests", budget: budget{0, 1500, 0}, dir: filepath.Join(root, "bench"), pkg: "./nexmark/query", test: true,
		file: filepath.Join(root, "bench", "nexmark", "query", "harness_test.go"),
	}), nil
}

// module makes a module of one program that uses the Freshet at root.
func module(root, dir, text string) error {
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return err
	}
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		return err
	}
	path := regexp.MustCompile(`(?m)^module (\S+)$`)
	found := path.FindSubmatch(mod)
	if found == nil {
		return errors.New("go.mod names no module")
	}
	mod = path.ReplaceAll(mod, []byte("module program"))
	mod = fmt.Appendf(mod, "\nrequire %s v0.0.0\nreplace %[1]s => %s\n", found[1], root)
	return errors.Join(os.MkdirAll(dir, 0o755),
		os.WriteFile(filepath.Join(dir, "go.mod"), mod, 0o644),
		os.WriteFile(filepath.Join(dir, "go.sum"), sum, 0o644),
		os.WriteFile(filepath.Join(dir, "main.go"), []byte(text), 0o644))
}

// firstProgram returns the first piece of Go in a page.
func firstProgram(page string) (string, error) {
	text, err := os.ReadFile(page)
	if err != nil {
		return "", err
	}
	_, text, ok := bytes.Cut(text, []byte("```go\n"))
	text, _, closed := bytes.Cut(text, []byte("```\n"))
	if !ok || !closed {
		return "", fmt.Errorf("%s holds no program", page)
	}
	return string(text), nil
}
