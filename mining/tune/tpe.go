package tune

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

type tpe struct {
	startup, candidates int
	good, prior         float64
}

// A TPEOption says how [TPE] proposes.
type TPEOption func(*tpe)

// Startup sets how many trials are drawn at random first. The default is 10.
func Startup(trials int) TPEOption {
	atLeast(1, trials, "Startup")
	return func(t *tpe) { t.startup = trials }
}

// Candidates sets how many values of a parameter are drawn, of which the most promising is tried. The default is 24.
func Candidates(n int) TPEOption {
	atLeast(1, n, "Candidates")
	return func(t *tpe) { t.candidates = n }
}

// Good sets which share of the trials counts as good: between 0 and 1. The default is 0.15; there are 25 at most.
func Good(share float64) TPEOption {
	if !(share > 0 && share < 1) {
		panic(fmt.Sprintf("tune: Good: a share between 0 and 1, not %v", share))
	}
	return func(t *tpe) { t.good = share }
}

// Prior sets how much the whole range of a parameter weighs, beside each trial: greater explores more. The default is 2.
func Prior(weight float64) TPEOption {
	if !(weight > 0) || math.IsInf(weight, 1) {
		panic(fmt.Sprintf("tune: Prior: a weight greater than 0, not %v", weight))
	}
	return func(t *tpe) { t.prior = weight }
}

func atLeast(least, n int, who string) {
	if n < least {
		panic(fmt.Sprintf("tune: %s: %d or more, not %d", who, least, n))
	}
}

// TPE learns from the trials so far where good ones are. It parts them in good and bad by their values, estimates for each parameter how
// dense both are along it, and tries where good ones are dense and bad ones are not. Of a parameter that is there under a condition only the trials
// that have it count. Trials that were pruned are worse than those that were not, and those that failed are the worst. It has
// no end: [Trials] gives it one.
//
// It is the tree-structured Parzen estimator: Bergstra, Bardenet, Bengio and Kégl, "Algorithms for hyper-parameter optimization", NIPS 2011. As there, parameters
// are taken to be independent given those that they hang on, and each mixture has a broad part for the whole range, the prior. Unlike there, old
// trials weigh as much as new ones, and a choice is drawn as often as it is among the good: always to take the most promising would never
// come back to one that looked bad as what hangs on it was set badly.
func TPE(opts ...TPEOption) Strategy {
	t := tpe{startup: 10, candidates: 24, good: 0.15, prior: 2}
	for _, o := range opts {
		o(&t)
	}
	return t
}

func (t tpe) String() string {
	return fmt.Sprintf("TPE, startup %d, %d candidates, good %v, prior %v", t.startup, t.candidates, t.good, t.prior)
}

func (tpe) size(*Space) int { return -1 }

func (t tpe) needs(n, ahead int) int {
	if n < t.startup {
		return 0
	}
	return max(0, n-ahead+1)
}

func (t tpe) propose(s *Space, n int, done []Result, sign float64, r *rand.Rand) proposal {
	if n < t.startup || len(done) == 0 {
		return proposal{settings: s.draw(r), parent: -1}
	}
	order := slices.Clone(done)
	slices.SortStableFunc(order, func(a, b Result) int {
		if d := standing(a) - standing(b); d != 0 {
			return d
		}
		if a.OK() {
			return better(a, b, sign)
		}
		return reached(b) - reached(a)
	})
	good := min(25, int(math.Ceil(t.good*float64(len(order)))))
	return proposal{settings: s.fill(func(i int, p *parameter) float64 {
		l := t.estimate(p, i, order[:good])
		if p.options != nil {
			return l.draw(r)
		}
		g := t.estimate(p, i, order[good:])
		best, most := 0.0, math.Inf(-1)
		for range t.candidates {
			v := l.draw(r)
			if gain := l.density(v) - g.density(v); gain > most {
				best, most = v, gain
			}
		}
		return best
	}), parent: -1}
}

