package contract_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// meters is a source of two partitions that know their event times and
// watermarks, and hand in a record that is none.
type meters struct{ n int }

func (m meters) Open(*stream.SourceContext) ([]stream.Reader[reading], error) {
	return []stream.Reader[reading]{&meter{name: "north", n: m.n}, &meter{name: "south", n: m.n}}, nil
}

type meter struct {
	name   string
	i, n   int
	closed bool
}

func (m *meter) Partition() string            { return m.name }
func (m *meter) Offset() string               { return strconv.Itoa(m.i) }
func (m *meter) Close() error                 { m.closed = true; return nil }
func (m *meter) Locate(position int64) string { return fmt.Sprintf("%s reading %d", m.name, position) }

func (m *meter) Read(_ context.Context, b *stream.Intake[reading]) error {
	for ; m.i < m.n && b.Room() > 0; m.i++ {
		when := stream.Time(at(m.i).UnixNano())
		if m.i == 5 && m.name == "south" {
			b.Reject([]byte("???"), int64(m.i), errors.New("no reading"))
			continue
		}
		b.AppendAt(reading{m.name, m.i, at(m.i)}, when)
		b.Mark(int64(m.i))
		b.SetWatermark(when + 1)
	}
	if m.i == m.n {
		return io.EOF
	}
	return nil
}

// ledger is a sink that must be flushed before its entries count, refuses
// negative values, and wants to know the watermark.
type ledger struct {
	mu        sync.Mutex
	entries   []int64
	watermark stream.Time
	closed    int
}

func (l *ledger) Open(*stream.SinkContext) (stream.Writer[int64], error) {
	return &ledgerWriter{ledger: l}, nil
}

type ledgerWriter struct {
	*ledger
	pending []int64
}

var errNegative = errors.New("negative")

func (w *ledgerWriter) Write(_ context.Context, b *stream.Batch[int64]) error {
	for row, v := range b.All() {
		if v < 0 {
			return &stream.RowError{Row: row, Err: errNegative}
		}
		w.pending = append(w.pending, v)
	}
	return nil
}

func (w *ledgerWriter) Flush(context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.entries, w.pending = append(w.entries, w.pending...), nil
	return nil
}

func (w *ledgerWriter) Advance(_ context.Context, wm stream.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.watermark = max(w.watermark, wm)
	return nil
}

func (w *ledgerWriter) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed++
	return nil
}

func TestSourceAndSink(t *testing.T) {
	for shards := 1; shards <= 3; shards++ {
		for _, batch := range []int{1, 4, 512} {
			l := &ledger{}
			var unreadable stream.Failures[[]byte]
			var refused stream.Failures[int64]
			records := sink.Collect[stream.Failed[[]byte]]()
			negatives := sink.Collect[stream.Failed[int64]]()
			p := stream.New("meters")
			sums := p.From(meters{20}, stream.Divert(&unreadable)).KeyBy(reading.sensor).
				Window(window.Tumbling(10e9)).
				Aggregate(window.Sum(func(r reading) int64 { return int64(r.Value) })).
				Map(func(s stream.Pane[string, int64]) int64 {
					if s.Key == "north" && s.Start.Unix() == 0 {
						return -s.Value
					}
					return s.Value
				})
			sums.To(l, stream.Divert(&refused))
			unreadable.Stream().To(records)
			refused.Stream().To(negatives)
			require.NoError(t, p.Run(t.Context(), stream.Shards(shards), stream.BatchSize(batch)))

			require.ElementsMatch(t, []int64{40, 145, 145}, l.entries) // 45 less the reading that is none
			require.Equal(t, window.MaxTime, l.watermark)
			require.Positive(t, l.closed)
			require.Len(t, records.Values(), 1)
			require.Equal(t, "south reading 5", records.Values()[0].Position)
			require.Equal(t, "???", string(records.Values()[0].Value))
			require.Len(t, negatives.Values(), 1)
			require.ErrorIs(t, negatives.Values()[0].Err, errNegative)
		}
	}
}
