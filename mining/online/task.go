package online

import (
	"math"

	"github.com/freshet-go/freshet/mining"
)

// A Task is what a model has to do in a pipeline: what it is made of, what it sees of an event, and
// whether it scores, learns or both. It is made by [Classify], [Regress] and [Detect], and joins a stream by one of its
// methods:
//
//	orders.KeyBy(Order.Shop).Apply(task.PerKey)   // a model for each shop
//	orders.KeyBy(online.All).Apply(task.PerKey)   // one model
//	orders.Apply(task.PerShard)                   // a model for each shard
//	orders.KeyBy(key).Connect(releases.KeyBy(key), task.Served)
//
// An event is scored first, and only then the model learns from it: what comes out is what the model
// said before it knew. In is the type of the events, T that of the values of scores, which is the same but for
// tasks of [OfExamples].
//
// A function that panics, or a model that does, is a failure of the event: it is neither learnt from nor
// scored, and goes where the operator's policy sends it (SkipFailures, Divert).
//
// A Task holds nothing of a run: it may be used for several operators and runs.
type Task[In, T any] struct {
	build    func() model
	merge    func(into, from mining.Saved) // nil if the models do not merge
	features func(In, *mining.Vector)
	label    func(In) float64 // nil if there are none
	value    func(In) T
	asks     func(In) bool // whether an event is scored; nil if each is
	alone    bool          // the model learns without labels
	config
}

// All is the key of every event, for KeyBy: one model sees all of them, in one instance.
func All[T any](T) (none NoKey) { return none }

// work is what an instance of a Task does with an event.
type work[In, T any] struct {
	task *Task[In, T]
	x    mining.Vector
	last answer

	v In // the event at hand
	y float64
}

// read makes an event the one at hand.
func (w *work[In, T]) read(v In) {
	t := w.task
	w.x.Reset()
	t.features(v, &w.x)
	w.v, w.y = v, math.NaN()
	if t.label != nil {
		w.y = t.label(v)
	}
}

// do has a model score the event at hand, if it is to be scored, and learn from it.
func (w *work[In, T]) do(c *cell) (s Scored[T], asked bool) {
	t := w.task
	if asked = !t.learnOnly && (t.asks == nil || t.asks(w.v)); asked {
		c.model.answer(w.x, &w.last)
		a := &w.last
		version := c.version
		if version == 0 {
			version = a.inner
		}
		s = Scored[T]{t.value(w.v), a.prediction, a.probability, a.probabilities(), w.y, version, c.learnt}
	}
	if !t.scoreOnly && (t.alone || mining.Known(w.y)) {
		c.model.learn(w.x, w.y)
		if c.shared != nil && c.shared.since != nil {
			c.shared.since.learn(w.x, w.y)
		}
		c.learnt++
	}
	return s, asked
}
