package lifecycle_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"maps"
	"slices"
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

// Of events with one time, those of a partition stand in the order of their marks, also where these descend.
func TestMarksDescend(t *testing.T) {
	var seen []int64
	p := stream.New("marks")
	p.From(opens(func(*stream.SourceContext) []stream.Reader[int64] {
		reads := [][]int64{{5, 3, 9}, {4, 4, 1}}
		return []stream.Reader[int64]{filling{newShelf("a"), func(in *stream.Intake[int64]) error {
			if len(reads) == 0 {
				return io.EOF
			}
			for _, place := range reads[0] {
				in.AppendAt(place, 7)
				in.Mark(place)
			}
			reads = reads[1:]
			return nil
		}}}
	})).KeyBy(func(int64) int { return 0 }).
		Process(func(c *stream.KeyContext[int, int, int64], v int64) error { seen = append(seen, v); return nil }, nil, stream.InOrder()).
		To(sink.Discard[int64]())
	require.NoError(t, p.Run(t.Context(), stream.Shards(2)))
	require.Equal(t, []int64{1, 3, 4, 4, 5, 9}, seen)
}

// A watermark that a reader promises after a higher one is passed over: what is late and when windows fire is as if it had not been
// promised. The log says so, once, of whichever partition is the first.
func TestPromisesDescend(t *testing.T) {
	type step struct {
		at       stream.Time // of an event; 0 for none
		promises []stream.Time
	}
	run := func(parts map[string][]step) (log string, panes []int64, late int64) {
		var text bytes.Buffer
		p := stream.New("promises")
		out := sink.Collect[stream.Pane[int, int64]]()
		p.From(opens(func(*stream.SourceContext) (all []stream.Reader[int64]) {
			for _, name := range slices.Sorted(maps.Keys(parts)) {
				steps := parts[name]
				all = append(all, filling{newShelf(name), func(in *stream.Intake[int64]) error {
					if len(steps) == 0 {
						return io.EOF
					}
					if steps[0].at > 0 {
						in.AppendAt(1, steps[0].at)
					}
					for _, wm := range steps[0].promises {
						in.SetWatermark(wm)
					}
					steps = steps[1:]
					return nil
				}})
			}
			return all
		}), stream.Name("readers")).KeyBy(func(int64) int { return 0 }).Window(window.Tumbling(10), stream.Name("windows")).
			Aggregate(window.Count[int64](), stream.Name("counts")).To(out)
		require.NoError(t, p.Run(t.Context(), stream.Shards(2), stream.Logger(slog.New(slog.NewTextHandler(&text, nil)))))
		for _, pane := range out.Values() {
			panes = append(panes, pane.Value)
		}
		s, _ := p.Stats().Operator("counts")
		return text.String(), panes, s.TooLate
	}
	const says = "lower than one before, which still holds"
	rises := []step{{at: 5, promises: []stream.Time{20}}, {promises: []stream.Time{20}}, {at: 4}, {at: 25, promises: []stream.Time{30}}}
	log, panes, late := run(map[string][]step{"a": rises})
	require.NotContains(t, log, says)
	require.Equal(t, []int64{1, 1}, panes)
	require.EqualValues(t, 1, late)

	falls := []step{{at: 5, promises: []stream.Time{20, 3}}, {promises: []stream.Time{1}}, {at: 4}, {at: 25, promises: []stream.Time{30, 29}}}
	log, fell, gone := run(map[string][]step{"a": falls})
	require.Equal(t, panes, fell)
	require.Equal(t, late, gone)
	require.Equal(t, 1, strings.Count(log, says), log)
	require.Contains(t, log, "level=INFO")
	require.Contains(t, log, "operator=readers")
	require.Contains(t, log, "partition=a")

	log, _, _ = run(map[string][]step{"a": falls, "b": falls})
	require.Equal(t, 1, strings.Count(log, says), log)
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
