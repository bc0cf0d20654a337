package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSizeOfSymbols(t *testing.T) {
	got, err := sizeOfSymbols("  1f0  120 T main.main\n  2a0   30 t main.main.func1\n           0 U fmt.Println\n  100   16 R type:int\n")
	require.NoError(t, err)
	require.Equal(t, size{2, 150}, got)
	_, err = sizeOfSymbols("1f0 many T main.main\n")
	require.Error(t, err)
}

func TestCompare(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sizes.json")
	r := row{program: program{name: "a"}, size: size{10, 1000}, cost: cost{user: time.Second}, ratio: 2}
	require.NoError(t, note(file, []row{r}))
	require.NoError(t, compare(file, []row{r}))
	larger, slow, other := r, r, r
	larger.Functions++
	slow.ratio = 5
	other.name = "b"
	require.ErrorContains(t, compare(file, []row{larger}), "had 10 of 1000")
	require.ErrorContains(t, compare(file, []row{slow}), "5.0 times")
	require.ErrorContains(t, compare(file, []row{other}), "-write")
}

func TestFirstProgram(t *testing.T) {
	page := filepath.Join(t.TempDir(), "page.md")
	require.NoError(t, os.WriteFile(page, []byte("# A\n\n```sh\nls\n```\n\n```go\npackage a\n```\n\n```go\npackage b\n```\n"), 0o644))
	text, err := firstProgram(page)
	require.NoError(t, err)
	require.Equal(t, "package a\n", text)
	require.NoError(t, os.WriteFile(page, []byte("# A\n"), 0o644))
	_, err = firstProgram(page)
	require.Error(t, err)
}

func TestPeaks(t *testing.T) {
	file := filepath.Join(t.TempDir(), "peaks")
	for _, args := range [][]string{{"true"}, {"sh", "-c", "exit 3"}} {
		want := map[string]int{"true": 0, "sh": 3}[args[0]]
		require.Equal(t, want, runTool(file, args))
	}
	require.Equal(t, 1, runTool(file, []string{"no such tool"}))
	require.NoError(t, notePeak(file, "compile", 10))
	require.NoError(t, notePeak(file, "compile", 30))
	require.NoError(t, notePeak(file, "link", 20))
	require.NoError(t, notePeak(file, "compile", 20))
	compiler, linker, err := readPeaks(file)
	require.NoError(t, err)
	require.Equal(t, []int64{30, 20}, []int64{compiler, linker})
	_, _, err = readPeaks(file + "x")
	require.Error(t, err)
}
