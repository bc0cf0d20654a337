package tree

import (
	"math"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A Regressor is a tree that predicts a number, and learns one event at a time.
//
// A leaf knows the mean and the variance of the labels in 64 groups of values that are close, of each feature. A split
// reduces the standard deviation of labels by
//
//	sd - Σ n_i/n · sd_i
//
// over its branches i. Each [Grace] events a leaf compares the best splits of its features: where the second best is less than
// 1-ε of the best, ε = √(ln(1/δ)/2n), or where ε < τ (see [Tie]), it splits. Both branches need 1 % of the events.
//
// A leaf answers with the mean of its labels or with a linear model, whichever has been better lately: their squared
// errors fade by 0.95 an event (see [Answer]). The model is of values in standard deviations from their means, and learns by
// normalised least mean squares: w += rate·e·z/(1+|z|²). Branches begin with the model of their parent. An
// answer is within a standard deviation of the labels that the leaf or its parents have seen.
//
// Learn takes O(depth + features × 64) time, and an attempt to split the same. Memory is MaxLeaves × 4 × features and
// MaxActive × features × 256 numbers. Before it has learnt anything, it predicts 0.
//
// It is FIMT: Ikonomovska, Gama and Džeroski, "Learning model trees from evolving data streams", Data Mining and
// Knowledge Discovery 23, 2011, without its detection of drift, and with groups in the place of its search trees, which
// have no bound. The first 64 values of a feature at a leaf begin a group each, as in VFML.
type Regressor struct {
	settings settings
	features int
	grown    grown
	leaves   []regressorLeaf
	seen     uint64
	splits   []int
	gains    []float64
	dense    []float64 `binary:"-"`
	z        []float64 `binary:"-"`
	asked    event     `binary:"-"`
	zOf      int32     `binary:"-"` // the node of the leaf that z is of, of the event asked for; -1: none
}

// A regressorLeaf is where events of a Regressor end.
type regressorLeaf struct {
	depth  int32
	active bool
	y      moments
	lo, hi float64 // of the labels
	tried  float64
	seen   []groups
	scale  []moments // of the values of each feature
	target moments   // of the labels, as scale is of the values: with those of the parents, of which the model is
	w      []float64 // the linear model: of each feature, and a constant
	// plain and model are the faded squared errors of either answer.
	plain, model float64
}

const regressorName = "tree: Regressor"

// mostGroups is how many groups of values a leaf knows of a feature.
const mostGroups = 64

// NewRegressor returns a tree for events with that many features. It panics if there are
// less than one, or an option is one of classifiers or forests: By, Binary, Seed, Subset, Trees, Lambda, Drift or Unweighted.
func NewRegressor(features int, opts ...Option) *Regressor {
	m := &Regressor{
		settings: of(features, regressorName, opts, "Rate"), features: features, grown: sprout(),
		splits: make([]int, features), gains: make([]float64, features),
	}
	m.leaves = []regressorLeaf{m.newLeaf(0, moments{}, nil)}
	return m
}

func (m *Regressor) newLeaf(depth int, y moments, parent *regressorLeaf) regressorLeaf {
	l := regressorLeaf{
		depth: int32(depth), active: true, y: y, tried: y.n, lo: math.Inf(1), hi: math.Inf(-1),
		seen: make([]groups, m.features), scale: make([]moments, m.features), w: make([]float64, m.features+1),
	}
	if parent != nil {
		copy(l.scale, parent.scale)
		copy(l.w, parent.w)
		l.target, l.plain, l.model, l.lo, l.hi = parent.target, parent.plain, parent.model, parent.lo, parent.hi
	}
	return l
}

// Learn learns an event with the label y, which is clamped to ±1e100.
func (m *Regressor) Learn(x mining.Vector, y float64) { m.LearnWeighted(x, y, 1) }

// LearnWeighted learns an event that counts as weight events: its linear models learn it once. A weight above 1e9
// counts as 1e9.
func (m *Regressor) LearnWeighted(x mining.Vector, y, weight float64) {
	x.Within(m.features, regressorName)
	weight = weigh(weight, regressorName)
	if !known(y) || weight == 0 {
		return
	}
	y = limit(y)
	dense := expand(x, m.features, &m.dense)
	again := m.asked.is(dense)
	m.asked.forget()
	m.seen++
	at, depth, fresh := m.grown.descend(dense, weight, m.settings.maxLeaves)
	if fresh {
		m.leaves = append(m.leaves, m.newLeaf(depth, moments{}, nil))
	}
	l := &m.leaves[m.grown.nodes[at].left]
	m.fit(l, dense, y, weight, again && m.zOf == at)
	if !l.active {
		return
	}
	for f, v := range dense {
		switch {
		case !known(v):
		case m.isName(f):
			l.seen[f].put(v, y, weight, m.settings.maxValues)
		default:
			l.seen[f].add(limit(v), y, weight, mostGroups)
		}
	}
	switch {
	case int(l.depth) >= m.settings.maxDepth:
		l.active, l.seen = false, nil
	case l.y.n-l.tried >= m.settings.grace:
		tried := l.y.n
		if !m.split(at) {
			m.leaves[m.grown.nodes[at].left].tried = tried
		}
	}
}

func (m *Regressor) isName(f int) bool { return m.settings.nominal != nil && m.settings.nominal[f] }

// fit has both answers of a leaf learn an event. Again says that z is of this event at this leaf.
func (m *Regressor) fit(l *regressorLeaf, x []float64, y, weight float64, again bool) {
	if l.y.n > 0 && m.settings.answer != Plain {
		if !again {
			m.standardize(l, x)
		}
		plain, model := y-l.y.mean, y-m.linear(l)
		l.plain = 0.95*l.plain + plain*plain
		l.model = 0.95*l.model + model*model
		if sd := l.target.deviation(); sd > 0 {
			square, e := 0.0, (y-l.target.mean)/sd
			for i, z := range m.z {
				e -= l.w[i] * z
				square += z * z
			}
			step := m.settings.rate * max(-10, min(10, e)) / (1 + square)
			for i, z := range m.z {
				l.w[i] += step * z
			}
		}
	}
	l.y.add(y, weight)
	l.target.add(y, weight)
	l.lo, l.hi = min(l.lo, y), max(l.hi, y)
	for f, v := range x {
		if known(v) && !m.isName(f) {
			l.scale[f].add(limit(v), weight)
		}
	}
}

// standardize sets z to the values in standard deviations from their means, and 1. What is missing, and names, are 0.
func (m *Regressor) standardize(l *regressorLeaf, x []float64) {
	m.z = mining.Sized(m.z, m.features+1)
	for f, v := range x {
		m.z[f] = 0
		if sd := l.scale[f].deviation(); sd > 0 && known(v) && !m.isName(f) {
			m.z[f] = max(-10, min(10, (limit(v)-l.scale[f].mean)/sd))
		}
	}
	m.z[m.features] = 1
}

// linear returns the answer of the linear model of a leaf to the event that z is of.
func (m *Regressor) linear(l *regressorLeaf) float64 {
	sd := l.target.deviation()
	if !(sd > 0) {
		return l.y.mean
	}
	sum := 0.0
	for i, z := range m.z {
		sum += l.w[i] * z
	}
	return max(l.lo-sd, min(l.hi+sd, l.target.mean+sd*sum))
}

// Predict returns the estimate of the label.
func (m *Regressor) Predict(x mining.Vector) float64 {
	x.Within(m.features, regressorName)
	dense := expand(x, m.features, &m.dense)
	at := m.grown.find(dense)
	l := &m.leaves[m.grown.nodes[at].left]
	if l.y.n == 0 {
		return 0
	}
	if m.settings.answer == Plain || m.settings.answer == Adaptive && l.model > l.plain {
		return l.y.mean
	}
	m.standardize(l, dense)
	m.asked.keep(dense)
	m.zOf = at
	return m.linear(l)
}

// Splits returns how many splits the tree has.
func (m *Regressor) Splits() int { return len(m.grown.nodes) - len(m.leaves) }

// Leaves returns how many leaves the tree has.
func (m *Regressor) Leaves() int { return len(m.leaves) }

// Importance sets to to the importance of each feature and returns it: by how much its splits reduced the standard
// deviation, weighted by the events that the leaf had seen, in shares of the whole. Without a split all are 0.
func (m *Regressor) Importance(to []float64) []float64 {
	to = append(to[:0], m.gains...)
	normalize(to)
	return to
}

// SplitsBy sets to to how many splits each feature has, and returns it.
func (m *Regressor) SplitsBy(to []int) []int { return append(to[:0], m.splits...) }

type plainRegressor Regressor

var kindRegressor = saved.As[plainRegressor]("tree.Regressor", 1)

// AppendBinary appends the whole model.
func (m *Regressor) AppendBinary(b []byte) ([]byte, error) {
	return kindRegressor.Append(b, (*plainRegressor)(m))
}

// UnmarshalBinary replaces the model by the one that was saved.
func (m *Regressor) UnmarshalBinary(data []byte) error {
	return kindRegressor.Read(data, (*plainRegressor)(m), func(p *plainRegressor) error { return (*Regressor)(p).check() })
}

func (m *Regressor) check() error {
	if m.features < 1 || len(m.splits) != m.features || len(m.gains) != m.features || !m.settings.sound(m.features) || len(m.leaves) != m.grown.leaves {
		return errShape
	}
	for i := range m.leaves {
		if l := &m.leaves[i]; len(l.scale) != m.features || len(l.w) != m.features+1 || l.active && len(l.seen) != m.features {
			return errShape
		}
	}
	return m.grown.check(m.features)
}
