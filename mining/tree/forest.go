package tree

import (
	"math"
	"math/rand/v2"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/drift"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A Forest is an adaptive random forest: Hoeffding trees that vote, and that differ in what they see. Each tree
// learns an event k times at once, with k from a Poisson distribution with mean 6 (see [Lambda]), and each
// of its leaves observes some features only, drawn at random (see [Subset]).
//
// Two ADWIN detectors watch the errors of each tree (see [Drift]). When the more sensitive one warns, a new
// tree begins to learn beside the old one, without a vote. When the other one detects a change, the new tree
// takes the place of the old. A tree's vote counts as its accuracy since it began.
//
// Learn takes trees × the time of a Hoeffding tree, or twice that after warnings, and Probabilities trees × its time. Memory
// is that of 2 × trees Hoeffding trees and of their detectors. Before it has learnt anything, all classes are as probable.
//
// It is ARF: Gomes et al., "Adaptive random forests for evolving data stream classification", Machine Learning
// 106, 2017, with the defaults of river's ARFClassifier: splits each 50 events, δ = 0.01.
type Forest struct {
	settings settings
	features int
	classes  int
	members  []member
	random   rand.PCG
	grown    uint64 // how many trees there have been
	warnings int
	drifts   int
	dense    []float64 `binary:"-"`
	answer   []float64 `binary:"-"`
	asked    event     `binary:"-"`
}

// A member is a tree of a forest.
type member struct {
	tree       Hoeffding
	background *Hoeffding
	warning    drift.ADWIN
	drift      drift.ADWIN
	seen       float64 // events, and of them those that the tree classified right
	right      float64
}

const forestName = "tree: Forest"

// NewForest returns a forest for events with that many features and classes. It panics if there
// are less than one feature and two classes, or an option is Rate.
func NewForest(features, classes int, opts ...Option) *Forest {
	eager := []Option{Grace(50), Delta(0.01), Subset(max(1, int(math.Round(math.Sqrt(float64(max(features, 1)))))))}
	m := &Forest{features: features, classes: classes, settings: of(features, forestName, append(eager, opts...), append([]string{"Trees", "Lambda", "Drift", "Unweighted"}, ofClassifiers...)...)}
	need(classes >= 2, "NewForest: %d classes", classes)
	m.random = *rand.NewPCG(m.settings.seed, 0)
	m.members = make([]member, m.settings.trees)
	for i := range m.members {
		m.members[i] = m.newMember(m.newTree())
	}
	return m
}

func (m *Forest) newTree() Hoeffding {
	m.grown++
	t := newHoeffding(m.features, m.classes, m.settings)
	t.random = *rand.NewPCG(m.settings.seed, m.grown)
	t.leaves[0] = t.newLeaf(0, nil) // which draws from its own numbers
	return t
}

func (m *Forest) newMember(t Hoeffding) member {
	return member{
		tree:    t,
		warning: *drift.NewADWIN(drift.Delta(m.settings.warning)),
		drift:   *drift.NewADWIN(drift.Delta(m.settings.drift)),
	}
}

// Learn learns an event of class y. It panics if y is none of the classes.
func (m *Forest) Learn(x mining.Vector, y float64) { m.LearnWeighted(x, y, 1) }

// LearnWeighted learns an event that counts as weight events. A weight above 1e9 counts as 1e9.
func (m *Forest) LearnWeighted(x mining.Vector, y, weight float64) {
	x.Within(m.features, forestName)
	weight = weigh(weight, forestName)
	if !known(y) || weight == 0 {
		return
	}
	class := mining.ClassOf(y, m.classes, forestName)
	dense := expand(x, m.features, &m.dense)
	m.answer = mining.Sized(m.answer, m.classes)
	again, none := m.asked.is(dense), math.Exp(-m.settings.lambda)
	m.asked.forget()
	for i := range m.members {
		t := &m.members[i]
		k := m.poisson(none)
		var answer int
		asked := again
		if k == 0 || m.settings.nominal != nil {
			t.tree.probabilities(dense, m.answer)
			answer, asked = mining.Class(m.answer), true
		}
		if k > 0 {
			if t.background != nil {
				t.background.learn(dense, class, k*weight, false)
			}
			if before := t.tree.learn(dense, class, k*weight, asked); m.settings.nominal == nil {
				answer = before
			}
		}
		wrong := answer != class
		t.seen++
		if !wrong {
			t.right++
		}
		if k == 0 {
			continue
		}
		if t.warning.Add(drift.Bit(wrong)) {
			fresh := m.newTree()
			t.background = &fresh
			t.warning = *drift.NewADWIN(drift.Delta(m.settings.warning))
			m.warnings++
		}
		if t.drift.Add(drift.Bit(wrong)) {
			m.drifts++
			if t.background != nil {
				*t = m.newMember(*t.background)
			} else {
				*t = m.newMember(m.newTree())
			}
		}
	}
}

// poisson draws how often a tree sees an event: Knuth's product of uniform numbers. None is the chance of 0.
func (m *Forest) poisson(none float64) (k float64) {
	for product := 1.0; ; k++ {
		product *= float64(m.random.Uint64()>>11) / (1 << 53)
		if product <= none {
			return k
		}
	}
}

// Classes returns the number of classes.
func (m *Forest) Classes() int { return m.classes }

// Probabilities sets to to the probability of each class: the weighted mean of those of the trees.
func (m *Forest) Probabilities(x mining.Vector, to []float64) []float64 {
	x.Within(m.features, forestName)
	dense := expand(x, m.features, &m.dense)
	to = mining.Sized(to, m.classes)
	clear(to)
	m.answer = mining.Sized(m.answer, m.classes)
	for i := range m.members {
		t := &m.members[i]
		t.tree.probabilities(dense, m.answer)
		weight := 1.0
		if t.right > 0 && !m.settings.unweighted {
			weight = t.right / t.seen
		}
		for c, p := range m.answer {
			to[c] += weight * p
		}
	}
	normalize(to)
	m.asked.keep(dense)
	return to
}

// Trees returns how many trees vote.
func (m *Forest) Trees() int { return len(m.members) }

// Warnings returns how many times a tree began to grow in the background.
func (m *Forest) Warnings() int { return m.warnings }

// Drifts returns how many times a tree was replaced.
func (m *Forest) Drifts() int { return m.drifts }

// Importance sets to to the importance of each feature and returns it: the mean of those of the trees that vote.
func (m *Forest) Importance(to []float64) []float64 {
	to = mining.Sized(to, m.features)
	clear(to)
	var one []float64
	for i := range m.members {
		one = m.members[i].tree.Importance(one)
		for f, v := range one {
			to[f] += v
		}
	}
	normalize(to)
	return to
}

type plainForest Forest

var kindForest = saved.As[plainForest]("tree.Forest", 1)

// AppendBinary appends the whole model.
func (m *Forest) AppendBinary(b []byte) ([]byte, error) {
	return kindForest.Append(b, (*plainForest)(m))
}

// UnmarshalBinary replaces the model by the one that was saved.
func (m *Forest) UnmarshalBinary(data []byte) error {
	return kindForest.Read(data, (*plainForest)(m), func(p *plainForest) error {
		if p.features < 1 || p.classes < 2 || len(p.members) != p.settings.trees || !p.settings.sound(p.features) {
			return errShape
		}
		for i := range p.members {
			t := &p.members[i]
			for _, h := range []*Hoeffding{&t.tree, t.background} {
				if h != nil && (h.features != p.features || h.classes != p.classes) {
					return errShape
				}
			}
		}
		return nil
	})
}
