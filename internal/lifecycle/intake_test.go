package lifecycle_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// filling is a reader whose only Read a test writes.
type filling struct {
	*shelf
	read func(in *stream.Intake[int64]) error
}

func (f filling) Read(_ context.Context, in *stream.Intake[int64]) error { return f.read(in) }

// A reader that gives only some of its events a time, or a place, ends the run, and is named.
func TestIntakeIsWhole(t *testing.T) {
	for want, read := range map[string]func(in *stream.Intake[int64]) error{
		"stream: halves at a: its reader has put in 2 events, and 1 event times: AppendAt is for all events of a Read or for none": func(in *stream.Intake[int64]) error {
			in.Append(1)
			in.AppendAt(2, 2)
			return io.EOF
		},
		"stream: halves at a: its reader has put in 3 events, and marked 1: Mark is for all events of a Read or for none": func(in *stream.Intake[int64]) error {
			in.Append(1, 2)
			in.Mark(7)
			*in.Next() = 3
			return nil
		},
		"stream: halves at a: its reader has put in an event, the 2. of a Read, at the end of time, when no event is: a time that cannot be held is for Reject": func(in *stream.Intake[int64]) error {
			in.AppendAt(1, 1)
			in.AppendAt(2, window.UnixMilli(1<<60))
			return nil
		},
		"stream: halves at a: its reader has put in an event, the 1. of a Read, at the beginning of time, when no event is: a time that cannot be held is for Reject": func(in *stream.Intake[int64]) error {
			in.AppendAt(1, window.MinTime)
			return nil
		},
		"stream: halves at a: its reader has marked an event with a place that is not from 0 to 2^48-1": func(in *stream.Intake[int64]) error {
			for _, place := range []int64{1, 1 << 48, 2} {
				in.Append(1)
				in.Mark(place)
			}
			return nil
		},
		"stream: negative at a: its reader has marked an event with a place that is not from 0 to 2^48-1": func(in *stream.Intake[int64]) error {
			in.Append(1)
			in.Mark(-1)
			return nil
		},
	} {
		name := strings.Fields(want)[1]
		p := stream.New("halves")
		p.From(opens(func(*stream.SourceContext) []stream.Reader[int64] {
			return []stream.Reader[int64]{filling{newShelf("a"), read}}
		}), stream.Name(name)).To(sink.Discard[int64]())
		require.EqualError(t, p.Run(t.Context()), want)
	}
}

// What an operator puts out at the end of time, when no event is, is in the last window, and no part of it is lost.
func TestEmittedAtTheEndOfTime(t *testing.T) {
	last := func(*stream.OperatorContext) (stream.Processor[int64, int64], error) { return lastly{}, nil }
	for _, shards := range []int{1, 3} {
		p := stream.New("last")
		out := sink.Collect[stream.Pane[int64, int64]]()
		p.From(source.Slice([]int64{1, 2, 3, 4})).EventTime(millis).Apply(last).
			KeyBy(func(i int64) int64 { return i % 2 }).
			Window(window.Tumbling(time.Second)).Count().To(out)
		require.NoError(t, p.Run(t.Context(), stream.Shards(shards)))
		got := map[int64][]int64{}
		for _, pane := range out.Values() {
			got[pane.Key] = append(got[pane.Key], pane.Value)
		}
		require.Equal(t, map[int64][]int64{0: {2}, 1: {2}}, got, "%d shards", shards)
	}
}

// lastly puts everything out at the end of time.
type lastly struct{ stream.Stateless }

func (lastly) Process(in *stream.Batch[int64], out *stream.Emitter[int64]) error {
	for _, v := range in.All() {
		out.Emit(v, window.MaxTime)
	}
	return nil
}
