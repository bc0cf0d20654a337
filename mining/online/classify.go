package online

import (
	"reflect"

	"github.com/freshet-go/freshet/mining"
)

// Classify returns the task of a classifier: to say of each event which class it is of, and then to learn from its
// label.
//
// Build makes a model that has learnt nothing, each time with the same options. Features fills the vector of an
// event, which is empty when it comes. Label gives the number of its class, or NaN if
// it is not known: such an event is scored only. A nil label is ScoreOnly.
//
// A model with a method Version() uint64 is several that take turns, as tune.Rivals is: scores have that Version as long as no [Slot] or [Release] gives one.
//
// It panics if build or features is nil.
func Classify[M interface {
	mining.Saved
	mining.Learner
	mining.Classifier
}, T any](build func() M, features func(T, *mining.Vector), label func(T) float64, opts ...Option) *Task[T, T] {
	need(build != nil, "Classify: the function build is nil")
	need(features != nil, "Classify: the function features is nil")
	return &Task[T, T]{
		build: func() model {
			m := build()
			return &classifier{m, m, m, versionedOf(m)}
		},
		merge: merging[M](), features: features, label: label, value: same[T],
		config: configure("Classify", reflect.TypeFor[M](), opts),
	}
}
