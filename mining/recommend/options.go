package recommend

import (
	"fmt"
	"math"
	"slices"
)

// An Option sets how models of factors are found: [FitALS], [FitBPR], [NewFactors]. Each says which it has a use for, and panics for others.
type Option struct {
	name  string
	apply func(*settings)
}

type settings struct {
	Factors, Rounds, Workers, Users int
	Rate, L2, Alpha                 float64
	Seed                            uint64
}

// with returns settings with options, which are those of the names in use.
func (s settings) with(opts []Option, who string, use ...string) settings {
	for _, o := range opts {
		need(slices.Contains(use, o.name), "%s has no use for %s: there are %v", who, o.name, use)
		o.apply(&s)
	}
	return s
}

func need(ok bool, format string, args ...any) {
	if !ok {
		panic("recommend: " + fmt.Sprintf(format, args...))
	}
}

func finite(x float64) bool { return !math.IsInf(x, 0) && x == x }

// FactorCount sets how many factors there are. The default is 64, and of NewFactors 10.
func FactorCount(n int) Option {
	need(n >= 1, "FactorCount(%d): want at least 1", n)
	return Option{"FactorCount", func(s *settings) { s.Factors = n }}
}

// Rounds sets how often ALS solves for users and items, 15 by default, and how often BPR takes as many steps as there are pairs, 100 by default.
func Rounds(n int) Option {
	need(n >= 1, "Rounds(%d): want at least 1", n)
	return Option{"Rounds", func(s *settings) { s.Rounds = n }}
}

// L2 sets how much large numbers cost. The default is 1 of ALS, where it is above 0, 0.01 of BPR, and 0.02 of NewFactors, where it is 1 at most.
func L2(lambda float64) Option {
	need(lambda >= 0 && finite(lambda), "L2(%v): want 0 or more", lambda)
	return Option{"L2", func(s *settings) { s.L2 = lambda }}
}

// Rate sets how far a step of BPR or of Factors goes, of which it is 1 at most. The defaults are 0.05 and 0.02.
func Rate(r float64) Option {
	need(r > 0 && finite(r), "Rate(%v): want more than 0", r)
	return Option{"Rate", func(s *settings) { s.Rate = r }}
}

// Alpha sets how much more a pair's weight says to ALS than a missing pair. The default is 1.
func Alpha(a float64) Option {
	need(a > 0 && finite(a), "Alpha(%v): want more than 0", a)
	return Option{"Alpha", func(s *settings) { s.Alpha = a }}
}

// Workers sets how many goroutines of ALS solve. The default is 1. What they find does not depend on it.
func Workers(n int) Option {
	need(n >= 1, "Workers(%d): want at least 1", n)
	return Option{"Workers", func(s *settings) { s.Workers = n }}
}

// MaxUsers sets of how many users, and of how many items, a Factors learns something. The default is 1,000,000.
func MaxUsers(n int) Option {
	need(n >= 1, "MaxUsers(%d): want at least 1", n)
	return Option{"MaxUsers", func(s *settings) { s.Users = n }}
}

// Seed sets what first vectors are drawn from. The default is 0.
func Seed(seed uint64) Option { return Option{"Seed", func(s *settings) { s.Seed = seed }} }
