package stats

import (
	"errors"
	"math"
	"slices"
	"time"

	"github.com/freshet-go/freshet/mining/internal/saved"
	"github.com/freshet-go/freshet/window"
)

// A Rolling describes the last numbers: the last n (NewRolling), or those of the last d of event time,
// up to a most (NewRollingTime). What leaves is not taken away from sums, which would lose digits, but
// the moments of the rest are merged: they are as exact as those of a fresh Summary after any number of
// events. Least, greatest, mean, variance, skewness and kurtosis take constant time, and Add does on
// average. NaN and infinite values are missing, and are left out.
//
// It is the two stacks of Tangwongsan, Hirzel and Schneider, "Low-latency sliding-window aggregation in
// worst-case constant time", DEBS 2017, section 2: the older half of the window holds the moments from
// each number on, the newer half those of all of it. A number takes about 110 bytes.
type Rolling struct {
	last  int
	span  time.Duration // 0: by number alone
	order bool          // hold the numbers in order, too

	ring  []rolled // grows up to last
	first int
	n     int
	old   int     // of n, how many are in the older half
	newer moments // of the others
	late  int64

	sorted ordered `binary:"-"`
}

// A rolled is a number in a window. Rest, of those in the older half, are the moments from it on to the
// end of that half.
type rolled struct {
	At    window.Time
	Value float64
	Rest  moments
}

// A RollingOption is an option of NewRolling and NewRollingTime.
type RollingOption func(*Rolling)

// Ordered has quantiles answered at once, and not by sorting the window each time: Add then takes
// O(log n + n/256) time. The default is that it does not.
func Ordered() RollingOption { return func(r *Rolling) { r.order = true } }

// NewRolling returns a Rolling of the last n numbers. It panics if n is not positive.
func NewRolling(n int, opts ...RollingOption) *Rolling {
	if n <= 0 {
		panic("stats: NewRolling: n has to be positive")
	}
	r := &Rolling{last: n}
	for _, o := range opts {
		o(r)
	}
	return r
}

// NewRollingTime returns a Rolling of the numbers of the last d: those whose time is in (t-d, t], where
// t is the newest time that was added. Of more than most of them, the oldest are left out. It panics if
// d or most is not positive.
func NewRollingTime(d time.Duration, most int, opts ...RollingOption) *Rolling {
	if d <= 0 {
		panic("stats: NewRollingTime: d has to be positive")
	}
	if most <= 0 {
		panic("stats: NewRollingTime: most has to be positive")
	}
	r := NewRolling(most, opts...)
	r.span = d
	return r
}

// Add adds a number at a time, and lets go of what is too old. By number, at is not looked at, and may
// be 0. By time, a late number is put where it belongs, in time of the number of later ones, and in
// O(n) where it is in the older half; one that is too old already is counted (Late) and left out.
func (r *Rolling) Add(at window.Time, v float64) {
	if !known(v) {
		return
	}
	if r.span == 0 {
		at = 0
	}
	switch {
	case r.n == 0 || at >= r.at(r.n-1).At:
		if r.span > 0 {
			r.Expire(at)
		}
		if r.n == r.last {
			r.pop()
		}
		r.push(rolled{At: at, Value: v})
		r.newer.add(v, 1)
	case r.expired(at, r.at(r.n-1).At) || r.n == r.last && at < r.at(0).At:
		r.late++
		return
	default:
		if r.n == r.last {
			r.pop()
		}
		r.insert(at, v)
	}
	if r.order {
		r.sorted.insert(v)
	}
}

// Expire lets go of what is too old at a time: numbers at now-d and before. By number it does nothing.
func (r *Rolling) Expire(now window.Time) {
	for r.span > 0 && r.n > 0 && r.expired(r.at(0).At, now) {
		r.pop()
	}
}

// expired reports whether at is not in (now-span, now].
func (r *Rolling) expired(at, now window.Time) bool {
	return at <= now && uint64(now)-uint64(at) >= uint64(r.span)
}

func (r *Rolling) at(i int) *rolled {
	if i += r.first; i >= len(r.ring) {
		i -= len(r.ring)
	}
	return &r.ring[i]
}

