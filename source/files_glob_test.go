package source_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

func partitions[T any](t *testing.T, src stream.Source[T]) (names []string) {
	readers, err := src.Open(&stream.SourceContext{})
	require.NoError(t, err)
	for _, r := range readers {
		names = append(names, r.Partition())
	}
	require.True(t, slices.IsSorted(names))
	return names
}

func TestFilesGlob(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.log", "x/b.log", "x/y/c.log", "x.z/d.log", "x/y/e.txt", "x/.hidden/f.log", "dir.log/g.log", "a[1].log"} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	require.NoError(t, os.Symlink("../a.log", filepath.Join(dir, "x", "link.log")))
	require.NoError(t, os.Symlink("..", filepath.Join(dir, "x", "round")))
	require.NoError(t, os.Symlink("nowhere", filepath.Join(dir, "dangling.log")))
	inMemory := fstest.MapFS{}
	for _, name := range []string{"a.log", "x/b.log", "x/y/c.log"} {
		inMemory[name] = &fstest.MapFile{}
	}
	all := []string{"a.log", "a[1].log", "dir.log/g.log", "x.z/d.log", "x/.hidden/f.log", "x/b.log", "x/link.log", "x/y/c.log"}
	for glob, want := range map[string][]string{
		"*.log":            {"a.log", "a[1].log"}, // not the directory
		"./*.log":          {"a.log", "a[1].log"},
		"a.log":            {"a.log"},
		`a\[1\].log`:       {"a[1].log"},
		"*/*.log":          {"dir.log/g.log", "x.z/d.log", "x/b.log", "x/link.log"},
		"**/*.log":         all,
		"**/**/*.log":      all,
		"x/**/*.log":       {"x/.hidden/f.log", "x/b.log", "x/link.log", "x/y/c.log"},
		"**/y/*":           {"x/y/c.log", "x/y/e.txt"},
		"**/y/**":          {"x/y/c.log", "x/y/e.txt"},
		"x/**":             {"x/.hidden/f.log", "x/b.log", "x/link.log", "x/y/c.log", "x/y/e.txt"},
		"**/a.log":         {"a.log"},
		"x/round/x/b.log":  {"x/round/x/b.log"},
		"x/*/a.log":        {"x/round/a.log"},
		"**/round/a.log":   {"x/round/a.log"},
		"a.log/**/*.log":   nil,
		"nowhere/**/*.log": nil,
	} {
		require.Equal(t, want, partitions(t, source.Files(os.DirFS(dir), glob, codec.Lines(), source.AllowMissing())), glob)
	}
	require.Equal(t, []string{"a.log", "x/b.log", "x/y/c.log"}, partitions(t, source.Files(inMemory, "**/*.log", codec.Lines())))
	sub, err := fs.Sub(inMemory, "x")
	require.NoError(t, err)
	require.Equal(t, []string{"b.log", "y/c.log"}, partitions(t, source.Files(sub, "**/*.log", codec.Lines())))
}

// forbidden is a file system with a directory that may not be read.
type forbidden struct{ fs.FS }

func (f forbidden) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == "secret" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return fs.ReadDir(f.FS, name)
}

func TestFilesNone(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "logs"), 0o755))
	for _, test := range []struct {
		fsys   fs.FS
		glob   string
		is     error
		reason string
	}{
		{fstest.MapFS{}, "*.log", fs.ErrNotExist, `source: no file matches "*.log": file does not exist`},
		{os.DirFS(dir), "*.log", fs.ErrNotExist, `source: no file in "` + dir + `" matches "*.log": file does not exist`},
		{os.DirFS(dir), "**/*.log", fs.ErrNotExist, `source: no file in "` + dir + `" matches "**/*.log": file does not exist`},
		{os.DirFS(dir), "a.log", fs.ErrNotExist, `source: no file in "` + dir + `" matches "a.log": file does not exist`},
		{os.DirFS(dir), "logs", fs.ErrNotExist, `source: no file in "` + dir + `" matches "logs" but directories such as logs, whose files match "logs/*": file does not exist`},
		{os.DirFS(dir), "{a,b}.log", fs.ErrNotExist, `source: no file in "` + dir + `" matches "{a,b}.log", where braces stand for themselves: path.Match knows no alternatives: file does not exist`},
		{os.DirFS(dir + "/none"), "*.log", fs.ErrNotExist, `source: no file in "` + dir + `/none" matches "*.log", for there is no such directory: file does not exist`},
		{os.DirFS(dir + "/none"), "a.log", fs.ErrNotExist, `source: no file in "` + dir + `/none" matches "a.log", for there is no such directory: file does not exist`},
		{forbidden{fstest.MapFS{"secret/a": {}, "b/a": {}}}, "*/a", fs.ErrNotExist, ""},
		{forbidden{fstest.MapFS{"secret/a": {}, "b/a": {}}}, "**/*", fs.ErrPermission, `source: files "**/*": open secret: permission denied`},
	} {
		readers, err := source.Files(test.fsys, test.glob, codec.Lines()).Open(&stream.SourceContext{})
		if test.reason == "" { // what is not asked for need not be readable
			require.NoError(t, err)
			require.Len(t, readers, 2)
			continue
		}
		require.ErrorIs(t, err, test.is)
		require.EqualError(t, err, test.reason)
	}
	_, err := source.Files(os.DirFS(dir), "*.log", codec.Lines()).Open(&stream.SourceContext{Offsets: map[string]string{"a": `at=1 file="a"`}})
	require.ErrorContains(t, err, dir)
	readers, err := source.Files(fstest.MapFS{}, "*.log", codec.Lines(), source.AllowMissing()).Open(&stream.SourceContext{})
	require.NoError(t, err)
	require.Empty(t, readers)
	readers, err = source.Files(os.DirFS(dir+"/none"), "*.log", codec.Lines(), source.AllowMissing()).Open(&stream.SourceContext{})
	require.NoError(t, err)
	require.Empty(t, readers)
}

