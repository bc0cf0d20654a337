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

// The joins read one stream with the events of both sides and split it, so
// that the loop and the pipeline see the same order. One event in ten is late
// by up to three seconds, and both wait for it.

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
	var all []tagged
	for _, s := range sales(n, keys, step) {
		all = append(all, tagged{s, r.IntN(2) == 0})
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
	left, right := p.From(source.Slice(all)).EventTime(tagged.time, stream.Disorder(disorder)).Split(tagged.isLeft)
	s := &totalSink[int64]{of: identity}
	join(left.KeyBy(tagged.key), right.KeyBy(tagged.key)).To(s)
	require.NoError(b, p.Run(context.Background(), stream.Shards(1)))
	return s.total()
}

// A moment is an amount at a time.
type moment struct{ at, amount int64 }

// moments are in the order of their times.
type moments []moment

func (m *moments) insert(x moment) {
	i := len(*m)
	for i > 0 && (*m)[i-1].at > x.at {
		i--
	}
	*m = slices.Insert(*m, i, x)
}

// expire drops what is before a time.
func (m *moments) expire(before int64) {
	n := 0
	for n < len(*m) && (*m)[n].at < before {
		n++
	}
	*m = slices.Delete(*m, 0, n)
}

// The budget is 2.5.
func BenchmarkIntervalJoin(b *testing.B) {
	all := taggedSales(1<<20, 10_000, time.Millisecond)
	const within = int64(10 * time.Second)
	type sides struct{ left, right moments }
	compare(b, len(all), func() (t totals) {
		keys := map[int64]*sides{}
		high := int64(0)
		for i := range all {
			e := &all[i]
			now := nanos(e.At)
			high = max(high, now)
			k := keys[e.Key]
			if k == nil {
				k = &sides{}
				keys[e.Key] = k
			}
			wm := high - int64(disorder)
			k.left.expire(wm - within)
			k.right.expire(wm)
			if e.left {
				for _, r := range k.right {
					if r.at >= now && r.at <= now+within {
						t.add(pairValue(e.Amount, r.amount))
					}
				}
				k.left.insert(moment{now, e.Amount})
				continue
			}
			for _, l := range k.left {
				if l.at <= now && l.at >= now-within {
					t.add(pairValue(l.amount, e.Amount))
				}
			}
			k.right.insert(moment{now, e.Amount})
		}
		return t
	}, func() totals {
		return joined(b, all, func(left, right stream.Keyed[int64, tagged]) stream.Stream[int64] {
			return left.IntervalJoin(right, 0, time.Duration(within), stream.Inner, matchValue)
		})
	})
}

// keyedMoments is a heap, the earliest one first.
type keyedMoments []struct{ at, amount, key int64 }

func (h *keyedMoments) push(at, amount, key int64) {
	s := append(*h, struct{ at, amount, key int64 }{at, amount, key})
	for i := len(s) - 1; i > 0 && s[i].at < s[(i-1)/2].at; i = (i - 1) / 2 {
		s[i], s[(i-1)/2] = s[(i-1)/2], s[i]
	}
	*h = s
}

func (h *keyedMoments) pop() {
	s := *h
	last := len(s) - 1
	s[0] = s[last]
	s = s[:last]
	for i := 0; ; {
		child := 2*i + 1
		if child >= last {
			break
		}
		if child+1 < last && s[child+1].at < s[child].at {
			child++
		}
		if s[i].at <= s[child].at {
			break
		}
		s[i], s[child] = s[child], s[i]
		i = child
	}
	*h = s
}

// The budget is 2.5.
func BenchmarkAsOfJoin(b *testing.B) {
	all := taggedSales(1<<20, 10_000, time.Millisecond)
	compare(b, len(all), func() (t totals) {
		// Events wait until no earlier version can come.
		versions := map[int64]*moments{}
		var waiting keyedMoments
		high := int64(0)
		give := func(before int64) {
			for len(waiting) > 0 && waiting[0].at < before {
				e := waiting[0]
				waiting.pop()
				m := versions[e.key]
				if m == nil {
					continue
				}
				for i := len(*m) - 1; i >= 0; i-- {
					if (*m)[i].at <= e.at {
						t.add(pairValue(e.amount, (*m)[i].amount))
						break
					}
				}
			}
		}
		for i := range all {
			e := &all[i]
			now := nanos(e.At)
			if e.left {
				waiting.push(now, e.Amount, e.Key)
			} else {
				m := versions[e.Key]
				if m == nil {
					m = new(moments)
					versions[e.Key] = m
				}
				m.insert(moment{now, e.Amount})
				for len(*m) > 1 && (*m)[1].at < high-int64(disorder) {
					*m = slices.Delete(*m, 0, 1)
				}
			}
			if now > high {
				high = now
				give(high - int64(disorder))
			}
		}
		give(1 << 62)
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
	const size = int64(10 * time.Second)
	type sides struct{ left, right []int64 }
	compare(b, len(all), func() (t totals) {
		windows := map[int64]map[int64]*sides{}
		var starts []int64
		high := int64(0)
		fire := func(before int64) {
			for len(starts) > 0 && starts[0]+size <= before {
				for _, s := range windows[starts[0]] {
					for _, l := range s.left {
						for _, r := range s.right {
							t.add(pairValue(l, r))
						}
					}
				}
				delete(windows, starts[0])
				starts = starts[1:]
			}
		}
		for i := range all {
			e := &all[i]
			now := nanos(e.At)
			start := floorDiv(now, size) * size
			keys := windows[start]
			if keys == nil {
				keys = map[int64]*sides{}
				windows[start] = keys
				starts = append(starts, start)
				slices.Sort(starts)
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
			if now > high {
				high = now
				fire(high - int64(disorder))
			}
		}
		fire(1 << 62)
		return t
	}, func() totals {
		return joined(b, all, func(left, right stream.Keyed[int64, tagged]) stream.Stream[int64] {
			return left.WindowJoin(right, window.Tumbling(time.Duration(size)), stream.Inner, matchValue).
				Map(func(p stream.Pane[int64, int64]) int64 { return p.Value })
		})
	})
}
