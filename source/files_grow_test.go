package source_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// visit is one run, or a part of one: it reads up to a number of events, goes on
// from offsets, and leaves some.
func visit[T any](t testing.TB, src stream.Source[T], offsets map[string]string, most int) (values []T, rejected []string, left map[string]string, log string, err error) {
	t.Helper()
	var logged bytes.Buffer
	readers, err := src.Open(&stream.SourceContext{Context: t.Context(), Offsets: offsets, Logger: slog.New(slog.NewTextHandler(&logged, nil))})
	if err != nil {
		return nil, nil, nil, "", err
	}
	left = make(map[string]string)
	for _, r := range readers {
		for most > len(values) && err == nil {
			b := stream.NewIntake[T](1)
			err = r.Read(t.Context(), b)
			for _, v := range b.Batch().All() {
				values = append(values, v)
			}
			for _, bad := range b.Rejected() {
				rejected = append(rejected, fmt.Sprintf("%s: %v", r.(interface{ Locate(int64) string }).Locate(bad.Position), bad.Err))
			}
		}
		if err != nil && err.Error() == "EOF" {
			err = nil
		}
		left[r.Partition()] = r.Offset()
		require.NoError(t, r.Close())
		assert.Equal(t, left[r.Partition()], r.Offset(), "after Close")
	}
	return values, rejected, left, logged.String(), err
}

// A file as it is at the time of a run, in each way that it may be stored.
func stored(text string) map[string]fs.FS {
	plain := fstest.MapFS{"f": {Data: []byte(text)}}
	return map[string]fs.FS{
		"plain":  plain,
		"stream": unseekable{plain},
		"gz":     fstest.MapFS{"f.gz": {Data: gzipped(text)}},
		"zst":    fstest.MapFS{"f.zst": {Data: zstandard(text)}},
	}
}

// unseekable is a file system whose files can only be read on.
type unseekable struct{ fs.FS }

func (u unseekable) Open(name string) (fs.File, error) {
	f, err := u.FS.Open(name)
	if _, dir := f.(fs.ReadDirFile); dir || err != nil {
		return f, err
	}
	return struct{ fs.File }{f}, nil
}

// A line that ends with the file is given, and is not cut in two when the file
// has grown.
func TestFilesUnendedLine(t *testing.T) {
	for name, test := range map[string]struct {
		before, after string
		first, second []string
		grown         bool // the log says so
	}{
		"unchanged":           {"a\nbc", "a\nbc", []string{"a", "bc"}, nil, false},
		"ended":               {"a\nbc", "a\nbc\n", []string{"a", "bc"}, nil, false},
		"ended and more":      {"a\nbc", "a\nbc\nd\n", []string{"a", "bc"}, []string{"d"}, false},
		"ended, CRLF":         {"a\nbc", "a\nbc\r\nd\n", []string{"a", "bc"}, []string{"d"}, false},
		"ended, split CRLF":   {"a\nbc\r", "a\nbc\r\nd\n", []string{"a", "bc"}, []string{"d"}, false},
		"an empty line":       {"a\n", "a\n\nb", []string{"a"}, []string{"", "b"}, false},
		"grown":               {"a\nbc", "a\nbcde\nf\n", []string{"a", "bc"}, []string{"bcde", "f"}, true},
		"grown, no end":       {"a\nbc", "a\nbcde", []string{"a", "bc"}, []string{"bcde"}, true},
		"the only line":       {"bc", "bcde\n", []string{"bc"}, []string{"bcde"}, true},
		"of an empty file":    {"", "a\nb", nil, []string{"a", "b"}, false},
		"longer than the KiB": {"a\n" + strings.Repeat("x", 3000), "a\n" + strings.Repeat("x", 3000) + "y\n", []string{"a", strings.Repeat("x", 3000)}, []string{strings.Repeat("x", 3000) + "y"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			for how, fsys := range stored(test.before) {
				for _, opts := range [][]source.FilesOption{nil, {source.SplitSize(3)}, {source.InOrder()}} {
					got, _, left, _, err := visit(t, source.Files(fsys, "f*", codec.Lines(), opts...), nil, 100)
					require.NoError(t, err)
					require.Equal(t, test.first, got, how)
					got, _, again, log, err := visit(t, source.Files(stored(test.after)[how], "f*", codec.Lines(), opts...), left, 100)
					require.NoError(t, err)
					require.Equal(t, test.second, got, how)
					require.Equal(t, test.grown, strings.Contains(log, "has grown since"), "%s: %s", how, log)

					// And a third run finds nothing, wherever the second was stopped.
					if test.before == test.after {
						require.Equal(t, left, again)
					}
					got, _, _, _, err = visit(t, source.Files(stored(test.after)[how], "f*", codec.Lines(), opts...), again, 100)
					require.NoError(t, err)
					require.Empty(t, got, how)
				}
			}
		})
	}
}

