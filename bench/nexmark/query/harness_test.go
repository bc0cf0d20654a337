package query

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
)

const (
	delay      = 3 * time.Second        // of the latest events
	impatience = 500 * time.Millisecond // a disorder that makes many of them late
)

// An arrival is an event as it arrives in its partition.
type arrival struct {
	auction.Event
	Watermark time.Time // of the partition before it: the zero time before the first event
}

// late reports whether an event is behind the watermark. Tumbling and sliding
// windows still take it where they end after the watermark; joins do not.
func (a arrival) late() bool { return a.Time().Before(a.Watermark) }

// arrivals returns how events arrive in one partition.
func arrivals(events []auction.Event, disorder time.Duration) []arrival {
	all := make([]arrival, len(events))
	var watermark time.Time
	for i, e := range events {
		all[i] = arrival{e, watermark}
		if w := e.Time().Add(-disorder); w.After(watermark) {
			watermark = w
		}
	}
	return all
}

// check holds a query and its floor against a twin, which says by definition
// what rows there are, on 100,000 events: in all the ways that rowsByWay has,
// where nothing is late, and in one partition with events that are.
func check[R any](t *testing.T, q Query, twin func(all []arrival) []R) {
	t.Helper()
	checkOn(t, q, made(1, many()), twin)
}

// checkOn is check on other events.
func checkOn[R any](t *testing.T, q Query, events []auction.Event, twin func(all []arrival) []R) {
	t.Helper()
	for _, c := range []struct {
		title    string
		disorder time.Duration
		rows     iter.Seq2[string, []any]
	}{
		{"nothing late", delay, rowsByWay(t, q, events, delay)},
		{"late events", impatience, oneByOne(t, q, events, impatience)},
	} {
		want := twin(arrivals(events, c.disorder))
		require.NotEmpty(t, want, "%s: %s: the twin has rows", q.Name, c.title)
		for way, rows := range c.rows {
			requireRows(t, want, typed[R](t, rows), "%s: %s: %s", q.Name, c.title, way)
		}
		requireRows(t, want, typed[R](t, q.byHand(events, c.disorder)), "%s: %s: floor", q.Name, c.title)
		require.Len(t, q.byHand(events, c.disorder), q.Floor(events, c.disorder), "%s: %s: rows of the floor", q.Name, c.title)
		t.Logf("%s: %s: %d rows agree", q.Name, c.title, len(want))
	}
}

// rowsByWay yields a query's rows in every way to run it: on one shard, on two
// of two partitions, and ended in the middle, gracefully and not, and restored
// on another number of shards.
func rowsByWay(t *testing.T, q Query, events []auction.Event, disorder time.Duration) iter.Seq2[string, []any] {
	return func(yield func(string, []any) bool) {
		_ = yield("one shard", whole(t, q, events, disorder, 1, 1)) &&
			yield("two shards", whole(t, q, events, disorder, 2, 2)) &&
			yield("stopped on two shards, restored on three", restored(t, q, events, disorder, 2, 3, false)) &&
			yield("killed on two shards, restored on one", restored(t, q, events, disorder, 2, 1, true))
	}
}

// oneByOne yields a query's rows from one partition, in batches and with each
// event in a batch of its own, so that the watermark passes between any two.
func oneByOne(t *testing.T, q Query, events []auction.Event, disorder time.Duration) iter.Seq2[string, []any] {
	return func(yield func(string, []any) bool) {
		_ = yield("one shard", whole(t, q, events, disorder, 1, 1)) &&
			yield("one by one", whole(t, q, events, disorder, 1, 1, stream.BatchSize(1)))
	}
}

// whole returns the rows of an undisturbed run.
func whole(t *testing.T, q Query, events []auction.Event, disorder time.Duration, parts, shards int, opts ...stream.RunOption) []any {
	t.Helper()
	rows, err := q.Rows(t.Context(), source.Slice(auction.Split(events, parts)...), disorder, append(opts, stream.Shards(shards))...)
	require.NoError(t, err, q.Name)
	return rows
}

var errKilled = errors.New("killed")

