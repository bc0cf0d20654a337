package pattern

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// A setting is how a run is made.
type setting struct {
	batch  int
	shards []int // of one life after another: each begins with a checkpoint that the one before has left

	store checkpoint.Store // nil: one in memory
	skip  int              // lives that were led before
	only  int              // lives to lead; 0: all
}

// matching runs a pattern over the events of partitions, and returns what it gives for each key in its order.
func matching(t *testing.T, s spec, parts [][]ev, with setting) (matches, timeouts map[int][]string) {
	t.Helper()
	matches, timeouts = map[int][]string{}, map[int][]string{}
	store := with.store
	if store == nil {
		store = checkpoint.Memory()
	}
	pushed := make([]int, len(parts))
	for life, shards := range with.shards {
		if life < with.skip {
			for i, part := range parts {
				pushed[i] = len(part) * (life + 1) / len(with.shards)
			}
			continue
		}
		if with.only > 0 && life == with.skip+with.only {
			break
		}
		p := stream.New("patterns")
		in := streamtest.NewInput[ev](len(parts))
		var late stream.Side[Matched[int, ev]]
		opts := []stream.Option{stream.Name("pattern")}
		if s.Within > 0 {
			opts = append(opts, TimedOut(&late))
		}
		out := streamtest.Collect(Match(p.From(in).EventTime(ev.time, stream.Disorder(5*time.Millisecond)).KeyBy(ev.key), s.pattern(), opts...))
		var lost *streamtest.Output[Matched[int, ev]]
		if s.Within > 0 {
			lost = streamtest.Collect(late.Stream(), stream.Name("lost"))
		}
		d := streamtest.Start(t, p, streamtest.Shards(shards), streamtest.BatchSize(with.batch), streamtest.Checkpoints(store))
		take := func() {
			d.Settle()
			note := func(o *streamtest.Output[Matched[int, ev]], to map[int][]string) {
				for _, e := range o.TakeEvents() {
					k := e.Value.Key
					to[k] = append(to[k], fmt.Sprint(sayMatched(e.Value), " at ", e.Time.Std().UnixMilli()))
				}
			}
			note(out, matches)
			if lost != nil {
				note(lost, timeouts)
			}
		}
		for i, part := range parts {
			in.PushTo(i, part[:pushed[i]]...) // the reader passes over what the checkpoint has
		}
		take()
		for i, part := range parts {
			upTo := len(part) * (life + 1) / len(with.shards)
			in.PushTo(i, part[pushed[i]:upTo]...)
			pushed[i] = upTo
			if i%2 == 0 {
				take()
			}
		}
		if life == len(with.shards)-1 {
			in.End()
			take()
			continue
		}
		take()
		d.Checkpoint()
		take()
		d.Kill()
	}
	return matches, timeouts
}

// randomParts makes events of some keys in two partitions, out of order by less than the disorder.
func randomParts(rng *rand.Rand, n int) [][]ev {
	parts := make([][]ev, 2)
	now := int64(rng.IntN(10) - 5)
	for i := range n {
		part := rng.IntN(2)
		parts[part] = append(parts[part], ev{i, rng.IntN(3), string("abcd"[rng.IntN(4)]), rng.IntN(4), now - rng.Int64N(5)})
		now += rng.Int64N(3)
	}
	return parts
}

// byKey returns the events of each key in the order in which Match takes them.
func byKey(parts [][]ev) map[int][]ev {
	keys := map[int][]ev{}
	for _, part := range parts {
		for _, v := range part {
			keys[v.Key] = append(keys[v.Key], v)
		}
	}
	for _, all := range keys {
		slices.SortStableFunc(all, func(a, b ev) int { return cmp.Compare(a.At, b.At) })
	}
	return keys
}

