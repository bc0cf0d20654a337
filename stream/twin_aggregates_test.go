package stream_test

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// A measure is an aggregate, and what it comes to by its definition.
type measure struct {
	name  string
	put   func(stream.Windowed[int, tick]) *streamtest.Output[textPane]
	plain func([]tick) string // of ticks by time
}

// textPane is a pane whose value is written out, so that all have one type.
type textPane = stream.Pane[int, string]

func measuring[A, R any](name string, agg window.Aggregator[tick, A, R], plain func([]tick) R) measure {
	return measure{
		name: name,
		put: func(w stream.Windowed[int, tick]) *streamtest.Output[textPane] {
			return streamtest.Collect(w.Aggregate(window.Then(agg, func(r R) string { return fmt.Sprint(r) })))
		},
		plain: func(ticks []tick) string { return fmt.Sprint(plain(ticks)) },
	}
}

// measured is measuring of an aggregator as it is, as window.Then hides that it only
// adds up integers.
func measured[A, R any](name string, agg window.Aggregator[tick, A, R], plain func([]tick) R) measure {
	return measure{
		name: name,
		put: func(w stream.Windowed[int, tick]) *streamtest.Output[textPane] {
			return streamtest.Collect(w.Aggregate(agg).Map(func(p stream.Pane[int, R]) textPane {
				return textPane{Key: p.Key, Start: p.Start, End: p.End, Timing: p.Timing, Index: p.Index, Value: fmt.Sprint(p.Value), Replaces: p.Replaces}
			}))
		},
		plain: func(ticks []tick) string { return fmt.Sprint(plain(ticks)) },
	}
}

// measures are aggregators of every ability: those that only add up integers, those that
// subtract, those that do not, those that go by the order of events, and those that keep maps and
// slices, which must not be shared.
func measures() []measure {
	return []measure{
		measured("added", window.Sum(tickVal), plainSum),
		measured("numbered", window.Count[tick](), func(ticks []tick) int64 { return int64(len(ticks)) }),
		measuring("sum", window.Sum(tickVal), plainSum),
		measuring("count", window.Count[tick](), func(ticks []tick) int64 { return int64(len(ticks)) }),
		measuring("max", window.Max(tickVal), plainMax),
		measuring("first", window.First[tick](), func(ticks []tick) (first tick) {
			if len(ticks) > 0 {
				first = ticks[0]
			}
			return first
		}),
		measuring("last", window.Last[tick](), func(ticks []tick) (last tick) {
			if len(ticks) > 0 {
				last = ticks[len(ticks)-1]
			}
			return last
		}),
		measuring("collect", window.Collect[tick](), func(ticks []tick) []tick { return ticks }),
		measuring("distinct", window.Distinct(tickVal), func(ticks []tick) int64 {
			seen := map[int64]bool{}
			for _, e := range ticks {
				seen[e.Val] = true
			}
			return int64(len(seen))
		}),
		measuring("topk", window.TopK(2, remainder, tickVal), plainTop),
	}
}

func remainder(e tick) int64 { return e.Val % 5 }

func plainSum(ticks []tick) (sum int64) {
	for _, e := range ticks {
		sum += e.Val
	}
	return sum
}

func plainMax(ticks []tick) (most int64) {
	for i, e := range ticks {
		if i == 0 || e.Val > most {
			most = e.Val
		}
	}
	return most
}

func plainTop(ticks []tick) []window.Ranked[int64, int64] {
	sums := map[int64]int64{}
	for _, e := range ticks {
		sums[remainder(e)] += e.Val
	}
	var all []window.Ranked[int64, int64]
	for k, n := range sums {
		all = append(all, window.Ranked[int64, int64]{Key: k, Weight: n})
	}
	slices.SortFunc(all, func(a, b window.Ranked[int64, int64]) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Key, b.Key))
	})
	return all[:min(2, len(all))]
}

// A result is the value of a window of a key: what remains of its panes.
type result struct {
	key        int
	start, end int64
}

// final returns the last pane of each window that no other pane has replaced,
// and an error where the panes of a window are not numbered one after another, or
// one replaces what is not there.
func final(panes []textPane) (map[result]string, error) {
	last, index := map[result]string{}, map[result]int{}
	for _, p := range panes {
		r := result{p.Key, p.Start.Unix(), p.End.Unix()}
		if p.Index != index[r] {
			return nil, fmt.Errorf("pane %d of window %v of key %d comes after %d others", p.Index, []int64{r.start, r.end}, p.Key, index[r])
		}
		index[r]++
		last[r] = p.Value
		for _, x := range p.Replaces {
			old := result{p.Key, x.Start.Unix(), x.End.Unix()}
			if _, ok := last[old]; !ok || old == r {
				return nil, fmt.Errorf("pane %d of window %v of key %d replaces %v, which is not there", p.Index, []int64{r.start, r.end}, p.Key, old)
			}
			delete(last, old)
			delete(index, old)
		}
	}
	return last, nil
}
