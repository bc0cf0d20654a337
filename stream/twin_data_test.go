package stream_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/freshet-go/freshet/internal/racing"
	"github.com/freshet-go/freshet/internal/sample"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// Every stateful operator has a twin here: the same result computed from the
// definition, slowly, from all events at once. A fuzz test says that the two
// agree, whatever the order of arrival, the batches and the shards.

// A tick is an event of these tests. Times are whole seconds.
type tick struct {
	Key  int
	Val  int64
	At   int64
	Part int // its partition, and its place there
	Pos  int
}

func tickKey(e tick) int        { return e.Key }
func tickVal(e tick) int64      { return e.Val }
func tickTime(e tick) time.Time { return time.Unix(e.At, 0) }

// byTime orders ticks as operators do that go by event time.
func byTime(a, b tick) int {
	return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Part, b.Part), cmp.Compare(a.Pos, b.Pos))
}

const never = math.MinInt64 // the watermark before the first event

// An arrival is a tick with the watermark of its partition when it came: the
// latest time seen there less the disorder.
type arrival struct {
	tick
	wm int64
}

func (a arrival) late() bool { return a.At < a.wm }

// A shape is how a test runs: all that must not change its results, and what
// the data look like.
type shape struct {
	batch, shards int
	parts, keys   int
	disorder      int64
	lateness      int64
	base          int64
	rest          uint64 // for the test's own choices
	rng           *rand.Rand
}

const shapes = 12 // of batch and shards

func shapeOf(n uint64) shape {
	s := shape{rng: rand.New(rand.NewPCG(n, 1))}
	s.batch = pick(&n, 1, 2, 7, 512)
	s.shards = pick(&n, 1, 2, 3)
	s.parts = pick(&n, 1, 2, 3)
	s.keys = pick(&n, 1, 3, 40)
	s.disorder = pick[int64](&n, 0, 3, 20)
	s.lateness = pick[int64](&n, 0, 4, 15)
	s.base = pick[int64](&n, 0, -100, 1_700_000_000)
	s.rest = n
	return s
}

// pick takes one of the choices out of n.
func pick[T any](n *uint64, choices ...T) T {
	c := choices[*n%uint64(len(choices))]
	*n /= uint64(len(choices))
	return c
}

// addSeeds adds seeds with every batch size and number of shards, rounds
// times, and with no events at all. Under the race detector a run plays one of
// the rounds.
func addSeeds(f *testing.F, rounds int) {
	first, step := sample.Part(f, racing.Rounds(1, rounds))
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range rounds * shapes {
		data := make([]byte, 3*[]int{200, 40, 400, 5}[i%4])
		for j := range data {
			data[j] = byte(rng.UintN(256))
		}
		if shape := uint64(i%shapes) + shapes*(rng.Uint64N(1<<40)); i/shapes%step == first {
			f.Add(data, shape)
		}
	}
	f.Add([]byte(nil), rng.Uint64())
}

// ticks makes events of fuzzed bytes, three for each: where it belongs, how
// far its partition moves on, and how far it lies behind that. Some are
// behind by more than the disorder.
func (s shape) ticks(data []byte) []arrival {
	var all []arrival
	clock := make([]int64, s.parts)
	high := make([]int64, s.parts)
	count := make([]int, s.parts)
	for i := range high {
		high[i], clock[i] = never, s.base
	}
	for ; len(data) >= 3; data = data[3:] {
		p := int(data[0]) % s.parts
		clock[p] += int64(data[1] % 4)
		at := clock[p]
		switch {
		case data[2] < 100:
			at -= int64(data[2]) % (s.disorder + 1)
		case data[2] > 230:
			at -= int64(data[2]) - 200
		}
		e := tick{Key: int(data[0]) / s.parts % s.keys, Val: int64(data[1]>>2) - 20, At: at, Part: p, Pos: count[p]}
		count[p]++
		wm := int64(never)
		if high[p] != never {
			wm = high[p] - s.disorder
		}
		high[p] = max(high[p], at)
		all = append(all, arrival{e, wm})
	}
	return all
}

// punctual leaves out the events that are late, and numbers the rest anew.
func punctual(all []arrival) []arrival {
	var kept []arrival
	count := map[int]int{}
	for _, a := range all {
		if !a.late() {
			a.Pos = count[a.Part]
			count[a.Part]++
			kept = append(kept, a)
		}
	}
	return kept
}

// disordered is the event time of ticks under s.
func (s shape) disordered(in stream.Stream[tick]) stream.Stream[tick] {
	return in.EventTime(tickTime, stream.Disorder(time.Duration(s.disorder)*time.Second))
}

// drive runs p to its end on what all gives, with the partitions interleaved
// at random.
func (s shape) drive(t *testing.T, p *stream.Pipeline, in *streamtest.Input[tick], all []arrival) {
	t.Helper()
	d := streamtest.Start(t, p, streamtest.Shards(s.shards), streamtest.BatchSize(s.batch))
	s.interleave(all, func(a arrival) { in.PushTo(a.Part, a.tick) }, d.Settle)
	in.End()
	d.Settle()
}

// interleave pushes all, each partition in its order, and settles now and then.
func (s shape) interleave(all []arrival, push func(arrival), settle func()) {
	queues := make([][]arrival, s.parts)
	for _, a := range all {
		queues[a.Part] = append(queues[a.Part], a)
	}
	for left := len(all); left > 0; {
		p := s.rng.IntN(s.parts)
		n := min(1+s.rng.IntN(60), len(queues[p]))
		for _, a := range queues[p][:n] {
			push(a)
		}
		queues[p] = queues[p][n:]
		left -= n
		if s.rng.IntN(2) == 0 {
			settle()
		}
	}
}

// ticksOf returns the ticks of arrivals.
func ticksOf(all []arrival) []tick {
	ticks := make([]tick, len(all))
	for i, a := range all {
		ticks[i] = a.tick
	}
	return ticks
}

// sorted returns the elements in order, nil if there are none.
func sorted[T any](all []T, compare func(a, b T) int) []T {
	if len(all) == 0 {
		return nil
	}
	all = slices.Clone(all)
	slices.SortFunc(all, compare)
	return all
}

// requireSame requires that two maps are equal, and shows where they are not:
// a whole one would be too long to read.
func requireSame[K comparable, V any](t *testing.T, want, got map[K]V, format string, args ...any) {
	t.Helper()
	wrong := 0
	differ := func(k K, want, got any) {
		if wrong++; wrong <= 5 {
			t.Errorf("%s: %v: want %v, got %v", fmt.Sprintf(format, args...), k, want, got)
		}
	}
	for k, v := range want {
		if g, ok := got[k]; !ok {
			differ(k, v, "nothing")
		} else if fmt.Sprint(v) != fmt.Sprint(g) {
			differ(k, v, g)
		}
	}
	for k, v := range got {
		if _, ok := want[k]; !ok {
			differ(k, "nothing", v)
		}
	}
	if wrong > 0 {
		t.FailNow()
	}
}
