package sqlsink_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/sqlsink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A row that the database refuses in a run with checkpoints fails the run by default.
// Later ones can leave it out, and all others are there once.
func TestRefusedRow(t *testing.T) {
	for _, way := range []string{"skip", "divert", "mend"} {
		t.Run(way, func(t *testing.T) {
			db := database(t, "CREATE TABLE t (v TEXT CHECK (v != '7'))")
			store := checkpoint.Memory()
			all := make([]string, 20)
			for i := range all {
				all[i] = strconv.Itoa(i)
			}
			var p *stream.Pipeline
			plan := func(opts ...stream.Option) {
				p = stream.New("shop")
				p.From(source.Slice(all)).To(sqlsink.Statement(db, "INSERT INTO t VALUES (?)", textRow), append(opts, stream.Name("rows"))...)
			}
			saving := func() error {
				return p.Run(t.Context(), stream.Shards(1), stream.Checkpoints(store, time.Hour))
			}
			run := func(opts ...stream.Option) error {
				plan(opts...)
				return saving()
			}
			for range 2 {
				err := run()
				var refused *sqlsink.RefusedError
				require.ErrorAs(t, err, &refused)
				assert.Equal(t, []any{"7"}, refused.Args)
				for _, part := range []string{`the row ("7")`, "checkpoint 1 has promised it", "SkipFailures or Divert", `row "shop/rows" of table freshet_commits hold 1`} {
					assert.ErrorContains(t, err, part)
				}
				assert.Empty(t, query(t, db, "SELECT v FROM t"))
			}
			want := 19
			switch way {
			case "skip":
				require.NoError(t, run(stream.SkipFailures()))
				stats, _ := p.Stats().Operator("rows")
				assert.EqualValues(t, 1, stats.Failed)
			case "divert":
				var bad stream.Failures[string]
				failed := sink.Collect[stream.Failed[string]]()
				plan(stream.Divert(&bad))
				bad.Stream().To(failed)
				require.NoError(t, saving())
				require.Len(t, failed.Values(), 1)
				assert.Equal(t, "rows", failed.Values()[0].Operator)
				assert.ErrorContains(t, failed.Values()[0].Err, `the row ("7")`)
			case "mend":
				_, err := db.Exec("ALTER TABLE t RENAME TO old")
				require.NoError(t, err)
				_, err = db.Exec("CREATE TABLE t (v TEXT)")
				require.NoError(t, err)
				require.NoError(t, run())
				want = 20
			}
			assert.Len(t, query(t, db, "SELECT v FROM t"), want)
			require.NoError(t, run(), "the next run has nothing to do with it")
			assert.Len(t, query(t, db, "SELECT v FROM t"), want)
		})
	}
}

// Rows that are diverted have their values and times, also those that the last commit of a
// run refuses, and those that are refused for a row of another shard. The source is not
// opened again for them.
func TestDivertedRows(t *testing.T) {
	for _, every := range []time.Duration{time.Millisecond, time.Hour} {
		db := database(t, "CREATE TABLE t (v INTEGER PRIMARY KEY CHECK (v % 10 != 7))")
		var bad stream.Failures[order]
		failed := sink.Collect[stream.Failed[order]]()
		var parts [][]order
		for range 4 { // each row comes from four partitions
			var part []order
			for i := range 50 {
				part = append(part, order{"north", float64(i)})
			}
			parts = append(parts, part)
		}
		opened := 0
		p := stream.New("shop")
		p.From(openings[order]{source.Slice(parts...), &opened}).
			EventTime(func(o order) time.Time { return time.Unix(int64(o.Amount), 0) }).
			To(sqlsink.Statement(db, "INSERT INTO t VALUES (?)", func(o order) []any { return []any{int(o.Amount)} }), stream.Divert(&bad), stream.Name("rows"))
		bad.Stream().To(failed)
		require.NoError(t, p.Run(t.Context(), stream.Shards(4), stream.BatchSize(8), stream.Checkpoints(checkpoint.Memory(), every)))
		assert.Len(t, query(t, db, "SELECT v FROM t"), 45)
		times := map[float64]int{}
		for _, f := range failed.Values() {
			times[f.Value.Amount]++
			assert.Equal(t, "north", f.Value.Shop)
			assert.Equal(t, stream.Time(time.Duration(f.Value.Amount)*time.Second), f.Time)
			assert.ErrorContains(t, f.Err, fmt.Sprintf("the row (%v)", f.Value.Amount))
		}
		for i := range 50 {
			assert.Equal(t, map[bool]int{true: 4, false: 3}[i%10 == 7], times[float64(i)], "row %d", i)
		}
		assert.Equal(t, 1, opened)
		assert.LessOrEqual(t, len(query(t, db, "SELECT name FROM freshet_commits")), 1+4*50)
	}
}

// openings counts how often a source is opened.
type openings[T any] struct {
	stream.Source[T]
	n *int
}

func (o openings[T]) Open(c *stream.SourceContext) ([]stream.Reader[T], error) {
	*o.n++
	return o.Source.Open(c)
}

