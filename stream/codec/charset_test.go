package codec_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/codec"
)

func ExampleTranscode() {
	type order struct {
		City  string
		Price string
	}
	format := codec.Transcode(codec.Windows1252, codec.CSV[order](codec.Comma(';')))
	d := format.NewDecoder()
	for file := []byte("City;Price\nK\xf6ln;5 \x80\n"); len(file) > 0; {
		advance, record, _ := d.Split(file, true)
		var o order
		if d.Decode(record, &o) == nil {
			fmt.Println(o.City, o.Price)
		}
		file = file[advance:]
	}
	_, err := format.NewEncoder().Append(nil, order{"Łódź", "5"})
	fmt.Println(err)
	// Output:
	// Köln 5 €
	// codec: Windows-1252 has no 'Ł' (U+0141)
}

// inUTF16 is a file in UTF-16, by the library's words for it.
func inUTF16(order binary.AppendByteOrder, s string) (file []byte) {
	for _, u := range utf16.Encode([]rune(s)) {
		file = order.AppendUint16(file, u)
	}
	return file
}

var charsets = []codec.Charset{codec.UTF8, codec.Latin1, codec.Windows1252, codec.UTF16LE, codec.UTF16BE, codec.UTF16}

func TestTranscodeRoundTrips(t *testing.T) {
	type row struct {
		A, B string
		N    int
	}
	for _, c := range charsets {
		t.Run(c.String(), func(t *testing.T) {
			words := []string{"", "a", "é ÿ\u00a0", "x\"\r\n;,"}
			switch {
			case c >= codec.UTF16LE, c == codec.UTF8:
				words = append(words, "ਊ\u0a0d\u0d0a Ċ😀\U0010FFFF\uFFFD", "x\ufeff")
			case c == codec.Windows1252:
				words = append(words, "€“”–\u0081")
			case c == codec.Latin1:
				words = append(words, "\u0080\u009f")
			}
			var rows []row
			for i, a := range words {
				for _, b := range words {
					rows = append(rows, row{a, b, i})
				}
			}
			roundTrip(t, codec.Transcode(c, codec.CSV[row]()), rows...)
			roundTrip(t, codec.Transcode(c, codec.JSON[row]()), rows...)
			roundTrip(t, codec.Transcode(c, codec.Multiline(startsHash, codec.Lines())), "#é\nb", "#c")
		})
	}
}

func TestTranscodeReads(t *testing.T) {
	le, be := binary.LittleEndian, binary.BigEndian
	const text = "aਊ\u0a0d\r\n\nĊ😀\nx"
	want := []string{"aਊ\u0a0d", "", "Ċ😀", "x"}
	for name, test := range map[string]struct {
		charset codec.Charset
		file    []byte
		want    []string
	}{
		"UTF-16LE":          {codec.UTF16LE, inUTF16(le, text), want},
		"UTF-16LE, marked":  {codec.UTF16LE, inUTF16(le, "\ufeff"+text), want},
		"UTF-16BE":          {codec.UTF16BE, inUTF16(be, text), want},
		"UTF-16, unmarked":  {codec.UTF16, inUTF16(le, text), want},
		"UTF-16, marked LE": {codec.UTF16, inUTF16(le, "\ufeff"+text), want},
		"UTF-16, marked BE": {codec.UTF16, inUTF16(be, "\ufeff"+text), want},
		"half a pair":       {codec.UTF16LE, []byte{'a', 0, 0, 0xd8, '\n', 0, 0, 0xdc, 'b', 0}, []string{"a\uFFFD", "\uFFFDb"}},
		"an odd byte":       {codec.UTF16LE, []byte{'a', 0, '\n', 0, 'b'}, []string{"a", "\uFFFD"}},
		"only an odd byte":  {codec.UTF16BE, []byte{'b'}, []string{"\uFFFD"}},
		"half a line feed":  {codec.UTF16LE, []byte{'a', 0, '\n'}, []string{"a\uFFFD"}},
		"only a mark":       {codec.UTF16, []byte{0xfe, 0xff}, nil},
		"nothing":           {codec.UTF16, nil, nil},
		"UTF-8":             {codec.UTF8, []byte("a\xffé\xe9\n\xed\xa0\x80"), []string{"a\uFFFDé\uFFFD", "\uFFFD\uFFFD\uFFFD"}},
		"Latin-1":           {codec.Latin1, []byte("\xe9\x80\r\n\xff"), []string{"é\u0080", "ÿ"}},
		"Windows-1252":      {codec.Windows1252, []byte("\xe9\x80\x81\r\n\xff"), []string{"é€\u0081", "ÿ"}},
	} {
		for _, chunk := range []int{1, 2, 3, 100} {
			got, err := decodeAll(codec.Transcode(test.charset, codec.Lines()), test.file, chunk)
			require.NoError(t, err)
			require.Equal(t, test.want, got, "%s by %d", name, chunk)
		}
	}
}

