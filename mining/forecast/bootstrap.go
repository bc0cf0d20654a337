package forecast

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// A Sampler is a model that can draw how its series may go on.
type Sampler interface {
	Model
	// Sample returns the next h values of one future, whose errors are drawn, with replacement, from those that there were.
	Sample(h int, r *rand.Rand) []float64
}

// sampler returns a model as one that draws.
func sampler(m Model) Sampler {
	s, ok := m.(Sampler)
	if !ok {
		panic(fmt.Sprintf("forecast: %T is no Sampler: use a Conformal, which takes any model", m))
	}
	return s
}

// A Bootstrap is a model whose intervals are those of futures that are drawn from its own errors: they need not be normal, nor symmetric. Efron,
// "Bootstrap Methods: Another Look at the Jackknife", Annals of Statistics 7, 1979; for forecasts, Hyndman and Athanasopoulos, 3rd edition, section 5.5. It
// takes errors not to depend on each other, and the model and its parameters to be right, which they are not quite: its intervals hold less than they
// say, as the model's own do. Where that matters use a [Conformal].
type Bootstrap struct {
	Model
	paths int
	seed  uint64
}

// NewBootstrap returns intervals for a model by so many futures, 1,000 and more, always the same for a seed. It panics if the model is no [Sampler]: all of
// this package are but [Conformal].
func NewBootstrap(m Model, paths int, seed uint64) *Bootstrap {
	if sampler(m); paths < 2 {
		panic(fmt.Sprintf("forecast: NewBootstrap with %d paths: want at least 2", paths))
	}
	return &Bootstrap{m, paths, seed}
}

// Interval returns the bounds of the next h values.
func (b *Bootstrap) Interval(h int, level float64) (low, high []float64) {
	quantile(level) // which looks at it
	random, s := rand.New(rand.NewPCG(b.seed, 0)), sampler(b.Model)
	all := make([][]float64, h)
	for range b.paths {
		for i, v := range s.Sample(h, random) {
			all[i] = append(all[i], v)
		}
	}
	for _, drawn := range all {
		slices.Sort(drawn)
		low, high = append(low, at(drawn, (1-level)/2)), append(high, at(drawn, (1+level)/2))
	}
	return low, high
}

// at returns a quantile of sorted values, between the two that are next to it.
func at(sorted []float64, q float64) float64 {
	x := q * float64(len(sorted)-1)
	i := int(x)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (x-float64(i))*(sorted[i+1]-sorted[i])
}

// draws returns h errors of those that are known, around 0, and as large as errors are beside parameters that were not fitted to them.
func draws(errors []float64, parameters, h int, r *rand.Rand) []float64 {
	known := slices.DeleteFunc(slices.Clone(errors), func(e float64) bool { return e != e })
	n := float64(len(known))
	center, scale := mean(known), math.Sqrt(n/max(1, n-float64(parameters)))
	drawn := make([]float64, h)
	for i := range drawn {
		drawn[i] = (known[r.IntN(len(known))] - center) * scale
	}
	return drawn
}

// Sample draws how the series may go on: see [Sampler].
func (n *naive) Sample(h int, r *rand.Rand) []float64 {
	fitted(n.tail != nil, n.name())
	errors := draws(n.residuals, int(one(n.kind != 's')), h, r)
	f := make([]float64, h)
	for i := range f {
		switch {
		case n.kind == 'm' || i < n.m:
			f[i] = n.tail[i%n.m] + n.slope + errors[i]
		default:
			f[i] = f[i-n.m] + n.slope + errors[i]
		}
	}
	return f
}

// Sample draws how the series may go on: see [Sampler].
func (t *Theta) Sample(h int, r *rand.Rand) []float64 {
	fitted(t.ses != nil, "Theta")
	f := t.ses.Sample(h, r)
	alpha := max(1e-10, t.ses.Alpha())
	for i := range f {
		f[i] = (f[i] + t.slope*(float64(i)+(1-math.Pow(1-alpha, float64(t.n)))/alpha)) * t.indices[i%len(t.indices)]
	}
	return f
}

// Sample draws how the series may go on: see [Sampler].
func (e *ETS) Sample(h int, r *rand.Rand) []float64 {
	fitted(e.residuals != nil, "ETS")
	errors := draws(e.errors, e.form.count(max(1, len(e.state.season)))-1, h, r)
	s := state{e.state.level, e.state.trend, slices.Clone(e.state.season)}
	m := max(1, len(s.season))
	f := make([]float64, h)
	for i := range f {
		expected, trended := e.form.next(&s, &e.parameters, i%m)
		if e.form.Error == Multiplicative {
			errors[i] *= expected
		}
		f[i] = expected + errors[i]
		e.form.update(&s, &e.parameters, i%m, f[i], trended)
	}
	return f
}

// Sample draws how the series may go on: see [Sampler]. Of a model that was fitted with regressors it panics.
func (a *ARIMA) Sample(h int, r *rand.Rand) []float64 {
	a.without("Sample")
	columns, _ := a.columns(nil, h, 0, len(a.y))
	f := a.continued(h, draws(a.innovation, a.counted()-1, h, r))
	for k, c := range columns {
		for i := range f {
			f[i] += a.beta[k] * c[i]
		}
	}
	return f
}
