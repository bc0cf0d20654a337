package source_test

import (
	"io"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// A file of the name of one that an earlier run has begun, but with something
// else in it, is an error that says so, or is read from its beginning.
func TestFilesReplaced(t *testing.T) {
	before := strings.Join(numbered(0, 200), "\n") + "\n"
	head := strings.Join(numbered(0, 100), "\n") + "\n" // more than a KiB
	for name, after := range map[string]string{
		"longer":               strings.Join(numbered(1000, 1300), "\n") + "\n",
		"of the same size":     strings.Repeat("x", len(before)-1) + "\n",
		"shorter":              "line\n",
		"empty":                "",
		"cut short":            before[:len(before)/2],
		"with the same head":   head + strings.Join(numbered(2000, 2300), "\n") + "\n",
		"with a line inserted": "new\n" + before,
	} {
		t.Run(name, func(t *testing.T) {
			for how, fsys := range stored(before) {
				for way, opts := range map[string][]source.FilesOption{"whole": nil, "split": {source.SplitSize(500)}, "in order": {source.InOrder()}} {
					src := func(fsys fs.FS, more ...source.FilesOption) stream.Source[string] {
						return source.Files(fsys, "f*", codec.Lines(), append(more, opts...)...)
					}
					first, _, left, _, err := visit(t, src(fsys), nil, 190)
					require.NoError(t, err)
					require.Len(t, first, 190)

					other := stored(after)[how]
					_, _, _, _, err = visit(t, src(other), left, 1000)
					require.ErrorIs(t, err, source.ErrReplaced, "%s %s", how, way)
					require.ErrorContains(t, err, "source.AllowReplaced")
					require.ErrorContains(t, err, "source: read f")
					if name == "shorter" {
						require.ErrorIs(t, err, io.ErrUnexpectedEOF)
					}

					got, _, again, log, err := visit(t, src(other, source.AllowReplaced()), left, 1000)
					require.NoError(t, err)
					require.Equal(t, linesOf(after), got, "%s %s", how, way)
					require.Contains(t, log, "a file has been replaced")

					// From there on the new file is the one.
					got, _, _, _, err = visit(t, src(other), again, 1000)
					require.NoError(t, err)
					require.Empty(t, got)
				}
			}
		})
	}
}

func linesOf(text string) (lines []string) {
	for _, p := range lineOracle(text, 1<<20) {
		lines = append(lines, p.text)
	}
	return lines
}

// A short file keeps its identity while it grows, over many runs.
func TestFilesGrows(t *testing.T) {
	text, offsets := "", map[string]string(nil)
	for i, line := range numbered(0, 200) {
		text += line + "\n"
		fsys := stored(text)[[]string{"plain", "stream", "plain"}[i%3]]
		got, _, left, _, err := visit(t, source.Files(fsys, "f", codec.Lines()), offsets, 1000)
		require.NoError(t, err)
		require.Equal(t, []string{line}, got)
		offsets = left
	}
}

// Rows are not read under the header of another file.
func TestFilesReplacedHeader(t *testing.T) {
	type row struct{ A, B string }
	fsys := fstest.MapFS{"f.csv": {Data: []byte("A,B\na,1\nb,2\n")}}
	src := source.Files(fsys, "f.csv", codec.CSV[row]())
	_, _, left, _, err := visit(t, src, nil, 1)
	require.NoError(t, err)
	for _, other := range []string{"B,A\na,1\nb,2\n", "A,B\nx,1\nb,2\n", "longer,A,B\na,1,2\n"} {
		fsys["f.csv"] = &fstest.MapFile{Data: []byte(other)}
		got, _, _, _, err := visit(t, src, left, 100)
		if err == nil { // the header alone reaches as far as was read
			require.Equal(t, []row{{"1", "2"}}, got)
			continue
		}
		require.ErrorIs(t, err, source.ErrReplaced)
	}
}

// Offsets of version 0.1.0 had no fingerprint, and the file in the partition's
// name.
func TestFilesOldOffsets(t *testing.T) {
	fsys := fstest.MapFS{"f": {Data: []byte("a\nb\nc\nd\n")}, "f from byte 2": {Data: []byte("x\ny\n")}, "g": {Data: []byte("k\nl\n")}}
	src := source.Files(fsys, "*", codec.Lines())
	for name, test := range map[string]struct {
		src     stream.Source[string]
		offsets map[string]string
		want    []string
	}{
		"whole":       {src, map[string]string{"f": "4", "f from byte 2": "2", "g": "4"}, []string{"c", "d", "y"}},
		"split":       {source.Files(fsys, "[fg]", codec.Lines()), map[string]string{"f from byte 0": "2", "f from byte 2": "4", "f from byte 6": "6"}, []string{"c", "d", "k", "l"}},
		"in order":    {source.Files(fsys, "*", codec.Lines(), source.InOrder()), map[string]string{"*": "2 8 f from byte 2"}, []string{"y", "k", "l"}},
		"none to end": {src, map[string]string{"f": "8", "f from byte 2": "4", "g": "4"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, _, left, _, err := visit(t, test.src, test.offsets, 100)
			require.NoError(t, err)
			require.ElementsMatch(t, test.want, got)
			for partition := range test.offsets {
				require.Contains(t, left, partition) // its name stays, and with it the place among others
				require.Contains(t, left[partition], "print=")
			}
			got, _, _, _, err = visit(t, test.src, left, 100)
			require.NoError(t, err)
			require.Empty(t, got)
		})
	}
	for _, bad := range []string{"x", "-1", "", "at=", "at=1", `at=1 file="f`, `at=1 later=1 file="f"`, `at=-1 file="f"`, `at=1 begin=2 file="f"`, `at=1 unended=2 file="f"`} {
		_, err := src.Open(&stream.SourceContext{Offsets: map[string]string{"f": bad}})
		require.ErrorContains(t, err, "source: f has no place", bad)
	}
}