// To open a named pipe waits for who writes to it, which nothing can end.
func TestFilesNamedPipe(t *testing.T) {
	fsys := fstest.MapFS{"a.log": {Data: []byte("a\n")}, "b.log": {Mode: fs.ModeNamedPipe}, "sub/c.log": {Data: []byte("c\n")}}
	for _, glob := range []string{"*.log", "**/*.log", "b.log"} {
		_, err := source.Files(fsys, glob, codec.Lines()).Open(&stream.SourceContext{})
		require.EqualError(t, err, `source: files "`+glob+`": b.log is a named pipe, and no file: let the glob pass it over, or give source.Seq or source.Chan what comes through it`)
	}
	require.Len(t, partitions(t, source.Files(fsys, "[ac]*.log", codec.Lines())), 1)
}

// A file that an earlier run has begun and that is gone is an error with its
// directory.
func TestFilesGone(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a", "b"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("1\n2\n"), 0o600))
	}
	for _, opts := range [][]source.FilesOption{nil, {source.InOrder()}} {
		_, _, left, _, err := visit(t, source.Files(os.DirFS(dir), "a", codec.Lines(), opts...), nil, 1)
		require.NoError(t, err)
		if o, ok := left["a"]; ok && len(opts) > 0 {
			left = map[string]string{"b": o}
		}
		_, err = source.Files(os.DirFS(dir), "b", codec.Lines(), opts...).Open(&stream.SourceContext{Offsets: left})
		require.ErrorIs(t, err, fs.ErrNotExist)
		require.EqualError(t, err, "source: cannot go on in "+filepath.Join(dir, "a")+`, which an earlier run had begun, as "b" does not match it; with source.AllowMissing it is left: file does not exist`)
		for name, why := range map[string]string{"c": "it is gone", "d": "it is compressed now, as d.gz"} {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("1\n2\n"), 0o600))
			_, _, left, _, err := visit(t, source.Files(os.DirFS(dir), name, codec.Lines(), opts...), nil, 1)
			require.NoError(t, err)
			if len(opts) > 0 {
				left = map[string]string{"[a-z]*": left[name]}
			}
			require.NoError(t, os.Rename(filepath.Join(dir, name), filepath.Join(dir, "d.gz")))
			_, err = source.Files(os.DirFS(dir), "[a-z]*", codec.Lines(), opts...).Open(&stream.SourceContext{Offsets: left})
			require.ErrorContains(t, err, "cannot go on in "+filepath.Join(dir, name)+", which an earlier run had begun, as "+why+"; with source.AllowMissing it is left: ")
			if name == "c" {
				require.NoError(t, os.Remove(filepath.Join(dir, "d.gz")))
			}
		}
		got, _, _, _, err := visit(t, source.Files(os.DirFS(dir), "b", codec.Lines(), append(opts, source.AllowMissing())...), left, 10)
		require.NoError(t, err)
		require.Equal(t, []string{"1", "2"}, got)
	}
}

func TestFilesPanics(t *testing.T) {
	fsys, format := fstest.MapFS{}, codec.Lines()
	for message, f := range map[string]func(){
		`source: Files(nil, "*"): the file system is nil`:                                                              func() { source.Files(nil, "*", format) },
		`source: Files("*"): the format is nil`:                                                                        func() { source.Files[string](fsys, "*", nil) },
		`source: Files("*"): option 2 is nil`:                                                                          func() { source.Files(fsys, "*", format, source.InOrder(), nil) },
		"source: OpenFiles(0): want a positive number":                                                                 func() { source.OpenFiles(0) },
		`source: Files: glob "a[": syntax error in pattern`:                                                            func() { source.Files(fsys, "a[", format) },
		`source: Files: glob "/a": it begins with a slash, and names in an fs.FS do not: os.DirFS takes the directory`: func() { source.Files(fsys, "/a", format) },
		`source: Files: glob "../a": names in an fs.FS have no ..: os.DirFS takes the directory`:                       func() { source.Files(fsys, "../a", format) },
		`source: Files: glob "**.log": ** stands for directories, and has to stand between slashes: **/*.log`:          func() { source.Files(fsys, "**.log", format) },
	} {
		require.PanicsWithValue(t, message, f)
	}
}
