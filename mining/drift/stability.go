package drift

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// PopulationStability returns the population stability index of two counts of the same bins:
//
//	PSI = Σ (qᵢ - pᵢ)·ln(qᵢ/pᵢ)
//
// for the shares p of the expected and q of the actual. A share is (count + ½)/(n + bins/2), so
// that an empty bin gives a number. It is 0 for equal shares; if both are samples of n and m of one distribution, it is about
// (bins-1)·(1/n + 1/m) on average. Below 0.1 is called stable by custom, above 0.25 changed.
// It panics if the numbers of bins differ or a count is negative or not finite.
//
// Source: Siddiqi, "Credit risk scorecards", Wiley 2006; its distribution: Yurdakul, Naranjo, "Statistical properties of the
// population stability index", Journal of Risk Model Validation 14(4), 2020.
func PopulationStability(expected, actual []float64) float64 {
	need(len(expected) == len(actual), "PopulationStability: %d and %d bins", len(expected), len(actual))
	return index(expected, total(expected), actual, total(actual))
}

func total(counts []float64) (sum float64) {
	for _, c := range counts {
		need(c >= 0 && mining.Known(c), "PopulationStability: a count is %v", c)
		sum += c
	}
	return sum
}

func index(expected []float64, n float64, actual []float64, m float64) (psi float64) {
	half := float64(len(expected)) / 2
	for i, e := range expected {
		p, q := (e+0.5)/(n+half), (actual[i]+0.5)/(m+half)
		psi += (q - p) * math.Log(q/p)
	}
	return psi
}

// Stability compares the last values of a stream with a reference that does not move, by the population stability index
// of [PopulationStability]. The bins are those of the quantiles of the reference; missing values have a bin of their
// own, so that more of them are a change, too.
//
// Memory is O(bins + n) for a window of n values; an Add takes O(log bins) time, and O(bins) each Clock values. It does not begin anew after a
// detection: it detects as long as the stream is not what the reference was.
type Stability struct {
	threshold    float64
	size         int
	every, grace int64

	edges            []float64 // bin i is up to edges[i]
	expected, actual []float64 // counts, the last of missing values
	ring             []uint16
	next             int
	n                int64
	index            float64
}

type plainStability Stability

var kindStability = saved.As[plainStability]("drift.Stability", 1)

// NewStability returns a detector beside the values of a reference, put into that many bins of equal counts; of ties there are fewer. Options:
// Window, 1000 values; Clock, 100; Grace, 200; Threshold, 0.25. It panics if the reference has no known value or if bins is not between 2 and 1000.
func NewStability(reference []float64, bins int, opts ...Option) *Stability {
	s := &Stability{threshold: 0.25, size: 1000, every: 100, grace: 200}
	for _, o := range opts {
		switch o.key {
		case threshold:
			s.threshold = o.value
		case window:
			s.size = int(o.value)
		case clock:
			s.every = int64(o.value)
		case grace:
			s.grace = int64(o.value)
		default:
			o.refuse("Stability")
		}
	}
	need(bins >= 2 && bins <= 1000, "NewStability: between 2 and 1000 bins, not %d", bins)
	need(s.options(), "NewStability: Window is positive and at most 10000000, Clock is positive, Grace and Threshold are not negative: %v, %v, %v, %v", s.size, s.every, s.grace, s.threshold)
	known := make([]float64, 0, len(reference))
	for _, x := range reference {
		if mining.Known(x) {
			known = append(known, x)
		}
	}
	need(len(known) > 0, "NewStability: the reference has no known value")
	slices.Sort(known)
	for i := 1; i < bins; i++ {
		e := known[i*len(known)/bins]
		if e > known[0] && (len(s.edges) == 0 || e > s.edges[len(s.edges)-1]) {
			s.edges = append(s.edges, e)
		}
	}
	s.expected, s.actual = make([]float64, len(s.edges)+2), make([]float64, len(s.edges)+2)
	for _, x := range reference {
		s.expected[s.bin(x)]++
	}
	s.ring = make([]uint16, 0, s.size)
	return s
}

func (s *Stability) options() bool {
	return s.threshold >= 0 && s.threshold <= huge && s.size > 0 && s.size <= 10_000_000 && s.every > 0 && s.grace >= 0
}

// bin returns the bin of x: bin i has the values from edges[i-1] to below edges[i].
func (s *Stability) bin(x float64) int {
	if !mining.Known(x) {
		return len(s.edges) + 1
	}
	return sort.Search(len(s.edges), func(i int) bool { return x < s.edges[i] })
}

// Reset forgets the values of the stream, not the reference.
func (s *Stability) Reset() {
	s.ring, s.next, s.n, s.index = s.ring[:0], 0, 0, 0
	clear(s.actual)
}

// Index returns the index at the last look, and 0 before the first.
func (s *Stability) Index() float64 { return s.index }

// Bins returns, of each bin, where it ends, its share in the reference and that in the window. The last bin but one has no end
// and the last is that of missing values: their ends are infinite and NaN.
func (s *Stability) Bins() (ends, expected, actual []float64) {
	ends = append(append([]float64{}, s.edges...), math.Inf(1), math.NaN())
	shares := func(counts []float64) []float64 {
		n, to := 0.0, make([]float64, len(counts))
		for _, c := range counts {
			n += c
		}
		for i, c := range counts {
			to[i] = c / max(1, n)
		}
		return to
	}
	return ends, shares(s.expected), shares(s.actual)
}

// Add adds a value, which may be missing, and reports whether the index was above the threshold at the last
// look.
func (s *Stability) Add(x float64) bool {
	bin := s.bin(x)
	if len(s.ring) < s.size {
		s.ring = append(s.ring, uint16(bin))
	} else {
		s.actual[s.ring[s.next]]--
		s.ring[s.next] = uint16(bin)
		s.next = (s.next + 1) % s.size
	}
	s.actual[bin]++
	s.n++
	if s.n >= s.grace && s.n%s.every == 0 {
		n := 0.0
		for _, c := range s.expected {
			n += c
		}
		s.index = index(s.expected, n, s.actual, float64(len(s.ring)))
	}
	return s.index > s.threshold
}

// String says how the stream differs from the reference.
func (s *Stability) String() string {
	return fmt.Sprintf("population stability index %.3f over %d values", s.index, len(s.ring))
}

// AppendBinary appends the detector.
func (s *Stability) AppendBinary(b []byte) ([]byte, error) {
	return kindStability.Append(b, (*plainStability)(s))
}

// UnmarshalBinary replaces the detector.
func (s *Stability) UnmarshalBinary(data []byte) error {
	return kindStability.Read(data, (*plainStability)(s), func(p *plainStability) error {
		bins := len(p.edges) + 2
		ok := (*Stability)(p).options() && len(p.expected) == bins && len(p.actual) == bins && len(p.ring) <= p.size && p.n >= 0 && p.index >= 0 &&
			p.next >= 0 && p.next < p.size && (p.next == 0 || len(p.ring) == p.size) && mining.Known(p.index) && slices.IsSorted(p.edges)
		if !ok {
			return errBroken
		}
		counts := make([]float64, bins)
		for _, b := range p.ring {
			if int(b) >= bins {
				return errBroken
			}
			counts[b]++
		}
		for i, c := range p.expected {
			if counts[i] != p.actual[i] || !(c >= 0) || !mining.Known(c) {
				return errBroken
			}
		}
		p.ring = slices.Grow(p.ring, p.size-len(p.ring))
		return nil
	})
}
