package stats

import (
	"errors"
	"math"
	"slices"

	"golang.org/x/exp/constraints"

	"github.com/freshet-go/freshet/mining/internal/saved"
	"github.com/freshet-go/freshet/window"
)

// A Histogram counts numbers in bins between fixed edges. Bin i holds the numbers in
// [edge i, edge i+1); the last holds its upper edge, too, as numpy's. What is below the first edge
// or above the last is counted apart; NaN is missing. Add takes O(log bins) time and
// allocates nothing. Histograms with the same edges merge, exactly.
type Histogram struct {
	edges        []float64
	counts       []int64
	below, above int64
	missing      int64
}

// NewHistogram returns a Histogram with these edges, which it copies. It panics if there are fewer than
// two, or if they do not increase, or if one is NaN or infinite.
func NewHistogram(edges ...float64) *Histogram {
	if !sound(edges) {
		panic("stats: NewHistogram: two or more edges are needed, finite and increasing")
	}
	return &Histogram{edges: slices.Clone(edges), counts: make([]int64, len(edges)-1)}
}

func sound(edges []float64) bool {
	for i, e := range edges {
		if !known(e) || i > 0 && !(edges[i-1] < e) {
			return false
		}
	}
	return len(edges) >= 2
}

// Even returns the edges of n bins of equal width from low to high. It panics if n is not positive or
// low is not less than high.
func Even(low, high float64, n int) []float64 {
	if n <= 0 || !(low < high) {
		panic("stats: Even: n has to be positive, and low less than high")
	}
	edges := make([]float64, n+1)
	for i := range edges {
		edges[i] = between(low, high, float64(i)/float64(n))
	}
	return edges
}

// Growing returns the edges of n bins of which each is wider than the one before by the same factor,
// from low to high. It panics if n is not positive, low is not positive or not less than high.
func Growing(low, high float64, n int) []float64 {
	if n <= 0 || !(low > 0 && low < high) {
		panic("stats: Growing: n and low have to be positive, and low less than high")
	}
	edges := make([]float64, n+1)
	for i := range edges {
		edges[i] = math.Exp(between(math.Log(low), math.Log(high), float64(i)/float64(n)))
	}
	edges[0], edges[n] = low, high
	return edges
}

// Add counts a number.
func (h *Histogram) Add(v float64) { h.AddCount(v, 1) }

// AddCount counts a number as n. It panics if n is negative.
func (h *Histogram) AddCount(v float64, n int64) {
	last := len(h.edges) - 1
	switch {
	case n < 0:
		panic("stats: Histogram.AddCount: n is negative")
	case math.IsNaN(v):
		h.missing += n
	case v < h.edges[0]:
		h.below += n
	case v > h.edges[last]:
		h.above += n
	case v == h.edges[last]:
		h.counts[last-1] += n
	default:
		// The first edge above v ends its bin.
		lo, hi := 1, last
		for lo < hi {
			if mid := (lo + hi) / 2; h.edges[mid] <= v {
				lo = mid + 1
			} else {
				hi = mid
			}
		}
		h.counts[lo-1] += n
	}
}

// Merge adds the counts of b. It panics if b has other edges.
func (h *Histogram) Merge(b *Histogram) {
	if !slices.Equal(h.edges, b.edges) {
		panic("stats: Histogram.Merge: the edges differ")
	}
	for i, n := range b.counts {
		h.counts[i] += n
	}
	h.below += b.below
	h.above += b.above
	h.missing += b.missing
}

// Clone returns a copy with memory of its own.
func (h *Histogram) Clone() *Histogram {
	c := *h
	c.counts = slices.Clone(h.counts) // nobody writes to edges
	return &c
}

// Edges returns a copy of the edges.
func (h *Histogram) Edges() []float64 { return slices.Clone(h.edges) }

// Counts returns a copy of the counts of the bins.
func (h *Histogram) Counts() []int64 { return slices.Clone(h.counts) }

// Below returns how many numbers were below the first edge.
func (h *Histogram) Below() int64 { return h.below }

// Above returns how many numbers were above the last edge.
func (h *Histogram) Above() int64 { return h.above }

// Missing returns how many were NaN.
func (h *Histogram) Missing() int64 { return h.missing }

// Count returns how many numbers were counted, without the missing.
func (h *Histogram) Count() int64 {
	n := h.below + h.above
	for _, c := range h.counts {
		n += c
	}
	return n
}

// Quantile returns an estimate of the p-quantile, as if the numbers of a bin were spread evenly over
// it: it is in the same bin as the least number of which at least a part p is not greater. It is NaN of
// none, -Inf where it is below the first edge, and +Inf above the last. It panics if p is not between 0
// and 1.
func (h *Histogram) Quantile(p float64) float64 {
	if !(p >= 0 && p <= 1) {
		panic("stats: Histogram.Quantile: p has to be between 0 and 1")
	}
	n := h.Count()
	if n == 0 {
		return math.NaN()
	}
	rank := max(1, math.Ceil(p*float64(n))) // of the number meant, from 1
	if rank <= float64(h.below) {
		return math.Inf(-1)
	}
	before := float64(h.below)
	for i, c := range h.counts {
		if count := float64(c); rank <= before+count {
			return between(h.edges[i], h.edges[i+1], max(0, min(1, (p*float64(n)-before)/count)))
		}
		before += float64(c)
	}
	return math.Inf(1)
}

// Binned returns the Histogram of numbers of events, as an aggregator of windows. It panics as
// NewHistogram, or if of is nil.
func Binned[T any, N constraints.Integer | constraints.Float](of func(T) N, edges ...float64) window.Aggregator[T, *Histogram, *Histogram] {
	if of == nil {
		panic("stats: Binned: the function of is nil")
	}
	none := NewHistogram(edges...)
	return window.Of(
		none.Clone,
		func(acc *Histogram, v T) *Histogram { acc.Add(float64(of(v))); return acc },
		func(a, b *Histogram) *Histogram { a.Merge(b); return a },
		(*Histogram).Clone,
	)
}

type plainHistogram Histogram

var kindHistogram = saved.As[plainHistogram]("stats.Histogram", 1)

// AppendBinary appends the saved Histogram.
func (h *Histogram) AppendBinary(b []byte) ([]byte, error) {
	return kindHistogram.Append(b, (*plainHistogram)(h))
}

// UnmarshalBinary restores a saved Histogram.
func (h *Histogram) UnmarshalBinary(data []byte) error {
	return kindHistogram.Read(data, (*plainHistogram)(h), func(p *plainHistogram) error {
		if !sound(p.edges) || len(p.counts) != len(p.edges)-1 {
			return errors.New("its edges and counts do not fit")
		}
		if p.below < 0 || p.above < 0 || p.missing < 0 || slices.ContainsFunc(p.counts, func(n int64) bool { return n < 0 }) {
			return errors.New("a count is negative")
		}
		return nil
	})
}
