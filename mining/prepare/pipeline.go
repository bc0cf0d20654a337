package prepare

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/refit"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A Model is what steps stand in front of.
type Model interface {
	mining.Learner
	mining.Saved
}

// chain is the steps, and a model behind them.
type chain struct {
	who      string
	steps    []Step
	labelled []bool  // the step is a LabelStep
	fused    []fused // the step, if it is one
	model    Model
	classes  int                    // of the model; 0 of a regressor
	fresh    []byte                 // the model when it was new, if it has no Fit
	weighted mining.WeightedLearner // the model, if it is one
	between  [2]mining.Vector       // what steps hand on
}

// A fused step learns an event and hands it on in one pass.
type fused interface {
	learnTransform(x mining.Vector, y float64, to *mining.Vector)
}

func newChain(who string, model Model, steps []Step) chain {
	c := chain{who: "prepare: " + who, steps: steps, model: model}
	if any(model) == nil {
		panic(c.who + ": there is no model")
	}
	for _, s := range steps {
		if s == nil {
			panic(c.who + ": a step is nil")
		}
		_, labelled := s.(LabelStep)
		f, _ := s.(fused)
		c.labelled, c.fused = append(c.labelled, labelled), append(c.fused, f)
	}
	c.weighted, _ = model.(mining.WeightedLearner)
	c.fresh = refit.Fresh(model, c.who)
	return c
}

// Transform returns what the steps make of x. It is valid until the next call of any method.
func (c *chain) Transform(x mining.Vector) mining.Vector {
	for i, s := range c.steps {
		to := &c.between[i&1]
		s.Transform(x, to)
		x = *to
	}
	return x
}

// Learn has the steps and the model learn an event.
func (c *chain) Learn(x mining.Vector, y float64) { c.LearnWeighted(x, y, 1) }

// LearnWeighted has the steps and the model learn an event that counts weight times. It panics if
// weight is not 1 and the model is no [mining.WeightedLearner].
func (c *chain) LearnWeighted(x mining.Vector, y, weight float64) {
	if weight != 1 {
		weighed(weight, c.who)
		if c.weighted == nil {
			panic(fmt.Sprintf("%s: %T cannot weight events", c.who, c.model))
		}
	}
	if weight == 0 {
		return
	}
	if !mining.Known(y) {
		c.model.Learn(c.Transform(x), y) // which only looks whether x is sound
		return
	}
	for i, s := range c.steps {
		to := &c.between[i&1]
		if f := c.fused[i]; f != nil && weight == 1 {
			f.learnTransform(x, y, to)
			x = *to
			continue
		}
		if c.labelled[i] {
			s.Transform(x, to)
		}
		if weight == 1 {
			s.Learn(x, y)
		} else {
			s.LearnWeighted(x, y, weight)
		}
		if !c.labelled[i] {
			s.Transform(x, to)
		}
		x = *to
	}
	if weight == 1 {
		c.model.Learn(x, y)
	} else {
		c.weighted.LearnWeighted(x, y, weight)
	}
}

// Fit has each step fit the table that the one before it made, and the model the last one: by
// its own Fit if it is a [mining.Fitter], and otherwise by learning it once, in its order, from what it was when it
// was handed to the pipeline. Rows without a label are left out. After an error steps and model are as before: for that they are
// saved, which takes their memory once more while Fit runs.
func (c *chain) Fit(t *mining.Table) error {
	if err := t.CheckFor(0, c.classes, c.who); err != nil {
		return err
	}
	return refit.Guard(c, func() error { return c.fit(t) })
}

func (c *chain) fit(t *mining.Table) error {
	var rows []int
	for i, y := range t.Y {
		if mining.Known(y) {
			rows = append(rows, i)
		}
	}
	t = t.Select(rows)
	for _, s := range c.steps {
		if l, ok := s.(LabelStep); ok {
			var err error
			if t, err = l.FitTransform(t); err != nil {
				return err
			}
			continue
		}
		if err := s.Fit(t); err != nil {
			return err
		}
		t = transformed(s, t)
	}
	return refit.Fit(c.model, c.fresh, t, c.who)
}

// transformed returns the table that a step makes of t.
func transformed(s Step, t *mining.Table) *mining.Table {
	out := &mining.Table{X: make([]mining.Vector, t.Len()), Y: t.Y, Weight: t.Weight}
	for i, x := range t.X {
		s.Transform(x, &out.X[i])
	}
	return out
}

// A parts is a pipeline when it is saved: its steps and its model, one after another.
type parts struct {
	Saved [][]byte
}

var kindParts = saved.As[parts]("prepare.pipeline", 1)

func (c *chain) each(f func(mining.Saved) error) error {
	for _, s := range c.steps {
		if err := f(s); err != nil {
			return err
		}
	}
	return f(c.model)
}

// AppendBinary appends the steps and the model.
func (c *chain) AppendBinary(b []byte) ([]byte, error) {
	var p parts
	if err := c.each(func(s mining.Saved) error {
		one, err := s.AppendBinary(nil)
		p.Saved = append(p.Saved, one)
		return err
	}); err != nil {
		return b, err
	}
	return kindParts.Append(b, &p)
}

// UnmarshalBinary restores what AppendBinary appended, onto a pipeline of the same kinds of steps and model. After an
// error all are as before.
func (c *chain) UnmarshalBinary(data []byte) error {
	var p parts
	if err := kindParts.Read(data, &p, func(p *parts) error {
		if len(p.Saved) != len(c.steps)+1 {
			return fmt.Errorf("it has %d steps, and this one %d", len(p.Saved)-1, len(c.steps))
		}
		return nil
	}); err != nil {
		return err
	}
	var before [][]byte
	if err := c.each(func(s mining.Saved) error {
		b, err := s.AppendBinary(nil)
		before = append(before, b)
		return err
	}); err != nil {
		return err
	}
	i := 0
	err := c.each(func(s mining.Saved) error {
		i++
		return s.UnmarshalBinary(p.Saved[i-1])
	})
	if err == nil {
		return nil
	}
	i = 0
	return errors.Join(err, c.each(func(s mining.Saved) error { // back to what they were
		i++
		return s.UnmarshalBinary(bytes.Clone(before[i-1]))
	}))
}

// A Classifier is a classifier with steps in front of it.
type Classifier struct {
	chain
	classifier mining.Classifier
}

// NewClassifier returns a classifier that hands events to model through steps, in their order. They are
// the pipeline's from then on. With warm steps it allocates nothing for an event
// if its parts do not. Of a model without a Fit it keeps the bytes that the model is saved as when it is handed over.
func NewClassifier[M interface {
	Model
	mining.Classifier
}](model M, steps ...Step) *Classifier {
	c := newChain("Classifier", model, steps)
	c.classes = model.Classes()
	return &Classifier{c, model}
}

// Classes returns those of the model.
func (c *Classifier) Classes() int { return c.classifier.Classes() }

// Probabilities sets to to those of the model.
func (c *Classifier) Probabilities(x mining.Vector, to []float64) []float64 {
	return c.classifier.Probabilities(c.Transform(x), to)
}

// A Regressor is a regressor with steps in front of it.
type Regressor struct {
	chain
	regressor mining.Regressor
}

// NewRegressor returns a regressor that hands events to model through steps, as NewClassifier does.
func NewRegressor[M interface {
	Model
	mining.Regressor
}](model M, steps ...Step) *Regressor {
	return &Regressor{newChain("Regressor", model, steps), model}
}

// Predict predicts what the model does.
func (r *Regressor) Predict(x mining.Vector) float64 { return r.regressor.Predict(r.Transform(x)) }
