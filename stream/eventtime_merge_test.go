package stream_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/racing"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// A sighting is an event of one of several inputs.
type sighting struct {
	At int64 // seconds
	ID int
}

func (s sighting) time() time.Time { return time.Unix(s.At, 0) }

// seen are the results of one way to take event times: windows and what was too late for them.
type seen struct {
	counts *streamtest.Output[stream.Pane[stream.NoKey, int64]]
	late   *streamtest.Output[sighting]
}

func (s seen) take() (texts []string) {
	for _, p := range s.counts.Take() {
		texts = append(texts, fmt.Sprint(p.Start, p.Value))
	}
	for _, e := range s.late.Take() {
		texts = append(texts, fmt.Sprint("late ", e))
	}
	slices.Sort(texts)
	return texts
}

func seeing(s stream.Stream[sighting]) seen {
	w := s.Window(window.Tumbling(10 * time.Second))
	return seen{streamtest.Collect(w.Count()), streamtest.Collect(w.Late())}
}

// A merging is a way for three streams to meet.
type merging struct {
	inOrder bool // what is given at once keeps its order
	spread  bool // a shard sees only some of a partition's events
	merge   func(a, b, c stream.Stream[sighting]) stream.Stream[sighting]
}

var mergings = map[string]merging{
	"union": {true, false, func(a, b, c stream.Stream[sighting]) stream.Stream[sighting] {
		return stream.Union([]stream.Stream[sighting]{a, b, c})
	}},
	"nested": {true, false, func(a, b, c stream.Stream[sighting]) stream.Stream[sighting] { return a.Merge(b).Merge(c) }},
	"operators between": {false, false, func(a, b, c stream.Stream[sighting]) stream.Stream[sighting] {
		same := func(s sighting) sighting { return s }
		ab := a.Map(same).Merge(b.FlatMap(func(s sighting, emit func(sighting)) { emit(s) }))
		yes, no := ab.Merge(c).Filter(func(sighting) bool { return true }).Split(func(s sighting) bool { return s.ID%2 == 0 })
		return yes.Merge(no.Tap(func(sighting) {}))
	}},
	"rebalanced": {false, true, func(a, b, c stream.Stream[sighting]) stream.Stream[sighting] {
		return a.Merge(b.Rebalance()).Rebalance().Merge(c).Rebalance()
	}},
	"several ways": {false, true, func(a, b, c stream.Stream[sighting]) stream.Stream[sighting] {
		odd := func(s sighting) bool { return s.ID%2 == 1 }
		even := func(s sighting) bool { return s.ID%2 == 0 }
		all := stream.Union([]stream.Stream[sighting]{a, b, c})
		return all.Filter(odd).Rebalance().Merge(all.Filter(even))
	}},
}

// EventTime behind a merge gives what it gives in front of it: each partition of each
// source has its own watermark, on any number of shards, through idleness, and
// when the run is killed and goes on with another number of shards.
func TestEventTimeBehindMerge(t *testing.T) {
	for name, m := range mergings {
		for seed := range uint64(racing.Rounds(40, 10)) {
			t.Run(fmt.Sprint(name, seed), func(t *testing.T) { sameBehindMerge(t, m, seed) })
		}
	}
}

func sameBehindMerge(t *testing.T, m merging, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 11))
	var opts []stream.TimeOption
	if r.IntN(2) == 0 {
		opts = append(opts, stream.Disorder(7*time.Second))
	}
	switch k := r.IntN(3); {
	case m.spread:
	case k == 0:
		opts = append(opts, stream.Idle(time.Minute))
	case k == 1:
		opts = append(opts, stream.AdvanceWhenQuiet(time.Minute))
	}
	partitions := []int{1 + r.IntN(3), 1, 2}
	make := func() (p *stream.Pipeline, ins []*streamtest.Input[sighting], front, behind seen) {
		p = stream.New("twin")
		var bare, timed []stream.Stream[sighting]
		for i, n := range partitions {
			in := streamtest.NewInput[sighting](n)
			ins = append(ins, in)
			s := p.From(in, stream.Name(fmt.Sprint("input ", i)))
			bare = append(bare, s)
			timed = append(timed, s.EventTime(sighting.time, opts...))
		}
		front = seeing(stream.Union(timed))
		behind = seeing(m.merge(bare[0], bare[1], bare[2]).EventTime(sighting.time, opts...))
		return p, ins, front, behind
	}
	store := checkpoint.Memory()
	p, ins, front, behind := make()
	d := streamtest.Start(t, p, streamtest.Shards(1+r.IntN(3)), streamtest.BatchSize(1+r.IntN(5)), streamtest.Checkpoints(store))
	var pushed [][]func(in *streamtest.Input[sighting])
	pushed = append(pushed, nil, nil, nil)
	now, id, some := int64(0), 0, 0
	var wants, gots []string
	check := func() { // where a shard sees some events only, its watermark comes later
		wants, gots = append(wants, front.take()...), append(gots, behind.take()...)
		some += len(wants)
		if !m.spread {
			require.Equal(t, wants, gots)
			wants, gots = nil, nil
		}
	}
	for step := range 40 {
		switch k := r.IntN(20); {
		case k < 14:
			i := r.IntN(3)
			part := r.IntN(partitions[i])
			n := 1
			if m.inOrder {
				n += r.IntN(3)
			}
			for range n {
				now += r.Int64N(4)
				s := sighting{now + r.Int64N(15) - 7 + int64(10*i), id}
				if m.spread { // or it would see another part of those that are late
					s.At = now + int64(10*i)
				}
				id++
				pushed[i] = append(pushed[i], func(in *streamtest.Input[sighting]) { in.PushTo(part, s) })
				ins[i].PushTo(part, s)
			}
		case k < 17:
			d.Advance(time.Duration(r.IntN(50)) * time.Second)
		default:
			d.Checkpoint()
			at := d.Now()
			check()
			d.Kill()
			p, ins, front, behind = make()
			for i, all := range pushed {
				for _, push := range all {
					push(ins[i])
				}
			}
			d = streamtest.Start(t, p, streamtest.Shards(1+r.IntN(3)), streamtest.BatchSize(1+r.IntN(5)), streamtest.Checkpoints(store), streamtest.At(at))
		}
		d.Settle()
		if step%4 == 0 {
			check()
		}
	}
	order := r.Perm(3)
	for _, i := range order {
		ins[i].End()
		d.Settle()
		check()
	}
	slices.Sort(wants)
	slices.Sort(gots)
	require.Equal(t, wants, gots)
	assert.NotZero(t, some, "no results prove nothing")
}
