package freshet

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// productFiles are all Go files of the repository that are no tests and not generated, with slashes, in order.
func productFiles(t *testing.T) (files []string) {
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch base := d.Name(); {
		case err != nil:
			return err
		case d.IsDir():
			if name != "." && (base == "testdata" || base == "node_modules" || base == "vendor" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")) {
				return fs.SkipDir
			}
		case strings.HasSuffix(base, ".go") && !strings.HasSuffix(base, "_test.go"):
			files = append(files, filepath.ToSlash(name))
		}
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, len(files), 500)
	slices.Sort(files)
	return files
}

// The rings of docs/design.md are those of the code: what is in one imports nothing of this module but what is in the same ring or farther inside. So
// the engine and what is inside of it import nothing of stream but fault, and the innermost ring nothing else at all.
func TestRings(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("docs", "design.md"))
	require.NoError(t, err)
	_, table, found := strings.Cut(string(page), "\n| ring |")
	require.True(t, found)
	table, _, _ = strings.Cut(table, "\n\n")
	ring := map[string]int{} // from the outermost, 1
	rows := strings.Split(table, "\n")[2:]
	require.Len(t, rows, 4)
	for i, row := range rows {
		packages := strings.Split(row, "|")[2]
		for _, m := range regexp.MustCompile("`([a-z/]+)`").FindAllStringSubmatch(packages, -1) {
			require.NotContains(t, ring, m[1])
			ring[m[1]] = i + 1
			info, err := os.Stat(m[1])
			require.NoError(t, err, "of ring %d", i+1)
			require.True(t, info.IsDir())
		}
	}
	for name, in := range map[string]int{"stream": 1, "internal/engine": 2, "internal/state": 3, "internal/panes": 3, "window": 4, "stream/fault": 4} {
		require.Equal(t, in, ring[name], name)
	}
	const module = "github.com/freshet-go/freshet/"
	for _, file := range productFiles(t) {
		own := ring[path.Dir(file)]
		if own <= 1 {
			continue // who is outside may import all
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			if imported, ours := strings.CutPrefix(imported, module); ours {
				require.GreaterOrEqual(t, ring[imported], own, "%s imports %s, which runs outward", file, imported)
			}
		}
	}
}

// A file of more than 300 lines says in its first comment why it has more than 300 lines.
func TestLongFiles(t *testing.T) {
	for _, file := range productFiles(t) {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		if strings.Count(string(text), "\n") <= 300 {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, text, parser.ParseComments)
		require.NoError(t, err)
		if !ast.IsGenerated(parsed) {
			require.NotEmpty(t, parsed.Comments, file)
			require.Contains(t, parsed.Comments[0].Text(), "300 lines", file)
		}
	}
}

// Options that are nil are refused in words, wherever options are taken.
func TestNilOptions(t *testing.T) {
	unlooked := regexp.MustCompile(`for _, (\w+) := range \w+ \{\n\s+(\w+)\(&?[\w.]+\)\n\s+\}`)
	for _, file := range productFiles(t) {
		if strings.HasPrefix(file, "internal/") || strings.HasPrefix(file, "mining/") {
			continue // what calls the first is ours, and models look by themselves, mostly
		}
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, found := range unlooked.FindAllStringSubmatch(string(text), -1) {
			require.NotEqual(t, found[1], found[2], "%s: options are applied, and not looked at: see internal/option\n%s", file, found[0])
		}
	}
}

// section returns a part of doc.go.
func section(t *testing.T, title string) string {
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	_, text, found := strings.Cut(string(doc), "// # "+title+"\n")
	require.True(t, found, title)
	text, _, _ = strings.Cut(text, "\n// # ")
	return text
}

// The life of an event in doc.go names files that there are, with their folders, and none twice: who reads along need not turn back.
func TestLifeOfAnEvent(t *testing.T) {
	seen := map[string]bool{}
	life, late, found := strings.Cut(section(t, "The life of an event"), "\n//\n// An event that comes behind")
	require.True(t, found)
	for _, file := range regexp.MustCompile(`[a-z_/*]+\.go\b`).FindAllString(life, -1) {
		require.Contains(t, file, "/", "its folder is missing")
		require.FileExists(t, file)
		require.False(t, seen[file], "%s is named twice", file)
		seen[file] = true
	}
	require.Greater(t, len(seen), 40)

	_, late, _ = strings.Cut(late, "Who counts:")
	late, _, found = strings.Cut(late, "An event that a function")
	require.True(t, found)
	named := regexp.MustCompile(`[a-z_]+\.go\b`).FindAllString(late, -1)
	slices.Sort(named)
	var counting []string
	for _, file := range sourcesOf(t, "stream") {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		if base := filepath.Base(file); base != "operatorcontext.go" && regexp.MustCompile(`\bop\.(TooLate|KeptLate)\(`).Match(text) { // where callers count
			counting = append(counting, base)
		}
	}
	require.Equal(t, counting, named, "who counts what is too late")

	for _, file := range regexp.MustCompile(`[a-z_/]+/[a-z_]+\.(go|md)\b`).FindAllString(section(t, "When the process dies"), -1) {
		require.FileExists(t, file)
	}
}

// The index of stream's files in doc.go has each of them once, and that of the engine in its own doc.go.
func TestIndexOfStream(t *testing.T) {
	times := map[string]int{}
	for _, pattern := range regexp.MustCompile(`[a-z_*]+\.go\b`).FindAllString(section(t, "What is where in stream"), -1) {
		files, err := filepath.Glob(filepath.Join("stream", pattern))
		require.NoError(t, err)
		files = slices.DeleteFunc(files, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
		require.NotEmpty(t, files, "%s is no file of stream", pattern)
		for _, file := range files {
			times[filepath.Base(file)]++
		}
	}
	for _, file := range sourcesOf(t, "stream") {
		if base := filepath.Base(file); base != "doc.go" {
			require.Equal(t, 1, times[base], "how often the index of doc.go has stream/%s", base)
		}
	}
	engine, err := os.ReadFile(filepath.Join("internal", "engine", "doc.go"))
	require.NoError(t, err)
	named := regexp.MustCompile(`[a-z_]+\.go\b`).FindAllString(string(engine), -1)
	slices.Sort(named)
	var files []string
	for _, file := range sourcesOf(t, filepath.Join("internal", "engine")) {
		if base := filepath.Base(file); base != "doc.go" {
			files = append(files, base)
		}
	}
	require.Equal(t, files, named, "the index of internal/engine/doc.go")
}
