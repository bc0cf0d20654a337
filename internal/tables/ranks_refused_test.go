package tables_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/drive"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
	"github.com/freshet-go/freshet/window/over"
)

func TestFramesThatMeanNothing(t *testing.T) {
	p := stream.New("refused")
	in := p.From(streamtest.NewInput[change]()).KeyBy(keyOf)
	ordered := stream.TableOf(in).OrderBy(ref, onlyVal)
	sum := func(f over.Frame) over.Selection[change, int64] {
		return over.Select(over.Aggregate(f, window.Sum(changed), func(to *int64, n int64) { *to = n }))
	}
	for _, x := range []struct {
		why  string
		call func()
	}{
		{"stream: Over: a frame to the last event of a stream is never final: ", func() { in.Over(sum(over.Rows(0, over.All))) }},
		{"stream: Over: a frame to the last event of a stream is never final: ", func() { in.Over(sum(over.Range(0, over.All))) }},
		{"stream: Over: RangeOf is for tables", func() { in.Over(sum(over.RangeOf(changed, 1, 1))) }},
		{"over: Aggregate: the function of RangeOf is a func(tables_test.row) int64, and takes no row", func() { in.Over(sum(over.RangeOf(row.val, 1, 1))) }},
		{"over: Rows(1, -2): there is nothing between", func() { over.Rows(1, -2) }},
		{"over: Range(-1s, 0s): there is nothing between", func() { over.Range(-time.Second, 0) }},
		{"over: Aggregate: the Frame is zero", func() { sum(over.Frame{}) }},
		{"over: Lag(-1): negative", func() { over.Lag(-1, func(*int64, change, bool) {}) }},
		{"over: Select: there is no column", func() { over.Select[change, int64]() }},
		{"over: Select: column 1 of 1 is nil", func() { over.Select[change, int64](nil) }},
		{"over: First: the function set is nil", func() { over.First[change, int64](over.Rows(0, 0), nil) }},
		{"stream: Top(0): not positive", func() { ordered.Top(0) }},
		{"stream: TopOver(-1): not positive", func() { ordered.TopOver(-1, tableColumns()) }},
		{"stream: Over: rows of a table have no event time for a Range: take RangeOf", func() {
			ordered.Over(over.Select(over.Aggregate(over.Range(0, 0), window.Count[row](), func(to *int64, n int64) { *to = n })))
		}},
	} {
		message := ""
		func() {
			defer func() { message, _ = recover().(string) }()
			x.call()
		}()
		require.Contains(t, message, x.why)
	}
}

// What compare says of two rows may not depend on when it is asked.
func TestOrderThatIsNone(t *testing.T) {
	in := streamtest.NewInput[change]()
	p := stream.New("no order")
	turn := 1
	streamtest.Collect(show(stream.TableOf(p.From(in).KeyBy(keyOf)).OrderBy(func(int, row) stream.NoKey { return stream.NoKey{} }, func(a, b row) int {
		turn = -turn
		return turn
	}).Top(2)))
	d := streamtest.Start(t, p)
	for i := range 4 {
		in.PushAt(time.Unix(int64(i), 0), change{Kind: stream.Update, After: row{i, 0, int64(i)}})
	}
	in.PushAt(time.Unix(9, 0), change{Kind: stream.Delete, Before: row{Key: 1}}, change{Kind: stream.Delete, Before: row{Key: 2}})
	in.End()
	require.ErrorContains(t, d.Try(), "compare is no order of the rows, or not the same as it was")
}

// With other columns, or of other aggregators, what was saved is of no use.
func TestColumnsThatChange(t *testing.T) {
	least := func(n int64) over.Column[change, int64] {
		return over.Aggregate(over.Rows(n, 0), window.Min(changed), func(to *int64, n int64) { *to = n })
	}
	begin := func(column over.Column[change, int64]) (*streamtest.Input[change], *stream.Pipeline) {
		in := streamtest.NewInput[change]()
		p := stream.New("columns")
		streamtest.Collect(p.From(in).KeyBy(keyOf).Over(over.Select(column)))
		return in, p
	}
	store := checkpoint.Memory()
	in, p := begin(least(3))
	d := streamtest.Start(t, p, streamtest.Checkpoints(store))
	in.PushAt(time.Unix(1, 0), change{Kind: stream.Update, After: row{Key: 1}})
	in.AdvanceWatermark(time.Unix(5, 0))
	d.Checkpoint()
	d.Kill()
	for name, column := range map[string]over.Column[change, int64]{
		"a longer frame":      least(4),
		"another aggregate":   over.Aggregate(over.Rows(3, 0), window.Max(changed), func(to *int64, n int64) { *to = n }),
		"one by time":         over.Aggregate(over.Range(3, 0), window.Min(changed), func(to *int64, n int64) { *to = n }),
		"another of one name": over.Lag(3, func(to *int64, c change, _ bool) { *to = changed(c) }),
	} {
		in, p := begin(column)
		in.End()
		d, err := drive.New(p, 1, 512, time.Now, store)
		if err == nil {
			err = d.Settle()
		}
		require.ErrorContains(t, err, "stream: over of checkpoint 1 was set to columns", name)
	}
}
