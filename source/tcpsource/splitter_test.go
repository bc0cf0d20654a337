package tcpsource

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream/codec"
)

// A record is a receiver that notes what it gets: the first bytes of a record, and
// "!" and those of what is none.
type record struct {
	dec   codec.Decoder[string]
	in    *bufio.Reader
	notes []string
	hands int

	message, most int // bytes reserved
}

func (r *record) next() error {
	r.message = 0
	_, err := r.in.Peek(1)
	return err
}

func (r *record) reserve(n int) error {
	r.message += n
	r.most = max(r.most, r.message)
	return nil
}

func (r *record) split(data []byte, atEOF bool) (int, []byte, error) { return r.dec.Split(data, atEOF) }
func (r *record) hand() error                                        { r.hands++; return nil }
func (r *record) record(b []byte)                                    { r.note("%s", b) }
func (r *record) reject(b []byte, err error)                         { r.note("!%s", b) }

func (r *record) note(format string, b []byte) {
	r.notes = append(r.notes, fmt.Sprintf(format, b[:min(len(b), 20)]))
}

const testMost = 100_000

func read(in io.Reader, most int, f codec.Format[string]) (*record, error) {
	r := &record{in: bufio.NewReaderSize(in, 32<<10), dec: f.NewDecoder()}
	return r, (&splitter{in: r.in, to: r, most: most}).serve()
}

func TestSplitter(t *testing.T) {
	size := func(n int) string { return strings.Repeat("x", n) }
	x := size(20)
	for name, c := range map[string]struct {
		in   string
		want []string
	}{
		"nothing":          {"", nil},
		"lines":            {"a\nb\r\nc\n", []string{"a", "b", "c"}},
		"no line end":      {"a\nb", []string{"a", "b"}},
		"blank":            {"\n\na\n", []string{"", "", "a"}},
		"fills the buffer": {size(32<<10-1) + "\na\n", []string{x, "a"}},
		"one more":         {size(32<<10) + "\na\n", []string{x, "a"}},
		"two more":         {size(32<<10+1) + "\na\n", []string{x, "a"}},
		"long":             {"a\n" + size(testMost) + "\nb\n" + size(70_000) + "\r\n" + size(70_000), []string{"a", x, "b", x, x}},
		"too long":         {"a\n" + size(testMost+1) + "\nb\n" + size(300_000) + "\n\n" + size(300_000), []string{"a", "!" + x, "b", "!" + x, "", "!" + x}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, in := range []io.Reader{strings.NewReader(c.in), iotest.OneByteReader(strings.NewReader(c.in))} {
				r, err := read(in, testMost, codec.Lines())
				require.Equal(t, io.EOF, err)
				require.Equal(t, c.want, r.notes)
				require.LessOrEqual(t, r.most, testMost+64<<10)
			}
		})
	}
}

func TestSplitterShort(t *testing.T) {
	for _, in := range []io.Reader{
		strings.NewReader("abc\nabcd\nab\nabcdefgh"), iotest.OneByteReader(strings.NewReader("abc\nabcd\nab\nabcdefgh")),
	} {
		r, err := read(in, 3, codec.Lines())
		require.Equal(t, io.EOF, err)
		require.Equal(t, []string{"abc", "!abcd", "ab", "!abcd"}, append(r.notes[:3:3], r.notes[3][:5]))
	}
}

// Records of several lines, which are longer than the buffer, and begin with such a line.
func TestSplitterMultiline(t *testing.T) {
	f := codec.Multiline(func(line []byte) bool { return line[0] == '>' }, codec.Lines(), codec.MaxLines(1<<20))
	trace := strings.Repeat("  at\n", 10_000)
	in := ">a\n" + trace + ">b" + strings.Repeat("b", 40_000) + "\n" + trace[:5] + ">c\n>d" + strings.Repeat("d", 20_000) + "\n" + trace[:20_000] + ">e\n"
	for _, in := range []io.Reader{strings.NewReader(in), iotest.HalfReader(strings.NewReader(in))} {
		r, err := read(in, testMost, f)
		require.Equal(t, io.EOF, err)
		require.Equal(t, []string{">a\n  at\n  at\n  at\n  ", ">b" + strings.Repeat("b", 18), ">c", ">d" + strings.Repeat("d", 18), ">e"}, r.notes)
	}
}

