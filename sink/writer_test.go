package sink_test

import (
	"bufio"
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/sinktest"
	"github.com/freshet-go/freshet/stream"
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
	}.Run(t)
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
				batch := stream.NewBatch[order](10)
				for range 10 {
					batch.Append(order{strings.Repeat("x", 100), float64(i)})
				}
				assert.NoError(t, w.Write(context.Background(), batch))
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
