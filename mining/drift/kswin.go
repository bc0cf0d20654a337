package drift

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// KSWIN holds the last values and compares the r most recent of them with r drawn at random from those before, by the
// two-sample test of Kolmogorov and Smirnov: it detects where the exact probability of so great a distance D
// is at most α, and D is more than 0.1. So it sees a change of the whole distribution, not of its mean alone.
//
// Memory is O(n) for a window of n values; an Add takes O(n + r²) time at worst, about 1 µs for the defaults. Each test is a
// false alarm with a probability of at most α; one is made for each value.
//
// Source: Raab, Heusinger, Schleif, "Reactive soft prototype computing for concept drift streams", Neurocomputing 416, 2020;
// the exact distribution of D for samples of equal size: Gnedenko, Korolyuk, "On the maximum discrepancy between
// two empirical distributions", 1951.
type KSWIN struct {
	alpha        float64
	size, recent int
	every        int64

	random rand.PCG
	values []float64 // a ring, once it is full
	next   int
	n      int64
	drift  bool

	critical int       `binary:"-"` // the least D·r that is a detection
	order    []int     `binary:"-"`
	a, b     []float64 `binary:"-"`
}

type plainKSWIN KSWIN

var kindKSWIN = saved.As[plainKSWIN]("drift.KSWIN", 1)

// NewKSWIN returns a detector of changes of the distribution. Options: DetectAt, the probability α of a false alarm at each test, 0.005; Window, 100; Recent, 30, at most half of
// the window; Clock, 1; Seed.
func NewKSWIN(opts ...Option) *KSWIN {
	k := &KSWIN{alpha: 0.005, size: 100, recent: 30, every: 1}
	var s uint64
	for _, o := range opts {
		switch o.key {
		case detection:
			k.alpha = o.value
		case window:
			k.size = int(o.value)
		case recent:
			k.recent = int(o.value)
		case clock:
			k.every = int64(o.value)
		case seed:
			s = math.Float64bits(o.value)
		default:
			o.refuse("KSWIN")
		}
	}
	need(k.options(), "NewKSWIN: DetectAt is between 0 and 1, Recent is positive and at most half of Window, Window at most 1000000, Clock is positive: %v, %v, %v, %v", k.alpha, k.recent, k.size, k.every)
	k.random = *rand.NewPCG(s, 0)
	k.prepare()
	return k
}

func (k *KSWIN) options() bool {
	return probability(k.alpha) && k.recent > 0 && 2*k.recent <= k.size && k.size <= 1_000_000 && k.every > 0
}

func (k *KSWIN) prepare() {
	r := k.recent
	k.values = slices.Grow(k.values, k.size-len(k.values))
	k.order, k.a, k.b = make([]int, k.size-r), make([]float64, r), make([]float64, r)
	k.critical = r + 1
	for h := r; h > 0 && smirnov(r, h) <= k.alpha && float64(h)/float64(r) > 0.1; h-- {
		k.critical = h
	}
}

// smirnov returns the probability that two samples of r values of one distribution are h/r or more
// apart: 2·Σ (-1)^(k-1)·C(2r, r-kh)/C(2r, r), summed from the inside by Horner's rule.
func smirnov(r, h int) float64 {
	p := 0.0
	for k := r / h; k > 0; k-- {
		term := 1.0
		for j := range h {
			term *= float64(r-(k-1)*h-j) / float64(r+(k-1)*h+j+1)
		}
		p = term * (1 - p)
	}
	return min(1, 2*p)
}

// Reset forgets all values. What is drawn at random goes on.
func (k *KSWIN) Reset() { k.values, k.next, k.n, k.drift = k.values[:0], 0, 0, false }

// Add adds a value, and reports whether the distribution has changed.
func (k *KSWIN) Add(x float64) bool {
	if !mining.Known(x) {
		return false
	}
	if k.drift {
		k.Reset()
	}
	k.n++
	if len(k.values) < k.size {
		k.values = append(k.values, x)
	} else {
		k.values[k.next] = x
		k.next = (k.next + 1) % k.size
	}
	if len(k.values) == k.size && k.n%k.every == 0 {
		k.drift = k.distance() >= k.critical
	}
	return k.drift
}

// distance returns the distance of the two distributions, in steps of 1/r.
func (k *KSWIN) distance() int {
	old, r := k.size-k.recent, k.recent
	for i := range k.order {
		k.order[i] = i
	}
	for i := range r {
		hi, _ := bits.Mul64(k.random.Uint64(), uint64(old-i))
		j := i + int(hi)
		k.order[i], k.order[j] = k.order[j], k.order[i]
		k.a[i] = k.at(k.order[i])
		k.b[i] = k.at(old + i)
	}
	slices.Sort(k.a)
	slices.Sort(k.b)
	most := 0
	for i, j := 0, 0; i < r && j < r; {
		x := min(k.a[i], k.b[j])
		for i < r && k.a[i] == x {
			i++
		}
		for j < r && k.b[j] == x {
			j++
		}
		most = max(most, i-j, j-i)
	}
	return most
}

// at returns the value at a place, the oldest at 0.
func (k *KSWIN) at(i int) float64 {
	if i += k.next; i >= k.size {
		i -= k.size
	}
	return k.values[i]
}

// AppendBinary appends the detector.
func (k *KSWIN) AppendBinary(b []byte) ([]byte, error) { return kindKSWIN.Append(b, (*plainKSWIN)(k)) }

// UnmarshalBinary replaces the detector.
func (k *KSWIN) UnmarshalBinary(data []byte) error {
	return kindKSWIN.Read(data, (*plainKSWIN)(k), func(p *plainKSWIN) error {
		if !(*KSWIN)(p).options() || len(p.values) > p.size || p.next < 0 || p.next >= p.size || p.n < 0 || p.next > 0 && len(p.values) < p.size {
			return errBroken
		}
		for _, v := range p.values {
			if !mining.Known(v) {
				return errBroken
			}
		}
		(*KSWIN)(p).prepare()
		return nil
	})
}
