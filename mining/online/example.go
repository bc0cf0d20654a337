package online

import (
	"time"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/stream"
)

// An Example is a value that is to be scored, or one of which the answer has come, to be learnt from. See [Examples].
type Example[T any] struct {
	Value T
	Label float64
	Told  bool // the label has come
}

// Examples returns the events of a stream twice: at once, to be scored, and again when their label has come, to be
// learnt from.
//
//	examples := online.Examples(orders, Order.ID, returns, Return.Order, 30*24*time.Hour, Return.Label, online.Missing(0))
//	scored := examples.KeyBy(online.All).Apply(online.OfExamples(task).PerKey, stream.InOrder())
//
// What is learnt from is the event that was scored, with its features as they were then. A join of labels with
// whatever is known by the time they come would show the model what it cannot know when it is asked, and it
// would be worth less than its figures say.
//
// The label of a request is the first one of its key, by event time, that is from its time on and no more than
// within later; of two at one time the lower. One label may be that of several requests. A request is told when the
// watermark has passed its label, at the time of the label, whatever the order in which the two came. A second label, one that is too
// early or too late and one that nobody has asked for have no effect. A request without label is told by
// [Missing], or not at all. A label that is NaN or infinite is a failure of its event. Events that are late may miss each other.
//
// It holds the requests that wait, each with its value, until within has passed. Both streams have event times. It panics if a
// function is nil, and if there is no time for labels.
func Examples[K comparable, T, L any](requests stream.Stream[T], id func(T) K, labels stream.Stream[L], of func(L) K, within time.Duration, label func(L) float64, opts ...LabelOption) stream.Stream[Example[T]] {
	told := labelled("Examples", requests, id, labels, of, within, label, opts, func(v T, y float64) Example[T] { return Example[T]{v, y, true} })
	return requests.Map(ask).Merge(told)
}

func ask[T any](v T) Example[T] { return Example[T]{Value: v, Label: mining.Missing} }

// Judge returns scores with the labels that come for them later: what a model said when it was asked, beside what proved right. It is for
// evaluation, and for [Watch]. It is otherwise as [Examples].
func Judge[K comparable, T, L any](scores stream.Stream[Scored[T]], id func(T) K, labels stream.Stream[L], of func(L) K, within time.Duration, label func(L) float64, opts ...LabelOption) stream.Stream[Scored[T]] {
	need(id != nil, "Judge: the function id is nil")
	return labelled("Judge", scores, func(s Scored[T]) K { return id(s.Value) }, labels, of, within, label, opts, func(s Scored[T], y float64) Scored[T] {
		s.Label = y
		return s
	})
}

// OfExamples returns a task that scores the requests among [Examples], and learns from those that have been told. The label of
// the task itself is not asked for. It panics for a task of Detect, which learns without labels.
func OfExamples[T any](t *Task[T, T]) *Task[Example[T], T] {
	need(t != nil, "OfExamples: the task is nil")
	need(!t.alone, "OfExamples of Detect, which learns without labels")
	return &Task[Example[T], T]{
		build:    t.build,
		features: func(e Example[T], x *mining.Vector) { t.features(e.Value, x) },
		label:    func(e Example[T]) float64 { return e.Label },
		value:    func(e Example[T]) T { return t.value(e.Value) },
		asks:     func(e Example[T]) bool { return !e.Told },
		config:   t.config,
	}
}
