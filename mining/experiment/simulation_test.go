package experiment

import (
	"flag"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/freshet-go/freshet/mining/stats"
)

var plays = flag.Int("plays", 1, "simulations play so many times as many experiments")

// TestFalseAlarmsUnderPeeking plays experiments without a difference and looks after every value.
// Sequential finds one in at most 5 of 100; the z test at P < 0.05, looked at as often, in several
// times as many.
func TestFalseAlarmsUnderPeeking(t *testing.T) {
	const most = 3000
	runs := 300 * *plays
	allowed := 0.05 + 3*math.Sqrt(0.05*0.95/float64(runs))
	for name, value := range map[string]func(*rand.Rand) float64{
		"normal":      func(r *rand.Rand) float64 { return r.NormFloat64() },
		"exponential": func(r *rand.Rand) float64 { return r.ExpFloat64() },
		"10 %":        func(r *rand.Rand) float64 { return indicator(r.Float64() < 0.1) },
	} {
		for _, scale := range []float64{0.1, 1} { // of tau, in standard deviations
			sd := map[string]float64{"10 %": 0.3}[name]
			if sd == 0 {
				sd = 1
			}
			random := rand.New(rand.NewPCG(11, uint64(scale*100)))
			alarms, naive := 0, 0
			for range runs {
				s := NewSequential(scale * sd)
				peeked := false
				for i := range most {
					s.Add(i%2, value(random))
					if !peeked {
						if d, v := s.difference(); v > 0 && d*d/v > 1.96*1.96 {
							peeked = true
						}
					}
				}
				if s.Decided(0.05) {
					alarms++
				}
				if peeked {
					naive++
				}
			}
			rate := float64(alarms) / float64(runs)
			t.Logf("%s, tau %v sd: %.4f false alarms in %d looks, %.4f of the z test", name, scale, rate, most, float64(naive)/float64(runs))
			assert.LessOrEqual(t, rate, allowed, name)
			assert.Greater(t, float64(naive)/float64(runs), 0.2)
		}
	}
}

// TestSequentialFinds holds that a difference is found, and that intervals hold it at all looks.
func TestSequentialFinds(t *testing.T) {
	runs := 100 * *plays
	found, held := 0, 0
	random := rand.New(rand.NewPCG(12, 0))
	for range runs {
		s := NewSequential(0.1)
		always := true
		for i := range 12_000 {
			s.Add(i%2, random.NormFloat64()+0.1*float64(i%2))
			if i%10 == 0 {
				always = always && s.Interval(0.9).Contains(-0.1)
			}
		}
		found += int(indicator(s.Decided(0.05)))
		held += int(indicator(always))
	}
	t.Logf("found %d of %d, the interval held the difference at all looks in %d", found, runs, held)
	assert.Greater(t, found, runs*9/10)
	assert.Greater(t, float64(held)/float64(runs), 0.9-3*math.Sqrt(0.09/float64(runs)))
}

// TestCoverage adds up, over all that may be seen, how often intervals of a rate hold it: exactly, no
// simulation.
func TestCoverage(t *testing.T) {
	for _, n := range []int64{5, 20, 100, 400} {
		wilson, clopper := make([]Interval, n+1), make([]Interval, n+1)
		for x := range n + 1 {
			r := Rate{x, n}
			wilson[x], clopper[x] = r.Wilson(0.95), r.ClopperPearson(0.95)
		}
		var sum, least float64 = 0, 1
		const rates = 400
		for k := range rates {
			p := (float64(k) + 0.5) / rates
			var w, c float64
			for x := range n + 1 {
				q := binomial(float64(x), float64(n), p, 1-p)
				w += q * indicator(wilson[x].Contains(p))
				c += q * indicator(clopper[x].Contains(p))
			}
			assert.GreaterOrEqual(t, c, 0.95-1e-12, "Clopper and Pearson, n %d, p %v", n, p)
			sum += w
			least = min(least, w)
		}
		t.Logf("n %d: Wilson covers %.4f on average, %.4f at least", n, sum/rates, least)
		assert.InDelta(t, 0.95, sum/rates, 0.015)
		assert.Greater(t, least, 0.8)
	}
	// Newcombe, of small arms.
	const na, nb = 15, 25
	var sum float64
	cells := 0
	for pa := 0.05; pa < 1; pa += 0.15 {
		for pb := 0.1; pb < 1; pb += 0.2 {
			var c float64
			for x := range int64(na + 1) {
				for y := range int64(nb + 1) {
					i := Newcombe(Rate{x, na}, Rate{y, nb}, 0.95)
					c += binomial(float64(x), na, pa, 1-pa) * binomial(float64(y), nb, pb, 1-pb) * indicator(i.Contains(pa-pb))
				}
			}
			assert.Greater(t, c, 0.9)
			sum += c
			cells++
		}
	}
	assert.InDelta(t, 0.955, sum/float64(cells), 0.015)
}

