package experiment

import (
	"errors"
	"fmt"
	"math"

	"github.com/freshet-go/freshet/mining/internal/saved"
	"github.com/freshet-go/freshet/mining/stats"
)

// A Sequential is a test of the means of two arms that may be looked at after every value and stopped
// at any time: where there is no difference, P falls below α ever with probability α at most. It is the
// mixture sequential probability ratio test, mSPRT: Robbins, "Statistical methods related to the law of
// the iterated logarithm", Annals of Mathematical Statistics 41, 1970; Johari, Koomen, Pekelis and
// Walsh, "Always valid inference: continuous monitoring of A/B tests", Operations Research 70, 2022.
// With the difference d of the means and its variance V,
//
//	Λ = √(V/(V+τ²))·exp(τ²d²/(2V(V+τ²)))
//
// and P is the least 1/Λ so far. V is estimated from the values, and d is taken to be normal, which
// holds for large arms: until both have had enough values (Burn), Λ is 1. Where the values of each arm are
// all the same, and differ between the arms, as where one converts all and the other none, V is that of
// all values as if they were of one arm, which is what they are if there is no difference.
type Sequential struct {
	tau2  float64
	burn  int64
	arms  [2]stats.Summary
	most  float64 // greatest Λ so far
	looks int64
}

// A SequentialOption is an option of NewSequential.
type SequentialOption func(*Sequential)

// Burn sets how many values each arm needs before the test says anything. The default is 100: rare
// conversions need more, some 10 successes in each arm.
func Burn(n int64) SequentialOption { return func(s *Sequential) { s.burn = n } }

// NewSequential returns a Sequential that has seen nothing. Tau is the standard deviation of the
// differences that are believed likely, about the size of those that one hopes to find, in the unit of
// the values. The test holds α whatever tau is, and finds differences about that size soonest. It
// panics if tau is not positive and finite or Burn is negative.
func NewSequential(tau float64, opts ...SequentialOption) *Sequential {
	if !(tau > 0) || math.IsInf(tau*tau, 1) || tau*tau == 0 {
		panic("experiment: NewSequential: tau has to be positive and finite, and so its square")
	}
	s := &Sequential{tau2: tau * tau, burn: 100, most: 1}
	for _, o := range opts {
		o(s)
	}
	if s.burn < 0 {
		panic("experiment: NewSequential: Burn is negative")
	}
	return s
}

// Add adds a value to the first arm, 0, or to the second, 1, and looks. It takes constant time, and
// allocates nothing. NaN and infinite values are left out. It panics if there is no such arm.
func (s *Sequential) Add(arm int, v float64) {
	if arm != 0 && arm != 1 {
		panic(fmt.Sprintf("experiment: Sequential.Add: the arms are 0 and 1, not %d", arm))
	}
	s.arms[arm].Add(v)
	s.look()
}

// Look has the arms be a and b, which were counted elsewhere, such as in shards, and looks. Each look
// has to have all values of the one before.
func (s *Sequential) Look(a, b stats.Summary) {
	s.arms = [2]stats.Summary{a, b}
	s.look()
}

func (s *Sequential) look() {
	s.looks++
	if r := s.Ratio(); r > s.most {
		s.most = r
	}
}

// Ratio returns Λ of this look: 1 where there are too few values, or all are the same.
func (s *Sequential) Ratio() float64 {
	d, v := s.difference()
	if !(v > 0) || math.IsInf(v, 1) {
		return 1
	}
	return math.Sqrt(v/(v+s.tau2)) * math.Exp(s.tau2*d*d/(2*v*(v+s.tau2)))
}

// difference returns the difference of the means and its variance, or 0, 0.
func (s *Sequential) difference() (d, v float64) {
	a, b := &s.arms[0], &s.arms[1]
	if a.Count() < max(2, s.burn) || b.Count() < max(2, s.burn) {
		return 0, 0
	}
	n, m := float64(a.Count()), float64(b.Count())
	d, v = a.Mean()-b.Mean(), a.SampleVariance()/n+b.SampleVariance()/m
	if v == 0 {
		// The variance of n values at one place and m at another, over each count: d²·nm/(n+m)²·(1/n+1/m).
		v = d * d / (n + m)
	}
	return d, v
}

// P returns the probability that is valid whenever one stops: the least so far. It never rises.
func (s *Sequential) P() float64 { return 1 / s.most }

// Decided reports whether P has ever been at most alpha.
func (s *Sequential) Decided(alpha float64) bool {
	inside(alpha, "Sequential.Decided", "alpha")
	return s.P() <= alpha
}

// Interval returns the interval of the difference of the means, first less second, at this look: the
// differences that the test does not reject. With probability level, the difference is in all of the
// intervals of all looks. It is everything where there are too few values, or all are the same.
func (s *Sequential) Interval(level float64) Interval {
	inside(level, "Sequential.Interval", "level")
	d, v := s.difference()
	if !(v > 0) || math.IsInf(v, 1) {
		return everything
	}
	half := math.Sqrt(2 * v * (v + s.tau2) / s.tau2 * (0.5*math.Log((v+s.tau2)/v) - math.Log(1-level)))
	return Interval{d - half, d + half}
}

// Arms returns the two arms.
func (s *Sequential) Arms() (a, b stats.Summary) { return s.arms[0], s.arms[1] }

type plainSequential Sequential

var kindSequential = saved.As[plainSequential]("experiment.Sequential", 1)

// AppendBinary appends the saved Sequential.
func (s *Sequential) AppendBinary(b []byte) ([]byte, error) {
	return kindSequential.Append(b, (*plainSequential)(s))
}

// UnmarshalBinary restores a saved Sequential.
func (s *Sequential) UnmarshalBinary(data []byte) error {
	return kindSequential.Read(data, (*plainSequential)(s), func(p *plainSequential) error {
		if !(p.tau2 > 0) || !(p.most >= 1) || p.burn < 0 {
			return errors.New("its tau, ratio or burn is impossible")
		}
		return nil
	})
}
