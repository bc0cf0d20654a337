package source_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/sourcetest"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

var oddNames = []string{
	"z", "z from byte 1", "z from byte 0", "z from byte 4", `"z"`, `"z`, "z\n", "z from byte 1\n", "#", "a b", " ", "a:b", "a=b file=c", "\xff", "\xfe", "\ufffd",
	"120 4096 z", "ümlaut", "a\x00b", "%s", "\u202ez",
}

// loose is a file system that takes any name, as those that list files of the
// operating system's do.
type loose map[string]string

func (l loose) Glob(string) ([]string, error) { return slices.Collect(maps.Keys(l)), nil }

func (l loose) Open(name string) (fs.File, error) {
	text, ok := l[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return fstest.MapFS{"f": {Data: []byte(text)}}.Open("f")
}

// Whatever files are called, each is read, and read on.
func TestFilesNames(t *testing.T) {
	fsys := loose{}
	var want []string
	for _, name := range oddNames {
		first := strconv.Quote(name)
		fsys[name] = first + "\nb\nc\n"
		want = append(want, first, "b", "c")
	}
	fsys["z from byte 3"] = "1\n" // too short to be split, and called like a part of z
	want = append(want, "1")
	for way, opts := range map[string][]source.FilesOption{"whole": nil, "split": {source.SplitSize(3)}, "in order": {source.InOrder()}} {
		t.Run(way, func(t *testing.T) {
			sourcetest.Suite[string]{
				Source: func(testing.TB) stream.Source[string] { return source.Files(fsys, "*", codec.Lines(), opts...) },
				Want:   want,
			}.Run(t)
		})
	}
}

// Names are shown so that they can be told apart on one line.
func TestFilesNamesAreShown(t *testing.T) {
	shown := make(map[string]bool)
	for _, name := range oddNames {
		readers, err := source.Files(loose{name: "a\n"}, "*", codec.Lines()).Open(&stream.SourceContext{})
		require.NoError(t, err)
		place := readers[0].(interface{ Locate(int64) string }).Locate(0)
		for _, s := range []string{place, readers[0].Partition(), readers[0].Offset()} {
			require.True(t, utf8.ValidString(s), "%q", s)
			require.NotContains(t, s, "\n")
			require.NotContains(t, s, "\u202e")
		}
		require.False(t, shown[place], place)
		shown[place] = true
	}
	require.True(t, shown["a:b line 1 byte 0"])
	require.True(t, shown[`"z from byte 1" line 1 byte 0`])
}

// The same on disk. A name that no fs.FS takes is an error, not passed over.
func TestFilesNamesOnDisk(t *testing.T) {
	dir := t.TempDir()
	write := func(name string) error { return os.WriteFile(filepath.Join(dir, name), []byte("1\n2\n"), 0o600) }
	for _, name := range []string{"z from byte 1", "a\nb", "c:d#"} {
		require.NoError(t, write(name))
	}
	src := source.Files(os.DirFS(dir), "*", codec.Lines())
	first, _, left, _, err := visit(t, src, nil, 3)
	require.NoError(t, err)
	second, _, _, _, err := visit(t, src, left, 100)
	require.NoError(t, err)
	require.Len(t, append(first, second...), 6)
	if write("\xff.log") == nil { // some systems have UTF-8 names alone
		_, err = src.Open(&stream.SourceContext{})
		require.ErrorContains(t, err, `"\xff.log" is not UTF-8`)
	}
	_, err = source.Files(fstest.MapFS{"\xff": {}}, "*", codec.Lines()).Open(&stream.SourceContext{})
	require.ErrorContains(t, err, `"\xff" is not UTF-8`)
}