// TestBootstrapCoverage plays samples of a skewed distribution, whose mean is 1.
func TestBootstrapCoverage(t *testing.T) {
	runs := 300 * *plays
	random := rand.New(rand.NewPCG(13, 0))
	mean := func(vs []float64) float64 {
		var sum float64
		for _, v := range vs {
			sum += v
		}
		return sum / float64(len(vs))
	}
	var percentile, bca, difference float64
	for run := range runs {
		vs, other := make([]float64, 50), make([]float64, 40)
		for i := range vs {
			vs[i] = random.ExpFloat64()
		}
		for i := range other {
			other[i] = 2 * random.ExpFloat64()
		}
		b := Bootstrap(vs, mean, Draws(400), Seed(uint64(run)))
		percentile += indicator(b.Percentile(0.9).Contains(1))
		bca += indicator(b.BCa(0.9).Contains(1))
		difference += indicator(BootstrapDifference(vs, other, mean, Draws(400), Seed(uint64(run))).BCa(0.9).Contains(-1))
	}
	t.Logf("of 0.9: percentile %.3f, BCa %.3f, BCa of a difference %.3f", percentile/float64(runs), bca/float64(runs), difference/float64(runs))
	for _, c := range []float64{percentile, bca, difference} {
		assert.InDelta(t, 0.89, c/float64(runs), 0.06)
	}
}

// TestGroupAlpha plays experiments without a difference, and with one.
func TestGroupAlpha(t *testing.T) {
	runs := 40_000 * *plays
	fractions := []float64{0.2, 0.45, 0.7, 1}
	for _, shape := range []Shape{OBrienFleming, Pocock, SpendOBrienFleming, SpendPocock} {
		for _, alt := range []Alternative{TwoSided, Greater} {
			b := Group(shape, 0.05, alt, fractions...)
			drift := b.Drift(0.8)
			random := rand.New(rand.NewPCG(14, uint64(shape)))
			crossed := func(drift float64) (rate float64) {
				for range runs {
					var s, at float64
					for k, f := range fractions {
						s += random.NormFloat64()*math.Sqrt(f-at) + drift*(f-at)
						at = f
						if b.Crossed(k, s/math.Sqrt(f)) {
							rate++
							break
						}
					}
				}
				return rate / float64(runs)
			}
			alpha, power := crossed(0), crossed(drift)
			t.Logf("shape %d, alternative %d: α %.4f, power %.4f with drift %.4f, bounds %.4f", shape, alt, alpha, power, drift, b.Z)
			assert.InDelta(t, 0.05, alpha, 4*math.Sqrt(0.05*0.95/float64(runs)))
			assert.InDelta(t, 0.8, power, 4*math.Sqrt(0.16/float64(runs)))
		}
	}
}

// TestSizes plays tests of means without a difference: unequal variances and sizes are what Welch is for.
func TestSizes(t *testing.T) {
	runs := 8_000 * *plays
	random := rand.New(rand.NewPCG(15, 0))
	var welch, student, cuped float64
	for range runs {
		var a, b stats.Summary
		var x, y stats.Joint
		for range 8 {
			a.Add(random.NormFloat64() * 5)
		}
		for range 30 {
			b.Add(random.NormFloat64())
		}
		for i := range 120 {
			before := random.NormFloat64()
			arm := &x
			if i%3 == 0 {
				arm = &y
			}
			arm.Add(before, 3*before+random.NormFloat64())
		}
		welch += indicator(Welch(a, b, TwoSided).P < 0.05)
		student += indicator(Student(a, b, TwoSided).P < 0.05)
		m, _ := Cuped(x, y, TwoSided)
		cuped += indicator(m.P < 0.05)
	}
	t.Logf("at 0.05: Welch %.4f, Student %.4f, Cuped %.4f", welch/float64(runs), student/float64(runs), cuped/float64(runs))
	assert.InDelta(t, 0.05, welch/float64(runs), 0.01)
	assert.Greater(t, student/float64(runs), 0.1)
	assert.InDelta(t, 0.05, cuped/float64(runs), 0.01)
}
