package stream_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

func paneValue(p stream.Pane[int64, int64]) int64 {
	return p.Value ^ p.Key ^ p.Start.Unix()
}

// tumbleLoop is a keyed tumbling sum by hand: a map for each open window, and
// the watermark checked when the time moves on.
func tumbleLoop(all []sale, size time.Duration) (t totals) {
	open := map[int64]map[int64]int64{}
	var current map[int64]int64
	at, high := int64(-1)<<63, int64(-1)<<63
	due := int64(-1) << 63
	fire := func(watermark int64) {
		due = 1<<63 - 1
		for w, sums := range open {
			if end := (w + 1) * int64(size); end > watermark {
				due = min(due, end)
				continue
			}
			start := time.Unix(0, w*int64(size)).UTC()
			for k, v := range sums {
				t.add(paneValue(stream.Pane[int64, int64]{Key: k, Start: start, Value: v}))
			}
			delete(open, w)
			at = -1 << 63
		}
	}
	for i := range all {
		e := &all[i]
		now := nanos(e.At)
		if w := floorDiv(now, int64(size)); w != at {
			if current = open[w]; current == nil {
				current = map[int64]int64{}
				open[w] = current
				due = min(due, (w+1)*int64(size))
			}
			at = w
		}
		current[e.Key] += e.Amount
		if now > high {
			if high = now; high-int64(disorder) >= due {
				fire(high - int64(disorder))
			}
		}
	}
	fire(1<<63 - 1)
	return t
}

func tumble(s stream.Stream[sale]) stream.Stream[stream.Pane[int64, int64]] {
	return s.EventTime(saleAt, stream.Disorder(disorder)).
		KeyBy(saleKey).
		Window(window.Tumbling(time.Minute)).
		Aggregate(window.Sum(saleAmount))
}

// The budget is 1.3 at 100,000 keys.
func BenchmarkTumblingSum(b *testing.B) {
	for _, keys := range []int{100, 100_000} {
		b.Run(fmt.Sprintf("keys=%d", keys), func(b *testing.B) {
			all := sales(smoke(1<<22), keys, 60*time.Microsecond)
			compare(b, len(all),
				func() totals { return tumbleLoop(all, time.Minute) },
				func() totals { return runTotal(b, 1, [][]sale{all}, paneValue, tumble) })
		})
	}
}

// The floor here is the same pipeline on one shard: the budget of the ratio is
// 1/1.7 = 0.59.
func BenchmarkTumblingSumTwoShards(b *testing.B) {
	for _, keys := range []int{100, 100_000} {
		b.Run(fmt.Sprintf("keys=%d", keys), func(b *testing.B) {
			all := sales(smoke(1<<22), keys, 60*time.Microsecond)
			// Two partitions, as two web servers would write them.
			parts := make([][]sale, 2)
			for i, e := range all {
				parts[i%2] = append(parts[i%2], e)
			}
			compare(b, len(all),
				func() totals { return runTotal(b, 1, parts, paneValue, tumble) },
				func() totals { return runTotal(b, 2, parts, paneValue, tumble) })
		})
	}
}

// What Late costs: the floor is the same without it.
func BenchmarkTumblingSumWithLate(b *testing.B) {
	for _, keys := range []int{100, 100_000} {
		b.Run(fmt.Sprintf("keys=%d", keys), func(b *testing.B) {
			all := sales(smoke(1<<22), keys, 60*time.Microsecond)
			parts := make([][]sale, 2)
			for i, e := range all {
				parts[i%2] = append(parts[i%2], e)
			}
			compare(b, len(all),
				func() totals { return runTotal(b, 2, parts, paneValue, tumble) },
				func() totals {
					return runTotal(b, 2, parts, paneValue, func(s stream.Stream[sale]) stream.Stream[stream.Pane[int64, int64]] {
						minutes := s.EventTime(saleAt, stream.Disorder(disorder)).KeyBy(saleKey).Window(window.Tumbling(time.Minute))
						minutes.Late().To(sink.Discard[sale]())
						return minutes.Aggregate(window.Sum(saleAmount))
					})
				})
		})
	}
}

