package parquetsource_test

import (
	"fmt"
	"io/fs"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/racing"
	"github.com/freshet-go/freshet/source/parquetsource"
	"github.com/freshet-go/freshet/source/sourcetest"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/filesystem"
)

// suite runs the conformance test over a way to make the source.
func suite(t *testing.T, want []order, lake fs.FS, opts ...parquetsource.Option) {
	var open, read atomic.Int64
	whole, other := encode(t, want, 20), encode(t, orders(1000, 90), 20) // once: the suite asks for sources many times
	s := sourcetest.Suite[order]{
		Source: func(testing.TB) stream.Source[order] {
			return parquetsource.Files[order](counting{lake, &open, &read}, "**/*.parquet", opts...)
		},
		Want: want,
		Named: func(t testing.TB, names []string) stream.Source[order] {
			named := map[string][]byte{}
			for _, name := range names {
				named[strings.ReplaceAll(name, "/", "∕")] = whole
			}
			return parquetsource.Files[order](files(named), "**", opts...)
		},
		Changed: func(t testing.TB) stream.Source[order] {
			changed := map[string][]byte{}
			for _, name := range []string{"a.parquet", "b/c.parquet", "b/empty.parquet"} {
				changed[name] = other
			}
			return parquetsource.Files[order](files(changed), "**/*.parquet", opts...)
		},
		InUse: func() int { return int(open.Load()) },
	}
	if racing.On { // names are text: CI runs this test without the detector, too, under which they take minutes
		s.Named = nil
	}
	s.Run(t)
}

func TestSource(t *testing.T) {
	want := orders(0, 80)
	lake := files(map[string][]byte{ // two row groups, the first of several pages; seven of a page each; and none
		"a.parquet": encode(t, want[:60], 55), "b/c.parquet": encode(t, want[60:], 3), "b/empty.parquet": encode[order](t, nil, 1),
	})
	if !racing.On { // two ways have all that runs at once, and each takes a minute there
		t.Run("whole files", func(t *testing.T) { suite(t, want, lake) })
		t.Run("row groups", func(t *testing.T) { suite(t, want, lake, parquetsource.SplitSize(1)) })
	}
	t.Run("few open", func(t *testing.T) { suite(t, want, lake, parquetsource.SplitSize(1), parquetsource.OpenParts(1)) })
	t.Run("in order", func(t *testing.T) { suite(t, want, lake, parquetsource.InOrder()) })
}

// A file system of another kind is asked by name and place.
func TestFilesIn(t *testing.T) {
	dir := t.TempDir()
	want := orders(0, 300)
	write(t, dir, "x/y/a.parquet", encode(t, want[:200], 90))
	write(t, dir, "b.parquet", encode(t, want[200:], 30))
	sourcetest.Suite[order]{
		Source: func(testing.TB) stream.Source[order] {
			return parquetsource.FilesIn[order](filesystem.Dir(dir), "**/*.parquet", parquetsource.SplitSize(1))
		},
		Want: append(want[200:], want[:200]...),
	}.Run(t)
}

// Files without a glob's match, and one that has gone, say so.
func TestMissing(t *testing.T) {
	_, err := readAll(t, parquetsource.Files[order](files(nil), "*.parquet"), nil)
	assert.ErrorIs(t, err, fs.ErrNotExist)
	assert.ErrorContains(t, err, `no file matches "*.parquet"`)
	got, err := readAll(t, parquetsource.Files[order](files(nil), "*.parquet", parquetsource.AllowMissing()), nil)
	require.NoError(t, err)
	assert.Empty(t, got)

	gone := map[string]string{"a.parquet": `group=1 row=3 print=1 file="a.parquet"`}
	lake := files(map[string][]byte{"b.parquet": encode(t, orders(0, 3), 2)})
	for _, opts := range [][]parquetsource.Option{nil, {parquetsource.InOrder()}} {
		if len(opts) > 0 {
			gone = map[string]string{"files in order": gone["a.parquet"]}
		}
		_, err = readAll(t, parquetsource.Files[order](lake, "*.parquet", opts...), gone)
		assert.ErrorContains(t, err, "cannot go on in a.parquet")
		got, err = readAll(t, parquetsource.Files[order](lake, "*.parquet", append(opts, parquetsource.AllowMissing())...), gone)
		require.NoError(t, err)
		assert.Equal(t, orders(0, 3), flatten(got))
	}
}

