package prepare

import (
	"errors"
	"fmt"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A Target makes of the category at one place the mean of the labels that came with it, drawn towards the
// mean of all labels as if so many more events, smoothing, had had it:
//
//	(sum of the category's labels + smoothing · mean of all) / (events of the category + smoothing)
//
// It is Micci-Barreca, "A Preprocessing Scheme for High-Cardinality Categorical Attributes in Classification and
// Prediction Problems", SIGKDD Explorations 3(1), 2001. What is missing, not seen, or came when there was
// no room for more categories gets the mean of all; before the first label that is 0. Labels of two classes, 0 and 1, make
// shares; numbers make means; of more classes it makes nothing sensible.
//
// An event's own label must not be in its feature, or a model believes categories that it has hardly
// seen. In a pipeline an event is handed on before it is learnt. FitTransform gives each row the means of the
// rows of the other four fifths of the table (row i is in fifth i mod 5), as scikit-learn's TargetEncoder does with its folds.
//
// It takes 28 bytes a category. An event takes time O(log categories), and allocates nothing but for a
// category that is new.
type Target struct {
	n, place, most int
	smoothing      float64
	seen           categories
	labels         []moments // by category; squares are not used
	all            moments
}

type plainTarget Target

var kindTarget = saved.As[plainTarget]("prepare.Target", 1)

// NewTarget returns a step for vectors of n places with a category at place. It knows so many
// categories. Smoothing is in events, 10 for instance.
func NewTarget(n, place, categories int, smoothing float64) *Target {
	one(n, place, categories, "Target")
	if !(smoothing >= 0) || !mining.Known(smoothing) {
		panic(fmt.Sprintf("prepare: Target: smoothing is a number of events, not %v", smoothing))
	}
	return &Target{n: n, place: place, most: categories, smoothing: smoothing}
}

// Places returns for how many places it was made.
func (t *Target) Places() int { return t.n }

// Learn learns the label of the category of x.
func (t *Target) Learn(x mining.Vector, y float64) { t.LearnWeighted(x, y, 1) }

// LearnWeighted learns the label as if it came weight times.
func (t *Target) LearnWeighted(x mining.Vector, y, weight float64) {
	if weighed(weight, "Target"); weight == 0 || !mining.Known(y) {
		return
	}
	t.all.add(y, weight)
	v := x.At(t.place)
	if !mining.Known(v) {
		return
	}
	slot := t.seen.add(v, t.most)
	if slot < 0 {
		return
	}
	if slot == len(t.labels) {
		t.labels = append(t.labels, moments{})
	}
	t.labels[slot].add(y, weight)
}

func (t *Target) value(v float64) float64 {
	if mining.Known(v) {
		if slot := t.seen.find(v); slot >= 0 {
			l := t.labels[slot]
			return (l.mean*l.n + t.all.mean*t.smoothing) / (l.n + t.smoothing)
		}
	}
	return t.all.mean
}

// Fit forgets what was learnt, and learns a table, whose rows Transform must not be asked of: FitTransform
// is for them.
func (t *Target) Fit(table *mining.Table) error {
	if err := table.Check("prepare: Target"); err != nil {
		return err
	}
	fresh := NewTarget(t.n, t.place, t.most, t.smoothing)
	if err := fit(fresh, table, "Target"); err != nil {
		return err
	}
	*t = *fresh
	return nil
}

// Transform sets to to x with the mean label in place of the category.
func (t *Target) Transform(x mining.Vector, to *mining.Vector) {
	expand(x, t.n, to)
	to.Value[t.place] = t.value(to.Value[t.place])
}

// FitTransform forgets what was learnt, learns the table, and returns what the other fifths make of each row.
func (t *Target) FitTransform(table *mining.Table) (*mining.Table, error) {
	if err := table.Check("prepare: Target"); err != nil {
		return nil, err
	}
	const folds = 5
	parts := make([]*Target, folds)
	for f := range parts {
		parts[f] = NewTarget(t.n, t.place, t.most, t.smoothing)
	}
	whole := NewTarget(t.n, t.place, t.most, t.smoothing)
	for i, x := range table.X {
		for f, part := range parts {
			if f != i%folds {
				part.LearnWeighted(x, table.Y[i], table.WeightOf(i))
			}
		}
		whole.LearnWeighted(x, table.Y[i], table.WeightOf(i))
	}
	*t = *whole
	out := &mining.Table{X: make([]mining.Vector, table.Len()), Y: table.Y, Weight: table.Weight, Names: table.Names}
	for i, x := range table.X {
		parts[i%folds].Transform(x, &out.X[i])
	}
	return out, nil
}

// Merge has t learn what o has learnt. Where both together have more categories than there is room for, those of o that came
// last are not known any more. It panics if they were made for different vectors.
func (t *Target) Merge(o *Target) {
	if t.n != o.n || t.place != o.place || t.most != o.most || t.smoothing != o.smoothing {
		panic("prepare: Target: Merge: the other was made for other vectors")
	}
	t.all.merge(o.all)
	for s, k := range o.seen.inOrder() {
		slot := t.seen.add(k, t.most)
		if slot < 0 {
			continue
		}
		if slot == len(t.labels) {
			t.labels = append(t.labels, moments{})
		}
		t.labels[slot].merge(o.labels[s])
	}
}

// AppendBinary appends the step.
func (t *Target) AppendBinary(b []byte) ([]byte, error) {
	return kindTarget.Append(b, (*plainTarget)(t))
}

// UnmarshalBinary restores what AppendBinary appended.
func (t *Target) UnmarshalBinary(data []byte) error {
	return kindTarget.Read(data, (*plainTarget)(t), func(t *plainTarget) error {
		if t.place < 0 || t.place >= t.n || t.most < 1 || len(t.labels) != len(t.seen.Keys) {
			return errors.New("it has no such place")
		}
		return t.seen.check(t.most)
	})
}
