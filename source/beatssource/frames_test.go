package beatssource

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/pushsource"
)

// What a client writes.

func window(n uint32) string { return string(binary.BigEndian.AppendUint32([]byte("2W"), n)) }

func event(seq uint32, payload string) string {
	b := binary.BigEndian.AppendUint32([]byte("2J"), seq)
	return string(binary.BigEndian.AppendUint32(b, uint32(len(payload)))) + payload
}

func compressed(frames ...string) string { return frame(deflate(strings.Join(frames, ""))) }

func frame(payload string) string {
	return string(binary.BigEndian.AppendUint32([]byte("2C"), uint32(len(payload)))) + payload
}

func deflate(s string) string {
	var b bytes.Buffer
	w, _ := zlib.NewWriterLevel(&b, 3)
	io.WriteString(w, s)
	w.Close()
	return b.String()
}

// A record is a receiver that notes what it gets.
type record struct {
	in    *bufio.Reader
	notes []note

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
	if r.message > testLimits.message {
		return pushsource.ErrTooLarge
	}
	return nil
}

func (r *record) event(payload []byte) {
	r.notes = append(r.notes, note{true, string(payload[:min(len(payload), 20)])})
}

func (r *record) hand(seq uint32) error {
	r.notes = append(r.notes, note{false, fmt.Sprintf("[%d]", seq)})
	return nil
}

func (r *record) answer(ack uint32) error {
	r.notes = append(r.notes, note{false, fmt.Sprintf("[answer %d]", ack)})
	return nil
}

// A note is the first bytes of an event, or in brackets what hands events over, or is answered.
type note struct {
	event bool
	text  string
}

// events returns those that have come.
func (r *record) events() (events []string) {
	for _, n := range r.notes {
		if n.event {
			events = append(events, n.text)
		}
	}
	return events
}

func (r *record) String() string {
	all := make([]string, len(r.notes))
	for i, n := range r.notes {
		all[i] = n.text
	}
	return strings.Join(all, " ")
}

var testLimits = limits{window: 100, message: 2 << 20, ratio: 100}

// read notes what stands in the frames, and why they end.
func read(in io.Reader) (*record, error) {
	r := &record{in: bufio.NewReaderSize(in, 32<<10)}
	err := (&frames{limits: testLimits, in: r.in, to: r}).serve()
	return r, err
}

func TestFrames(t *testing.T) {
	long := strings.Repeat("long", 100_000)
	varied := fmt.Appendf(nil, "longlonglonglonglong")
	for i := range 36_000 {
		varied = fmt.Appendf(varied, "%010d", i*i)
	}
	for name, c := range map[string]struct{ in, want string }{
		"nothing":            {"", ""},
		"a window":           {window(2) + event(1, "a") + event(2, "b"), "a b [2]"},
		"two":                {window(1) + event(1, "a") + window(1) + event(1, "b"), "a [1] b [1]"},
		"counted on":         {window(1) + event(7, "a") + window(2) + event(8, "b") + event(9, "c"), "a [7] b c [9]"},
		"counted over":       {window(2) + event(1<<32-1, "a") + event(0, "b"), "a b [0]"},
		"compressed":         {window(2) + compressed(event(1, "a"), event(2, "b")), "a b [2]"},
		"compressed each":    {window(2) + compressed(event(1, "a")) + compressed(event(2, "b")), "a [1] b [2]"},
		"mixed":              {window(3) + event(1, "a") + compressed(event(2, "b")) + event(3, "c"), "a [1] b [2] c [3]"},
		"a window of none":   {window(0) + window(1) + event(1, "a"), "[answer 0] a [1]"},
		"compressed nothing": {window(1) + compressed() + event(1, "a"), "a [1]"},
		"behind its end":     {window(1) + frame(deflate(event(1, "a"))+"more"), "a [1]"},
		"an empty event":     {window(2) + event(1, "") + event(2, "b"), " b [2]"},
		"another too early":  {window(3) + event(1, "a") + window(1) + event(1, "b"), "a [1] b [1]"},
		"long":               {window(2) + event(1, long) + event(2, "b"), "longlonglonglonglong [1] b [2]"},
		"long, compressed":   {window(2) + compressed(event(1, long), event(2, "b")), "longlonglonglonglong b [2]"},
		"in parts":           {window(4) + compressed(event(1, string(varied)), event(2, string(varied)), event(3, string(varied)), event(4, "d")), "longlonglonglonglong longlonglonglonglong [2] longlonglonglonglong d [4]"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := read(strings.NewReader(c.in))
			require.Equal(t, io.EOF, err)
			require.Equal(t, c.want, got.String())

			// Where the network cuts it says when events are handed over, and nothing else.
			by := iotest.OneByteReader
			if len(c.in) > 10_000 {
				by = iotest.HalfReader
			}
			pieces, err := read(by(strings.NewReader(c.in)))
			require.Equal(t, io.EOF, err)
			require.Equal(t, got.events(), pieces.events())
		})
	}
}

// A part of a window is handed over when nothing follows for now.
func TestFramesAreNotHeldUp(t *testing.T) {
	first, rest := window(3)+event(1, "a")+event(2, "b"), event(3, "c")
	got, err := read(io.MultiReader(strings.NewReader(first), strings.NewReader(rest)))
	require.Equal(t, io.EOF, err)
	require.Equal(t, "a b [2] c [3]", got.String())
}

