package guide_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write what programs print into the pages")

// TestPrograms runs each program of each page twice: with one shard it prints what the page
// shows, and with four the same lines in any order.
func TestPrograms(t *testing.T) {
	var all []program
	for _, page := range pages(t) {
		all = append(all, programs(t, page)...)
	}
	require.NotEmpty(t, all)
	binary := build(t, all)
	if *update {
		for _, p := range slices.Backward(all) {
			if p.output != nil {
				show(t, *p.output, run(t, binary, p, 1))
			}
		}
		return
	}
	for _, p := range all {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			got := run(t, binary, p, 1)
			if p.output == nil {
				return
			}
			require.Equal(t, p.output.text, got, "%s: the page shows something else", p.output)
			if !p.output.word("in-order") {
				require.Equal(t, sorted(p.output.text), sorted(run(t, binary, p, 4)), "%s: with four shards", p.output)
			}
		})
	}
}

// run runs a program in a folder that has its data, and returns what it prints.
func run(t *testing.T, binary string, p program, shards int) string {
	t.Helper()
	dir := t.TempDir()
	for _, b := range p.data {
		path := filepath.Join(dir, b.file())
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(b.text), 0o644))
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, binary)
	c.Dir = dir
	c.Env = append(os.Environ(), "FRESHET_GUIDE="+p.name, fmt.Sprintf("GOMAXPROCS=%d", shards))
	out, errs := newBuffer(0), newBuffer(0)
	if p.output != nil && !*update {
		out = newBuffer(len(p.output.text))
	}
	c.Stdout, c.Stderr = out, errs
	require.NoError(t, c.Start())
	if p.main.word("endless") {
		// It is told to stop when it has said as much as the page shows.
		select {
		case <-out.enough:
		case <-time.After(10 * time.Second):
		}
		require.NoError(t, c.Process.Signal(os.Interrupt))
	}
	require.NoError(t, c.Wait(), "%s: %s%s", p.main, out.String(), errs.String())
	return asRead(t, p, out.String())
}

// asRead has lines of the program's files be called as they are where a reader has it.
func asRead(t *testing.T, p program, text string) string {
	t.Helper()
	here, err := os.Getwd()
	require.NoError(t, err)
	place := regexp.MustCompile(regexp.QuoteMeta(filepath.Join(here, p.main.page)) + `:(\d+)`)
	return place.ReplaceAllStringFunc(text, func(at string) string {
		line, err := strconv.Atoi(at[strings.LastIndexByte(at, ':')+1:])
		require.NoError(t, err)
		return fmt.Sprintf("main.go:%d", line-p.main.line+1)
	})
}

// A buffer says when it has as much as is waited for. It is read when its process has ended. The text has a name, as what is embedded would have a
// ReadFrom, by which os/exec reads past Write.
type buffer struct {
	text   bytes.Buffer
	wanted int
	enough chan struct{}
}

func newBuffer(wanted int) *buffer { return &buffer{wanted: wanted, enough: make(chan struct{})} }

func (b *buffer) Write(p []byte) (int, error) {
	before := b.text.Len()
	n, err := b.text.Write(p)
	if before < b.wanted && b.text.Len() >= b.wanted {
		close(b.enough)
	}
	return n, err
}

func (b *buffer) String() string { return b.text.String() }

// sorted returns the lines of a text by the alphabet, with single spaces: the columns of a
// table are as wide as the rows need that came first.
func sorted(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	slices.Sort(lines)
	return lines
}

// show puts another text in the place of that of a block. Blocks behind it have other lines then.
func show(t *testing.T, b block, text string) {
	t.Helper()
	all, err := os.ReadFile(b.page)
	require.NoError(t, err)
	lines := strings.SplitAfter(string(all), "\n")
	begin, end := b.line-1, b.line-1+strings.Count(b.text, "\n")
	require.Equal(t, b.text, strings.Join(lines[begin:end], ""), "%s: the page has been changed meanwhile", b)
	before, after := lines[:begin], lines[end:]
	require.NoError(t, os.WriteFile(b.page, []byte(strings.Join(before, "")+text+strings.Join(after, "")), 0o644))
}
