package contract_test

import (
	"context"
	"io"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// A closing processor counts how often it is closed.
type closing struct{ closed *atomic.Int32 }

func (c closing) Process(in *stream.Batch[int], out *stream.Emitter[int]) error {
	for row, v := range in.All() {
		out.From(in, row, v)
	}
	return nil
}

func (c closing) Close() error { c.closed.Add(1); return nil }

// A named source says what it reads. Its readers say that they wait.
type named struct{ waits bool }

func (named) String() string { return "numbers of somebody" }

func (n named) Open(*stream.SourceContext) ([]stream.Reader[int], error) {
	return []stream.Reader[int]{&sleeper{name: "a", waits: n.waits}, &sleeper{name: "b", waits: n.waits}}, nil
}

// A sleeper gives one number after an hour.
type sleeper struct {
	name  string
	waits bool
	given bool
}

func (r *sleeper) Partition() string { return r.name }
func (r *sleeper) Offset() string    { return "" }
func (r *sleeper) Close() error      { return nil }
func (r *sleeper) Waits() bool       { return r.waits }

func (r *sleeper) Read(ctx context.Context, in *stream.Intake[int]) error {
	if r.given {
		return io.EOF
	}
	select {
	case <-time.After(time.Hour):
	case <-ctx.Done():
		return ctx.Err()
	}
	in.Append(7)
	r.given = true
	return nil
}

// What is asked for by a type assertion, and found: a processor is closed, once; a source is described; and readers that
// wait are read at the same time.
func TestOptional(t *testing.T) {
	for _, waits := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			var closed atomic.Int32
			p := stream.New("optional")
			out := sink.Collect[int]()
			p.From(named{waits}).Apply(func(*stream.OperatorContext) (stream.Processor[int, int], error) { return closing{&closed}, nil }).To(out)
			require.Contains(t, p.Plan().String(), "numbers of somebody")
			begun := time.Now()
			require.NoError(t, p.Run(t.Context(), stream.Shards(1)))
			require.Equal(t, []int{7, 7}, out.Values())
			took := 2 * time.Hour
			if waits {
				took = time.Hour
			}
			require.Equal(t, took, time.Since(begun))
			require.EqualValues(t, map[bool]int{true: 2, false: 1}[waits], closed.Load(), "once an instance")
		})
	}
}

// A counting processor counts the events of each key, and all, in state whose names are no text.
type counting struct {
	of  *stream.KeyedState[int, int]
	all *stream.State[int]
}

func (c counting) Process(in *stream.KeyedBatch[int, int], out *stream.Emitter[int]) error {
	for row := range in.All() {
		*c.of.At(in.Ref(row))++
		*c.all.At()++
		out.From(&in.Batch, row, 100**c.of.At(in.Ref(row))+*c.all.At())
	}
	return nil
}

// Names of state are not in a manifest: any will do, and is found again.
func TestNamesOfState(t *testing.T) {
	store := checkpoint.Memory()
	all := []int{1, 2, 1, 1, 2, 1}
	for run, want := range [][]int{{101, 102, 203}, {304, 205, 406}} {
		in := streamtest.NewInput[int]()
		p := stream.New("names")
		out := streamtest.Collect(p.From(in, stream.Name("in")).KeyBy(func(n int) int { return n }).
			Apply(func(c *stream.OperatorContext) (stream.KeyedProcessor[int, int, int], error) {
				return counting{c.KeyedState[int, int]("\xff"), c.State("\xfe\x00", stream.ToOne(func(a, b int) int { return a + b }))}, nil
			}, stream.Name("count")))
		d := streamtest.Start(t, p, streamtest.Checkpoints(store))
		in.Push(all[:3+3*run]...) // a run that goes on passes over what had been read
		d.Settle()
		require.Equal(t, want, out.Take())
		d.Checkpoint()
		d.Kill()
	}
}
