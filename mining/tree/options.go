package tree

import (
	"fmt"
	"math"
	"slices"
)

// An Option is one of a model of this package.
type Option func(*settings)

// A Criterion says how good a split is.
type Criterion uint8

const (
	// Information is the gain of information, in bits: the entropy of the classes before the split, less
	// the mean of the entropies behind it.
	Information Criterion = iota
	// Gini is 1 less the mean impurity behind the split, where a branch with shares p of
	// the classes has the impurity 1 - Σ p².
	Gini
	// Hellinger is the distance between the two classes' distributions over the branches,
	// √Σ (√(share of class 0) - √(share of class 1))². It does not depend on how rare a class
	// is. It needs two classes.
	Hellinger
)

// A LeafAnswer says what a leaf answers with.
type LeafAnswer uint8

const (
	// Adaptive is Model at the leaves where it has been better than Plain, or as good, and Plain at others.
	Adaptive LeafAnswer = iota
	// Model is naive Bayes, of the distributions that the leaf observes. In a Regressor it is
	// a linear model.
	Model
	// Plain is the shares of the classes among the events of the leaf, so that the majority wins. In a Regressor it is
	// the mean of the labels.
	Plain
)

type settings struct {
	grace      float64
	delta      float64
	tie        float64
	criterion  Criterion
	answer     LeafAnswer
	maxDepth   int
	maxLeaves  int
	maxActive  int
	maxValues  int
	minBranch  float64
	maxShare   float64
	points     int
	nominal    []bool
	binary     bool
	seed       uint64
	subset     int
	trees      int
	lambda     float64
	warning    float64
	drift      float64
	unweighted bool
	rate       float64
}

func of(features int, who string, opts []Option) settings {
	s := settings{
		grace: 200, delta: 1e-7, tie: 0.05, maxDepth: 64, maxLeaves: 4096, maxActive: 1024, maxValues: 64,
		minBranch: 0.01, maxShare: 0.99, points: 10, trees: 10, lambda: 6, warning: 0.01, drift: 0.001, rate: 0.1,
	}
	need(features > 0, "%s: %d features", who, features)
	for _, o := range opts {
		o(&s)
	}
	need(len(s.nominal) <= features, "%s: a nominal place %d for %d features", who, len(s.nominal)-1, features)
	need(s.subset <= features, "%s: a subset of %d features, of %d", who, s.subset, features)
	if len(s.nominal) > 0 {
		s.nominal = append(s.nominal, make([]bool, features-len(s.nominal))...)
	}
	return s
}

func need(ok bool, format string, args ...any) {
	if !ok {
		panic("tree: " + fmt.Sprintf(format, args...))
	}
}

// Grace sets how many events, by weight, a leaf waits between two attempts to split it. The default is 200, and
// 50 in a Forest.
func Grace(events float64) Option {
	need(events >= 1 && events < math.Inf(1), "Grace: %v", events)
	return func(s *settings) { s.grace = events }
}

// Delta sets the chance, δ, that a split is not the one that infinitely many events would lead to. The
// default is 1e-7, and 0.01 in a Forest.
func Delta(chance float64) Option {
	need(chance > 0 && chance < 1, "Delta: %v is not between 0 and 1", chance)
	return func(s *settings) { s.delta = chance }
}

// Tie sets the bound, τ, below which two splits are as good as each other, and the leaf is split. The default is 0.05.
func Tie(bound float64) Option {
	need(bound >= 0, "Tie: %v", bound)
	return func(s *settings) { s.tie = bound }
}

// By sets the criterion of splits. The default is Information. A Regressor has its own.
func By(c Criterion) Option {
	need(c <= Hellinger, "By: no criterion %d", c)
	return func(s *settings) { s.criterion = c }
}

// Answer sets what leaves answer with. The default is Adaptive.
func Answer(a LeafAnswer) Option {
	need(a <= Plain, "Answer: no answer %d", a)
	return func(s *settings) { s.answer = a }
}

// MaxDepth sets how many splits are between the root and a leaf at most. A leaf that deep does not
// observe, and answers with the majority. The default is 64.
func MaxDepth(splits int) Option {
	need(splits >= 0, "MaxDepth: %d", splits)
	return func(s *settings) { s.maxDepth = splits }
}

// MaxLeaves sets how many leaves a tree has at most. Then it does not grow. The default is 4,096.
func MaxLeaves(n int) Option {
	need(n >= 1, "MaxLeaves: %d", n)
	return func(s *settings) { s.maxLeaves = n }
}

// MaxActive sets how many leaves of a tree observe at most, which takes 48 bytes for each feature and class. The
// others, where fewest events were not of the majority's class, answer with the majority. The default is 1,024.
func MaxActive(leaves int) Option {
	need(leaves >= 1, "MaxActive: %d", leaves)
	return func(s *settings) { s.maxActive = leaves }
}

// Nominal says that the values at these places are names, which have no order: numbers of countries, say.
func Nominal(places ...int) Option {
	places = slices.Clone(places)
	for _, p := range places {
		need(p >= 0, "Nominal: place %d", p)
	}
	return func(s *settings) {
		for _, p := range places {
			if p >= len(s.nominal) {
				s.nominal = append(s.nominal, make([]bool, p+1-len(s.nominal))...)
			}
			s.nominal[p] = true
		}
	}
}

// MaxValues sets how many values of a nominal feature a leaf knows at most. Others
// are missing. The default is 64.
func MaxValues(n int) Option {
	need(n >= 2, "MaxValues: %d", n)
	return func(s *settings) { s.maxValues = n }
}

// Binary has nominal features split one value from all others, and never all values at once.
func Binary() Option { return func(s *settings) { s.binary = true } }

// Seed sets what the random numbers of a Forest are drawn from. The default is 0.
func Seed(seed uint64) Option { return func(s *settings) { s.seed = seed } }

// Trees sets how many trees a Forest has. The default is 10.
func Trees(n int) Option {
	need(n >= 1, "Trees: %d", n)
	return func(s *settings) { s.trees = n }
}

// Subset sets how many features, drawn at random, a leaf of a Forest observes. The default is
// the square root of the number of features, rounded.
func Subset(features int) Option {
	need(features >= 1, "Subset: %d", features)
	return func(s *settings) { s.subset = features }
}

// Lambda sets how many times a tree of a Forest sees an event, in the mean. The default is 6.
func Lambda(times float64) Option {
	need(times > 0 && times <= 100, "Lambda: %v is not between 0 and 100", times)
	return func(s *settings) { s.lambda = times }
}

// Drift sets the confidence, δ, of the two ADWIN detectors of each tree of a Forest: one that warns, where a tree
// begins to grow in the background, and one by which it takes the place of the old. The defaults are
// 0.01 and 0.001.
func Drift(warning, drift float64) Option {
	need(warning > 0 && warning < 1 && drift > 0 && drift < 1, "Drift: %v and %v are not between 0 and 1", warning, drift)
	return func(s *settings) { s.warning, s.drift = warning, drift }
}

// Unweighted has all trees of a Forest vote alike. Without it, their votes count as their accuracies.
func Unweighted() Option { return func(s *settings) { s.unweighted = true } }

// Rate sets how fast the linear models at the leaves of a Regressor learn. The default is 0.1.
func Rate(rate float64) Option {
	need(rate > 0 && rate < 2, "Rate: %v is not between 0 and 2", rate)
	return func(s *settings) { s.rate = rate }
}