// Runs that fail at any place show each row once, either in the table or, where that
// refuses it, in the table of failures.
func TestDivertedExactlyOnce(t *testing.T) {
	for seed := range 12 {
		db := database(t, "CREATE TABLE t (v INTEGER CHECK (v % 5 != 3))", "CREATE TABLE bad (v INTEGER)")
		store := checkpoint.Memory()
		var numbers [3][]int
		var want []string
		for i := range 300 {
			numbers[i%3] = append(numbers[i%3], i)
			want = append(want, strconv.Itoa(i))
		}
		var seen, letters atomic.Int64
		one := func(i int) []any { return []any{i} }
		run := func() error {
			var bad stream.Failures[int]
			p := stream.New("shop")
			p.From(source.Slice(numbers[:]...)).
				Map(func(i int) int {
					if n := seen.Add(1); n%int64(97+seed) == 0 && n < 2000 {
						panic("killed")
					}
					return i
				}).
				Rebalance().
				To(sqlsink.Statement(db, "INSERT INTO t VALUES (?)", one), stream.Name("rows"), stream.Divert(&bad))
			bad.Stream().
				Map(func(f stream.Failed[int]) int {
					if n := letters.Add(1); n%int64(13+seed) == 0 && n < 200 {
						panic("killed")
					}
					return f.Value
				}).
				To(sqlsink.Statement(db, "INSERT INTO bad VALUES (?)", one), stream.Name("bad"))
			return p.Run(t.Context(), stream.Shards(1+seed%3), stream.BatchSize(16), stream.Checkpoints(store, 200*time.Microsecond), stream.Restarts(2, 0))
		}
		lives := 0
		for err := run(); err != nil; err = run() {
			require.ErrorContains(t, err, "killed")
			lives++
			require.Less(t, lives, 100)
		}
		require.NoError(t, run(), "a run after the end changes nothing")
		rows, bad := query(t, db, "SELECT v FROM t"), query(t, db, "SELECT v FROM bad")
		assert.Len(t, bad, 60, "seed %d", seed)
		got := append(rows, bad...)
		slices.Sort(want)
		slices.Sort(got)
		require.Equal(t, want, got, "seed %d", seed)
	}
}

// What was left out is reported again, in whatever order the parts come; and is forgotten with the
// next checkpoint.
func TestCommitSkipping(t *testing.T) {
	db := database(t, "CREATE TABLE t (v TEXT PRIMARY KEY)")
	s := sqlsink.Statement(db, "INSERT INTO t VALUES (?)", textRow).(stream.TransactionalSink[string])
	o, err := s.OpenCommitter(committing(t))
	require.NoError(t, err)
	c := o.(stream.SkippingCommitter)
	var prepared [][]byte
	for i, values := range [][]string{{"a", "b", "a"}, {"c", "b"}, {"c", "b"}} {
		x := committing(t)
		x.Instance, x.Diverts = i, i > 0
		w, err := s.Open(x)
		require.NoError(t, err)
		b := stream.NewIntake[string](3)
		b.Append(values...)
		require.NoError(t, w.Write(t.Context(), b.Batch()))
		prepared = append(prepared, prepare(t, w)...)
	}
	texts := func(refused []stream.Refusal) (all []string) {
		for _, r := range refused {
			e, ok := errors.AsType[*sqlsink.RefusedError](r.Err)
			require.True(t, ok)
			v := "without"
			if r.Value != nil {
				v = "with"
				assert.Equal(t, e.Args[0], r.Value)
			}
			all = append(all, fmt.Sprint(e.Args[0], " ", v))
		}
		slices.Sort(all)
		return all
	}
	want := []string{"a without", "b with", "b with", "c with"}
	refused, err := c.CommitSkipping(t.Context(), 3, prepared)
	require.NoError(t, err)
	require.Equal(t, want, texts(refused))
	slices.Reverse(prepared)
	again, err := c.CommitSkipping(t.Context(), 3, prepared)
	require.NoError(t, err)
	require.Equal(t, want, texts(again))
	slices.Sort(want)
	assert.ElementsMatch(t, []string{"a", "b", "c"}, query(t, db, "SELECT v FROM t"))
	assert.Len(t, query(t, db, "SELECT name FROM freshet_commits"), 5)

	// A refused row alone can be committed again.
	last, err := c.CommitSkipping(t.Context(), 4, [][]byte{refused[0].Row})
	require.NoError(t, err)
	require.Equal(t, []string{"a without"}, texts(last))
	assert.Len(t, query(t, db, "SELECT name FROM freshet_commits"), 2)
	id, err := c.Committed(context.Background())
	require.NoError(t, err)
	assert.EqualValues(t, 4, id)
}

// Values that no checkpoint can hold cannot be diverted, and the sink says so before it begins.
func TestDivertNeedsValues(t *testing.T) {
	db := database(t, "CREATE TABLE t (v TEXT)")
	type odd struct{ F func() }
	var bad stream.Failures[odd]
	p := stream.New("shop")
	p.From(source.Slice([]odd{{}})).To(sqlsink.Statement(db, "INSERT INTO t VALUES (?)", func(odd) []any { return []any{""} }), stream.Divert(&bad))
	bad.Stream().To(sink.Discard[stream.Failed[odd]]())
	assert.ErrorContains(t, p.Run(t.Context(), stream.Checkpoints(checkpoint.Memory(), time.Hour)), "with Divert keeps its values in checkpoints")
}
