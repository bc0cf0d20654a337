package boost

import (
	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A Classifier gives classes probabilities: of two classes the probability of class 1 is
// σ(f(x)) with one sum of trees, f, and of more that of class k is the softmax of as many sums. Fit
// makes the logarithm of the probability of the true class large.
//
// Each tree is grown by gradients g = p-y and second derivatives h = p(1-p) at the answers so far. A split
// gains
//
//	G_l²/(H_l+λ) + G_r²/(H_r+λ) - G²/(H+λ)
//
// where G and H are the sums of g and h over the events on its left, on its right and of both. The leaf whose
// best split gains most is split next, until there are MaxLeaves. A leaf adds -rate·G/(H+λ) to f. Probabilities
// takes O(rounds × depth) time and allocates nothing once warm. Before it has learnt anything,
// all classes are as probable.
type Classifier struct{ ensemble }

// NewClassifier returns a classifier for events with that many features and classes. It panics
// if there are less than one feature and two classes, or an option is By or Level.
func NewClassifier(features, classes int, opts ...Option) *Classifier {
	need(classes >= 2, "NewClassifier: %d classes", classes)
	return &Classifier{newEnsemble(features, classes, opts, "Classifier", "By", "Level")}
}

// Fit learns a table. It returns an error where the table has more features than the model, no
// known label, or a label that is no class.
func (m *Classifier) Fit(t *mining.Table) error { return m.fit(t, "boost: Classifier") }

// Classes returns the number of classes.
func (m *Classifier) Classes() int { return m.classes }

// Probabilities sets to to the probability of each class.
func (m *Classifier) Probabilities(x mining.Vector, to []float64) []float64 {
	x.Within(m.features, "boost: Classifier")
	to = mining.Sized(to, m.classes)
	dense := m.expand(x)
	if m.classes == 2 {
		to[1] = sigmoid(m.raw(dense, 0))
		to[0] = 1 - to[1]
		return to
	}
	for c := range to {
		to[c] = m.raw(dense, c)
	}
	softmax(to)
	return to
}

// Explain sets to to what each feature contributes to the score of a class, and returns it with the score's
// mean: they add up to the score, which is the log odds of the class where there are two, and
// what the softmax is taken of where there are more. See [Regressor.Explain].
func (m *Classifier) Explain(x mining.Vector, class int, to []float64) (contributions []float64, mean float64) {
	x.Within(m.features, "boost: Classifier")
	need(class >= 0 && class < m.classes, "Classifier: Explain: no class %d of %d", class, m.classes)
	if m.classes > 2 {
		return m.explain(m.expand(x), class, to)
	}
	to, mean = m.explain(m.expand(x), 0, to)
	if class == 0 {
		mean = -mean
		for f := range to {
			to[f] = -to[f]
		}
	}
	return to, mean
}

// Rounds returns how many rounds the model has kept.
func (m *Classifier) Rounds() int { return m.rounds() }

// Importance sets to to what splits by each feature gained, in shares of the whole, and returns it. Without a
// split all are 0.
func (m *Classifier) Importance(to []float64) []float64 { return m.importance(to) }

// SplitsBy sets to to how many splits each feature has, and returns it.
func (m *Classifier) SplitsBy(to []int) []int { return m.splitsBy(to) }

type plainClassifier Classifier

var kindClassifier = saved.As[plainClassifier]("boost.Classifier", 1)

// AppendBinary appends the whole model.
func (m *Classifier) AppendBinary(b []byte) ([]byte, error) {
	return kindClassifier.Append(b, (*plainClassifier)(m))
}

// UnmarshalBinary replaces the model by the one that was saved.
func (m *Classifier) UnmarshalBinary(data []byte) error {
	return kindClassifier.Read(data, (*plainClassifier)(m), func(p *plainClassifier) error {
		if p.classes < 2 {
			return errShape
		}
		return p.check()
	})
}