// FuzzFilesGrowing: with Growing, what runs find in a file while it grows is
// what one finds when it is whole; without it, every line comes whole as well.
func FuzzFilesGrowing(f *testing.F) {
	f.Add("a\nbc\nd", 3, 2, 5, 1)
	f.Add("\xef\xbb\xbfa\r\nb", 2, 1, 1, 0)
	f.Add("\xef\xbb\xbf01234567890123456789", 22, 1, 1, 0)
	f.Add("0123456789\n0123456789\r\nx", 12, 5, 3, 2)
	f.Add(strings.Repeat("0123456789\r\n", 300), 1201, 100, 1000, 50)
	f.Add(strings.Repeat("y", 2000)+"\n\nz", 1500, 10, 900, 1)
	f.Fuzz(func(t *testing.T, text string, cut, split, most, stop int) {
		if cut < 0 || cut > len(text) || split <= 0 || most <= 0 || stop < 0 || len(text)/split > 100 {
			return
		}
		if strings.HasPrefix("\xef\xbb\xbf", text[:cut]) && cut > 0 {
			return // half a mark is a line
		}
		want := lineOracle(text, 1<<20)
		for how, before := range stored(text[:cut]) {
			for _, inOrder := range []bool{false, true} {
				opts := []source.FilesOption{source.MaxRecord(1 << 20), source.SplitSize(int64(split))}
				if inOrder {
					opts[1] = source.InOrder()
				}
				after := stored(text)[how]

				// Read on while it grows, then to the end.
				growing := append(opts, source.Growing())
				first, _, left, _, err := visit(t, source.Files(before, "f*", codec.Lines(), growing...), nil, stop)
				require.NoError(t, err)
				second, _, left, _, err := visit(t, source.Files(after, "f*", codec.Lines(), growing...), left, len(text)+1)
				require.NoError(t, err)
				third, _, _, _, err := visit(t, source.Files(after, "f*", codec.Lines(), opts...), left, len(text)+1)
				require.NoError(t, err)
				var lines []string
				for _, p := range want {
					lines = append(lines, p.text)
				}
				require.ElementsMatch(t, lines, append(append(first, second...), third...), how)

				// Without Growing a line that is not whole comes twice.
				first, _, left, _, err = visit(t, source.Files(before, "f*", codec.Lines(), opts...), nil, len(text)+1)
				require.NoError(t, err)
				second, _, _, _, err = visit(t, source.Files(after, "f*", codec.Lines(), opts...), left, len(text)+1)
				require.NoError(t, err)
				all := append(first, second...)
				if last := lastLine(text[:cut]); last != "" {
					if rest := text[cut:]; strings.TrimSuffix(last, "\r") != strings.TrimSuffix(last+upToLine(rest), "\r") {
						lines = append(lines, strings.TrimSuffix(last, "\r"))
					}
				}
				require.ElementsMatch(t, lines, all, how)
			}
		}
	})
}

// lastLine returns what stands behind the last line feed.
func lastLine(text string) string {
	return strings.TrimPrefix(text[strings.LastIndexByte(text, '\n')+1:], "\xef\xbb\xbf")
}

