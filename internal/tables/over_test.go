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
	"github.com/freshet-go/freshet/window"
	"github.com/freshet-go/freshet/window/over"
)

// An outcome is a result of Over on a stream, with its time in seconds.
type outcome struct {
	Text string
	At   int64
}

const atTheEnd = int64(window.MaxTime-1) / 1e9

// A frames is what FuzzOver asks for.
type frames struct {
	name    string
	columns over.Selection[change, place]
	more    func(p *place, times, vals []int64, i int) // what the twin says of the columns that are its own
	after   int64                                      // seconds
	ahead   int                                        // events
	ttl     int64
}

func framesOfTest() []frames {
	sum, low := window.Sum(changed), window.Min(changed)
	back := func() []over.Column[change, place] { return backColumns(changed) }
	ranged := func(vals, times []int64, low, high int64) (in []int64) {
		for j, t := range times {
			if t >= low && t <= high {
				in = append(in, vals[j])
			}
		}
		return in
	}
	ahead := []over.Column[change, place]{
		over.Lead(2, func(p *place, c change, some bool) { p.Lead = optional(c.Row().Val, some) }),
		over.Aggregate(over.Range(3*time.Second, 2*time.Second), low, func(p *place, n int64) { p.ToCome = n }),
	}
	moreAhead := func(p *place, times, vals []int64, i int) {
		p.Lead = nth(vals, i+2)
		p.ToCome = least(ranged(vals, times, times[i]-3, times[i]+2))
	}
	return []frames{
		{name: "looking back", columns: over.Select(append(back(),
			over.Aggregate(over.Range(3*time.Second, 0), sum, func(p *place, n int64) { p.Near = n }),
			over.Aggregate(over.Range(over.All, -time.Second), sum, func(p *place, n int64) { p.Whole = n }))...),
			more: func(p *place, times, vals []int64, i int) {
				p.Near = total(ranged(vals, times, times[i]-3, times[i]))
				p.Whole = total(ranged(vals, times, -1<<60, times[i]-1))
			}},
		{name: "looking ahead by time", after: 2, columns: over.Select(over.Aggregate(over.Range(-time.Second, 2*time.Second), sum, func(p *place, n int64) { p.Near = n })),
			more: func(p *place, times, vals []int64, i int) {
				*p = place{Near: total(ranged(vals, times, times[i]+1, times[i]+2))}
			}},
		{name: "looking ahead", after: 2, ahead: 2, columns: over.Select(append(back(), ahead...)...), more: moreAhead},
		{name: "with a time to live", after: 2, ahead: 2, ttl: 4, columns: over.Select(append(back(), ahead...)...), more: moreAhead},
	}
}

// outcomes are the results from all events, with the times at which they are final.
func (x frames) outcomes(all []event) (out []outcome) {
	keys := map[int][][]event{}
	for _, e := range all {
		k := e.Row().Key
		parts := keys[k]
		if n := len(parts); n == 0 || x.ttl > 0 && parts[n-1][len(parts[n-1])-1].at+x.ttl <= e.at {
			parts = append(parts, nil)
		}
		parts[len(parts)-1] = append(parts[len(parts)-1], e)
		keys[k] = parts
	}
	for _, parts := range keys {
		for _, part := range parts {
			var times, vals []int64
			for _, e := range part {
				times, vals = append(times, e.at), append(vals, e.Row().Val)
			}
			for i := range part {
				p := placeOf(vals, times, i)
				x.more(&p, times, vals, i)
				at := times[i] + x.after
				switch end := times[len(times)-1] + x.ttl; {
				case i+x.ahead < len(times):
					at = max(at, times[i+x.ahead])
				case x.ttl > 0:
					at = end
				default:
					at = atTheEnd
				}
				if x.ttl > 0 {
					at = min(at, times[len(times)-1]+x.ttl)
				}
				out = append(out, outcome{fmt.Sprint(p), at})
			}
		}
	}
	return sorted(out)
}

func sorted(all []outcome) []outcome {
	slices.SortFunc(all, func(a, b outcome) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Text, b.Text)) })
	return all
}

func before(all []outcome, at int64) (some []outcome) {
	for _, o := range all {
		if o.At < at {
			some = append(some, o)
		}
	}
	return some
}

func FuzzOver(f *testing.F) {
	all := framesOfTest()
	fuzzScenes(f, func(t *testing.T, s scene, n uint64) {
		for _, x := range all {
			want := x.outcomes(s.upTo(0, len(s.steps), 1<<40))
			for i, shards := range []int{1, 3, 2} {
				cut := -1
				if i == 2 && len(s.steps) > 0 {
					cut = int(n>>8) % len(s.steps)
				}
				got := x.play(t, s, shards, 1+int(n>>4)%5, cut)
				require.Equal(t, want, sorted(got), "%s on %d shards, killed at %d", x.name, shards, cut)
			}
		}
	})
}

// play runs a scene, killed before step cut and begun again from a checkpoint there. Behind each watermark all
// results are out that are final by it, and no others.
func (x frames) play(t *testing.T, s scene, shards, batch, cut int) (got []outcome) {
	var (
		store = checkpoint.Memory()
		want  = x.outcomes(s.upTo(0, len(s.steps), 1<<40))
		in    *streamtest.Input[change]
		out   *streamtest.Output[place]
		d     *streamtest.Driver
	)
	start := func() {
		in = streamtest.NewInput[change](s.parts)
		var opts []stream.Option
		if x.ttl > 0 {
			opts = append(opts, stream.TimeToLive(time.Duration(x.ttl)*time.Second))
		}
		p := stream.New("over")
		out = streamtest.Collect(p.From(in).KeyBy(keyOf).Over(x.columns, opts...))
		d = streamtest.Start(t, p, streamtest.Shards(shards), streamtest.BatchSize(batch), streamtest.Checkpoints(store))
	}
	passed := window.MinTime
	take := func() {
		for _, e := range out.TakeEvents() {
			require.GreaterOrEqual(t, e.Time, passed, "%s: no result is late", x.name)
			got = append(got, outcome{fmt.Sprint(e.Value), int64(e.Time) / 1e9})
		}
	}
	start()
	for i, step := range s.steps {
		if step.input == 1 {
			continue
		}
		if i == cut {
			d.Checkpoint()
			take()
			playing{in: [2]*streamtest.Input[change]{in}}.push(step) // what it does now is lost
			d.Settle()
			d.Kill()
			shards = shards%3 + 1
			start()
			for _, before := range s.steps[:i] {
				playing{in: [2]*streamtest.Input[change]{in}}.push(before)
			}
		}
		playing{in: [2]*streamtest.Input[change]{in}}.push(step)
		if step.watermark {
			d.Settle()
			take()
			wm := s.reached(i+1, false)
			if told := out.Watermarks(); len(told) > 0 {
				passed = max(passed, told[len(told)-1])
			}
			require.Equal(t, before(want, wm), sorted(slices.Clone(got)), "%s behind the watermark %d, step %d", x.name, wm, i)
		}
	}
	in.End()
	d.Settle()
	take()
	d.Kill()
	return got
}