// A file that was replaced is refused, or read from its beginning.
func TestReplaced(t *testing.T) {
	lake := files(map[string][]byte{"a.parquet": encode(t, orders(0, 30), 10)})
	src := parquetsource.Files[order](lake, "*.parquet", parquetsource.SplitSize(1))
	readers, err := src.Open(&stream.SourceContext{Context: t.Context()})
	require.NoError(t, err)
	offsets := map[string]string{}
	for _, r := range readers {
		require.NoError(t, r.Read(t.Context(), stream.NewIntake[order](4)))
		offsets[r.Partition()] = r.Offset()
		require.NoError(t, r.Close())
	}
	other := files(map[string][]byte{"a.parquet": encode(t, orders(100, 30), 15)})
	got, err := readAll(t, parquetsource.Files[order](other, "*.parquet", parquetsource.AllowReplaced(), parquetsource.SplitSize(1)), offsets)
	require.NoError(t, err)
	assert.Equal(t, orders(100, 30), flatten(got))
	assert.Len(t, got, 2, "cut as a new file is")

	// A run that cuts otherwise goes on where the one before was.
	got, err = readAll(t, parquetsource.Files[order](lake, "*.parquet"), offsets)
	require.NoError(t, err)
	assert.Len(t, got, 3)
	assert.Len(t, flatten(got), 3*6)
}

func TestOffsetsOfOthers(t *testing.T) {
	lake := files(map[string][]byte{"a.parquet": encode(t, orders(0, 3), 2)})
	for _, bad := range []string{"at=12 file=\"a.parquet\"", "12", "", "group=x", "group=1 row=-1 file=\"a\"", "group=1 row=1 file=a", "group=0 begin=3 file=\"a\""} {
		_, err := readAll(t, parquetsource.Files[order](lake, "*.parquet"), map[string]string{"a.parquet": bad})
		assert.ErrorContains(t, err, "no offset of a Parquet file", bad)
		_, err = readAll(t, parquetsource.Files[order](lake, "*.parquet", parquetsource.InOrder()), map[string]string{"files in order": bad})
		assert.ErrorContains(t, err, "no offset of a Parquet file", bad)
	}
	// A row behind the end, and a row group, are read to their ends.
	for _, o := range []string{`group=7 row=0`, `group=0 row=99`} {
		readers, err := parquetsource.Files[order](lake, "*.parquet").Open(&stream.SourceContext{Context: t.Context()})
		require.NoError(t, err)
		_, print, _ := strings.Cut(readers[0].Offset(), "print=")
		_, err = readAll(t, parquetsource.Files[order](lake, "*.parquet"), map[string]string{"a.parquet": o + " print=" + print})
		assert.NoError(t, err, o)
	}
}

// Places are rows, of the file or of all files.
func TestLocate(t *testing.T) {
	lake := files(map[string][]byte{"a.parquet": encode(t, orders(0, 30), 10), "b.parquet": encode(t, orders(30, 30), 10)})
	for _, opts := range [][]parquetsource.Option{{parquetsource.SplitSize(1)}, {parquetsource.InOrder()}} {
		readers, err := parquetsource.Files[order](lake, "*.parquet", opts...).Open(&stream.SourceContext{Context: t.Context()})
		require.NoError(t, err)
		for _, r := range readers {
			for {
				in := stream.NewIntake[order](7)
				if r.Read(t.Context(), in) != nil {
					break
				}
				for row, v := range in.Batch().All() {
					want := fmt.Sprintf("%s row %d", r.Partition()[:len("a.parquet")], v.ID%30)
					if len(readers) == 1 {
						want = fmt.Sprintf("files in order row %d", v.ID)
					}
					require.Equal(t, want, r.(stream.Locator).Locate(in.Position(row)))
				}
			}
			require.NoError(t, r.Close())
		}
	}
}

// What a program gets wrong is said at once.
func TestPanics(t *testing.T) {
	for name, f := range map[string]func(){
		"nil file system": func() { parquetsource.Files[order](nil, "*") },
		"nil system":      func() { parquetsource.FilesIn[order](nil, "*") },
		"glob":            func() { parquetsource.Files[order](files(nil), "[") },
		"no struct":       func() { parquetsource.Files[int](files(nil), "*") },
		"no field":        func() { parquetsource.Files[struct{ a int }](files(nil), "*") },
		"nil option":      func() { parquetsource.Files[order](files(nil), "*", nil) },
		"split size":      func() { parquetsource.SplitSize(0) },
		"page":            func() { parquetsource.MaxPage(0) },
		"open":            func() { parquetsource.OpenParts(0) },
		"corrupt":         func() { parquetsource.SkipCorrupt(nil) },
		"column":          func() { parquetsource.Equal("", 1) },
	} {
		assert.Panics(t, f, name)
	}
}
