package drift

import (
	"errors"
	"math"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// ADWIN holds a window of the last values that grows as long as their mean does not change. It
// detects a change where some cut of the window into an older and a newer part has means that differ by more than
//
//	ε = √(2/m · σ² · ln(2·ln(n)/δ)) + 2/(3m) · ln(2·ln(n)/δ),   1/m = 1/n₀ + 1/n₁
//
// and drops the older values, a bucket at a time. n is the width of the window, σ² its variance; n₀ and n₁ are the
// sizes of the parts, less the least size and more one.
//
// The window is not held itself but an exponential histogram of it: for n values, O(b·log(n/b)) buckets
// for b buckets of each size. Add takes O(1) time amortised, and O(b·log n) each Clock values.
//
// In a window without change, each look is a false alarm with a probability of at most δ, if all values are between 0
// and 1. Of other values nothing is promised: those far beyond 1, rare and great ones above all, give many more
// false alarms, and those of a far smaller range are seen to change late or never. Say with [Range] between which values they are. They are scaled to 0 to 1 for
// the test, and those beyond count as its ends. Mean and Variance stay in the unit of the values.
//
// Source: Bifet, Gavaldà, "Learning from time-changing data with adaptive windowing", SDM 2007 (ADWIN2). Least
// sizes of parts, and that all is forgotten after a detection, are from the library river; see [Keep].
type ADWIN struct {
	delta                      float64
	clock, grace, least, slots int64
	keep, older                bool
	low, high                  float64 // equal: no range

	tick, width, detections int64
	total, variance         float64
	drift                   bool
	rows                    []row
}

// A row has the buckets of 2^i values, the oldest first.
type row struct {
	N        int
	Total    []float64
	Variance []float64 // sums of squared distances from the mean of the bucket
}

type plainADWIN ADWIN

var kindADWIN = saved.As[plainADWIN]("drift.ADWIN", 1)

// NewADWIN returns a detector of changes of the mean. Options: Delta, 0.002; Clock, 32; Grace, 10; Least, 5; Buckets, 5; Keep;
// Older; Range, none.
func NewADWIN(opts ...Option) *ADWIN {
	a := &ADWIN{delta: 0.002, clock: 32, grace: 10, least: 5, slots: 5}
	for _, o := range opts {
		switch o.key {
		case delta:
			a.delta = o.value
		case clock:
			a.clock = int64(o.value)
		case grace:
			a.grace = int64(o.value)
		case least:
			a.least = int64(o.value)
		case buckets:
			a.slots = int64(o.value)
		case keep:
			a.keep = true
		case older:
			a.older = true
		case between:
			a.low, a.high = o.value, o.more
			need(mining.Known(a.high-a.low) && a.low < a.high, "NewADWIN: Range is from a value to a greater one, both finite, not %v to %v", a.low, a.high)
		default:
			o.refuse("ADWIN")
		}
	}
	need(a.options(), "NewADWIN: Delta is between 0 and 1, Clock, Least and Buckets are positive, Buckets at most 1000: %v, %v, %v, %v", a.delta, a.clock, a.least, a.slots)
	a.Reset()
	return a
}

func (a *ADWIN) options() bool {
	return probability(a.delta) && a.clock > 0 && a.grace >= 0 && a.least > 0 && a.slots > 0 && a.slots <= 1000 &&
		mining.Known(a.high-a.low) && a.low <= a.high
}

// Reset forgets all values, and how many detections there were.
func (a *ADWIN) Reset() { a.restart(); a.detections = 0 }

func (a *ADWIN) restart() {
	a.tick, a.width, a.total, a.variance, a.drift = 0, 0, 0, 0, false
	for i := range a.rows {
		a.rows[i].N = 0
	}
	if len(a.rows) == 0 {
		a.grow()
	}
	a.rows = a.rows[:1]
}

// grow adds a row, with memory that was used before if there is any.
func (a *ADWIN) grow() {
	if n := len(a.rows); n < cap(a.rows) {
		a.rows = a.rows[:n+1]
		if a.rows[n].Total != nil {
			a.rows[n].N = 0
			return
		}
		a.rows = a.rows[:n]
	}
	a.rows = append(a.rows, row{0, make([]float64, a.slots+1), make([]float64, a.slots+1)})
}

// Width returns how many values are in the window.
func (a *ADWIN) Width() int64 { return a.width }

// Mean returns the mean of the window, and 0 of an empty one.
func (a *ADWIN) Mean() float64 {
	if a.width == 0 {
		return 0
	}
	return a.low + a.span()*(a.total/float64(a.width))
}

// Variance returns the variance of the window, and 0 of an empty one.
func (a *ADWIN) Variance() float64 {
	return a.span() * a.span() * (max(0, a.variance) / float64(max(1, a.width)))
}

// span is the unit in which values are held.
func (a *ADWIN) span() float64 {
	if a.low == a.high {
		return 1
	}
	return a.high - a.low
}

// Detections returns how many there were.
func (a *ADWIN) Detections() int64 { return a.detections }

// Add adds a value, and reports whether the mean has changed. The window has then
// only what came after the change.
func (a *ADWIN) Add(x float64) bool {
	if !mining.Known(x) {
		return false
	}
	if a.drift && !a.keep {
		a.restart()
	}
	x = clamp(x)
	if a.low < a.high {
		x = (min(a.high, max(a.low, x)) - a.low) / (a.high - a.low)
	}
	a.rows[0].put(x, 0)
	a.width++
	if n := float64(a.width); a.width > 1 {
		d := x - a.total/(n-1)
		a.variance += (n - 1) * d * d / n
	}
	a.total += x
	if int64(a.rows[0].N) > a.slots {
		a.compress()
	}
	a.tick++
	a.drift = false
	if a.looks() && a.width > a.grace {
		for a.cut() {
			a.drift = true
		}
		if a.drift {
			a.detections++
		}
	}
	return a.drift
}

// looks reports whether it is the time to look for a cut: a division takes as long as half of an Add.
func (a *ADWIN) looks() bool {
	if a.clock&(a.clock-1) == 0 {
		return a.tick&(a.clock-1) == 0
	}
	return a.tick%a.clock == 0
}

func (r *row) put(total, variance float64) {
	r.Total[r.N], r.Variance[r.N] = total, variance
	r.N++
}

// drop drops the n oldest buckets. There are few: a loop is faster than two calls of copy.
func (r *row) drop(n int) {
	total, variance := r.Total[:r.N], r.Variance[:r.N]
	for i := n; i < len(total) && i < len(variance); i++ {
		total[i-n], variance[i-n] = total[i], variance[i]
	}
	r.N -= n
}

// size returns how many values a bucket of a row has.
func size(row int) float64 { return float64(int64(1) << row) }

// compress makes one of the two oldest buckets of each row that has too many.
func (a *ADWIN) compress() {
	for i := 0; int64(a.rows[i].N) > a.slots; i++ {
		if i+1 == len(a.rows) {
			a.grow()
		}
		r, next, n := &a.rows[i], &a.rows[i+1], size(i)
		d := r.Total[0]/n - r.Total[1]/n
		next.put(r.Total[0]+r.Total[1], r.Variance[0]+r.Variance[1]+n*d*d/2)
		r.drop(2)
	}
}

// cut looks for a cut at which the means differ, and drops the oldest bucket if there is one.
func (a *ADWIN) cut() bool {
	n := float64(a.width)
	d := math.Log(2 * math.Log(n) / a.delta)
	v := a.variance / n
	least := float64(a.least)
	n0, n1, u0, u1 := 0.0, n, 0.0, a.total
	for i := len(a.rows) - 1; i >= 0; i-- {
		r, size := &a.rows[i], size(i)
		cuts := r.N
		if a.older {
			cuts = max(0, cuts-1)
		}
		for _, u := range r.Total[:cuts] {
			n0 += size
			n1 -= size
			u0 += u
			u1 -= u
			if n0 < least || n1 < least || alike(n0, n1, u0, u1, least, 2*v*d) {
				continue
			}
			m := 1/(n0-least+1) + 1/(n1-least+1)
			if math.Abs(u0/n0-u1/n1) > math.Sqrt(2*m*v*d)+2.0/3*d*m {
				a.shrink()
				return true
			}
		}
	}
	return false
}

// alike reports whether two parts surely differ by less than √(m·noise), which is less than ε, and says no where that is not sure. It is the test of cut
// multiplied out, so that nothing is divided: most cuts are far from a change.
func alike(n0, n1, u0, u1, least, noise float64) bool {
	a, b := u0*n1, u1*n0
	// 1e-14 is for what rounding does to sums that are nearly the same.
	d := math.Abs(a-b) + 1e-14*(math.Abs(a)+math.Abs(b))
	m0, m1, p := n0-least+1, n1-least+1, n0*n1
	limit := noise * (m0 + m1) * (p * p)
	// Products that are too small for a float64 to be exact prove nothing, and those that overflow are not below the limit.
	return limit > 1e-200 && d*d*(m0*m1) < 0.999999*limit
}

// shrink drops the oldest bucket.
func (a *ADWIN) shrink() {
	last := len(a.rows) - 1
	r, n := &a.rows[last], size(last)
	a.width -= int64(n)
	a.total -= r.Total[0]
	w := float64(a.width)
	d := r.Total[0]/n - a.total/w
	a.variance -= r.Variance[0] + n*w*d*d/(n+w)
	r.drop(1)
	for last > 0 && a.rows[last].N == 0 {
		a.rows = a.rows[:last]
		last--
	}
}

// AppendBinary appends the detector.
func (a *ADWIN) AppendBinary(b []byte) ([]byte, error) { return kindADWIN.Append(b, (*plainADWIN)(a)) }

// UnmarshalBinary replaces the detector.
func (a *ADWIN) UnmarshalBinary(data []byte) error {
	return kindADWIN.Read(data, (*plainADWIN)(a), func(p *plainADWIN) error {
		width, ok := int64(0), (*ADWIN)(p).options() && len(p.rows) > 0 && len(p.rows) < 62
		for i, r := range p.rows {
			ok = ok && r.N >= 0 && int64(r.N) <= p.slots && int64(len(r.Total)) == p.slots+1 && len(r.Variance) == len(r.Total)
			width += int64(r.N) << i
		}
		if !ok || width != p.width || !mining.Known(p.total) || !mining.Known(p.variance) {
			return errBroken
		}
		return nil
	})
}

var errBroken = errors.New("its fields contradict each other")