func TestFramesRefused(t *testing.T) {
	many := func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(event(uint32(i), "x"))
		}
		return b.String()
	}
	sum := deflate(event(1, "abcdefgh"))
	var large []byte // that does not deflate well
	for i := range 70_000 {
		large = fmt.Appendf(large, "%010d", i*i)
	}
	for name, c := range map[string]struct {
		in   string
		is   error // nil for any
		says string
	}{
		"the six bytes":        {"2W\xff\xff\xff\xff", pushsource.ErrTooLarge, "4294967295 events, and MaxWindow allows 100"},
		"window":               {window(101), pushsource.ErrTooLarge, "bulk_max_size"},
		"version 1":            {"1W\x00\x00\x00\x01", pushsource.ErrRefused, "json_lines"},
		"version 1, data":      {"1D\x00\x00\x00\x01", pushsource.ErrRefused, "version 1"},
		"data in version 2":    {window(1) + "2D\x00\x00\x00\x01", pushsource.ErrRefused, "version 1"},
		"compressed version 1": {window(1) + compressed("1D\x00\x00\x00\x01"), pushsource.ErrRefused, "version 1"},
		"TLS":                  {"\x16\x03\x01\x02\x00\x01", pushsource.ErrRefused, "Server.TLS"},
		"HTTP":                 {"GET / HTTP/1.1\r\n", pushsource.ErrRefused, "output.logstash"},
		"JSON":                 {`{"a":1}`, pushsource.ErrRefused, "tcpsource"},
		"acknowledgement":      {"2A\x00\x00\x00\x01", nil, "the server's"},
		"nonsense":             {"no", nil, `"no" begins no frame`},
		"no window":            {event(1, "a"), nil, "no window"},
		"too many":             {window(1) + event(1, "a") + event(2, "b"), nil, "no window"},
		"too many, compressed": {window(1) + compressed(event(1, "a"), event(2, "b")), nil, "no window"},
		"compressed first":     {compressed(event(1, "a")), nil, "no window"},
		"event":                {window(1) + "2J\x00\x00\x00\x01\xff\xff\xff\xff", pushsource.ErrTooLarge, "4294967295 bytes"},
		"compressed event":     {window(1) + compressed("2J\x00\x00\x00\x01\xff\xff\xff\xff"), pushsource.ErrTooLarge, "4294967295 bytes"},
		"compressed frame":     {window(1) + "2C\xff\xff\xff\xff", pushsource.ErrTooLarge, "4294967295 bytes"},
		"no zlib":              {window(1) + frame("not"), nil, "3 bytes"},
		"zlib cut":             {window(1) + frame(deflate(event(1, "abcdefgh"))[:12]), io.ErrUnexpectedEOF, ""},
		"zlib's sum":           {window(2) + frame(sum[:len(sum)-4]+"sum!"), nil, "checksum"},
		"nested":               {window(1) + compressed(compressed(event(1, "a"))), nil, "no sender nests"},
		"window in compressed": {compressed(window(1), event(1, "a")), nil, "no window"},
		"second window in it":  {window(1) + compressed(window(1), event(1, "a")), nil, "a window, which"},
		"half a header":        {window(1) + "2J\x00\x00", io.ErrUnexpectedEOF, ""},
		"half an event":        {window(1) + event(1, "abc")[:12], io.ErrUnexpectedEOF, ""},
		"half a long event":    {window(1) + event(1, strings.Repeat("x", 100_000))[:99_999], io.ErrUnexpectedEOF, ""},
		"half compressed":      {window(1) + compressed(event(1, "abc"))[:20], io.ErrUnexpectedEOF, ""},
		"half a window":        {window(2) + event(1, "abc"), io.ErrUnexpectedEOF, "1 events of its window missing"},
		"large together":       {window(9) + compressed(event(1, string(large)), event(2, string(large)), event(3, string(large)), event(4, string(large))), pushsource.ErrTooLarge, "bulk_max_size"},
		"bomb":                 {window(100) + compressed(event(1, strings.Repeat(" ", 1<<20)), event(2, strings.Repeat(" ", 1<<20))), pushsource.ErrTooLarge, ""},
		"bomb of many":         {window(100) + compressed(many(1<<12)), nil, ""},
		"bomb behind the end":  {window(1) + compressed(event(1, "a"), strings.Repeat("\x00", 1<<20)), nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			for _, in := range []io.Reader{strings.NewReader(c.in), iotest.HalfReader(strings.NewReader(c.in))} {
				_, err := read(in)
				require.Error(t, err)
				require.NotEqual(t, io.EOF, err)
				if c.is != nil {
					require.ErrorIs(t, err, c.is)
				}
				require.Contains(t, err.Error(), c.says)
			}
		})
	}
}

// The ratio counts, wherever the bytes are.
func TestFramesRatio(t *testing.T) {
	limits := limits{window: 1 << 20, message: 16 << 20, ratio: 100}
	r := &record{in: bufio.NewReader(strings.NewReader(window(1) + compressed(event(1, strings.Repeat(" ", 3<<20)))))}
	unlimited := testLimits
	testLimits.message = limits.message
	defer func() { testLimits = unlimited }()
	err := (&frames{limits: limits, in: r.in, to: r}).serve()
	require.ErrorIs(t, err, pushsource.ErrTooLarge)
	require.Contains(t, err.Error(), "MaxRatio allows 100")
	require.LessOrEqual(t, r.most, 2<<20, "of 3 MiB")
}

// What the receiver says ends the client.
func TestFramesFail(t *testing.T) {
	in := window(1) + event(1, "a")
	broken := errors.New("broken")
	_, err := read(io.MultiReader(strings.NewReader(in), iotest.ErrReader(broken)))
	require.ErrorIs(t, err, broken)
	_, err = read(io.MultiReader(strings.NewReader(in[:8]), iotest.ErrReader(broken)))
	require.ErrorIs(t, err, broken)
}
