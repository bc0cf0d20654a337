package stream_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// The joins read one stream in which the events of both sides are in order of
// time, and split it: so the loop and the pipeline see the same order.

// A tagged event is of the left side or the right.
type tagged struct {
	sale
	left bool
}

func (t tagged) isLeft() bool    { return t.left }
func (t tagged) time() time.Time { return t.At }
func (t tagged) key() int64      { return t.Key }

func taggedSales(n, keys int, step time.Duration) []tagged {
	r := rand.New(rand.NewPCG(5, 6))
	all := make([]tagged, n)
	for i := range all {
		all[i] = tagged{sale{r.Int64N(int64(keys)), r.Int64N(1000), day.Add(time.Duration(i) * step)}, r.IntN(2) == 0}
	}
	return all
}

func pairValue(l, r int64) int64 { return l*1000 + r }

func matchValue(m stream.Match[tagged, tagged]) int64 {
	return pairValue(m.Left.Amount, m.Right.Amount)
}

func joined(b *testing.B, all []tagged, join func(left, right stream.Keyed[int64, tagged]) stream.Stream[int64]) totals {
	b.Helper()
	p := stream.New("bench")
	left, right := p.From(source.Slice(all)).EventTime(tagged.time).Split(tagged.isLeft)
	s := &totalSink[int64]{of: identity}
	join(left.KeyBy(tagged.key), right.KeyBy(tagged.key)).To(s)
	require.NoError(b, p.Run(context.Background(), stream.Shards(1)))
	return s.total()
}

// The budget is 2.5.
func BenchmarkIntervalJoin(b *testing.B) {
	all := taggedSales(1<<20, 10_000, time.Millisecond)
	const within = 10 * time.Second
	type side struct{ at, amount []int64 }
	type sides struct{ left, right side }
	compare(b, len(all), func() (t totals) {
		keys := map[int64]*sides{}
		expire := func(s *side, before int64) {
			n := 0
			for n < len(s.at) && s.at[n] < before {
				n++
			}
			s.at, s.amount = slices.Delete(s.at, 0, n), slices.Delete(s.amount, 0, n)
		}
		for i := range all {
			e := &all[i]
			now := nanos(e.At)
			k := keys[e.Key]
			if k == nil {
				k = &sides{}
				keys[e.Key] = k
			}
			// right is within 10 s after left: a left one looks at nothing,
			// as the right ones that it matches are yet to come.
			if e.left {
				for j, at := range k.right.at {
					if at == now {
						t.add(pairValue(e.Amount, k.right.amount[j]))
					}
				}
				k.left.at, k.left.amount = append(k.left.at, now), append(k.left.amount, e.Amount)
				continue
			}
			expire(&k.left, now-int64(within))
			for _, amount := range k.left.amount {
				t.add(pairValue(amount, e.Amount))
			}
			expire(&k.right, now)
			k.right.at, k.right.amount = append(k.right.at, now), append(k.right.amount, e.Amount)
		}
		return t
	}, func() totals {
		return joined(b, all, func(left, right stream.Keyed[int64, tagged]) stream.Stream[int64] {
			return left.IntervalJoin(right, 0, within, stream.Inner, matchValue)
		})
	})
}

// The budget is 2.5.
func BenchmarkAsOfJoin(b *testing.B) {
	all := taggedSales(1<<20, 10_000, time.Millisecond)
	compare(b, len(all), func() (t totals) {
		// A version of the very time of an event counts, also if it comes
		// after it in the input: events wait until time has moved on.
		latest := map[int64]int64{}
		var waiting []*tagged
		at := int64(-1) << 63
		flush := func() {
			for _, e := range waiting {
				if v, ok := latest[e.Key]; ok {
					t.add(pairValue(e.Amount, v))
				}
			}
			waiting = waiting[:0]
		}
		for i := range all {
			e := &all[i]
			if now := nanos(e.At); now > at {
				flush()
				at = now
			}
			if e.left {
				waiting = append(waiting, e)
			} else {
				latest[e.Key] = e.Amount
			}
		}
		flush()
		return t
	}, func() totals {
		return joined(b, all, func(left, right stream.Keyed[int64, tagged]) stream.Stream[int64] {
			return left.AsOfJoin(right, stream.Inner, matchValue)
		})
	})
}

// The budget is 2.5.
func BenchmarkWindowJoin(b *testing.B) {
	all := taggedSales(1<<20, 10_000, time.Millisecond)
	const size = 10 * time.Second
	type sides struct{ left, right []int64 }
	compare(b, len(all), func() (t totals) {
		keys := map[int64]*sides{}
		at := int64(-1) << 63
		fire := func() {
			for _, s := range keys {
				for _, l := range s.left {
					for _, r := range s.right {
						t.add(pairValue(l, r))
					}
				}
			}
			clear(keys)
		}
		for i := range all {
			e := &all[i]
			if w := floorDiv(nanos(e.At), int64(size)); w != at {
				fire()
				at = w
			}
			s := keys[e.Key]
			if s == nil {
				s = &sides{}
				keys[e.Key] = s
			}
			if e.left {
				s.left = append(s.left, e.Amount)
			} else {
				s.right = append(s.right, e.Amount)
			}
		}
		fire()
		return t
	}, func() totals {
		return joined(b, all, func(left, right stream.Keyed[int64, tagged]) stream.Stream[int64] {
			return left.WindowJoin(right, window.Tumbling(size), stream.Inner, matchValue).
				Map(func(p stream.Pane[int64, int64]) int64 { return p.Value })
		})
	})
}
