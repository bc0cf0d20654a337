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

// Examples returns the events of a stream twice: at once, to be scored, and again when their label has come, to be learnt
// from. That is not what a join of labels with whatever is known of a customer by then would give: what
// a model learns from are the features as they were when it was asked, in the very event that it was asked with, or else it would
// learn from what it cannot know when it is asked the next time.
//
//	examples := online.Examples(requests, Request.ID, refunds, Refund.Request, 30*24*time.Hour, Refund.Label, online.Missing(0))
//	scored := examples.KeyBy(online.All).Apply(online.OfExamples(task).PerKey, stream.InOrder())
//
// A key is that of one request. Its label is the first one by event time that is from the time of the request on, and no more than within
// later; of two at one time the lower. It is told when the watermark has reached it, at its own time. What comes besides has no
// effect: a second label, one that is earlier than its request or later than within, and one that nobody has asked for. Requests without a label are told
// by [Missing], or else nothing is learnt from them. Events that are late may miss each other.
//
// It holds the requests that wait for their labels, each with its value, until within has passed. It panics if a function is nil or within is negative.
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

// A LabelOption sets how labels find what they are of.
type LabelOption func(*labelling)

type labelling struct {
	missing       float64 // NaN: requests without label are not told
	within, early time.Duration
}

// Missing has a request that no label has come for within the time be told with y, when the time is over: where
// somebody who does not return an order says nothing, the label is 0. The default is to leave it out.
func Missing(y float64) LabelOption { return func(c *labelling) { c.missing = y } }

// Early has labels count that are up to d before their requests: where clocks differ. The default is 0. It panics
// if d is negative.
func Early(d time.Duration) LabelOption {
	need(d >= 0, "Early: the duration is negative")
	return func(c *labelling) { c.early = d }
}