// What is there is handed over at once, whatever follows.
func TestSplitterDoesNotWait(t *testing.T) {
	r, err := read(io.MultiReader(strings.NewReader("a\nb\nc"), strings.NewReader("d\ne"), strings.NewReader("\n")), testMost, codec.Lines())
	require.Equal(t, io.EOF, err)
	require.Equal(t, []string{"a", "b", "cd", "e"}, r.notes)
	require.Equal(t, 3, r.hands)
}

// A record whose end only the next one tells is whole when nothing follows for long.
func TestSplitterQuiet(t *testing.T) {
	f := codec.Multiline(func(line []byte) bool { return line[0] == '>' }, codec.Lines())
	slow := iotest.ErrReader(fmt.Errorf("so %w", pushsource.ErrSlow))
	r, err := read(io.MultiReader(strings.NewReader(">a\nb\n"), &once{slow}, strings.NewReader(">c\nd"), slow), testMost, f)
	require.ErrorIs(t, err, pushsource.ErrSlow, "half a line is none")
	require.Equal(t, []string{">a\nb"}, r.notes)
}

// once is a reader that fails once, and then ends.
type once struct{ in io.Reader }

func (o *once) Read(b []byte) (int, error) {
	if o.in == nil {
		return 0, io.EOF
	}
	_, err := o.in.Read(b)
	o.in = nil
	return 0, err
}

// Half a line is none where the connection breaks.
func TestSplitterBroken(t *testing.T) {
	broken := errors.New("broken")
	r, err := read(io.MultiReader(strings.NewReader("a\nb"), iotest.ErrReader(broken)), testMost, codec.Lines())
	require.ErrorIs(t, err, broken)
	require.Equal(t, []string{"a"}, r.notes)
}

// FuzzSplitter looks for bytes of which other lines are made than by cutting them, in another
// way by pieces, or with more memory than a line may take.
func FuzzSplitter(f *testing.F) {
	for _, seed := range []string{"", "a", "a\nb", "\n\n", "\r\n\r", "abcdefgh\r\nabcdefghi\nabcdefgh\r", "abcdefghijklmnopqrst\n\n"} {
		f.Add([]byte(seed), uint8(8))
	}
	f.Fuzz(func(t *testing.T, b []byte, most uint8) {
		most = max(most, 1)
		var want []string
		for line := range bytes.Lines(b) {
			line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
			note := line[:min(len(line), 20)]
			if len(line) > int(most) {
				note = append([]byte("!"), line[:int(most)+1]...) // how much of it there is depends on the pieces
			}
			want = append(want, string(note[:min(len(note), 20)]))
		}
		for _, in := range []io.Reader{bytes.NewReader(b), iotest.OneByteReader(bytes.NewReader(b)), iotest.HalfReader(bytes.NewReader(b))} {
			r := &record{in: bufio.NewReaderSize(in, 16), dec: codec.Lines().NewDecoder()}
			if err := (&splitter{in: r.in, to: r, most: int(most)}).serve(); err != io.EOF {
				t.Fatal(err)
			}
			if r.most > int(most)+2*16+2 {
				t.Fatalf("%d bytes were reserved for lines of %d", r.most, most)
			}
			for i, note := range r.notes {
				if strings.HasPrefix(note, "!") && i < len(want) {
					r.notes[i] = note[:min(len(note), len(want[i]))]
				}
			}
			if fmt.Sprintf("%q", r.notes) != fmt.Sprintf("%q", want) {
				t.Fatalf("%q, not %q", r.notes, want)
			}
		}
	})
}
