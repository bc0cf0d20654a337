package experiment

import (
	"errors"
	"math"

	"github.com/freshet-go/freshet/mining/internal/saved"
	"github.com/freshet-go/freshet/mining/stats"
	"github.com/freshet-go/freshet/window"
)

// A Rate is one arm of an experiment that counts who does something: buys, clicks, comes back. Its
// fields may be set, where they were counted elsewhere. Arms of shards are merged.
type Rate struct {
	Successes, Trials int64
}

// Add adds a trial.
func (r *Rate) Add(success bool) {
	r.Trials++
	if success {
		r.Successes++
	}
}

// Merge adds the trials of b.
func (r *Rate) Merge(b Rate) {
	r.Successes += b.Successes
	r.Trials += b.Trials
}

// Value returns the part of trials that succeeded: NaN of none.
func (r Rate) Value() float64 { return float64(r.Successes) / float64(r.Trials) }

// Summary returns the Summary of the trials as numbers 0 and 1.
func (r Rate) Summary() stats.Summary {
	r.need("Rate.Summary")
	if r.Trials == 0 {
		return stats.Summary{}
	}
	p := r.Value()
	return stats.OfMoments(window.Moments{N: r.Trials, Mean: p, Squares: float64(r.Successes) * (1 - p)})
}

// need panics if r is impossible.
func (r Rate) need(who string) {
	if r.Successes < 0 || r.Trials < r.Successes {
		panic("experiment: " + who + ": a Rate has from 0 to Trials successes")
	}
}

// Wilson returns the interval of the rate that Wilson's score test does not reject: Wilson, "Probable
// inference, the law of succession, and statistical inference", JASA 22, 1927. Its coverage is about
// level also where the rate is near 0 or 1. Of no trials it is 0 to 1. It panics if level is not
// between 0 and 1, as all that take a level.
func (r Rate) Wilson(level float64) Interval {
	inside(level, "Rate.Wilson", "level")
	r.need("Rate.Wilson")
	if r.Trials == 0 {
		return Interval{0, 1}
	}
	z, n, p := two(level), float64(r.Trials), r.Value()
	z2 := z * z / n
	center := (p + z2/2) / (1 + z2)
	half := z / (1 + z2) * math.Sqrt((p*(1-p)+z2/4)/n)
	i := Interval{max(0, center-half), min(1, center+half)}
	if r.Successes == 0 {
		i.Low = 0
	}
	if r.Successes == r.Trials {
		i.High = 1
	}
	return i
}

// ClopperPearson returns the interval of the rate that exact binomial tests do not reject: Clopper and
// Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial",
// Biometrika 26, 1934. Its coverage is at least level, and mostly more. Of no trials it is 0 to 1.
func (r Rate) ClopperPearson(level float64) Interval {
	inside(level, "Rate.ClopperPearson", "level")
	r.need("Rate.ClopperPearson")
	tail, x, n := (1-level)/2, float64(r.Successes), float64(r.Trials)
	i := Interval{0, 1}
	if r.Successes > 0 {
		i.Low = betaQuantile(tail, x, n-x+1)
	}
	if r.Successes < r.Trials {
		i.High = 1 - betaQuantile(tail, n-x, x+1)
	}
	return i
}

// Proportions tests whether two rates differ, by the z of their difference a-b over its standard error
// from the pooled rate. Of arms without trials, or where all or none succeeded, it is a Test of
// nothing: P = 1.
func Proportions(a, b Rate, alt Alternative) Test {
	alt.need("Proportions")
	a.need("Proportions")
	b.need("Proportions")
	if a.Trials == 0 || b.Trials == 0 {
		return nothing
	}
	na, nb := float64(a.Trials), float64(b.Trials)
	pooled := float64(a.Successes+b.Successes) / (na + nb)
	se := math.Sqrt(pooled * (1 - pooled) * (1/na + 1/nb))
	if se == 0 {
		return nothing
	}
	z := (a.Value() - b.Value()) / se
	return Test{Statistic: z, P: alt.p(normalCDF(z), normalCDF(-z))}
}

// Newcombe returns the interval of the difference a-b of two rates, from their Wilson intervals:
// Newcombe, "Interval estimation for the difference between independent proportions: comparison of
// eleven methods", Statistics in Medicine 17, 1998, method 10. Where an arm has no trials it is -1 to
// 1.
func Newcombe(a, b Rate, level float64) Interval {
	ia, ib := a.Wilson(level), b.Wilson(level)
	if a.Trials == 0 || b.Trials == 0 {
		return Interval{-1, 1}
	}
	pa, pb := a.Value(), b.Value()
	return Interval{
		pa - pb - math.Hypot(pa-ia.Low, ib.High-pb),
		pa - pb + math.Hypot(ia.High-pa, pb-ib.Low),
	}
}

// Binomial tests exactly whether a rate is p. It takes time proportional to the trials, if two-sided. The two-sided P adds up what is at most as likely as what
// was seen. It panics if p is not from 0 to 1.
func Binomial(r Rate, p float64, alt Alternative) Test {
	alt.need("Binomial")
	r.need("Binomial")
	if !(p >= 0 && p <= 1) {
		panic("experiment: Binomial: p has to be from 0 to 1")
	}
	n, seen := float64(r.Trials), binomial(float64(r.Successes), float64(r.Trials), p, 1-p)
	if alt == TwoSided {
		var sum float64
		for k := 0.0; k <= n; k++ {
			if q := binomial(k, n, p, 1-p); q <= seen*(1+1e-7) {
				sum += q
			}
		}
		return Test{Statistic: r.Value(), P: min(1, sum)}
	}
	// P(X >= k) is that a beta variable with k and n-k+1 is at most p.
	above, below := 1.0, 1.0
	if k := float64(r.Successes); k > 0 {
		above, _ = betaCDF(k, n-k+1, p, 1-p)
	}
	if k := float64(r.Successes); k < n {
		_, below = betaCDF(k+1, n-k, p, 1-p)
	}
	return Test{Statistic: r.Value(), P: alt.p(below, above)}
}

// Conversion returns the Rate of events, as an aggregator of windows. It panics if success is nil.
func Conversion[T any](success func(T) bool) window.Aggregator[T, Rate, Rate] {
	if success == nil {
		panic("experiment: Conversion: the function success is nil")
	}
	return window.Of(
		func() Rate { return Rate{} },
		func(acc Rate, v T) Rate { acc.Add(success(v)); return acc },
		func(a, b Rate) Rate { a.Merge(b); return a },
		func(acc Rate) Rate { return acc },
	)
}

type plainRate Rate

var kindRate = saved.As[plainRate]("experiment.Rate", 1)

// AppendBinary appends the saved Rate.
func (r *Rate) AppendBinary(b []byte) ([]byte, error) { return kindRate.Append(b, (*plainRate)(r)) }

// UnmarshalBinary restores a saved Rate.
func (r *Rate) UnmarshalBinary(data []byte) error {
	return kindRate.Read(data, (*plainRate)(r), func(p *plainRate) error {
		if p.Successes < 0 || p.Trials < p.Successes {
			return errors.New("more successes than trials")
		}
		return nil
	})
}