// What Match gives is what the definition says, in one order for each key, with the same times, whatever the size of batches, the number of
// shards, and whether runs are killed and go on with others.
func TestMatchIsTheDefinition(t *testing.T) {
	runs, found, lost := 0, 0, 0
	for seed := uint64(0); runs < 250; seed++ {
		rng := rand.New(rand.NewPCG(seed, 4))
		s, parts := randomSpec(rng), randomParts(rng, rng.IntN(25))
		keys := byKey(parts)
		if !s.valid() || slices.ContainsFunc([]int{0, 1, 2}, func(k int) bool { return len(keys[k]) > 10 }) {
			continue
		}
		runs++
		about := fmt.Sprintf("seed %d: %v over %v", seed, s.pattern(), parts)
		matches, timeouts := matching(t, s, parts, setting{batch: 1 + rng.IntN(5), shards: []int{1}})
		for k, events := range keys {
			want := s.brute(events)
			if s.Skip == "" {
				require.Equal(t, want.texts(want.matches, true), sorted(matches[k]), about)
				require.Equal(t, want.texts(want.timeouts, true), sorted(timeouts[k]), about)
			} else {
				require.Len(t, matches[k], len(want.skipped(s)), about)
			}
			found, lost = found+len(matches[k]), lost+len(timeouts[k])
		}
		for range 2 {
			with := setting{batch: 1 + rng.IntN(5), shards: []int{1 + rng.IntN(3), 1 + rng.IntN(3), 1 + rng.IntN(3)}}
			again, late := matching(t, s, parts, with)
			require.Equal(t, matches, again, "%s, %v", about, with)
			require.Equal(t, timeouts, late, "timed out: %s, %v", about, with)
		}
	}
	require.Greater(t, found, 300)
	require.Greater(t, lost, 100)
}

// abc is the pattern of a, then b, then c.
func abc() Pattern[ev] {
	return Begin("a", kindOf("a")).FollowedBy("b", kindOf("b")).FollowedBy("c", kindOf("c"))
}

func texts(o *streamtest.Output[Matched[int, ev]]) (all []string) {
	for _, m := range o.Take() {
		all = append(all, sayMatched(m))
	}
	return all
}

// An event that is late is left out, counted, and in the stream that Late names: also one that is late for a run that goes on.
func TestLateEvents(t *testing.T) {
	store := checkpoint.Memory()
	events := []ev{{1, 0, "a", 0, 100}, {2, 0, "b", 0, 200}, {3, 0, "b", 0, 150}, {4, 0, "c", 0, 300}, {5, 0, "b", 0, 250}, {6, 0, "x", 0, 400}}
	for life := range 2 {
		p := stream.New("late")
		in := streamtest.NewInput[ev]()
		var side stream.Side[ev]
		out := streamtest.Collect(Match(p.From(in).EventTime(ev.time).KeyBy(ev.key), abc(), Late(&side), stream.Name("abc")))
		lost := streamtest.Collect(side.Stream(), stream.Name("lost"))
		d := streamtest.Start(t, p, streamtest.Checkpoints(store))
		if life == 0 {
			in.Push(events[:3]...)
			d.Settle()
			require.Equal(t, events[2:3], lost.Take())
			s, _ := p.Stats().Operator("abc")
			require.EqualValues(t, 1, s.TooLate)
			require.EqualValues(t, 1, s.Kept, "Late has it")
			d.Checkpoint()
			d.Kill()
			continue
		}
		in.Push(events...)
		d.Settle()
		require.Equal(t, events[4:5], lost.Take())
		require.Equal(t, []string{"a: 1; b: 2; c: 4"}, texts(out))
	}
}

// A key of which nothing can match any more is not held, be it that it has matched, that its time has passed, or that it is silent.
func TestKeysAreForgotten(t *testing.T) {
	for name, p := range map[string]Pattern[ev]{
		"time to live": abc().Within(time.Second),
		"skip":         abc().Within(time.Second).Skip(SkipPastLast()),
		"timer":        Begin("a", kindOf("a")).NotFollowedBy(kindOf("b")).Within(time.Second),
		"matched":      Begin("a", kindOf("a")).Next("x", kindOf("x")),
	} {
		t.Run(name, func(t *testing.T) {
			pl := stream.New("keys")
			in := streamtest.NewInput[ev]()
			streamtest.Collect(Match(pl.From(in).EventTime(ev.time).KeyBy(ev.key), p, stream.Name("p")))
			d := streamtest.Start(t, pl)
			var many []ev
			for k := range 1000 {
				many = append(many, ev{Key: k, Kind: "a", At: int64(k)})
			}
			in.Push(many...)
			in.Push(ev{Key: -1, Kind: "d", At: 1000})
			d.Settle()
			s, _ := pl.Stats().Operator("p")
			require.InDelta(t, 1000, s.Keys, 1)
			for k := range 1000 {
				in.Push(ev{Key: k, Kind: "x", At: int64(3000 + k)})
			}
			in.Push(ev{Key: -1, Kind: "d", At: 9000})
			d.Settle()
			in.Push(ev{Key: -1, Kind: "d", At: 12000})
			d.Settle()
			s, _ = pl.Stats().Operator("p")
			require.LessOrEqual(t, s.Keys, int64(1))
		})
	}
}
