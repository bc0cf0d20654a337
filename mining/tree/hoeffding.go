package tree

import (
	"fmt"
	"math/rand/v2"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A Hoeffding tree classifies events of a stream. It is the tree that would be built of all events at
// once, nearly, but looks at each event once and does not keep it.
//
// A leaf observes each feature in each class: as a Gaussian with its least and greatest value, or,
// of a nominal feature, as the weight of each value. Each [Grace] events it ranks the features by their best
// split: at one of 10 values in equal steps between the least and the greatest, by the [Criterion] named by [By]. Where the best is
// better than the second by more than Hoeffding's bound
//
//	ε = √(R² ln(1/δ) / 2n),    R = log2 of the number of classes seen, or 1 for Gini,
//
// after n events, or where ε < τ (see [Tie]), the leaf splits. A split counts only if two branches have more than 1 % of the
// events, and a leaf where 99 % are of one class, or no split counts, starts to observe anew.
//
// Learn and Probabilities take O(depth + features × classes) time, and an attempt to split features
// × classes × 10. It holds at most [MaxLeaves] × (classes + 32) and [MaxActive] × features × classes × 6 numbers, or of a nominal
// feature [MaxValues] × (classes + 1). It
// allocates where it splits. Before it has learnt anything, all classes are as probable.
//
// It is VFDT: Domingos and Hulten, "Mining High-Speed Data Streams", KDD 2000, with the Gaussian observers and the
// adaptive leaves of Holmes, Kirkby and Pfahringer, "Stress-Testing Hoeffding Trees", PKDD 2005, in the form of river's
// HoeffdingTreeClassifier, with which it agrees event by event. It departs from river in what follows. Class 0 wins a
// tie. A class without weight at a leaf is not probable there. A pure branch counts for Hellinger's distance. An event whose feature
// is missing at a split may have its leaf split, too.
type Hoeffding struct {
	settings settings
	features int
	classes  int
	grown    grown
	leaves   []leaf
	random   rand.PCG
	seen     uint64
	splits   []int     // by feature
	gains    []float64 // by feature
	dense    []float64 `binary:"-"`
	scratch  []float64 `binary:"-"`
	asked    event     `binary:"-"`
	said     said      `binary:"-"`
}

const hoeffdingName = "tree: Hoeffding"

// NewHoeffding returns a tree for events with that many features and classes. It panics
// if there are less than one feature and two classes, or an option is Trees, Lambda, Drift, Unweighted or Rate.
func NewHoeffding(features, classes int, opts ...Option) *Hoeffding {
	m := newHoeffding(features, classes, of(features, hoeffdingName, opts, ofClassifiers...))
	return &m
}

func newHoeffding(features, classes int, s settings) Hoeffding {
	need(classes >= 2, "NewHoeffding: %d classes", classes)
	need(s.criterion != Hellinger || classes == 2, "NewHoeffding: Hellinger's distance is of two classes, not of %d", classes)
	m := Hoeffding{
		settings: s, features: features, classes: classes, random: *rand.NewPCG(s.seed, 0),
		splits: make([]int, features), gains: make([]float64, features),
	}
	m.grown = sprout()
	m.leaves = []leaf{m.newLeaf(0, nil)}
	return m
}

// Learn learns an event of class y. It panics if y is none of the classes.
func (m *Hoeffding) Learn(x mining.Vector, y float64) { m.LearnWeighted(x, y, 1) }

// LearnWeighted learns an event that counts as weight events. A weight above 1e9 counts as 1e9.
func (m *Hoeffding) LearnWeighted(x mining.Vector, y, weight float64) {
	x.Within(m.features, hoeffdingName)
	weight = weigh(weight, hoeffdingName)
	if !known(y) || weight == 0 {
		return
	}
	class, dense := mining.ClassOf(y, m.classes, hoeffdingName), m.expand(x)
	m.learn(dense, class, weight, m.asked.is(dense))
	m.asked.forget()
}

func weigh(weight float64, who string) float64 {
	if !(weight >= 0) || !known(weight) {
		panic(fmt.Sprintf("%s: a weight of %v", who, weight))
	}
	return min(weight, 1e9)
}

// Classes returns the number of classes.
func (m *Hoeffding) Classes() int { return m.classes }

// Probabilities sets to to the probability of each class.
func (m *Hoeffding) Probabilities(x mining.Vector, to []float64) []float64 {
	x.Within(m.features, hoeffdingName)
	to = mining.Sized(to, m.classes)
	dense := m.expand(x)
	m.probabilities(dense, to)
	m.asked.keep(dense)
	return to
}

// expand returns the values at all places. They are read only.
func (m *Hoeffding) expand(x mining.Vector) []float64 {
	return expand(x, m.features, &m.dense)
}

func expand(x mining.Vector, features int, scratch *[]float64) []float64 {
	if len(x.Index) == 0 && len(x.Value) == features {
		return x.Value
	}
	*scratch = mining.Sized(*scratch, features)
	return x.Expand(*scratch)
}

func (m *Hoeffding) probabilities(x, to []float64) {
	at := m.grown.find(x)
	l := &m.leaves[m.grown.nodes[at].left]
	m.said = said{at: -1}
	switch {
	case l.active && (m.settings.answer == Model || m.settings.answer == Adaptive && l.bayesRight >= l.majorityRight):
		m.bayes(l, x, to)
		m.said = said{at, mining.Class(to)}
	default:
		l.shares(to)
	}
}

// learn learns an event, and returns the class that the tree would have answered before: but for
// an event whose name is new at a split, which is the first of its leaf. Again says that the tree was asked for the probabilities of
// this event, and has learnt nothing since.
func (m *Hoeffding) learn(x []float64, class int, weight float64, again bool) (answer int) {
	m.seen++
	m.scratch = mining.Sized(m.scratch, (4+2*points)*m.classes)
	at, depth, fresh := m.grown.descend(x, weight, m.settings.maxLeaves)
	if fresh {
		m.leaves = append(m.leaves, m.newLeaf(depth, nil))
		m.economize()
	}
	l := &m.leaves[m.grown.nodes[at].left]
	answer = mining.Class(l.counts)
	if l.active && m.settings.answer != Plain {
		plain, model := answer, m.said.class
		if !again || m.said.at != at {
			model = m.likeliest(l, x)
		}
		if m.settings.answer == Model || l.bayesRight >= l.majorityRight {
			answer = model
		}
		if plain == class || l.total == 0 {
			l.majorityRight += weight
		}
		if model == class && l.total > 0 {
			l.bayesRight += weight
		}
	}
	l.counts[class] += weight
	l.total = sum(l.counts)
	if !l.active {
		return answer
	}
	m.observe(l, x, class, weight)
	switch {
	case int(l.depth) >= m.settings.maxDepth:
		l.rest()
	case l.total-l.tried >= m.settings.grace:
		tried := l.total
		if !m.split(at) {
			m.leaves[m.grown.nodes[at].left].tried = tried
		}
	}
	return answer
}

// Splits returns how many splits the tree has.
func (m *Hoeffding) Splits() int { return len(m.grown.nodes) - len(m.leaves) }

// Leaves returns how many leaves the tree has.
func (m *Hoeffding) Leaves() int { return len(m.leaves) }

// Depth returns how many splits are between the root and the deepest leaf.
func (m *Hoeffding) Depth() (deepest int) {
	for i := range m.leaves {
		deepest = max(deepest, int(m.leaves[i].depth))
	}
	return deepest
}

// Importance sets to to the importance of each feature and returns it: what the criterion
// gained by its splits, weighted by the events that the leaf had seen, in shares of the whole. Without a split all are 0.
func (m *Hoeffding) Importance(to []float64) []float64 {
	to = append(to[:0], m.gains...)
	normalize(to)
	return to
}

// SplitsBy sets to to how many splits each feature has, and returns it.
func (m *Hoeffding) SplitsBy(to []int) []int { return append(to[:0], m.splits...) }

func normalize(to []float64) {
	if total := sum(to); total > 0 {
		for i := range to {
			to[i] /= total
		}
	}
}

type plainHoeffding Hoeffding

var kindHoeffding = saved.As[plainHoeffding]("tree.Hoeffding", 1)

// AppendBinary appends the whole model.
func (m *Hoeffding) AppendBinary(b []byte) ([]byte, error) {
	return kindHoeffding.Append(b, (*plainHoeffding)(m))
}

// UnmarshalBinary replaces the model by the one that was saved.
func (m *Hoeffding) UnmarshalBinary(data []byte) error {
	return kindHoeffding.Read(data, (*plainHoeffding)(m), func(p *plainHoeffding) error { return (*Hoeffding)(p).check() })
}
