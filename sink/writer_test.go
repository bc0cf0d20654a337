package sink_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/sinktest"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
)

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

type order struct {
	Shop   string
	Amount float64
}

func TestWriterSuite(t *testing.T) {
	sinktest.Suite[string]{
		Events: events(300),
		Sink: func(testing.TB) (stream.Sink[string], func() []string) {
			var b bytes.Buffer
			w := bufio.NewWriter(&b)
			return sink.Writer(w, codec.Lines()), func() []string {
				if b.Len() == 0 {
					return nil
				}
				return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
			}
		},
		Broken: func(testing.TB) stream.Sink[string] { return sink.Writer(brokenWriter{}, codec.Lines()) },
		Outage: func(testing.TB) (stream.Sink[string], func(), func() []string) {
			w := &faultyWriter{most: 100}
			return sink.Writer(w, codec.Lines()), func() { w.up.Store(true) }, func() []string {
				return strings.Split(strings.TrimSuffix(w.String(), "\n"), "\n")
			}
		},
	}.Run(t)
}

// faultyWriter takes most bytes in all until it is up, and then fails.
type faultyWriter struct {
	bytes.Buffer
	up   atomic.Bool
	most int
}

func (w *faultyWriter) Write(p []byte) (int, error) {
	if w.up.Load() {
		return w.Buffer.Write(p)
	}
	n := max(0, min(len(p), w.most-w.Len()))
	w.Buffer.Write(p[:n])
	return n, errBroken
}

// A run that begins again writes the rest of a torn row first, and a header that
// has not been written.
func TestWriterAgain(t *testing.T) {
	orders := []order{{"north", 1}, {"south, \n east", 2.5}, {"west", 3}}
	const text = "Shop,Amount\nnorth,1\n\"south, \n east\",2.5\nwest,3\n"
	for most := range len(text) + 1 {
		w := &faultyWriter{most: most}
		s := sink.CSV[order](w)
		for range 2 {
			x, err := s.Open(&stream.SinkContext{})
			require.NoError(t, err)
			b := stream.NewIntake[order](3)
			b.Append(orders...)
			err = x.Write(t.Context(), b.Batch())
			if err == nil {
				err = x.Flush(t.Context())
			}
			require.Equal(t, !w.up.Load(), err != nil)
			require.NoError(t, x.Close())
			w.up.Store(true)
		}
		got := w.String()
		require.True(t, strings.HasPrefix(got, "Shop,Amount\n"), "%d: %q", most, got)
		require.Equal(t, 1, strings.Count(got, "Shop"), "%d: %q", most, got)
		require.True(t, strings.HasSuffix(got, strings.TrimPrefix(text, "Shop,Amount\n")), "%d: %q", most, got)
		for rest := strings.TrimPrefix(got, "Shop,Amount\n"); rest != ""; {
			row := ""
			for _, r := range []string{"north,1\n", "\"south, \n east\",2.5\n", "west,3\n"} {
				if strings.HasPrefix(rest, r) {
					row = r
				}
			}
			require.NotEmpty(t, row, "%d: %q", most, got)
			rest = rest[len(row):]
		}
	}
}

// The first Write of a writer fails for a moment, and the run begins again.
func TestWriterRestarts(t *testing.T) {
	for name, s := range map[string]func(w *faultyWriter) stream.Sink[string]{
		"lines": func(w *faultyWriter) stream.Sink[string] { return sink.Writer(w, codec.Lines()) },
		"json":  func(w *faultyWriter) stream.Sink[string] { return sink.JSONLines[string](w) },
		"table": func(w *faultyWriter) stream.Sink[string] { return sink.Table[string](w) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &faultyWriter{}
				time.AfterFunc(time.Second, func() { w.up.Store(true) })
				p := stream.New("again")
				p.From(source.Slice([]string{"a", "b", "c"})).To(s(w))
				require.NoError(t, p.Run(t.Context(), stream.Shards(1), stream.Checkpoints(checkpoint.Memory(), time.Minute), stream.Restarts(10, 100*time.Millisecond)))
				for _, row := range []string{"a\n", "b\n", "c\n"} {
					assert.Equal(t, 1, strings.Count("\n"+strings.ReplaceAll(strings.ReplaceAll(w.String(), " ", ""), "\"", ""), "\n"+row), w.String())
				}
			})
		})
	}
}