func standing(r Result) int {
	switch {
	case r.OK():
		return 0
	case r.Pruned:
		return 1
	}
	return 2
}

func reached(r Result) int {
	if len(r.Steps) == 0 {
		return 0
	}
	return r.Steps[len(r.Steps)-1].At
}

// An estimate of how dense trials are along a parameter.
type estimate struct {
	p         *parameter
	low, high float64
	// Of a number: bells, cut off at low and high.
	mean, width, weight, within []float64
	// Of a choice: weights add up to 1.
}

// estimate makes one of the trials that have parameter i.
func (t tpe) estimate(p *parameter, i int, trials []Result) *estimate {
	e := &estimate{p: p}
	var seen []float64
	for _, r := range trials {
		if v := r.settings[i]; !math.IsNaN(v) {
			seen = append(seen, v)
		}
	}
	all := float64(len(seen)) + t.prior
	if p.options != nil {
		e.weight = slices.Repeat([]float64{t.prior / float64(len(p.options)) / all}, len(p.options))
		for _, v := range seen {
			e.weight[int(v)] += 1 / all
		}
		return e
	}
	e.low, e.high = p.inner()
	span := e.high - e.low
	type bell struct {
		at    float64
		prior bool
	}
	bells := []bell{{e.low + span/2, true}}
	for _, v := range seen {
		bells = append(bells, bell{p.toInner(v), false})
	}
	slices.SortStableFunc(bells, func(a, b bell) int {
		switch {
		case a.at < b.at:
			return -1
		case a.at > b.at:
			return 1
		}
		return 0
	})
	// A bell is as wide as it is far to its farther neighbour, but neither a needle nor wider than the range. The ends of the range are no
	// neighbours: good trials often crowd at one.
	least := span / min(100, float64(len(bells)+1))
	for k, b := range bells {
		left, right := 0.0, 0.0
		if k > 0 {
			left = b.at - bells[k-1].at
		}
		if k < len(bells)-1 {
			right = bells[k+1].at - b.at
		}
		width, weight := min(span, max(least, left, right)), 1/all
		if b.prior {
			width, weight = span, t.prior/all
		}
		if width == 0 {
			width = 1 // the parameter has one value
		}
		e.mean, e.width, e.weight = append(e.mean, b.at), append(e.width, width), append(e.weight, weight)
		e.within = append(e.within, normal((e.high-b.at)/width)-normal((e.low-b.at)/width))
	}
	return e
}

func normal(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

// draw returns a value as dense as the estimate.
func (e *estimate) draw(r *rand.Rand) float64 {
	u, k := r.Float64(), 0
	for ; k < len(e.weight)-1 && u >= e.weight[k]; k++ {
		u -= e.weight[k]
	}
	if e.p.options != nil {
		return float64(k)
	}
	from := normal((e.low - e.mean[k]) / e.width[k])
	z := math.Sqrt2 * math.Erfinv(2*(from+r.Float64()*e.within[k])-1)
	v := e.mean[k] + z*e.width[k]
	return e.p.fromInner(min(e.high, max(e.low, v)))
}

// density returns the logarithm of how dense the estimate of a number is at a value. Of a whole number it is the mass between its halves.
func (e *estimate) density(v float64) float64 {
	d, at := 0.0, e.p.toInner(v)
	from, to := v-0.5, v+0.5
	if e.p.whole {
		from, to = e.p.toInner(from), e.p.toInner(to)
	}
	for k, mean := range e.mean {
		w := e.width[k]
		if e.within[k] == 0 {
			continue
		}
		if e.p.whole {
			d += e.weight[k] * (normal((to-mean)/w) - normal((from-mean)/w)) / e.within[k]
		} else {
			z := (at - mean) / w
			d += e.weight[k] * math.Exp(-z*z/2) / (w * math.Sqrt(2*math.Pi) * e.within[k])
		}
	}
	return math.Log(max(d, math.SmallestNonzeroFloat64))
}
