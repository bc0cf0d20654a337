// Package guide_test holds the pages of the guide to what they say: every Go block is
// compiled and run, and what it prints has to be the output that the page shows.
//
// The language of a fenced block says what it is, and the words behind it, which no
// reader sees, say more:
//
//	```go file.go      a file that all programs behind it on the page have beside them
//	```go              a whole program; or, if it does not begin with "package", some lines of
//	                   a program of the page
//	```go endless      a program that runs until it is interrupted
//	```go test         a file of tests, with the files before it
//	```text            what the program in front of it prints
//	```text in-order   the same, where several shards would give other panes, not only another order
//	```csv file.csv    a file of any other kind that the programs behind it read
//	<!--go … -->       a program that is not shown, of which the page shows some lines
package guide_test

import (
	"bufio"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A block is a piece of a page between two fences.
type block struct {
	page   string
	line   int // of its first line
	kind   string
	words  []string // behind the kind
	text   string
	hidden bool
}

func (b block) String() string { return fmt.Sprintf("%s:%d", b.page, b.line) }

// word reports whether w stands behind the kind.
func (b block) word(w string) bool {
	for _, have := range b.words {
		if have == w {
			return true
		}
	}
	return false
}

// file returns the name of the file that the block is, or "".
func (b block) file() string {
	for _, w := range b.words {
		if strings.Contains(w, ".") {
			return w
		}
	}
	return ""
}

func (b block) whole() bool {
	return strings.HasPrefix(b.text, "package ") || strings.Contains(b.text, "\npackage ")
}

// pages returns the names of all pages.
func pages(t testing.TB) []string {
	t.Helper()
	names, err := filepath.Glob("*.md")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	return names
}

// blocks returns the blocks of a page in their order.
func blocks(t testing.TB, page string) (all []block) {
	t.Helper()
	f, err := os.Open(page)
	require.NoError(t, err)
	defer f.Close()

	var at *block
	end := ""
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		text := lines.Text()
		switch {
		case at != nil && text == end:
			all, at = append(all, *at), nil
		case at != nil:
			at.text += text + "\n"
		default:
			head, hidden := strings.CutPrefix(text, "<!--")
			head, fenced := strings.CutPrefix(head, "```")
			words := strings.Fields(head)
			if (!fenced && !hidden) || len(words) == 0 {
				continue
			}
			at, end = &block{page: page, line: n + 1, kind: words[0], words: words[1:], hidden: hidden}, "```"
			if hidden {
				end = "-->"
			}
		}
	}
	require.NoError(t, lines.Err())
	require.Nil(t, at, "%s: a block has no end", page)
	return all
}

// A program is what a reader would have in a folder and run.
type program struct {
	name   string
	main   block
	files  []block // Go files, main's included
	data   []block
	output *block
}

// programs returns the programs of a page, and fails the test for lines that are of none.
func programs(t testing.TB, page string) (all []program) {
	t.Helper()
	var files, data, parts []block
	for _, b := range blocks(t, page) {
		switch {
		case b.kind == "go" && !b.whole():
			parts = append(parts, b)
		case b.kind == "go" && b.file() != "":
			formatted(t, b)
			files = append(files, b)
		case b.kind == "go":
			formatted(t, b)
			own := append(append([]block(nil), files...), b)
			all = append(all, program{name: fmt.Sprintf("%s:%d", page, b.line), main: b, files: own, data: data})
		case b.kind == "text":
			require.NotEmpty(t, all, "%s: no program in front of it prints this", b)
			last := &all[len(all)-1]
			require.Nil(t, last.output, "%s: a second output of one program", b)
			last.output = &b
		case b.file() != "":
			data = append(data, b)
		}
	}
	for _, part := range parts {
		require.True(t, contained(part, all), "%s: these lines stand in no program of the page", part)
	}
	return all
}

func formatted(t testing.TB, b block) {
	t.Helper()
	want, err := format.Source([]byte(b.text))
	require.NoError(t, err, "%s", b)
	require.Equal(t, string(want), b.text, "%s: gofmt would change it", b)
}

// contained reports whether the lines of part follow each other in a program, however far
// these are indented.
func contained(part block, in []program) bool {
	want := "\n" + unindented(part.text)
	for _, p := range in {
		for _, f := range p.files {
			if strings.Contains("\n"+unindented(f.text), want) {
				return true
			}
		}
	}
	return false
}

func unindented(text string) string {
	lines := strings.SplitAfter(text, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimLeft(l, "\t ")
	}
	return strings.Join(lines, "")
}