// A w that panics has not taken the header. One that takes less than it was given has failed, also if it returns no error.
func TestWriterThatBreaksItsPromise(t *testing.T) {
	for name, write := range map[string]func(p []byte) (int, error){
		"panics":           func([]byte) (int, error) { panic("w panics") },
		"ends its routine": func([]byte) (int, error) { runtime.Goexit(); return 0, nil },
		"takes less":       func(p []byte) (int, error) { return 0, nil },
	} {
		t.Run(name, func(t *testing.T) {
			for _, s := range []func(w io.Writer) stream.Sink[order]{
				func(w io.Writer) stream.Sink[order] { return sink.CSV[order](w) },
				func(w io.Writer) stream.Sink[order] { return sink.Table[order](w) },
			} {
				w := &onceWriter{first: write}
				p := stream.New("again")
				p.From(source.Slice([]order{{"north", 1}, {"south", 2}})).To(s(w))
				require.NoError(t, p.Run(t.Context(), stream.Shards(1), stream.Checkpoints(checkpoint.Memory(), time.Minute), stream.Restarts(1, time.Millisecond)))
				assert.Regexp(t, `^Shop[, ]+Amount\nnorth[, ]+1\nsouth[, ]+2\n$`, w.String())
			}
		})
	}
}

// onceWriter has its first Write done by another.
type onceWriter struct {
	bytes.Buffer
	first func(p []byte) (int, error)
}

func (w *onceWriter) Write(p []byte) (int, error) {
	if first := w.first; first != nil {
		w.first = nil
		return first(p)
	}
	return w.Buffer.Write(p)
}

func TestCSVHeaderOnce(t *testing.T) {
	var b bytes.Buffer
	s := sink.CSV[order](&b)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			w, err := s.Open(&stream.SinkContext{Instance: i, Count: 4})
			require.NoError(t, err)
			for range 50 {
				batch := stream.NewIntake[order](10)
				for range 10 {
					batch.Append(order{strings.Repeat("x", 100), float64(i)})
				}
				assert.NoError(t, w.Write(context.Background(), batch.Batch()))
			}
			assert.NoError(t, w.Flush(context.Background()))
			assert.NoError(t, w.Close())
		})
	}
	wg.Wait()
	text := b.String()
	assert.True(t, strings.HasPrefix(text, "Shop,Amount\n"))
	assert.Equal(t, 1, strings.Count(text, "Shop"))
	assert.Equal(t, 2001, strings.Count(text, "\n"))
}

func TestWriteError(t *testing.T) {
	s := sink.Writer(brokenWriter{}, codec.Lines())
	w := open(t, s, 0, 1)
	put(t, w, events(1)...)
	err := w.Flush(t.Context())
	require.ErrorIs(t, err, errBroken)
	assert.EqualError(t, err, "sink: write sink_test.brokenWriter: broken")
	assert.ErrorIs(t, w.Flush(t.Context()), errBroken)
}

// A pane's fields are columns in every format.
func TestPane(t *testing.T) {
	pane := stream.Pane[string, int]{Key: "north", Start: time.Unix(0, 0).UTC(), End: time.Unix(60, 0).UTC(), Timing: stream.OnTime, Value: 7}
	var b bytes.Buffer
	write(sink.JSONLines[stream.Pane[string, int]](&b), pane)
	write(sink.CSV[stream.Pane[string, int]](&b), pane)
	write(sink.Table[stream.Pane[string, int]](&b), pane)
	for _, want := range []string{
		`"Start":"1970-01-01T00:00:00Z","End":"1970-01-01T00:01:00Z","Timing":"on time","Index":0,"Value":7}`,
		"north,1970-01-01T00:00:00Z,1970-01-01T00:01:00Z,",
		"north  1970-01-01 00:00:00  1970-01-01 00:01:00  ",
	} {
		// Case-insensitive: the names are for package stream to choose.
		assert.Contains(t, strings.ToLower(b.String()), strings.ToLower(want))
	}
}
