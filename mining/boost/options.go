package boost

import (
	"fmt"
	"math"
	"slices"
)

// An Option is one of a model of this package. Options that a model has no use for panic.
type Option struct {
	name  string
	apply func(*settings)
}

// A Loss is what a Regressor makes small.
type Loss uint8

const (
	// Squared is (y-ŷ)²/2. The answer estimates the mean.
	Squared Loss = iota
	// Absolute is |y-ŷ|. The answer estimates the median.
	Absolute
	// Quantile is (y-ŷ)⁺·q + (ŷ-y)⁺·(1-q), with q from Level. The answer estimates the quantile q.
	Quantile
	// Poisson is ŷ - y·ln ŷ, for labels that count something: none is negative. The answer estimates
	// the mean, and is positive.
	Poisson
)

type settings struct {
	trees      int
	rate       float64
	leaves     int
	depth      int
	samples    int
	hessian    float64
	l2         float64
	bins       int
	rows       float64
	columns    float64
	validation float64
	patience   int
	seed       uint64
	parallel   int
	loss       Loss
	level      float64
	byDepth    bool
}

func of(opts []Option, who string, without ...string) settings {
	s := settings{
		trees: 100, rate: 0.1, leaves: 31, depth: 64, samples: 20, hessian: 1e-3, bins: 255,
		rows: 1, columns: 1, patience: 10, parallel: 1, level: 0.5,
	}
	for _, o := range opts {
		need(!slices.Contains(without, o.name), "%s: no use for the option %s", who, o.name)
		o.apply(&s)
	}
	for _, o := range opts {
		need(o.name != "Level" || s.loss == Quantile, "%s: Level is for the loss Quantile: add By(Quantile)", who)
	}
	return s
}

func need(ok bool, format string, args ...any) {
	if !ok {
		panic("boost: " + fmt.Sprintf(format, args...))
	}
}

// Rounds sets how many rounds there are at most: each adds a tree, or one for each of three classes or more. The default is 100.
func Rounds(n int) Option {
	need(n >= 1, "Rounds: %d", n)
	return Option{"Rounds", func(s *settings) { s.trees = n }}
}

// Rate sets how much of what a tree learnt is added: less is more accurate, with more trees. The default is 0.1.
func Rate(share float64) Option {
	need(share > 0 && share <= 1, "Rate: %v is not between 0 and 1", share)
	return Option{"Rate", func(s *settings) { s.rate = share }}
}

// MaxLeaves sets how many leaves a tree has at most. The default is 31.
func MaxLeaves(n int) Option {
	need(n >= 2 && n <= 1<<16, "MaxLeaves: %d is not between 2 and 65,536", n)
	return Option{"MaxLeaves", func(s *settings) { s.leaves = n }}
}

// MaxDepth sets how many splits are between the root and a leaf at most. The default is 64.
func MaxDepth(splits int) Option {
	need(splits >= 1 && splits <= 1024, "MaxDepth: %d is not between 1 and 1,024", splits)
	return Option{"MaxDepth", func(s *settings) { s.depth = splits }}
}

// DepthWise has a tree grow level by level: of the leaves that can be split the one nearest to the root is next, and of those as near the
// one that gains most. Such trees are as even as can be, and learn less of single events; with MaxDepth(d) and 2^d leaves or more all
// leaves of a level are split. Without it, the leaf that gains most is next, wherever it is, which fits closer with as many leaves.
func DepthWise() Option {
	return Option{"DepthWise", func(s *settings) { s.byDepth = true }}
}

// MinSamples sets how many events of the table a leaf has at least. The default is 20.
func MinSamples(n int) Option {
	need(n >= 1, "MinSamples: %d", n)
	return Option{"MinSamples", func(s *settings) { s.samples = n }}
}

// MinHessian sets the least sum of second derivatives of the loss in a leaf: for Squared the weight
// of its events. The default is 0.001.
func MinHessian(sum float64) Option {
	need(sum >= 0 && sum < math.Inf(1), "MinHessian: %v", sum)
	return Option{"MinHessian", func(s *settings) { s.hessian = sum }}
}

// L2 sets what is added to the sum of second derivatives of a leaf, λ, which makes answers of small leaves smaller. The
// default is 0.
func L2(lambda float64) Option {
	need(lambda >= 0 && lambda < math.Inf(1), "L2: %v", lambda)
	return Option{"L2", func(s *settings) { s.l2 = lambda }}
}

// Bins sets how many intervals the values of a feature are put into at most. The default is 255, which is the most.
func Bins(n int) Option {
	need(n >= 2 && n <= 255, "Bins: %d is not between 2 and 255", n)
	return Option{"Bins", func(s *settings) { s.bins = n }}
}

// Rows sets the share of the events that a round learns from, drawn anew for each. The default is 1: all.
func Rows(share float64) Option {
	need(share > 0 && share <= 1, "Rows: %v is not between 0 and 1", share)
	return Option{"Rows", func(s *settings) { s.rows = share }}
}

// Columns sets the share of the features that a round splits by, drawn anew for each. The default is 1: all.
func Columns(share float64) Option {
	need(share > 0 && share <= 1, "Columns: %v is not between 0 and 1", share)
	return Option{"Columns", func(s *settings) { s.columns = share }}
}

// EarlyStop keeps a share of the events, drawn at random, to validate with. Once the loss on them has
// not become smaller for that many rounds, Fit is done, and the trees behind the
// best round are dropped. The default is none.
func EarlyStop(share float64, rounds int) Option {
	need(share > 0 && share < 1 && rounds >= 1, "EarlyStop: a share of %v, and %d rounds", share, rounds)
	return Option{"EarlyStop", func(s *settings) { s.validation, s.patience = share, rounds }}
}

// Seed sets what the random numbers are drawn from. The default is 0.
func Seed(seed uint64) Option { return Option{"Seed", func(s *settings) { s.seed = seed }} }

// Parallel sets how many goroutines Fit uses. The model that it makes is the same whatever the
// number. The default is 1.
func Parallel(goroutines int) Option {
	need(goroutines >= 1, "Parallel: %d", goroutines)
	return Option{"Parallel", func(s *settings) { s.parallel = goroutines }}
}

// By sets the loss of a Regressor. The default is Squared. It is no option of a Classifier.
func By(l Loss) Option {
	need(l <= Poisson, "By: no loss %d", l)
	return Option{"By", func(s *settings) { s.loss = l }}
}

// Level sets which quantile the loss Quantile is of. The default is 0.5, the median. It is no option of other losses, nor of a
// Classifier.
func Level(q float64) Option {
	need(q > 0 && q < 1, "Level: %v is not between 0 and 1", q)
	return Option{"Level", func(s *settings) { s.level = q }}
}
