package tune

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// A Strategy says what to try: [Grid], [Random], [TPE], [SuccessiveHalving] or [Hyperband]. It proposes a trial from the results of earlier ones
// alone, and holds no state.
type Strategy interface {
	// String tells what it is, with its options.
	String() string
	// size returns how many trials there are, or -1 without an end.
	size(s *Space) int
	// needs returns how many trials, from the first on, have to be done before trial n is proposed.
	needs(n, ahead int) int
	// propose returns trial n. Done are the results that needs asked for, and sign makes less better.
	propose(s *Space, n int, done []Result, sign float64, random *rand.Rand) proposal
}

type proposal struct {
	settings []float64
	budget   float64
	parent   int
	skip     bool
}

type random struct{}

// Random draws each trial by itself. It has no end: [Trials] gives it one. It is hard to beat where few of many parameters
// matter: Bergstra and Bengio, "Random search for hyper-parameter optimization", JMLR 13, 2012.
func Random() Strategy { return random{} }

func (random) String() string     { return "random" }
func (random) size(*Space) int    { return -1 }
func (random) needs(int, int) int { return 0 }

func (random) propose(s *Space, _ int, _ []Result, _ float64, r *rand.Rand) proposal {
	return proposal{settings: s.draw(r), parent: -1}
}

// draw returns random settings.
func (s *Space) draw(r *rand.Rand) []float64 {
	return s.fill(func(_ int, p *parameter) float64 {
		if p.options != nil {
			return float64(r.IntN(len(p.options)))
		}
		low, high := p.inner()
		return p.fromInner(low + r.Float64()*(high-low))
	})
}

type grid struct{ points int }

// Grid tries all combinations of points values of each number, evenly from its low to its high (of a logarithm, by that), and all values of
// each choice. A whole number has no more values than there are. It ends after the last combination. It panics if points is less than 1.
func Grid(points int) Strategy {
	if points < 1 {
		panic(fmt.Sprintf("tune: Grid: 1 point or more, not %d", points))
	}
	return grid{points}
}

func (g grid) String() string   { return fmt.Sprintf("grid of %d", g.points) }
func (grid) needs(int, int) int { return 0 }

// values returns what a grid tries of a parameter.
func (g grid) values(p *parameter) (values []float64) {
	if p.options != nil {
		for i := range p.options {
			values = append(values, float64(i))
		}
		return values
	}
	low, high := p.toInner(p.low), p.toInner(p.high)
	for i := range g.points {
		v := low + (high-low)/2
		switch {
		case i == 0 && g.points > 1:
			v = low
		case i == g.points-1 && g.points > 1:
			v = high
		case g.points > 1:
			v = low + (high-low)*float64(i)/float64(g.points-1)
		}
		v = p.fromInner(v)
		if n := len(values); n == 0 || values[n-1] != v {
			values = append(values, v)
		}
	}
	return values
}

// below returns how many combinations there are of the parameters from i on, given the settings of those before.
func (g grid) below(s *Space, i int, settings []float64) int {
	if i == len(s.param) {
		return 1
	}
	settings[i] = math.NaN()
	if !s.there(i, settings) {
		return g.below(s, i+1, settings)
	}
	n := 0
	for _, v := range g.values(&s.param[i]) {
		settings[i] = v
		n += g.below(s, i+1, settings)
		if n > 1<<40 {
			panic("tune: Grid: there are more than 2^40 combinations")
		}
	}
	return n
}

func (g grid) size(s *Space) int { return g.below(s, 0, make([]float64, len(s.param))) }

func (g grid) propose(s *Space, n int, _ []Result, _ float64, _ *rand.Rand) proposal {
	settings := make([]float64, len(s.param))
	for i := range s.param {
		settings[i] = math.NaN()
		if !s.there(i, settings) {
			continue
		}
		for _, v := range g.values(&s.param[i]) {
			settings[i] = v
			rest := make([]float64, len(settings))
			copy(rest, settings[:i+1])
			b := g.below(s, i+1, rest)
			if n < b {
				break
			}
			n -= b
		}
	}
	return proposal{settings: settings, parent: -1}
}
