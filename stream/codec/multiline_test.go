package codec_test

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/codec"
)

func ExampleMultiline() {
	dated := regexp.MustCompile(`^\d{4}-\d\d-\d\d `)
	format := codec.Multiline(dated.Match, codec.Lines())

	log := []byte("2026-01-01 panic: no such cart\n\tat cart.go:7\n\tat main.go:3\n2026-01-01 started\n")
	for d := format.NewDecoder(); len(log) > 0; {
		advance, record, _ := d.Split(log, true)
		var text string
		fmt.Printf("%v %q\n", d.Decode(record, &text), text)
		log = log[advance:]
	}
	// Output:
	// <nil> "2026-01-01 panic: no such cart\n\tat cart.go:7\n\tat main.go:3"
	// <nil> "2026-01-01 started"
}

func startsHash(line []byte) bool { return line[0] == '#' }

// A piece is a record, where it begins, and whether it was decoded.
type piece struct {
	at   int
	text string
	ok   bool
}

// pieces reads a file in chunks.
func pieces(t testing.TB, f codec.Format[string], file string, chunk int) (all []piece) {
	d := f.NewDecoder()
	at := 0
	for n := min(chunk, len(file)); ; {
		data := []byte(file[at : at+n])
		advance, record, err := d.Split(data, at+n == len(file))
		require.NoError(t, err)
		if advance == 0 {
			if at+n == len(file) {
				require.Equal(t, len(file), at)
				return all
			}
			n = min(n+chunk, len(file)-at)
			continue
		}
		var text string
		switch err := d.Decode(bytes.Clone(record), &text); {
		case err == nil:
			all = append(all, piece{at, text, true})
		case !errors.Is(err, codec.ErrSkip):
			all = append(all, piece{at, string(record), false})
		}
		at += advance
		n = min(max(n-advance, chunk), len(file)-at)
	}
}

func TestMultiline(t *testing.T) {
	format := codec.Multiline(startsHash, codec.Lines(), codec.MaxLines(3), codec.MaxBytes(20))
	for file, want := range map[string][]piece{
		"":                               nil,
		"#a":                             {{0, "#a", true}},
		"#a\n#b\n":                       {{0, "#a", true}, {3, "#b", true}},
		"#a\n b\n\n#c\r\n d\r\n#e\r\n":   {{0, "#a\n b\n", true}, {7, "#c\r\n d", true}, {15, "#e", true}},
		"x\ny\n#a\n":                     {{0, "x\ny", false}, {4, "#a", true}},
		"\n\r\n#a\n":                     {{3, "#a", true}},
		"\n \n":                          nil,
		"\xef\xbb\xbf#a\n#b":             {{0, "#a", true}, {6, "#b", true}},
		"#a\n1\n2\n#b":                   {{0, "#a\n1\n2", true}, {7, "#b", true}},
		"#a\n1\n2\n3\n4\n5\n6\n7\n8\n#b": {{0, "#a\n1\n2\n3", false}, {9, "4\n5\n6\n7", false}, {17, "8", false}, {19, "#b", true}},
		"#2345678901234567890\n#b":       {{0, "#2345678901234567890"[:20], true}, {21, "#b", true}},
		"#23456789012345678901\n#b":      {{0, "#23456789012345678901", false}, {22, "#b", true}},
		"#234567890\n234567890\nx\n#":    {{0, "#234567890\n234567890\nx", false}, {23, "#", true}},
	} {
		for _, chunk := range []int{1, 3, 1 << 10} {
			require.Equal(t, want, pieces(t, format, file, chunk), "%q by %d", file, chunk)
		}
	}
	require.True(t, codec.IsText(format))
	require.False(t, codec.CanSplit(format))
}

// The last record of a file that grows waits for the next one.
func TestMultilineWaits(t *testing.T) {
	d := codec.Multiline(startsHash, codec.Lines()).NewDecoder()
	for data, want := range map[string]int{"#a\n": 0, "#a\n b\n": 0, "#a\n b\n#": 0, "#a\n b\n#c\n": 6, "#a\n b\n#c\n d": 6} {
		advance, _, err := d.Split([]byte(data), false)
		require.NoError(t, err)
		require.Equal(t, want, advance, data)
	}
}

