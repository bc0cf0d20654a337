package doortest_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/internal/door/doortest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// A tick is an event of the tests.
type tick struct {
	Key, Val, ID int
	At           int64 // seconds
	Tags         []string
	By           map[string]int64
	Last         *time.Time
}

func (t tick) key() int        { return t.Key }
func (t tick) val() int        { return t.Val }
func (t tick) time() time.Time { return time.Unix(t.At, 0) }

// ticks are partitions of random events, out of order by up to disorder, some late, from before 1970 on.
func ticks(rng *rand.Rand, late bool) [][]tick {
	parts := make([][]tick, 1+rng.IntN(4))
	id := 0
	for i := range parts {
		clock := int64(-200)
		for range rng.IntN(400) {
			clock += rng.Int64N(4)
			id++
			at := clock - rng.Int64N(5)
			if late && rng.IntN(20) == 0 {
				at -= rng.Int64N(100)
			}
			e := tick{Key: rng.IntN(30), Val: rng.IntN(100), At: at, ID: id}
			switch rng.IntN(4) {
			case 0:
				e.Tags = []string{"a", ""}
			case 1:
				now := e.time()
				e.Last = &now
			case 2:
				e.By = map[string]int64{"x": e.At}
			}
			parts[i] = append(parts[i], e)
		}
	}
	return parts
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

// A pipe is a pipeline under test: what it makes of ticks.
type pipe struct {
	name string
	late bool // late events change nothing about which rows there are
	rows func(p *stream.Pipeline, in stream.Stream[tick]) stream.Stream[string]
}

func pane[V any](p stream.Pane[int, V]) string {
	return fmt.Sprint(p.Key, " ", p.Start.Unix(), " ", p.End.Unix(), " ", p.Timing, " ", p.Value)
}

var pipes = []pipe{
	{"stateless", true, func(_ *stream.Pipeline, in stream.Stream[tick]) stream.Stream[string] {
		return in.Filter(func(t tick) bool { return t.Val%3 > 0 }).Map(func(t tick) string {
			return fmt.Sprint(t.ID, t.Tags, t.By, t.Last != nil && t.Last.Equal(t.time()))
		})
	}},
	{"rebalanced", true, func(_ *stream.Pipeline, in stream.Stream[tick]) stream.Stream[string] {
		return in.Rebalance().Map(func(t tick) string {
			return fmt.Sprint(t.ID, t.Tags, t.Tags == nil, t.By, t.Last != nil && t.Last.Equal(t.time()))
		})
	}},
	{"tumbling", true, func(_ *stream.Pipeline, in stream.Stream[tick]) stream.Stream[string] {
		return in.KeyBy(tick.key).Window(window.Tumbling(10 * time.Second)).Aggregate(window.Sum(tick.val)).Map(pane)
	}},
	{"sliding", true, func(_ *stream.Pipeline, in stream.Stream[tick]) stream.Stream[string] {
		return in.KeyBy(tick.key).Window(window.Sliding(60*time.Second, 10*time.Second)).
			Aggregate(window.Collect[tick]()).Map(func(p stream.Pane[int, []tick]) string {
			var ids []int
			for _, t := range p.Value {
				ids = append(ids, t.ID)
			}
			slices.Sort(ids)
			return fmt.Sprint(p.Key, " ", p.Start.Unix(), " ", p.End.Unix(), " ", ids)
		})
	}},
	{"sessions", true, func(_ *stream.Pipeline, in stream.Stream[tick]) stream.Stream[string] {
		return in.KeyBy(tick.key).Window(window.Session(20 * time.Second)).Aggregate(window.Sum(tick.val)).Map(pane)
	}},
	{"panes of panes", true, func(_ *stream.Pipeline, in stream.Stream[tick]) stream.Stream[string] {
		return in.KeyBy(tick.key).Window(window.Tumbling(5 * time.Second)).Aggregate(window.Sum(tick.val)).
			KeyBy(func(p stream.Pane[int, int]) int { return p.Key % 3 }).Window(window.Tumbling(30 * time.Second)).
			Aggregate(window.Sum(func(p stream.Pane[int, int]) int { return p.Value })).Map(pane)
	}},
	{"diverted", true, func(_ *stream.Pipeline, in stream.Stream[tick]) stream.Stream[string] {
		var bad stream.Failures[tick]
		good := in.TryMap(func(_ context.Context, t tick) (tick, error) {
			switch t.ID % 5 {
			case 0:
				return t, errors.New("five")
			case 1:
				panic("one")
			}
			return t, nil
		}, stream.Divert(&bad))
		return good.KeyBy(tick.key).Window(window.Tumbling(10 * time.Second)).Aggregate(window.Sum(tick.val)).Map(pane).
			Merge(bad.Stream().Map(func(f stream.Failed[tick]) tick { return f.Value }).KeyBy(tick.key).Window(window.Tumbling(10 * time.Second)).Count().Map(pane))
	}},
	{"enriched", true, func(_ *stream.Pipeline, in stream.Stream[tick]) stream.Stream[string] {
		return in.Enrich(func(_ context.Context, t tick) (tick, error) {
			for range t.ID % 7 * 100 {
				runtime.Gosched() // calls end in any order
			}
			return t, nil
		}, stream.Unordered(), stream.Concurrency(4)).Rebalance().Map(func(t tick) string { return fmt.Sprint(t.ID) })
	}},
	{"running", false, func(_ *stream.Pipeline, in stream.Stream[tick]) stream.Stream[string] {
		return in.KeyBy(tick.key).Running(window.Sum(tick.val), stream.InOrder()).
			Map(func(kv stream.KeyValue[int, int]) string { return fmt.Sprint(kv.Key, " ", kv.Value) })
	}},
	{"timers", false, func(_ *stream.Pipeline, in stream.Stream[tick]) stream.Stream[string] {
		return in.KeyBy(tick.key).Process(func(c *stream.KeyContext[int, int, string], t tick) error {
			*c.State() += t.Val
			c.SetTimer(c.Time().Truncate(15 * time.Second).Add(15 * time.Second))
			return nil
		}, func(c *stream.KeyContext[int, int, string]) error {
			c.Emit(fmt.Sprint(c.Key(), " ", c.Time().Unix(), " ", *c.State()))
			return nil
		}, stream.InOrder())
	}},
	{"rules", false, func(_ *stream.Pipeline, in stream.Stream[tick]) stream.Stream[string] {
		rules := in.Filter(func(t tick) bool { return t.ID%7 == 0 }).KeyBy(func(t tick) int { return t.ID % 5 })
		return in.KeyBy(tick.key).ConnectAll(rules, func(t tick) stream.Change[int] {
			if t.Val < 20 {
				return stream.Change[int]{Kind: stream.Delete}
			}
			return stream.Change[int]{Kind: stream.Update, After: t.ID}
		}, func(c *stream.KeyContext[int, int, string], rules *stream.Rules[int, int], t tick) error {
			*c.State() += t.Val
			c.SetTimer(c.Time().Add(4 * time.Second))
			c.Emit(fmt.Sprint(t.ID, " ", *c.State(), " ", maps.Collect(rules.All())))
			return nil
		}, func(c *stream.KeyContext[int, int, string], rules *stream.Rules[int, int]) error {
			c.Emit(fmt.Sprint(c.Key(), " ", c.Time().Unix(), " ", *c.State(), " ", maps.Collect(rules.All())))
			return nil
		}, stream.InOrder())
	}},
	{"interval join", false, func(_ *stream.Pipeline, in stream.Stream[tick]) stream.Stream[string] {
		odd := in.Filter(func(t tick) bool { return t.ID%2 == 1 }).KeyBy(tick.key)
		even := in.Filter(func(t tick) bool { return t.ID%2 == 0 }).KeyBy(tick.key)
		return odd.IntervalJoin(even, -3*time.Second, 4*time.Second, stream.FullOuter, func(m stream.Match[tick, tick]) string {
			return fmt.Sprint(m.Left.ID, " with ", m.Right.ID)
		})
	}},
	{"merged", true, func(_ *stream.Pipeline, in stream.Stream[tick]) stream.Stream[string] {
		k := in.KeyBy(tick.key)
		return stream.Union([]stream.Stream[string]{
			k.Window(window.Tumbling(10 * time.Second)).Count().Map(pane),
			in.Window(window.Tumbling(7 * time.Second)).Aggregate(window.Sum(tick.val)).
				Map(func(p stream.Pane[stream.NoKey, int]) string { return fmt.Sprint("all ", p.End.Unix(), " ", p.Value) }),
			in.Map(func(t tick) string { return fmt.Sprint("plain ", t.ID) }),
		})
	}},
	{"duplicates", true, func(_ *stream.Pipeline, in stream.Stream[tick]) stream.Stream[string] {
		return in.Merge(in).KeyBy(func(t tick) int { return t.ID }).Deduplicate(time.Hour).Map(func(t tick) string { return fmt.Sprint(t.ID) })
	}},
}

// timed gives the events of partitions their times.
func timed(p *stream.Pipeline, parts [][]tick) stream.Stream[tick] {
	return p.From(source.Slice(parts...)).EventTime(tick.time, stream.Disorder(5*time.Second))
}

// Whatever the data, the batches and the numbers of instances, rows are those of a run
// in one process; also where all of it is killed and goes on from checkpoints with other numbers of instances.
func TestTwinOfRun(t *testing.T) {
	t.Parallel()
	for i, x := range slices.Concat(pipes, tablePipes) {
		seeds := uint64(6)
		if i >= len(pipes) { // which have more stages each
			seeds = 3
		}
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			for seed := range seeds {
				rng := newRand(seed)
				parts := ticks(rng, x.late && seed%2 == 1)
				want := sink.Collect[string]()
				p := stream.New("twin")
				x.rows(p, timed(p, parts)).To(want)
				require.NoError(t, p.Run(t.Context(), stream.Shards(1+rng.IntN(3))))

				shown := &ledger{}
				build := func() any {
					p := stream.New("twin")
					x.rows(p, timed(p, parts)).To(shown)
					return p
				}
				o := doortest.Options{Config: door.Config{Shards: 1 + rng.IntN(4), Batch: 1 + rng.IntN(20)}}
				job, err := doortest.Start(t.Context(), build, o)
				require.NoError(t, err)
				require.NoError(t, job.Wait(t.Context()))
				require.Equal(t, sorted(want.Values()), sorted(shown.rows), "seed %d, %d shards", seed, o.Shards)

				*shown = ledger{}
				doortest.Disturb(t, build, rng)
				require.Equal(t, sorted(want.Values()), sorted(shown.rows), "seed %d, disturbed", seed)

				*shown = ledger{}
				b := doortest.Batch{Config: o.Config, Twice: true}
				require.NoError(t, b.Run(t.Context(), build), "seed %d", seed)
				require.Equal(t, sorted(want.Values()), sorted(shown.rows), "seed %d, in batch, each instance twice", seed)
			}
		})
	}
}

func sorted(rows []string) []string { return slices.Sorted(slices.Values(rows)) }
