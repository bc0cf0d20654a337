package source_test

import (
	"fmt"
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

const mark = "\xef\xbb\xbf"

// A byte order mark is no part of a text, however it is stored, split or read
// on; one inside a text is for the format to judge.
func TestFilesByteOrderMark(t *testing.T) {
	for text, want := range map[string][]string{
		mark + "a\nb\n":        {"a", "b"},
		mark:                   nil,
		mark + "\n":            {""},
		mark + "a":             {"a"},
		mark + mark + "a\n":    {mark + "a"},
		"a\n" + mark + "b\n":   {"a", mark + "b"},
		mark[:2] + "\na":       {mark[:2], "a"},
		mark + "a\n\nb\r\n\nc": {"a", "", "b", "", "c"},
	} {
		for how, fsys := range stored(text) {
			for _, opts := range [][]source.FilesOption{nil, {source.SplitSize(1)}, {source.SplitSize(2)}, {source.SplitSize(5)}, {source.InOrder()}} {
				for cut := range len(want) + 1 {
					first, _, left, _, err := visit(t, source.Files(fsys, "f*", codec.Lines(), opts...), nil, cut)
					require.NoError(t, err)
					second, _, _, _, err := visit(t, source.Files(fsys, "f*", codec.Lines(), opts...), left, 100)
					require.NoError(t, err)
					require.Equal(t, want, append(first[:len(first):len(first)], second...), "%q %s, cut at %d", text, how, cut)
				}
			}
		}
	}

	type row struct{ A, B int }
	rows := []row{{1, 2}, {3, 4}}
	for name, test := range map[string]struct {
		format codec.Format[row]
		text   string
	}{
		"JSON":              {codec.JSON[row](), mark + "{\"A\":1,\"B\":2}\n{\"A\":3,\"B\":4}\n"},
		"JSON, cat of two":  {codec.JSON[row](), mark + "{\"A\":1,\"B\":2}\n" + mark + "{\"A\":3,\"B\":4}\n"},
		"CSV":               {codec.CSV[row](), mark + "A,B\n1,2\n3,4\n"},
		"CSV, quotes":       {codec.CSV[row](), mark + "\"A\",\"B\"\n1,2\n3,4\n"},
		"CSV, no header":    {codec.CSV[row](codec.NoHeader()), mark + "1,2\n3,4\n"},
		"CSV, blank before": {codec.CSV[row](), mark + "\nA,B\n1,2\n3,4\n"},
	} {
		for how, fsys := range stored(test.text) {
			for cut := range 3 {
				first, bad, left, _, err := visit(t, source.Files(fsys, "f*", test.format, splitInto(test.format, 1)...), nil, cut)
				require.NoError(t, err)
				require.Empty(t, bad)
				second, bad, _, _, err := visit(t, source.Files(fsys, "f*", test.format), left, 100)
				require.NoError(t, err)
				require.Empty(t, bad)
				require.Equal(t, rows, append(first, second...), "%s %s, cut at %d", name, how, cut)
			}
		}
	}
	hosts, bad, _, _, err := visit(t, source.Files(fstest.MapFS{"f": {Data: []byte(mark + `h - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5` + "\n")}}, "f", codec.Access()), nil, 10)
	require.NoError(t, err)
	require.Empty(t, bad)
	require.Equal(t, "h", hosts[0].Host)
}

// A quote that is not closed costs the line on which it stands, which the
// failure names, however far the file goes on.
func TestFilesOpenQuote(t *testing.T) {
	type row struct{ A, B string }
	text := "A,B\na,1\n\"b,2\nc,3\n"
	for i := range 1000 {
		text += fmt.Sprintf("more,%d\n", i)
	}
	for how, fsys := range stored(text) {
		for _, most := range []int{100, 700, 1 << 20} { // in which a row is longer than may be, or the file is over before
			for _, format := range []codec.Format[row]{codec.CSV[row](), codec.CSV[row](codec.NoHeader())} {
				got, bad, _, _, err := visit(t, source.Files(fsys, "f*", format, source.MaxRecord(most)), nil, 2000)
				require.NoError(t, err)
				require.Equal(t, row{"more", "999"}, got[len(got)-1])
				require.Contains(t, got, row{"a", "1"})
				require.Contains(t, got, row{"c", "3"})
				require.Len(t, bad, 1)
				name := map[string]string{"gz": "f.gz", "zst": "f.zst"}[how]
				if name == "" {
					name = "f"
				}
				require.Regexp(t, "^"+name+" line 3 byte 8: field 1: the quote that opens it is not closed: ", bad[0])
				require.Equal(t, most < 1000, strings.Contains(bad[0], source.ErrTooLong.Error()), bad[0])
			}
		}
	}

	// A line that is too long for itself is passed over.
	long := fstest.MapFS{"f": {Data: []byte("A,B\n" + strings.Repeat("x", 100) + ",1\n\"" + strings.Repeat("y", 100) + "\nb,2\n")}}
	got, bad, _, _, err := visit(t, source.Files(long, "f", codec.CSV[row](), source.MaxRecord(20)), nil, 10)
	require.NoError(t, err)
	require.Equal(t, []row{{"b", "2"}}, got)
	require.Len(t, bad, 2)
	require.Contains(t, bad[0], "f line 2 byte 4: "+source.ErrTooLong.Error())
	require.Contains(t, bad[1], "f line 3 byte 107: ")
}

// What is named like a compressed file and is none, or is damaged, says so.
func TestFilesNotCompressed(t *testing.T) {
	whole := strings.Join(numbered(0, 30), "\n") + "\n"
	for name, test := range map[string]struct {
		file    string
		message string
	}{
		"short text.gz":      {"a\n", `source: read f.gz at byte 0: the file is named .gz, and is not compressed so: it begins with "a\n"`},
		"long text.gz":       {whole, `source: read f.gz at byte 0: the file is named .gz, and is not compressed so: it begins with "line"`},
		"zst.gz":             {string(zstandard(whole)), `the file is named .gz, and is not compressed so`},
		"short text.zst":     {"a", `source: read f.zst at byte 0: the file is named .zst, and is not compressed so: it begins with "a"`},
		"gz.zst":             {string(gzipped(whole)), `the file is named .zst, and is not compressed so`},
		"empty.gz":           {"", "the file is empty, and no .gz file: its writer was interrupted: unexpected EOF"},
		"empty.zst":          {"", "the file is empty, and no .zst file: its writer was interrupted: unexpected EOF"},
		"one byte.gz":        {"\x1f", "the compressed file is cut short: unexpected EOF"},
		"cut.gz":             {string(gzipped(whole)[:40]), "the compressed file is cut short: unexpected EOF"},
		"cut.zst":            {string(zstandard(whole)[:40]), "the compressed file is cut short: unexpected EOF"},
		"garbage behind.gz":  {string(gzipped(whole)) + "x", "bytes behind the gzip data that are none: \"x\": gzip: invalid header"},
		"half behind.gz":     {string(gzipped(whole)) + "\x1f\x8b\x08", "the compressed file is cut short: unexpected EOF"},
		"garbage behind.zst": {string(zstandard(whole)) + "garbage", "bytes behind the zstd data that are none"},
		"two.gz":             {string(gzipped("a\n")) + string(gzipped("")) + string(gzipped("b\n")), ""},
		"two.zst":            {string(zstandard("a\n")) + string(zstandard("b\n")), ""},
		"bzip2.log":          {"BZh91AY&SY\x00\x00", `source: read f.log at byte 0: the file is compressed, as it begins with "BZh9": it is .bz2, and only .gz and .zst are read here`},
		"xz.log":             {"\xfd7zXZ\x00\x00\x04", `source: read f.log at byte 0: the file is compressed, as it begins with "\xfd7zX": it is .xz, and only .gz and .zst are read here`},
		"zip.log":            {"PK\x03\x04\x14\x00", `source: read f.log at byte 0: the file is compressed, as it begins with "PK\x03\x04": it is .zip, and only .gz and .zst are read here`},
		"gz.log":             {string(gzipped(whole)), `source: read f.log at byte 0: the file is compressed, as it begins with "\x1f\x8b`},
		"zst.log":            {string(zstandard(whole)), `: name it .zst`},
		"short.log":          {"a\nb", ""},
		"skipped.zst":        {"\x50\x2a\x4d\x18\x01\x00\x00\x00x" + string(zstandard("a\nb\n")), ""},
	} {
		t.Run(name, func(t *testing.T) {
			file := "f" + name[strings.LastIndexByte(name, '.'):]
			for _, fsys := range []fs.FS{fstest.MapFS{file: {Data: []byte(test.file)}}, unseekable{fstest.MapFS{file: {Data: []byte(test.file)}}}} {
				got, _, _, _, err := visit(t, source.Files(fsys, file, codec.Lines()), nil, 100)
				if test.message == "" {
					require.NoError(t, err)
					require.Equal(t, []string{"a", "b"}, got)
					continue
				}
				require.ErrorContains(t, err, test.message)
				if strings.Contains(test.message, "behind") && file == "f.gz" {
					require.Equal(t, linesOf(whole), got) // what stands before it was read
				}
				require.NotEqual(t, io.EOF, err)
			}
		})
	}
}

// Each part of a file that was split sees that it is compressed, not only the
// one that has its beginning.
func TestFilesNotTextInParts(t *testing.T) {
	data := gzipped(strings.Join(numbered(0, 3000), "\n"))
	src := source.Files(fstest.MapFS{"f.log": {Data: data}}, "f.log", codec.Lines(), source.SplitSize(int64(len(data)/4)))
	readers, err := src.Open(&stream.SourceContext{})
	require.NoError(t, err)
	require.Greater(t, len(readers), 3)
	for _, r := range readers {
		err := r.Read(t.Context(), stream.NewIntake[string](10))
		require.ErrorContains(t, err, "the file is compressed, as it begins with")
		require.NoError(t, r.Close())
	}
}

// splitInto has a format split into parts of so many bytes, if it can be.
func splitInto[T any](format codec.Format[T], bytes int64) []source.FilesOption {
	if !codec.CanSplit(format) {
		return nil
	}
	return []source.FilesOption{source.SplitSize(bytes)}
}
