package tune

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// halving is one or several brackets of successive halving, one after another.
type halving struct {
	label    string
	brackets [][]rung
}

// A rung is a round of trials with the same budget. The best of it go on to the next.
type rung struct {
	from, trials int
	budget       float64
}

// SuccessiveHalving draws settings, tries all with the least budget, and goes on with the best 1/eta of them with eta times the budget, until the
// most. It is for objectives that tell early, at a part of the cost, about what they will say at the end. Eta is 2 or more: 3 is usual. It is
// Jamieson and Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization", AISTATS 2016.
func SuccessiveHalving(settings int, least, most float64, eta int) Strategy {
	if settings < 1 {
		panic(fmt.Sprintf("tune: SuccessiveHalving: 1 setting or more, not %d", settings))
	}
	rounds := budgets("SuccessiveHalving", least, most, eta)
	h := &halving{label: fmt.Sprintf("successive halving of %d, %v to %v by %d", settings, least, most, eta)}
	at := 0
	h.bracket(&at, settings, rounds, eta)
	return h
}

// Hyperband is several rounds of [SuccessiveHalving], the first with many settings of the least budget, the last with few that get the most
// at once: for who does not know how much an early figure tells. It is Li et al., "Hyperband: A novel bandit-based approach to
// hyperparameter optimization", JMLR 18, 2018.
func Hyperband(least, most float64, eta int) Strategy {
	rounds := budgets("Hyperband", least, most, eta)
	h := &halving{label: fmt.Sprintf("hyperband, %v to %v by %d", least, most, eta)}
	at, all := 0, len(rounds)
	for s := all - 1; s >= 0; s-- {
		n := int(math.Ceil(float64(all) / float64(s+1) * math.Pow(float64(eta), float64(s))))
		h.bracket(&at, n, rounds[all-1-s:], eta)
	}
	return h
}

// budgets are most, most/eta, ... down to least, ascending.
func budgets(who string, least, most float64, eta int) (all []float64) {
	if !(least > 0) || !(most >= least) || math.IsInf(most, 1) || eta < 2 {
		panic(fmt.Sprintf("tune: %s: budgets from %v to %v by %d: they are greater than 0, and ascend by 2 or more", who, least, most, eta))
	}
	for b := most; b >= least*(1-1e-9); b /= float64(eta) {
		all = append(all, b)
	}
	slices.Reverse(all)
	return all
}

func (h *halving) bracket(at *int, n int, budgets []float64, eta int) {
	var rungs []rung
	for _, b := range budgets {
		if n < 1 {
			break
		}
		rungs = append(rungs, rung{*at, n, b})
		*at += n
		n /= eta
	}
	h.brackets = append(h.brackets, rungs)
}

func (h *halving) String() string { return h.label }

func (h *halving) size(*Space) int {
	last := h.brackets[len(h.brackets)-1]
	end := last[len(last)-1]
	return end.from + end.trials
}

// find returns the rung that trial n is on, and the one below it.
func (h *halving) find(n int) (on rung, below *rung) {
	for _, rungs := range h.brackets {
		for i, r := range rungs {
			if n < r.from+r.trials {
				if i > 0 {
					below = &rungs[i-1]
				}
				return r, below
			}
		}
	}
	panic("tune: no such trial")
}

func (h *halving) needs(n, _ int) int {
	on, below := h.find(n)
	if below == nil {
		return 0
	}
	return on.from
}

func (h *halving) propose(s *Space, n int, done []Result, sign float64, r *rand.Rand) proposal {
	on, below := h.find(n)
	if below == nil {
		return proposal{settings: s.draw(r), budget: on.budget, parent: -1}
	}
	var ok []Result
	for _, d := range done[below.from : below.from+below.trials] {
		if d.OK() {
			ok = append(ok, d)
		}
	}
	slices.SortStableFunc(ok, func(a, b Result) int { return better(a, b, sign) })
	place := n - on.from
	if place >= len(ok) {
		return proposal{settings: slices.Repeat([]float64{math.NaN()}, len(s.param)), budget: on.budget, parent: -1, skip: true}
	}
	return proposal{settings: ok[place].settings, budget: on.budget, parent: ok[place].Number}
}

// better compares two results with values: the better one first.
func better(a, b Result, sign float64) int {
	switch x, y := sign*a.Value, sign*b.Value; {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}
