package anomaly

import (
	"math"
	"slices"
	"sort"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A sorted window has the last values in the order in which they came, and sorted.
type sorted struct {
	Size   int
	Ring   []float64
	Next   int
	Sorted []float64 `binary:"-"`
}

func newSorted(size int) sorted {
	return sorted{Size: size, Ring: make([]float64, 0, size), Sorted: make([]float64, 0, size)}
}

func (s *sorted) add(x float64) {
	if len(s.Ring) < s.Size {
		s.Ring = append(s.Ring, x)
		at := sort.SearchFloat64s(s.Sorted, x)
		s.Sorted = slices.Insert(s.Sorted, at, x)
		return
	}
	old := s.Ring[s.Next]
	s.Ring[s.Next] = x
	s.Next = (s.Next + 1) % s.Size
	from, to := sort.SearchFloat64s(s.Sorted, old), sort.SearchFloat64s(s.Sorted, x)
	if to > from {
		to--
		copy(s.Sorted[from:to], s.Sorted[from+1:to+1])
	} else {
		copy(s.Sorted[to+1:from+1], s.Sorted[to:from])
	}
	s.Sorted[to] = x
}

// restore makes what is not saved.
func (s *sorted) restore() bool {
	if s.Size <= 0 || s.Size > largest || len(s.Ring) > s.Size || s.Next < 0 || s.Next >= s.Size || s.Next > 0 && len(s.Ring) < s.Size {
		return false
	}
	for _, x := range s.Ring {
		if !within(x, -huge, huge) {
			return false
		}
	}
	s.Ring = slices.Grow(s.Ring, s.Size-len(s.Ring))
	s.Sorted = append(make([]float64, 0, s.Size), s.Ring...)
	slices.Sort(s.Sorted)
	return true
}

const largest = 1_000_000 // of a window

// median returns that of the values, which are not none.
func (s *sorted) median() float64 {
	n := len(s.Sorted)
	return s.Sorted[(n-1)/2]/2 + s.Sorted[n/2]/2
}

// deviation returns the median of the distances from m, which is the median. From there the distances grow to both
// sides, so both are merged up to the middle.
func (s *sorted) deviation(m float64) float64 {
	n := len(s.Sorted)
	right := sort.SearchFloat64s(s.Sorted, m)
	left := right - 1
	var d, before float64
	for range n/2 + 1 {
		before = d
		if left < 0 || right < n && s.Sorted[right]-m < m-s.Sorted[left] {
			d = s.Sorted[right] - m
			right++
		} else {
			d = m - s.Sorted[left]
			left--
		}
	}
	if n%2 == 1 {
		return d
	}
	return d/2 + before/2
}

// quantile returns the q-th one, between two values linearly.
func (s *sorted) quantile(q float64) float64 {
	at := q * float64(len(s.Sorted)-1)
	i := int(at)
	if i+1 >= len(s.Sorted) {
		return s.Sorted[len(s.Sorted)-1]
	}
	f := at - float64(i)
	return s.Sorted[i]*(1-f) + s.Sorted[i+1]*f
}

// Robust is the modified z-score of a number: its distance from the median of the last values, divided by 1.4826 times
// the median of their distances from it (MAD), which for a normal distribution is the standard deviation. Up to half of the
// values may be outliers and do not move it.
//
// If half of the values are the same, MAD is 0; then the mean distance from the median, times 1.2533, takes its
// place. The score of another value than ever before is at most 1e9.
//
// Memory is O(n) for a window of n values; Add and Score take O(n) time, of a few ns for each 10 values.
//
// Source: Iglewicz, Hoaglin, "How to detect and handle outliers", ASQC 1993.
type Robust struct {
	last  sorted
	grace int
}

type plainRobust Robust

var kindRobust = saved.As[plainRobust]("anomaly.Robust", 1)

// NewRobust returns a model of a number. Options: Window, 101 values; Grace, 10.
func NewRobust(opts ...Option) *Robust {
	size, r := 101, &Robust{grace: 10}
	for _, o := range opts {
		switch o.key {
		case window:
			size = int(o.value)
		case grace:
			r.grace = int(o.value)
		default:
			o.refuse("Robust")
		}
	}
	need(size > 0 && size <= largest && r.grace >= 1 && r.grace <= size, "NewRobust: Window is between 1 and %d, Grace between 1 and Window: %d, %d", largest, size, r.grace)
	r.last = newSorted(size)
	return r
}

// Median returns the median of the last values, and 0 of none.
func (r *Robust) Median() float64 {
	if len(r.last.Ring) == 0 {
		return 0
	}
	return r.last.median()
}

// Deviation returns 1.4826 times the median distance from the median, and 0 of none.
func (r *Robust) Deviation() float64 {
	if len(r.last.Ring) == 0 {
		return 0
	}
	return toNormal * r.last.deviation(r.last.median())
}

const toNormal = 1.482602218505602 // 1/Φ⁻¹(¾)

// Score returns how many standard deviations x is from the median: 0 before Grace values, and of a missing value.
func (r *Robust) Score(x float64) float64 {
	if !mining.Known(x) || len(r.last.Ring) < r.grace {
		return 0
	}
	m := r.last.median()
	d := toNormal * r.last.deviation(m)
	if d == 0 {
		for _, v := range r.last.Sorted {
			d += math.Abs(v-m) / float64(len(r.last.Sorted))
		}
		d *= math.Sqrt(math.Pi / 2)
	}
	return ratio(math.Abs(clamp(x)-m), d)
}

// Add adds a value.
func (r *Robust) Add(x float64) {
	if mining.Known(x) {
		r.last.add(clamp(x))
	}
}

// AppendBinary appends the model.
func (r *Robust) AppendBinary(b []byte) ([]byte, error) {
	return kindRobust.Append(b, (*plainRobust)(r))
}

// UnmarshalBinary replaces the model.
func (r *Robust) UnmarshalBinary(data []byte) error {
	return kindRobust.Read(data, (*plainRobust)(r), func(p *plainRobust) error {
		if !p.last.restore() || p.grace < 1 {
			return errBroken
		}
		return nil
	})
}

// Threshold says which scores are among the highest: above the q-th quantile of the last ones.
//
// Memory is O(n) for a window of n scores; Add takes O(n) time, of a few ns for each 100 scores. Of scores of one continuous
// distribution it says so of a share of 1-q, and about 1/n more.
type Threshold struct {
	last  sorted
	q     float64
	grace int
}

type plainThreshold Threshold

var kindThreshold = saved.As[plainThreshold]("anomaly.Threshold", 1)

// NewThreshold returns a threshold at a quantile, between 0 and 1. Options: Window, 1000 scores; Grace, 100.
func NewThreshold(q float64, opts ...Option) *Threshold {
	size, t := 1000, &Threshold{q: q, grace: 100}
	for _, o := range opts {
		switch o.key {
		case window:
			size = int(o.value)
		case grace:
			t.grace = int(o.value)
		default:
			o.refuse("Threshold")
		}
	}
	need(within(q, 0, 1) && size > 0 && size <= largest && t.grace >= 1 && t.grace <= size, "NewThreshold: the quantile is between 0 and 1, Window between 1 and %d, Grace between 1 and Window: %v, %d, %d", largest, q, size, t.grace)
	t.last = newSorted(size)
	return t
}

// Value returns the threshold, and 0 before Grace scores.
func (t *Threshold) Value() float64 {
	if len(t.last.Ring) < t.grace {
		return 0
	}
	return t.last.quantile(t.q)
}

// Add adds a score, and reports whether it is above the threshold of those before it: no before Grace scores, nor of a missing one.
func (t *Threshold) Add(score float64) bool {
	if !mining.Known(score) {
		return false
	}
	score = clamp(score)
	over := len(t.last.Ring) >= t.grace && score > t.last.quantile(t.q)
	t.last.add(score)
	return over
}

// AppendBinary appends the threshold.
func (t *Threshold) AppendBinary(b []byte) ([]byte, error) {
	return kindThreshold.Append(b, (*plainThreshold)(t))
}

// UnmarshalBinary replaces the threshold.
func (t *Threshold) UnmarshalBinary(data []byte) error {
	return kindThreshold.Read(data, (*plainThreshold)(t), func(p *plainThreshold) error {
		if !p.last.restore() || p.grace < 1 || !within(p.q, 0, 1) {
			return errBroken
		}
		return nil
	})
}