// maxLoop is a keyed sliding maximum by hand: a map for each slide, and for
// each key the two-stacks algorithm over slides.
func maxLoop(all []sale, size, slide time.Duration) (t totals) {
	n := int64(size / slide)
	panes := map[int64]map[int64]int64{}
	var current map[int64]int64
	at, high, fired := int64(-1)<<63, int64(-1)<<63, int64(-1)<<63
	var front []map[int64]int64 // suffix maxima, the oldest last
	var frontAt []int64
	back, backAt := map[int64]int64{}, []int64{}
	add := func(to map[int64]int64, k, v int64) {
		if old, ok := to[k]; !ok || v > old {
			to[k] = v
		}
	}
	fire := func(p int64) { // the window whose last slide is p
		if m := panes[p]; m != nil {
			for k, v := range m {
				add(back, k, v)
			}
			backAt = append(backAt, p)
		}
		for len(front) > 0 && frontAt[len(front)-1] <= p-n {
			front, frontAt = front[:len(front)-1], frontAt[:len(front)-1]
		}
		if len(front) == 0 && len(backAt) > 0 && backAt[0] <= p-n {
			for len(backAt) > 0 && backAt[0] <= p-n {
				backAt = backAt[1:]
			}
			var next map[int64]int64
			for i := len(backAt) - 1; i >= 0; i-- {
				s := make(map[int64]int64, len(next))
				for k, v := range next {
					s[k] = v
				}
				for k, v := range panes[backAt[i]] {
					add(s, k, v)
				}
				front, frontAt = append(front, s), append(frontAt, backAt[i])
				next = s
			}
			back, backAt = map[int64]int64{}, nil
		}
		delete(panes, p-n)
		start := time.Unix(0, (p+1-n)*int64(slide)).UTC()
		var old map[int64]int64
		if len(front) > 0 {
			old = front[len(front)-1]
		}
		for k, v := range back {
			if o, ok := old[k]; ok {
				v = max(v, o)
			}
			t.add(paneValue(stream.Pane[int64, int64]{Key: k, Start: start, Value: v}))
		}
		for k, v := range old {
			if _, ok := back[k]; !ok {
				t.add(paneValue(stream.Pane[int64, int64]{Key: k, Start: start, Value: v}))
			}
		}
	}
	advance := func(watermark int64) {
		for p := fired; (p+1)*int64(slide) <= watermark && len(panes)+len(front)+len(backAt) > 0; p++ {
			fire(p)
			fired = p + 1
		}
	}
	for i := range all {
		e := &all[i]
		now := nanos(e.At)
		if p := floorDiv(now, int64(slide)); p != at {
			if current = panes[p]; current == nil {
				current = map[int64]int64{}
				panes[p] = current
				if fired == -1<<63 || p < fired {
					fired = p
				}
			}
			at = p
		}
		add(current, e.Key, e.Amount)
		if now > high {
			if high = now; (fired+1)*int64(slide) <= high-int64(disorder) {
				advance(high - int64(disorder))
				at = -1 << 63
			}
		}
	}
	advance(1<<62 - 1)
	return t
}

// The budget is 1.5 for 60 slices, and 1.3 times our own tumbling sum.
func BenchmarkSlidingMax(b *testing.B) {
	all := sales(smoke(1<<22), 1000, 60*time.Microsecond)
	compare(b, len(all),
		func() totals { return maxLoop(all, time.Minute, time.Second) },
		func() totals {
			return runTotal(b, 1, [][]sale{all}, paneValue, func(s stream.Stream[sale]) stream.Stream[stream.Pane[int64, int64]] {
				return s.EventTime(saleAt, stream.Disorder(disorder)).
					KeyBy(saleKey).
					Window(window.Sliding(time.Minute, time.Second)).
					Aggregate(window.Max(saleAmount))
			})
		})
}

// The floor here is our own tumbling maximum: the budget is 1.3.
func BenchmarkSlidingMaxAgainstTumbling(b *testing.B) {
	all := sales(smoke(1<<22), 1000, 60*time.Microsecond)
	with := func(spec window.Spec) totals {
		runTotal(b, 1, [][]sale{all}, paneValue, func(s stream.Stream[sale]) stream.Stream[stream.Pane[int64, int64]] {
			return s.EventTime(saleAt, stream.Disorder(disorder)).
				KeyBy(saleKey).Window(spec).Aggregate(window.Max(saleAmount))
		})
		return totals{1, int64(len(all))} // the two give different panes
	}
	compare(b, len(all),
		func() totals { return with(window.Tumbling(time.Minute)) },
		func() totals { return with(window.Sliding(time.Minute, time.Second)) })
}

// sessionLoop is a keyed session sum by hand: a map of open sessions, and a
// sweep over them each second of event time, so that a result is late by a
// second at most. Late events that bridge two sessions cannot occur in its
// data, whose disorder is less than the gap.
func sessionLoop(all []sale, gap time.Duration) (t totals) {
	type open struct{ first, last, sum int64 }
	sessions := map[int64]*open{}
	high, sweep := int64(-1)<<63, int64(-1)<<63
	fire := func(k int64, s *open) {
		t.add(paneValue(stream.Pane[int64, int64]{Key: k, Start: time.Unix(0, s.first).UTC(), Value: s.sum}))
	}
	for i := range all {
		e := &all[i]
		now := nanos(e.At)
		s := sessions[e.Key]
		switch {
		case s == nil:
			s = &open{now, now, 0}
			sessions[e.Key] = s
		case now >= s.last+int64(gap):
			fire(e.Key, s)
			*s = open{now, now, 0}
		}
		s.first, s.last = min(s.first, now), max(s.last, now)
		s.sum += e.Amount
		if now > high {
			if high = now; high > sweep {
				sweep = high + int64(time.Second)
				for k, s := range sessions {
					if s.last+int64(gap) <= high-int64(disorder) {
						fire(k, s)
						delete(sessions, k)
					}
				}
			}
		}
	}
	for k, s := range sessions {
		fire(k, s)
	}
	return t
}

// The budget is 2.
func BenchmarkSessionSum(b *testing.B) {
	all := sales(smoke(1<<22), 100_000, 60*time.Microsecond) // an event of a key each 6 s on average
	// Whether a late event opens a session of its own depends on order where a
	// session's end is near, which the loop does not care to get right: so
	// disorder is kept below what the gap would show.
	sorted := make([]sale, len(all))
	copy(sorted, all)
	for i := range sorted {
		sorted[i].At = day.Add(time.Duration(i) * 60 * time.Microsecond)
	}
	compare(b, len(sorted),
		func() totals { return sessionLoop(sorted, 20*time.Second) },
		func() totals {
			return runTotal(b, 1, [][]sale{sorted}, paneValue, func(s stream.Stream[sale]) stream.Stream[stream.Pane[int64, int64]] {
				return s.EventTime(saleAt, stream.Disorder(disorder)).
					KeyBy(saleKey).
					Window(window.Session(20 * time.Second)).
					Aggregate(window.Sum(saleAmount))
			})
		})
}