func TestMultilineWrites(t *testing.T) {
	type object struct{ A, B int }
	roundTrip(t, codec.Multiline(startsHash, codec.Lines()), "#a", "#a\n\tb\r\nc\n", "#")
	roundTrip(t, codec.Multiline(startsHash, codec.RawLines()), []byte("#\n\n"))
	roundTrip(t, codec.Multiline(func(b []byte) bool { return b[0] == '{' }, codec.JSON[object]()), object{1, 2}, object{3, 4})
	for _, bad := range []string{"", "a", "\n#a", "#a\n#b", "#a\r", "#a\n\r", "#" + strings.Repeat("\n ", 500)} {
		out, err := codec.Multiline(startsHash, codec.Lines()).NewEncoder().Append([]byte("x"), bad)
		require.Error(t, err, "%q", bad)
		require.Equal(t, "x", string(out))
	}

	got, err := decodeAll(codec.Multiline(func(b []byte) bool { return b[0] == '{' }, codec.JSON[object]()), []byte("{\n  \"A\": 1,\n  \"B\": 2\n}\n{\n\"A\": 3}\n"), 5)
	require.NoError(t, err)
	require.Equal(t, []object{{1, 2}, {3, 0}}, got)
}

func TestMultilinePanics(t *testing.T) {
	type row struct{ A int }
	lines := codec.Lines()
	for message, f := range map[string]func(){
		"start is nil":               func() { codec.Multiline(nil, lines) },
		"the Format is nil":          func() { codec.Multiline[string](startsHash, nil) },
		"or need a header":           func() { codec.Multiline(startsHash, codec.CSV[row]()) },
		"its records are no lines":   func() { codec.Multiline(startsHash, codec.Binary[row]()) },
		"Multiline: option 2 is nil": func() { codec.Multiline(startsHash, lines, codec.MaxLines(1), nil) },
		"MaxLines of 0":              func() { codec.MaxLines(0) },
		"MaxBytes of -1":             func() { codec.MaxBytes(-1) },
	} {
		func() {
			defer func() { require.Contains(t, fmt.Sprint(recover()), message) }()
			f()
		}()
	}
}

// FuzzMultiline: each byte of a file is in one record; what is decoded is what a
// plain reading of the lines has, whatever pieces the file is read in.
func FuzzMultiline(f *testing.F) {
	for _, s := range []string{"#a\n b\n#c", "x\r\n#\r\n\r\n", "#1\n2\n3\n4\n5\n6\n#7", "", "\n\n", "#\r"} {
		f.Add(s, 2)
	}
	f.Fuzz(func(t *testing.T, file string, chunk int) {
		chunk = 1 + max(chunk, -chunk, 0)%50
		if strings.HasPrefix(file, "\xef\xbb\xbf") {
			return // its three bytes count for MaxBytes
		}
		format := codec.Multiline(startsHash, codec.Lines(), codec.MaxLines(3), codec.MaxBytes(50))
		whole := pieces(t, format, file, len(file)+1)
		require.Equal(t, whole, pieces(t, format, file, chunk))

		// From the definition: records by the lines at which they start.
		var want []string
		for i, line := range strings.SplitAfter(file, "\n") {
			if i == 0 || strings.HasPrefix(line, "#") {
				want = append(want, line)
			} else {
				want[len(want)-1] += line
			}
		}
		var got []string
		for _, p := range whole {
			if p.ok {
				got = append(got, p.text)
			}
		}
		want = keep(want, func(s string) bool {
			s = strings.TrimSuffix(strings.TrimSuffix(s, "\n"), "\r")
			return strings.HasPrefix(s, "#") && strings.Count(s, "\n") < 3 && len(s) <= 50
		})
		require.Len(t, got, len(want), "%q", got)
		for i := range want {
			require.Equal(t, strings.TrimSuffix(strings.TrimSuffix(want[i], "\n"), "\r"), got[i])
		}
	})
}

func keep(all []string, wanted func(string) bool) (kept []string) {
	for _, s := range all {
		if wanted(s) {
			kept = append(kept, s)
		}
	}
	return kept
}
