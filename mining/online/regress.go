package online

import (
	"reflect"

	"github.com/freshet-go/freshet/mining"
)

// Regress returns the task of a regressor: to predict a number for each event, and then to learn from
// its label. It is otherwise as [Classify].
func Regress[M interface {
	mining.Saved
	mining.Learner
	mining.Regressor
}, T any](build func() M, features func(T, *mining.Vector), label func(T) float64, opts ...Option) *Task[T, T] {
	need(build != nil, "Regress: the function build is nil")
	need(features != nil, "Regress: the function features is nil")
	return &Task[T, T]{
		build: func() model {
			m := build()
			return &regressor{m, m, m}
		},
		merge: merging[M](), features: features, label: label, value: same[T],
		config: configure("Regress", reflect.TypeFor[M](), opts),
	}
}
