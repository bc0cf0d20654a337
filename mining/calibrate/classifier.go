package calibrate

import (
	"errors"
	"fmt"
	"math"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/refit"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A Method says how probabilities are corrected.
type Method uint8

const (
	// Sigmoid corrects by a Platt of the logarithm of the odds.
	Sigmoid Method = iota
	// Monotone corrects by an Isotonic of the probability.
	Monotone
)

// An Option changes a Classifier.
type Option func(*plainState)

// Holdout sets the share of a table, its last rows, that Fit keeps from the model and calibrates with. The default is 0.25.
func Holdout(share float64) Option {
	if !(share > 0 && share < 1) {
		panic(fmt.Sprintf("calibrate: Holdout: %v is not between 0 and 1", share))
	}
	return func(s *plainState) { s.Holdout = share }
}

// Stream has Learn calibrate, too: with the last window events, each with what the model said of it before it learnt
// it, whenever a quarter of the window is new. The default is 0: Learn leaves the calibration alone. It takes 8 bytes an
// event in the window and class.
func Stream(window int) Option {
	if window < 4 {
		panic(fmt.Sprintf("calibrate: Stream: a window has 4 events or more, not %d", window))
	}
	return func(s *plainState) { s.Window = window }
}

// A Model is what a Classifier corrects.
type Model interface {
	mining.Learner
	mining.Classifier
	mining.Saved
}

// A Classifier corrects the probabilities of a model. Of two classes it corrects that of class 1. Of more it corrects
// each against the others, and divides by their sum, as in Zadrozny and Elkan, 2002. Until it has been
// calibrated, it says what the model says.
type Classifier struct {
	model Model
	fresh []byte // the model when it was new, if it has no Fit
	s     plainState
	to    []float64
}

// plainState is what is saved beside the model.
type plainState struct {
	Method     Method
	Holdout    float64
	Window     int
	Calibrated bool
	Sigmoids   []Platt    // by class; of two classes one
	Steps      []Isotonic // the same
	Said       []float64  // by event in the window, the probability of each class
	Labels     []float64
	Next, New  int
	Model      []byte // only while it is saved
}

var kindClassifier = saved.As[plainState]("calibrate.Classifier", 1)

// NewClassifier returns a classifier that corrects model, which is its own from then on. Options are
// Holdout and Stream. Of a model without a Fit the classifier keeps the bytes that it is saved as when it is handed over.
func NewClassifier(model Model, method Method, opts ...Option) *Classifier {
	if model == nil || method > Monotone {
		panic("calibrate: NewClassifier: there is no model, or no such method")
	}
	s := plainState{Method: method, Holdout: 0.25}
	for _, o := range opts {
		o(&s)
	}
	n := model.Classes()
	if n == 2 {
		n = 1
	}
	s.Sigmoids, s.Steps = make([]Platt, n), make([]Isotonic, n)
	return &Classifier{model: model, fresh: refit.Fresh(model, "calibrate: Classifier"), s: s}
}

// Classes returns those of the model.
func (c *Classifier) Classes() int { return c.model.Classes() }

// score is what a sigmoid is of: the logarithm of the odds, within ±34.5.
func score(p float64) float64 {
	p = min(1-1e-15, max(1e-15, p))
	return math.Log(p / (1 - p))
}

// Probabilities sets to to the corrected ones.
func (c *Classifier) Probabilities(x mining.Vector, to []float64) []float64 {
	to = c.model.Probabilities(x, to)
	if !c.s.Calibrated {
		return to
	}
	if len(to) == 2 {
		p := c.correct(0, to[1])
		to[0], to[1] = 1-p, p
		return to
	}
	sum := 0.0
	for k, p := range to {
		to[k] = c.correct(k, p)
		sum += to[k]
	}
	for k := range to {
		if sum == 0 {
			to[k] = 1 / float64(len(to))
		} else {
			to[k] /= sum
		}
	}
	return to
}

func (c *Classifier) correct(k int, p float64) float64 {
	if c.s.Method == Sigmoid {
		return c.s.Sigmoids[k].Probability(score(p))
	}
	return min(1, max(0, c.s.Steps[k].Value(p)))
}

// Calibrate fits the correction to a table that the model did not learn from. The model learns nothing. After an error all is
// as before.
func (c *Classifier) Calibrate(t *mining.Table) error {
	n := c.Classes()
	if err := t.CheckFor(0, n, "calibrate: Classifier"); err != nil {
		return err
	}
	return refit.Refused(func() error { return c.calibrate(t, n) })
}

func (c *Classifier) calibrate(t *mining.Table, n int) error {
	var said, labels, weights []float64
	for i, x := range t.X {
		if mining.Known(t.Y[i]) {
			c.to = c.model.Probabilities(x, c.to)
			said = append(said, c.to...)
			labels, weights = append(labels, float64(mining.ClassOf(t.Y[i], n, "calibrate: Classifier"))), append(weights, t.WeightOf(i))
		}
	}
	return c.fit(said, labels, weights)
}

func (c *Classifier) fit(said, labels, weights []float64) error {
	n := c.Classes()
	sigmoids, steps := make([]Platt, len(c.s.Sigmoids)), make([]Isotonic, len(c.s.Steps))
	scores, is := make([]float64, len(labels)), make([]float64, len(labels))
	for k := range sigmoids {
		class := k
		if n == 2 {
			class = 1
		}
		for i, y := range labels {
			scores[i], is[i] = said[i*n+class], 0
			if c.s.Method == Sigmoid {
				scores[i] = score(scores[i])
			}
			if int(y) == class {
				is[i] = 1
			}
		}
		var err error
		if c.s.Method == Sigmoid {
			err = sigmoids[k].Fit(scores, is, weights)
		} else {
			err = steps[k].Fit(scores, is, weights)
		}
		if err != nil {
			return err
		}
	}
	c.s.Sigmoids, c.s.Steps, c.s.Calibrated = sigmoids, steps, true
	return nil
}

// Fit has the model fit the first rows of a table (by its own Fit if it is a [mining.Fitter], and otherwise
// by learning them once, in their order, from what it was when it was handed to NewClassifier), and calibrates with the
// last: Holdout says how many. Shuffle rows first that are sorted by anything but time. After an error all is as before: for that
// the model is saved, which takes its memory once more while Fit runs.
func (c *Classifier) Fit(t *mining.Table) error {
	n := c.Classes()
	if err := t.CheckFor(0, n, "calibrate: Classifier"); err != nil {
		return err
	}
	cut := t.Len() - int(math.Ceil(c.s.Holdout*float64(t.Len())))
	if cut == 0 {
		return fmt.Errorf("calibrate: Classifier: a table of %d events is too small to hold out some", t.Len())
	}
	return refit.Guard(c, func() error {
		if err := refit.Fit(c.model, c.fresh, t.Slice(0, cut), "calibrate: Classifier"); err != nil {
			return err
		}
		c.s.Said, c.s.Labels, c.s.Next, c.s.New = nil, nil, 0, 0
		return c.calibrate(t.Slice(cut, t.Len()), n)
	})
}

// Learn has the model learn an event, and, with Stream, calibrates.
func (c *Classifier) Learn(x mining.Vector, y float64) {
	if !mining.Known(y) {
		c.model.Learn(x, y) // which only looks whether x is sound
		return
	}
	if s := &c.s; s.Window > 0 {
		class := mining.ClassOf(y, c.Classes(), "calibrate: Classifier")
		c.to = c.model.Probabilities(x, c.to)
		if len(s.Labels) < s.Window {
			s.Said, s.Labels = append(s.Said, c.to...), append(s.Labels, float64(class))
		} else {
			copy(s.Said[s.Next*len(c.to):], c.to)
			s.Labels[s.Next] = float64(class)
			s.Next = (s.Next + 1) % s.Window
		}
		if s.New++; s.New >= (s.Window+3)/4 {
			s.New = 0
			// A window that no sigmoid fits leaves the last one.
			_ = c.fit(s.Said, s.Labels, nil)
		}
	}
	c.model.Learn(x, y)
}

// AppendBinary appends the model and its correction.
func (c *Classifier) AppendBinary(b []byte) ([]byte, error) {
	s := c.s
	var err error
	if s.Model, err = c.model.AppendBinary(nil); err != nil {
		return b, err
	}
	return kindClassifier.Append(b, &s)
}

// UnmarshalBinary restores what AppendBinary appended, onto a classifier with a model of the same kind.
func (c *Classifier) UnmarshalBinary(data []byte) error {
	s := c.s
	if err := kindClassifier.Read(data, &s, func(s *plainState) error {
		n := len(s.Labels)
		if s.Method > Monotone || s.Window < 0 || n > s.Window || len(s.Said) != n*c.Classes() ||
			len(s.Sigmoids) != len(c.s.Sigmoids) || len(s.Steps) != len(c.s.Steps) || s.Next < 0 || s.Next > 0 && s.Next >= s.Window {
			return errors.New("its parts do not fit together")
		}
		return nil
	}); err != nil {
		return err
	}
	classes := c.Classes()
	before, err := c.model.AppendBinary(nil)
	if err != nil {
		return err
	}
	if err := c.model.UnmarshalBinary(s.Model); err != nil {
		return err
	}
	if c.model.Classes() != classes {
		return errors.Join(errors.New("calibrate: Classifier: the saved model has another number of classes"), c.model.UnmarshalBinary(before))
	}
	s.Model = nil
	c.s = s
	return nil
}
