package tables_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// processBoth has a state that tells in which order events and timers came.
func processBoth(left, right stream.Keyed[int, change]) stream.Stream[string] {
	event := func(side string) func(c *stream.KeyContext[int, []string, string], v change) error {
		return func(c *stream.KeyContext[int, []string, string], v change) error {
			*c.State() = append(*c.State(), fmt.Sprint(side, v.Row().Val))
			c.SetTimer(c.Time().Add(3 * time.Second))
			c.Emit(fmt.Sprint(c.Key(), " at ", c.Time().Unix(), *c.State()))
			return nil
		}
	}
	return left.ProcessBoth(right, event("left"), event("right"), func(c *stream.KeyContext[int, []string, string]) error {
		*c.State() = append(*c.State(), "timer")
		if len(*c.State()) > 6 {
			c.Clear()
		}
		return nil
	}, stream.InOrder())
}

// bothTwin is processBoth of all events of each key by time: timers first, then the right side, then the left one.
func bothTwin(s scene) (want []string) {
	var events [2][]event
	keys, times := map[int]bool{}, s.times()
	for i := range events {
		events[i] = s.upTo(i, len(s.steps), 1<<40)
		for _, e := range events[i] {
			keys[e.Row().Key] = true
		}
	}
	for k := range keys {
		var state []string
		timers := map[int64]bool{}
		for at := times[0]; at <= times[len(times)-1]; at++ {
			if timers[at] {
				if state = append(state, "timer"); len(state) > 6 {
					state = nil
				}
			}
			for i, side := range []string{"right", "left"} {
				for _, e := range events[1-i] {
					if e.at != at || e.Row().Key != k {
						continue
					}
					state = append(state, fmt.Sprint(side, e.Row().Val))
					timers[at+3] = true
					want = append(want, fmt.Sprint(k, " at ", at, state))
				}
			}
		}
	}
	slices.Sort(want)
	return want
}

func FuzzProcessBoth(f *testing.F) {
	fuzzScenes(f, func(t *testing.T, s scene, n uint64) {
		want := bothTwin(s)
		start := func(shards int, store checkpoint.Store) (*streamtest.Driver, playing, *streamtest.Output[string]) {
			g := playing{p: stream.New("both")}
			for i := range g.in {
				g.in[i] = streamtest.NewInput[change](s.parts)
			}
			out := streamtest.Collect(processBoth(g.p.From(g.in[0]).KeyBy(keyOf), g.p.From(g.in[1]).KeyBy(keyOf)))
			return streamtest.Start(t, g.p, streamtest.Shards(shards), streamtest.BatchSize([]int{1, 4, 512}[n%3]), streamtest.Checkpoints(store)), g, out
		}
		for _, way := range [][2]int{{1, -1}, {3, -1}, {2, len(s.steps) / 2}} {
			store := checkpoint.Memory()
			d, g, out := start(way[0], store)
			var got []string
			for i, x := range s.steps {
				if i == way[1] {
					d.Checkpoint()
					got = append(got, out.Take()...)
					d.Kill()
					d, g, out = start(3, store)
					for _, before := range s.steps[:i] {
						g.push(before)
					}
				}
				g.push(x)
				if x.watermark {
					d.Settle()
				}
			}
			g.end()
			d.Settle()
			got = append(got, out.Take()...)
			d.Kill()
			slices.Sort(got)
			require.Equal(t, want, got, "on %d shards, killed at %d", way[0], way[1])
		}
	})
}
