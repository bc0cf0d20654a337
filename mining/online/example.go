package online

import (
	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/stream"
)

// An Example is a value that is to be scored, or one whose label has come, to be learnt from. See [Labels.Examples].
type Example[T any] struct {
	Value T
	Label float64
	Told  bool // the label has come
}

// Examples returns the events of a stream twice: at once, to be scored, and again with their label, to be learnt from.
//
// What is learnt from is the event that was scored, with its features as they were then. A join of labels with
// whatever is known by the time they come would show the model what it cannot know when it is asked, and it
// would be worth less than its figures say.
//
// With stream.InOrder behind it, a request is scored when the watermark of both streams has passed it, and what the model has learnt by then is
// what it could have: a replay gives the same scores. Without it a request is scored at once, and which labels come before it is a
// matter of arrival. Labels are seldom: give their EventTime a stream.Idle, or requests wait for them.
//
// Id gives the key of a request, by which its labels are found. It panics if it is nil.
func (l *Labels[K, L]) Examples[T any](requests stream.Stream[T], id func(T) K) stream.Stream[Example[T]] {
	need(id != nil, "Examples: the function id is nil")
	told := labelled(l, requests, id, func(v T, y float64) Example[T] { return Example[T]{v, y, true} })
	return requests.Map(ask[T]).Merge(told)
}

func ask[T any](v T) Example[T] { return Example[T]{Value: v, Label: mining.Missing} }

// Judge returns scores with their labels: what a model said when it was asked, beside what proved right. It is for
// evaluation, and for [Watch]. It is otherwise as [Labels.Examples].
func (l *Labels[K, L]) Judge[T any](scores stream.Stream[Scored[T]], id func(T) K) stream.Stream[Scored[T]] {
	need(id != nil, "Judge: the function id is nil")
	return labelled(l, scores, func(s Scored[T]) K { return id(s.Value) }, func(s Scored[T], y float64) Scored[T] {
		s.Label = y
		return s
	})
}

// OfExamples returns a task that scores the requests among [Labels.Examples], and learns from those that have been told. The label of
// the task itself is not asked for. It panics for a task of Detect, which learns without labels.
func OfExamples[T any](t *Task[T, T]) *Task[Example[T], T] {
	need(t != nil, "OfExamples: the task is nil")
	need(!t.alone, "OfExamples of Detect, which learns without labels")
	return &Task[Example[T], T]{
		build:    t.build,
		merge:    t.merge,
		features: func(e Example[T], x *mining.Vector) { t.features(e.Value, x) },
		label:    func(e Example[T]) float64 { return e.Label },
		value:    func(e Example[T]) T { return t.value(e.Value) },
		asks:     func(e Example[T]) bool { return !e.Told },
		config:   t.config,
	}
}