func (r *Rolling) push(e rolled) {
	if r.n == len(r.ring) {
		grown := make([]rolled, min(r.last, max(16, 2*r.n)))
		for i := range r.n {
			grown[i] = *r.at(i)
		}
		r.ring, r.first = grown, 0
	}
	r.n++
	*r.at(r.n - 1) = e
}

func (r *Rolling) pop() {
	if r.old == 0 {
		r.flip()
	}
	if r.order {
		r.sorted.remove(r.at(0).Value)
	}
	if r.first++; r.first == len(r.ring) {
		r.first = 0
	}
	r.n--
	r.old--
}

// flip makes all numbers the older half.
func (r *Rolling) flip() {
	r.old, r.newer = r.n, moments{}
	r.rests(r.n - 1)
}

// rests sets the moments of the older half from place i down.
func (r *Rolling) rests(i int) {
	for ; i >= 0; i-- {
		e := r.at(i)
		var m moments
		if i+1 < r.old {
			m = r.at(i + 1).Rest
		}
		m.add(e.Value, 1)
		e.Rest = m
	}
}

// insert puts a late number where it belongs.
func (r *Rolling) insert(at window.Time, v float64) {
	r.push(rolled{})
	i := r.n - 1
	for ; i > 0 && r.at(i-1).At > at; i-- {
		*r.at(i) = *r.at(i - 1)
	}
	*r.at(i) = rolled{At: at, Value: v}
	if i >= r.old {
		r.newer.add(v, 1)
		return
	}
	r.old++
	r.rests(i)
}

// Late returns how many numbers came too late.
func (r *Rolling) Late() int64 { return r.late }

// Count returns how many numbers are in the window.
func (r *Rolling) Count() int { return r.n }

// Summary returns the Summary of the numbers in the window.
func (r *Rolling) Summary() Summary {
	if r.old == 0 {
		return Summary{m: r.newer}
	}
	s := Summary{m: r.at(0).Rest}
	s.m.merge(&r.newer)
	return s
}

// Mean returns the mean of the window, or NaN of none.
func (r *Rolling) Mean() float64 { s := r.Summary(); return s.Mean() }

// Variance returns the variance of the window as a population, or NaN of none.
func (r *Rolling) Variance() float64 { s := r.Summary(); return s.Variance() }

// Min returns the least number in the window, or NaN of none.
func (r *Rolling) Min() float64 { s := r.Summary(); return s.Min() }

// Max returns the greatest number in the window, or NaN of none.
func (r *Rolling) Max() float64 { s := r.Summary(); return s.Max() }

// Values appends the numbers in the window, the oldest first.
func (r *Rolling) Values(to []float64) []float64 {
	for i := range r.n {
		to = append(to, r.at(i).Value)
	}
	return to
}

// Median returns the median of the window, or NaN of none. See Quantile.
func (r *Rolling) Median() float64 { return r.Quantile(0.5) }

// Quantile returns the p-quantile of the window as Quantile with Linear does, or NaN of none. With
// Ordered it takes O(n/256) time, otherwise O(n log n) and memory for a copy. It panics
// if p is not between 0 and 1.
func (r *Rolling) Quantile(p float64) float64 {
	if !r.order {
		return Quantile(r.Values(make([]float64, 0, r.n)), p, Linear)
	}
	return quantile(r.sorted.n, r.sorted.at, p, Linear)
}

type plainRolling Rolling

var kindRolling = saved.As[plainRolling]("stats.Rolling", 1)

// AppendBinary appends the saved Rolling.
func (r *Rolling) AppendBinary(b []byte) ([]byte, error) {
	return kindRolling.Append(b, (*plainRolling)(r))
}

// UnmarshalBinary restores a saved Rolling.
func (r *Rolling) UnmarshalBinary(data []byte) error {
	return kindRolling.Read(data, (*plainRolling)(r), func(p *plainRolling) error {
		q := (*Rolling)(p)
		if q.last <= 0 || q.span < 0 || len(q.ring) > q.last || q.n < 0 || q.n > len(q.ring) || q.old < 0 || q.old > q.n ||
			q.first < 0 || q.first > max(0, len(q.ring)-1) {
			return errors.New("the window is not one")
		}
		if q.order {
			vs := q.Values(nil)
			if slices.ContainsFunc(vs, math.IsNaN) {
				return errors.New("a value is NaN")
			}
			for _, v := range vs {
				q.sorted.insert(v)
			}
		}
		return nil
	})
}