// upToLine returns what stands before the first line feed.
func upToLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// A line that was rejected as too long, and has grown, is not taken for another.
func TestFilesUnendedLongLine(t *testing.T) {
	long := strings.Repeat("x", 100)
	for how, fsys := range stored("a\n" + long) {
		src := func(fsys fs.FS) stream.Source[string] {
			return source.Files(fsys, "f*", codec.Lines(), source.MaxRecord(10))
		}
		got, rejected, left, _, err := visit(t, src(fsys), nil, 100)
		require.NoError(t, err)
		require.Equal(t, []string{"a"}, got)
		require.Len(t, rejected, 1)
		for _, rest := range []string{"", "xx", "\n", "xx\nb\n", "\nb"} {
			got, rejected, again, _, err := visit(t, src(stored("a\n" + long + rest)[how]), left, 100)
			require.NoError(t, err)
			require.Empty(t, rejected)
			require.Equal(t, strings.Contains(rest, "b"), len(got) == 1, "%q", got)
			got, rejected, _, _, err = visit(t, src(stored("a\n" + long + rest)[how]), again, 100)
			require.NoError(t, err)
			require.Empty(t, rejected)
			require.Empty(t, got)
		}
	}
	// MaxRecord is less than it was.
	fsys := fstest.MapFS{"f": {Data: []byte("a\n" + long)}}
	_, _, left, _, err := visit(t, source.Files(fsys, "f", codec.Lines()), nil, 100)
	require.NoError(t, err)
	fsys["f"] = &fstest.MapFile{Data: []byte("a\n" + long + "xx\nb\n")}
	got, _, _, _, err := visit(t, source.Files(fsys, "f", codec.Lines(), source.MaxRecord(10)), left, 100)
	require.NoError(t, err)
	require.Equal(t, []string{"b"}, got)
}

// What waits for its end is in the log, and its partition stays before it.
func TestFilesGrowingWaits(t *testing.T) {
	type row struct{ A, B string }
	fsys := fstest.MapFS{"f.csv": {Data: []byte("A,B\na,1\n\"b\n")}}
	src := source.Files(fsys, "f.csv", codec.CSV[row](), source.Growing())
	got, rejected, left, log, err := visit(t, src, nil, 100)
	require.NoError(t, err)
	require.Equal(t, []row{{"a", "1"}}, got)
	require.Empty(t, rejected)
	require.Contains(t, log, `file=f.csv bytes=3`)
	fsys["f.csv"] = &fstest.MapFile{Data: []byte("A,B\na,1\n\"b\n\",2\n")}
	got, _, _, _, err = visit(t, src, left, 100)
	require.NoError(t, err)
	require.Equal(t, []row{{"b\n", "2"}}, got)

	// A record of a binary format, too.
	numbers := codec.Binary[int]()
	data, err := numbers.NewEncoder().Append(nil, 1<<40)
	require.NoError(t, err)
	fsys = fstest.MapFS{"f.bin": {Data: data[:len(data)-1]}}
	_, _, left, _, err = visit(t, source.Files(fsys, "f.bin", numbers, source.Growing()), nil, 100)
	require.NoError(t, err)
	fsys["f.bin"] = &fstest.MapFile{Data: data}
	ints, _, _, _, err := visit(t, source.Files(fsys, "f.bin", numbers, source.Growing()), left, 100)
	require.NoError(t, err)
	require.Equal(t, []int{1 << 40}, ints)

	// One file behind another does not wait: nobody would come back to it.
	logs := fstest.MapFS{"1": {Data: []byte("a\nb")}, "2": {Data: []byte("c\nd")}}
	lines, _, _, _, err := visit(t, source.Files(logs, "*", codec.Lines(), source.Growing(), source.InOrder()), nil, 100)
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b", "c"}, lines)
}

// Half a line of JSON is rejected, and comes again when it is whole.
func TestFilesUnendedJSON(t *testing.T) {
	fsys := fstest.MapFS{"f": {Data: []byte("1\n{\"A\":")}}
	src := source.Files(fsys, "f", codec.JSON[any]())
	got, rejected, left, _, err := visit(t, src, nil, 100)
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.Len(t, rejected, 1)
	fsys["f"] = &fstest.MapFile{Data: []byte("1\n{\"A\":2}\n3\n")}
	got, rejected, _, _, err = visit(t, src, left, 100)
	require.NoError(t, err)
	require.Empty(t, rejected)
	require.Equal(t, []any{map[string]any{"A": 2.0}, 3.0}, got)
}
