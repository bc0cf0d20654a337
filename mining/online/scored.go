package online

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"math"

	"github.com/freshet-go/freshet/mining"
)

// A Scored is a value with what a model said of it. In JSON a label that is not known
// is null.
type Scored[T any] struct {
	Value T

	// Prediction is the class that a classifier holds for the most probable, the number that a regressor
	// predicts, or how strange an outlier model finds the event.
	Prediction float64
	// Probability is a classifier's: of two classes that of class 1, of more that of the class
	// predicted. It is 0 where the model is none.
	Probability float64
	// Probabilities are those of each class, where there are more than two; else nil.
	Probabilities []float64

	// Label is what is right: NaN as long as nobody knows.
	Label float64

	// Version is the model's: what its [Slot] or [Release] says, and 0 of the one that the pipeline began
	// with, or what a classifier with a method Version() uint64 says of itself then: that of tune.Rivals says whether champion or challenger answered.
	Version uint64
	// Learnt is how many events the model had learnt from in this operator, since it began or its version
	// came, when it answered. Where both are 0, the answer is that of a model without experience.
	Learnt uint64
}

// Known reports whether the label is known.
func (s Scored[T]) Known() bool { return mining.Known(s.Label) }

// Judged reports whether the score is one to judge a model by: the label is known, and it was not
// the first answer of a model that had learnt nothing.
func (s Scored[T]) Judged() bool { return s.Known() && (s.Learnt > 0 || s.Version > 0) }

// Pair returns the label and the prediction, as accumulators of package mining/eval take them: eval.ErrorsOf(online.Scored[Order].Pair).
// The label is NaN where the score is not [Scored.Judged].
func (s Scored[T]) Pair() (label, predicted float64) { return s.judged(), s.Prediction }

// Chance returns the label and the probability of class 1 of a classifier of two classes. The label is NaN where the
// score is not [Scored.Judged].
func (s Scored[T]) Chance() (label, probability float64) { return s.judged(), s.Probability }

// Chances returns the label and the probability of each class. The label is NaN where the score is not
// [Scored.Judged]. It allocates where there are two classes.
func (s Scored[T]) Chances() (label float64, probabilities []float64) {
	if s.Probabilities == nil {
		return s.judged(), []float64{1 - s.Probability, s.Probability}
	}
	return s.judged(), s.Probabilities
}

func (s Scored[T]) judged() float64 {
	if s.Judged() {
		return s.Label
	}
	return math.NaN()
}

// Missed returns 1 if a classifier was wrong, and 0 if it was right. It is NaN where the score is not
// [Scored.Judged], which [Watch] passes over.
func (s Scored[T]) Missed() float64 {
	switch {
	case !s.Judged():
		return math.NaN()
	case s.Prediction != s.Label:
		return 1
	}
	return 0
}

// Error returns how far a prediction was above the label, which is negative where it was below. It is NaN where
// the score is not [Scored.Judged].
func (s Scored[T]) Error() float64 {
	if !s.Judged() {
		return math.NaN()
	}
	return s.Prediction - s.Label
}

// scoredJSON is the form of a Scored in JSON. It has no type parameter, so that it is
// compiled once.
type scoredJSON struct {
	Value         any // the address of it
	Prediction    float64
	Probability   float64   `json:",omitzero"`
	Probabilities []float64 `json:",omitempty"`
	Label         *float64
	Version       uint64
	Learnt        uint64
}

// MarshalJSONTo writes s under the options of out.
func (s Scored[T]) MarshalJSONTo(out *jsontext.Encoder) error {
	j := scoredJSON{&s.Value, s.Prediction, s.Probability, s.Probabilities, nil, s.Version, s.Learnt}
	if s.Known() {
		j.Label = &s.Label
	}
	return json.MarshalEncode(out, &j)
}

// UnmarshalJSONFrom reads what MarshalJSONTo writes.
func (s *Scored[T]) UnmarshalJSONFrom(in *jsontext.Decoder) error {
	*s = Scored[T]{Label: math.NaN()}
	j := scoredJSON{Value: &s.Value}
	if err := json.UnmarshalDecode(in, &j); err != nil {
		return err
	}
	s.Prediction, s.Probability, s.Probabilities, s.Version, s.Learnt = j.Prediction, j.Probability, j.Probabilities, j.Version, j.Learnt
	if j.Label != nil {
		s.Label = *j.Label
	}
	return nil
}