// Every byte is a character, and comes back as that byte.
func TestTranscodeBytes(t *testing.T) {
	for _, c := range []codec.Charset{codec.Latin1, codec.Windows1252} {
		format := codec.Transcode(c, codec.Lines())
		for b := range 256 {
			if b == '\n' || b == '\r' {
				continue
			}
			var text string
			require.NoError(t, format.NewDecoder().Decode([]byte{byte(b)}, &text))
			require.Equal(t, 1, utf8.RuneCountInString(text))
			require.Equal(t, []byte{byte(b), '\n'}, encodeAll(t, format, text))
		}
	}
}

func TestTranscodeRefuses(t *testing.T) {
	type row struct{ A string }
	for _, c := range []codec.Charset{codec.Latin1, codec.Windows1252} {
		e := codec.Transcode(c, codec.CSV[row]()).NewEncoder()
		for _, bad := range []string{"Ł", "\xff"} {
			out, err := e.Append([]byte("x"), row{bad})
			require.Error(t, err)
			require.Equal(t, "x", string(out))
		}
		out, err := e.Append(nil, row{"é"})
		require.NoError(t, err)
		require.Equal(t, "A\n\xe9\n", string(out), "the header is still to come")
	}
	for message, f := range map[string]func(){
		"Transcode: Charset(9) is not known": func() { codec.Transcode(codec.Charset(9), codec.Lines()) },
		"the Format is nil":                  func() { codec.Transcode[row](codec.UTF8, nil) },
		"its records are no text":            func() { codec.Transcode(codec.UTF8, codec.Binary[row]()) },
	} {
		func() {
			defer func() { require.Contains(t, fmt.Sprint(recover()), message) }()
			f()
		}()
	}
}

func TestTranscodeSaysWhatItIs(t *testing.T) {
	type row struct{ A string }
	for _, c := range charsets {
		lines, rows := codec.Transcode(c, codec.Lines()), codec.Transcode(c, codec.CSV[row]())
		wide := c >= codec.UTF16LE
		require.Equal(t, []bool{!wide, !wide, c == codec.UTF16}, []bool{codec.CanSplit(lines), codec.IsText(lines), codec.HasHeader(lines)}, c)
		require.Equal(t, []bool{false, !wide, true}, []bool{codec.CanSplit(rows), codec.IsText(rows), codec.HasHeader(rows)}, c)
	}
}

// FuzzTranscode: no bytes are an error, all text is UTF-8, and what is found does
// not depend on the pieces in which a file is read. UTF-16 reads as the library has it.
func FuzzTranscode(f *testing.F) {
	for _, s := range []string{"a\n", "\xff\xfea\x00\n\x00b\x00", "\xfe\xff\x00a\x00\n\xd8\x00", "\n\n\n", "\x00\n\x0a\x0d\x00", "a\x00\r\x00\n\x00", "\xff\xfe\xff\xfe", ""} {
		f.Add([]byte(s), 3)
	}
	f.Fuzz(func(t *testing.T, file []byte, chunk int) {
		chunk = 1 + max(chunk, -chunk, 0)%20
		for _, c := range charsets {
			format := codec.Transcode(c, codec.Lines())
			whole, err := decodeAll(format, file, len(file)+1)
			require.NoError(t, err)
			got, err := decodeAll(format, file, chunk)
			require.NoError(t, err)
			require.Equal(t, whole, got, c)
			for _, line := range whole {
				require.True(t, utf8.ValidString(line))
			}
		}
		if len(file)%2 == 1 {
			return
		}
		var units []uint16
		for i := 0; i < len(file); i += 2 {
			units = append(units, binary.LittleEndian.Uint16(file[i:]))
		}
		want := strings.SplitAfter(string(utf16.Decode(units)), "\n")
		if want[len(want)-1] == "" || want[len(want)-1] == "\ufeff" {
			want = want[:len(want)-1]
		}
		got, err := decodeAll(codec.Transcode(codec.UTF16LE, codec.Lines()), file, chunk)
		require.NoError(t, err)
		require.Len(t, got, len(want))
		for i, line := range want {
			line = strings.TrimPrefix(strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), "\ufeff")
			require.Equal(t, line, got[i])
		}
	})
}

// A line feed in UTF-16 is found from wherever a character begins, and half of another character is none.
func TestResync(t *testing.T) {
	for c, order := range map[codec.Charset]binary.AppendByteOrder{
		codec.UTF16LE: binary.LittleEndian, codec.UTF16BE: binary.BigEndian, codec.UTF16: binary.LittleEndian,
	} {
		d := codec.Transcode(c, codec.Lines()).NewDecoder()
		r := d.(codec.Resyncer)
		long := inUTF16(order, "ਊ\u0a00\u000b\u0a0dĊ")
		data := append(long[:len(long):len(long)], inUTF16(order, "\nnext\n")...)
		advance, found := r.Resync(data)
		require.True(t, found, c)
		require.Equal(t, len(long)+2, advance, c)
		for n := range long {
			advance, found := r.Resync(long[:n])
			require.False(t, found, c)
			require.Equal(t, n&^1, advance, c)
		}
	}
	_, ok := codec.Transcode(codec.UTF8, codec.Lines()).NewDecoder().(codec.Resyncer)
	require.False(t, ok)
}