// restored returns the rows of a run that ends in the middle and of one that
// goes on. A killed run has a checkpoint in the middle of its events, and
// loses what it does after it. In the bubble a run that hangs fails at once.
func restored(t *testing.T, q Query, events []auction.Event, disorder time.Duration, before, after int, killed bool) (all []any) {
	t.Helper()
	store := checkpoint.Memory()
	saving := stream.Checkpoints(store, 24*time.Hour)
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithTimeout(context.Background(), time.Hour)
		defer stop()
		middle, end := make(chan struct{}), make(chan struct{})
		p := stream.New(q.Name)
		src := pausing{auction.Split(events, 2), []pause{{1, 2, middle, nil}, {5, 8, end, errKilled}}}
		rows := q.collect(p, q.from(p, src, disorder))
		ended := make(chan error, 1)
		go func() { ended <- p.Run(ctx, stream.Shards(before), saving) }()
		synctest.Wait()
		if killed {
			_, err := p.Savepoint(ctx, "middle")
			require.NoError(t, err, q.Name)
			all = rows()
			close(middle)
			synctest.Wait()
			close(end)
			require.ErrorIs(t, <-ended, errKilled, q.Name)
		} else {
			stop()
			require.ErrorIs(t, <-ended, context.Canceled, q.Name)
			all = rows()
		}

		ctx, stop = context.WithTimeout(context.Background(), time.Hour)
		defer stop()
		more, err := q.Rows(ctx, pausing{auction.Split(events, 2), nil}, disorder, stream.Shards(after), saving)
		require.NoError(t, err, q.Name)
		all = append(all, more...)
	})
	return all
}

// requireRows fails unless the rows are the same, in any order. Rows are the
// same if they are stored alike, so what pointers point to is compared.
func requireRows[R any](t *testing.T, want, got []R, format string, args ...any) {
	t.Helper()
	stored := codec.Binary[R]().NewEncoder()
	var buffer []byte
	key := func(r R) string {
		var err error
		buffer, err = stored.Append(buffer[:0], r)
		require.NoError(t, err)
		return string(buffer)
	}
	missing := make(map[string]int, len(want))
	for _, r := range want {
		missing[key(r)]++
	}
	var lacking, surplus []string
	for _, r := range got {
		if k := key(r); missing[k] > 0 {
			missing[k]--
		} else {
			surplus = append(surplus, readable(t, r))
		}
	}
	for _, r := range want {
		if k := key(r); missing[k] > 0 {
			missing[k]--
			lacking = append(lacking, readable(t, r))
		}
	}
	if len(surplus)+len(lacking) > 0 {
		require.Fail(t, fmt.Sprintf(format, args...), "%d rows wanted, %d got; %d lacking, such as %v; %d too many, such as %v",
			len(want), len(got), len(lacking), lacking[:min(3, len(lacking))], len(surplus), surplus[:min(3, len(surplus))])
	}
}

// readable writes a row down with what its pointers point to.
func readable[R any](t *testing.T, row R) string {
	t.Helper()
	text, err := json.Marshal(row)
	require.NoError(t, err)
	return string(text)
}

// typed returns rows as what they are.
func typed[R any](t *testing.T, rows []any) []R {
	t.Helper()
	all := make([]R, len(rows))
	for i, r := range rows {
		row, ok := r.(R)
		require.True(t, ok, "a row is a %T and not a %T", r, row)
		all[i] = row
	}
	return all
}

// A pausing source gives slices, as source.Slice does, and waits on its way.
type pausing struct {
	parts  [][]auction.Event
	pauses []pause
}

// A pause is where each partition waits: behind num of den parts of it, until
// over is closed. Reading fails then if there is an error.
type pause struct {
	num, den int
	over     <-chan struct{}
	err      error
}

func (s pausing) Open(c *stream.SourceContext) (readers []stream.Reader[auction.Event], err error) {
	for i, part := range s.parts {
		r := &pausingReader{name: strconv.Itoa(i), all: part, pauses: s.pauses}
		if from, ok := c.Offsets[r.name]; ok {
			if r.next, err = strconv.Atoi(from); err != nil {
				return nil, err
			}
		}
		readers = append(readers, r)
	}
	return readers, nil
}

type pausingReader struct {
	name   string
	all    []auction.Event
	next   int
	pauses []pause
}

func (r *pausingReader) Read(ctx context.Context, b *stream.Intake[auction.Event]) error {
	end := len(r.all)
	for len(r.pauses) > 0 {
		p := r.pauses[0]
		if end = len(r.all) * p.num / p.den; r.next < end {
			break
		}
		select {
		case <-p.over:
			if p.err != nil {
				return p.err
			}
			r.pauses, end = r.pauses[1:], len(r.all)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	n := min(b.Room(), end-r.next)
	if n == 0 {
		return io.EOF
	}
	b.Lend(r.all[r.next : r.next+n])
	r.next += n
	return nil
}

func (r *pausingReader) Partition() string { return r.name }
func (r *pausingReader) Waits() bool       { return true }
func (r *pausingReader) Offset() string    { return strconv.Itoa(r.next) }
func (r *pausingReader) Close() error      { return nil }
