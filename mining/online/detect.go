package online

import (
	"reflect"

	"github.com/freshet-go/freshet/mining"
)

// Detect returns the task of an outlier model: to say how strange each event is beside those before it, and
// then to learn what is usual from it, whatever it is. Label is only passed on, to judge the model by:
// 1 for what is known to be strange, 0 for what is not, NaN else. It may be nil. It is otherwise as [Classify].
func Detect[M interface {
	mining.Saved
	mining.Outlier
}, T any](build func() M, features func(T, *mining.Vector), label func(T) float64, opts ...Option) *Task[T, T] {
	need(build != nil, "Detect: the function build is nil")
	need(features != nil, "Detect: the function features is nil")
	return &Task[T, T]{
		build: func() model {
			m := build()
			return &outlier{m, m}
		},
		merge: merging[M](), features: features, label: label, value: same[T], alone: true,
		config: configure("Detect", reflect.TypeFor[M](), opts),
	}
}
