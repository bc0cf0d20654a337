package tree

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// An Option is one of a model of this package. Options that a model has no use for panic.
type Option struct {
	name  string
	apply func(*settings)
}

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

// points is at how many values a feature may be split.
const points = 10

// ofAll are the options of every model here, and ofClassifiers those of trees of classes beside them.
var (
	ofAll         = []string{"Grace", "Delta", "Tie", "Answer", "MaxDepth", "MaxLeaves", "MaxActive", "Nominal", "MaxValues"}
	ofClassifiers = []string{"By", "Binary", "Seed", "Subset"}
)

// of returns the settings of options, of which a model takes those of ofAll and in takes.
func of(features int, who string, opts []Option, takes ...string) settings {
	s := settings{
		grace: 200, delta: 1e-7, tie: 0.05, maxDepth: 64, maxLeaves: 4096, maxActive: 1024, maxValues: 64,
		minBranch: 0.01, maxShare: 0.99, points: points, trees: 10, lambda: 6, warning: 0.01, drift: 0.001, rate: 0.1,
	}
	who = strings.TrimPrefix(who, "tree: ")
	need(features > 0, "%s: %d features", who, features)
	for _, o := range opts {
		need(slices.Contains(ofAll, o.name) || slices.Contains(takes, o.name), "%s: no use for the option %s", who, o.name)
		o.apply(&s)
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
	return Option{"Grace", func(s *settings) { s.grace = events }}
}

// Delta sets the chance, δ, that a split is not the one that infinitely many events would lead to. The
// default is 1e-7, and 0.01 in a Forest.
func Delta(chance float64) Option {
	need(chance > 0 && chance < 1, "Delta: %v is not between 0 and 1", chance)
	return Option{"Delta", func(s *settings) { s.delta = chance }}
}

// Tie sets the bound, τ, below which two splits are as good as each other, and the leaf is split. The default is 0.05.
func Tie(bound float64) Option {
	need(bound >= 0, "Tie: %v", bound)
	return Option{"Tie", func(s *settings) { s.tie = bound }}
}

// By sets the criterion of splits. The default is Information. It is no option of a Regressor, which has its own.
func By(c Criterion) Option {
	need(c <= Hellinger, "By: no criterion %d", c)
	return Option{"By", func(s *settings) { s.criterion = c }}
}

// Answer sets what leaves answer with. The default is Adaptive.
func Answer(a LeafAnswer) Option {
	need(a <= Plain, "Answer: no answer %d", a)
	return Option{"Answer", func(s *settings) { s.answer = a }}
}

// MaxDepth sets how many splits are between the root and a leaf at most. A leaf that deep does not
// observe, and answers with the majority. The default is 64.
func MaxDepth(splits int) Option {
	need(splits >= 0, "MaxDepth: %d", splits)
	return Option{"MaxDepth", func(s *settings) { s.maxDepth = splits }}
}

// MaxLeaves sets how many leaves a tree has at most. Then it does not grow. The default is 4,096.
func MaxLeaves(n int) Option {
	need(n >= 1, "MaxLeaves: %d", n)
	return Option{"MaxLeaves", func(s *settings) { s.maxLeaves = n }}
}

// MaxActive sets how many leaves of a tree observe at most, which takes 48 bytes for each feature and class. The
// others, where fewest events were not of the majority's class, answer with the majority. The default is 1,024.
func MaxActive(leaves int) Option {
	need(leaves >= 1, "MaxActive: %d", leaves)
	return Option{"MaxActive", func(s *settings) { s.maxActive = leaves }}
}

// Nominal says that the values at these places are names, which have no order: numbers of countries, say.
func Nominal(places ...int) Option {
	places = slices.Clone(places)
	for _, p := range places {
		need(p >= 0, "Nominal: place %d", p)
	}
	return Option{"Nominal", func(s *settings) {
		for _, p := range places {
			if p >= len(s.nominal) {
				s.nominal = append(s.nominal, make([]bool, p+1-len(s.nominal))...)
			}
			s.nominal[p] = true
		}
	}}
}

// MaxValues sets how many values of a nominal feature a leaf knows at most. Others
// are missing. The default is 64.
func MaxValues(n int) Option {
	need(n >= 2, "MaxValues: %d", n)
	return Option{"MaxValues", func(s *settings) { s.maxValues = n }}
}

// Binary has nominal features split one value from all others, and never all values at once. It is no option of a
// Regressor, which always does.
func Binary() Option { return Option{"Binary", func(s *settings) { s.binary = true }} }

// Seed sets what the random numbers of a Forest, or of a Hoeffding with Subset, are drawn from. The default is 0. It
// is no option of a Regressor.
func Seed(seed uint64) Option { return Option{"Seed", func(s *settings) { s.seed = seed }} }

// Trees sets how many trees a Forest has, and is an option of no other. The default is 10.
func Trees(n int) Option {
	need(n >= 1, "Trees: %d", n)
	return Option{"Trees", func(s *settings) { s.trees = n }}
}

// Subset sets how many features, drawn at random, a leaf of a Forest or Hoeffding observes. The default is
// the square root of the number of features, rounded, of a Forest, and all of a Hoeffding. It is no option of a Regressor.
func Subset(features int) Option {
	need(features >= 1, "Subset: %d", features)
	return Option{"Subset", func(s *settings) { s.subset = features }}
}

// Lambda sets how many times a tree of a Forest sees an event, in the mean. The default is 6. It is an option of a Forest alone.
func Lambda(times float64) Option {
	need(times > 0 && times <= 100, "Lambda: %v is not between 0 and 100", times)
	return Option{"Lambda", func(s *settings) { s.lambda = times }}
}

// Drift sets the confidence, δ, of the two ADWIN detectors of each tree of a Forest: one that warns, where a tree
// begins to grow in the background, and one by which it takes the place of the old. The defaults are
// 0.01 and 0.001. It is an option of a Forest alone.
func Drift(warning, drift float64) Option {
	need(warning > 0 && warning < 1 && drift > 0 && drift < 1, "Drift: %v and %v are not between 0 and 1", warning, drift)
	return Option{"Drift", func(s *settings) { s.warning, s.drift = warning, drift }}
}

// Unweighted has all trees of a Forest vote alike. Without it, their votes count as their accuracies. It is an option of a Forest alone.
func Unweighted() Option { return Option{"Unweighted", func(s *settings) { s.unweighted = true }} }

// Rate sets how fast the linear models at the leaves of a Regressor learn. The default is 0.1. It is an option of a Regressor
// alone.
func Rate(rate float64) Option {
	need(rate > 0 && rate < 2, "Rate: %v is not between 0 and 2", rate)
	return Option{"Rate", func(s *settings) { s.rate = rate }}
}
