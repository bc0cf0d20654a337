package tables_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// What a key has in the tests of rules.
type judgedKey struct{ N, Sum int64 }

// connectAll shows the rules that each event and each timer sees, one by one and all of them.
func connectAll(data, rules stream.Keyed[int, change], opts ...stream.Option) stream.Stream[string] {
	see := func(rules *stream.Rules[int, row]) (text string) {
		last := -1
		for id, r := range rules.All() {
			one, is := rules.Get(id)
			if id <= last || !is || one != r {
				return "All and Get differ"
			}
			last = id
			text += fmt.Sprint(" ", id, r)
		}
		if _, is := rules.Get(1000); is {
			return "a rule that nobody made"
		}
		return text
	}
	return data.ConnectAll(rules, identity,
		func(c *stream.KeyContext[int, judgedKey, string], rules *stream.Rules[int, row], v change) error {
			c.State().N++
			c.State().Sum += v.Row().Val
			c.SetTimer(c.Time().Add(3 * time.Second))
			c.Emit(fmt.Sprint("event ", c.Key(), " at ", c.Time().Unix(), *c.State(), see(rules)))
			return nil
		},
		func(c *stream.KeyContext[int, judgedKey, string], rules *stream.Rules[int, row]) error {
			c.Emit(fmt.Sprint("timer ", c.Key(), " at ", c.Time().Unix(), *c.State(), see(rules)))
			return nil
		}, opts...)
}

// eachKey shows what each key is told of a change.
func eachKey() stream.Option {
	return stream.EachKey(func(c *stream.KeyContext[int, judgedKey, string], rules *stream.Rules[int, row], id int) error {
		r, is := rules.Get(id)
		c.Emit(fmt.Sprint("rule ", id, " to ", c.Key(), " at ", c.Time().Unix(), *c.State(), r, is))
		return nil
	})
}

// shownRules shows what changes make of rules.
func shownRules(all []event) (text string) {
	rules := tableOf(all)
	ids := make([]int, 0, len(rules))
	for id := range rules {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		text += fmt.Sprint(" ", id, rules[id])
	}
	return text
}

// ruledTwin is connectAll of events in their order: timers come before the events of their time, and see the rules
// and the state from before it.
func ruledTwin(s scene) (want []string) {
	byKey := map[int][]event{}
	for _, e := range s.upTo(0, len(s.steps), 1<<40) {
		byKey[e.Row().Key] = append(byKey[e.Row().Key], e)
	}
	for k, all := range byKey {
		for i, e := range all {
			want = append(want, fmt.Sprint("event ", k, " at ", e.at, stateOf(all[:i+1]), shownRules(s.upTo(1, len(s.steps), e.at))))
			if i > 0 && all[i-1].at == e.at {
				continue // one timer
			}
			at := e.at + 3
			before := slices.IndexFunc(all, func(e event) bool { return e.at >= at })
			if before < 0 {
				before = len(all)
			}
			want = append(want, fmt.Sprint("timer ", k, " at ", at, stateOf(all[:before]), shownRules(s.upTo(1, len(s.steps), at-1))))
		}
		for _, e := range s.upTo(1, len(s.steps), 1<<40) { // each change is told in front of the events of its time
			before := slices.IndexFunc(all, func(x event) bool { return x.at >= e.at })
			if before < 0 {
				before = len(all)
			}
			if before > 0 {
				id := e.Row().Key
				r, is := tableOf(s.upTo(1, len(s.steps), e.at))[id]
				want = append(want, fmt.Sprint("rule ", id, " to ", k, " at ", e.at, stateOf(all[:before]), r, is))
			}
		}
	}
	slices.Sort(want)
	return want
}

func stateOf(all []event) (s judgedKey) {
	for _, e := range all {
		s.N++
		s.Sum += e.Row().Val
	}
	return s
}

// In order, each event is judged by the rules of its time, whatever came first and wherever it is judged.
func FuzzConnectAll(f *testing.F) {
	fuzzScenes(f, func(t *testing.T, s scene, n uint64) {
		s.steps = slices.DeleteFunc(s.steps, func(x step) bool { return x.input == 0 && x.event.late }) // they come at once
		start := func(shards int, store checkpoint.Store) (*streamtest.Driver, playing, *streamtest.Output[string]) {
			g := playing{p: stream.New("rules")}
			for i := range g.in {
				g.in[i] = streamtest.NewInput[change](s.parts)
			}
			out := streamtest.Collect(connectAll(g.p.From(g.in[0]).KeyBy(keyOf), g.p.From(g.in[1]).KeyBy(keyOf), stream.InOrder(), eachKey()))
			return streamtest.Start(t, g.p, streamtest.Shards(shards), streamtest.BatchSize([]int{1, 4, 512}[n%3]), streamtest.Checkpoints(store)), g, out
		}
		want := ruledTwin(s)
		late := int64(0)
		for _, x := range s.steps {
			late += int64(b2i(x.event.late))
		}
		for _, way := range [][2]int{{1, -1}, {3, -1}, {2, len(s.steps) / 2}, {3, len(s.steps) / 3}} {
			store := checkpoint.Memory()
			d, g, out := start(way[0], store)
			var got []string
			for i, x := range s.steps {
				if i == way[1] {
					d.Checkpoint()
					got = append(got, out.Take()...)
					g.push(x) // what it does now is lost
					d.Settle()
					d.Kill()
					d, g, out = start(way[0]%3+1, store)
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
			if way[1] < 0 {
				stats, _ := g.p.Stats().Operator("connectall")
				require.Equal(t, late, stats.TooLate, "changes that were late, each once")
			}
			d.Kill()
			slices.SortFunc(got, cmp.Compare[string])
			require.Equal(t, want, got, "on %d shards, killed at %d", way[0], way[1])
		}
	})
}

// Without InOrder an event is judged when it comes, by the rules of its time that are there; one that is late, by
// the rules as of the time that neither side goes behind any more.
func FuzzConnectAllByArrival(f *testing.F) {
	fuzzScenes(f, func(t *testing.T, s scene, n uint64) {
		shards := 1 + int(n%3)
		var opts []stream.Option
		if n/3%2 == 0 {
			opts = append(opts, stream.NoWaitForRules())
		}
		g := playing{p: stream.New("rules")}
		for i := range g.in {
			g.in[i] = streamtest.NewInput[change](s.parts)
		}
		out := streamtest.Collect(connectAll(g.p.From(g.in[0]).KeyBy(keyOf), g.p.From(g.in[1]).KeyBy(keyOf), opts...).
			Filter(func(line string) bool { return line[0] == 'e' }))
		d := streamtest.Start(t, g.p, streamtest.Shards(shards), streamtest.BatchSize(4))
		states := map[int][]event{}
		for i, x := range s.steps {
			g.push(x)
			d.Settle()
			got := out.Take()
			if x.input == 1 || x.watermark {
				require.Empty(t, got)
				continue
			}
			k := x.event.Row().Key
			states[k] = append(states[k], x.event)
			asOf := x.at
			if settled := s.reached(i, true); settled > asOf {
				asOf = settled - 1
			}
			require.Equal(t, []string{fmt.Sprint("event ", k, " at ", x.at, stateOf(states[k]), shownRules(s.upTo(1, i, asOf)))}, got,
				"step %d on %d shards", i, shards)
		}
		d.Kill()
	})
}
