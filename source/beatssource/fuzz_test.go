package beatssource

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/pushsource"
)

// naive reads all frames of b as the protocol says, with all of it in memory.
func naive(b []byte, left *int, outside bool) (events []string, err error) {
	bad := errors.New("bad")
	take := func(n int) (part []byte) {
		if n > len(b) {
			err, n = bad, len(b)
		}
		part, b = b[:n], b[n:]
		return part
	}
	number := func() int {
		n := take(4)
		if err != nil {
			return 0
		}
		return int(binary.BigEndian.Uint32(n))
	}
	for len(b) > 0 && err == nil {
		switch kind := string(take(2)); {
		case kind == "2W" && outside:
			if *left = number(); *left > testLimits.window {
				err = bad
			}
		case kind == "2J" && *left > 0:
			*left--
			number()
			payload := take(number())
			if err == nil {
				events = append(events, string(payload[:min(len(payload), 20)]))
			}
		case kind == "2C" && outside && *left > 0:
			z, wrong := zlib.NewReader(bytes.NewReader(take(number())))
			if wrong != nil || err != nil {
				return nil, bad
			}
			inflated, wrong := io.ReadAll(z)
			more, worse := naive(inflated, left, false)
			events, err = append(events, more...), errors.Join(wrong, worse)
		default:
			err = bad
		}
	}
	if outside && *left > 0 {
		err = bad
	}
	return events, err
}

// FuzzFrames looks for bytes that are read in another way than the protocol says, in
// another way by pieces, or with more memory than the limits allow.
func FuzzFrames(f *testing.F) {
	for _, seed := range []string{
		"", window(2) + event(1, "a") + event(2, "b"), window(1) + compressed(event(1, "a")) + window(0),
		window(3) + event(1, "a") + compressed(event(2, "b")) + event(3, ""), window(1) + compressed(compressed(event(1, "a"))),
		"2W\xff\xff\xff\xff", "1W\x00\x00\x00\x01", window(1) + "2J\x00\x00\x00\x01\xff\xff\xff\xff", window(1) + "2C\xff\xff\xff\xff",
		window(9) + event(1, "a") + window(1) + event(1, "b"), window(1) + frame(deflate(event(1, "a"))+"more"),
		window(50) + compressed(strings.Repeat(event(1, "abc"), 50)), window(1) + event(1, strings.Repeat("x", 40_000)),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r := &record{in: bufio.NewReader(bytes.NewReader(b))}
		err := (&frames{limits: testLimits, in: r.in, to: r}).serve()
		if r.most > testLimits.message+32<<10 {
			t.Fatalf("%d bytes were reserved for one message", r.most)
		}
		if err == nil {
			t.Fatal("ends without an error")
		}
		pieces := &record{in: bufio.NewReader(iotest.OneByteReader(bytes.NewReader(b)))}
		again := (&frames{limits: testLimits, in: pieces.in, to: pieces}).serve()
		if (err == io.EOF) != (again == io.EOF) {
			t.Fatalf("%v, and by pieces %v", err, again)
		}
		if errors.Is(err, pushsource.ErrTooLarge) {
			return // the twin knows no limit but the window's
		}
		left := 0
		want, wrong := naive(b, &left, true)
		if (err == io.EOF) != (wrong == nil) {
			t.Fatalf("%v, and the twin: %v", err, wrong)
		}
		if err != io.EOF {
			return
		}
		for _, got := range []*record{r, pieces} {
			if fmt.Sprint(got.events()) != fmt.Sprint(want) {
				t.Fatalf("%q, and the twin: %q", got.events(), want)
			}
		}
	})
}

// What a client announces and does not send costs nothing.
func TestFramesAllocate(t *testing.T) {
	limits := limits{window: 1 << 30, message: 1 << 30, ratio: 1 << 20}
	for name, in := range map[string]string{
		"a window":           window(1 << 30),
		"an event":           window(1) + event(1, strings.Repeat("x", 100))[:20],
		"a long event":       window(1) + "2J\x00\x00\x00\x01\x3f\xff\xff\xffxyz",
		"a compressed frame": window(1) + "2C\x3f\xff\xff\xff" + deflate("2J\x00\x00\x00\x01\x3f\xff\xff\xffxyz"),
	} {
		t.Run(name, func(t *testing.T) {
			read := func() {
				r := &record{in: bufio.NewReader(strings.NewReader(in))}
				_ = (&frames{limits: limits, in: r.in, to: r}).serve()
			}
			read() // an inflater is kept
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			read()
			runtime.ReadMemStats(&after)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(256<<10))
		})
	}
}
