package online

import (
	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/stream"
)

// A Detector sees numbers one after another, and says when they are not any more what they were. Package
// mining/drift has some.
type Detector interface {
	mining.Saved
	// Add reports whether the number x shows a change.
	Add(x float64) bool
}

// A Drift says that a change was detected.
type Drift[T any] struct {
	Value  T       // at which it was
	Number uint64  // of this change: 1, 2, 3, ...
	Seen   uint64  // how many numbers had been seen, this one with them
	Mean   float64 // of them all, or of those since the change before
}

// A Watcher has detectors look for changes. It is made by [Watch], and is an operator by its methods.
type Watcher[T any] struct {
	build  func() Detector
	signal func(T) float64
}

// Watch returns what gives a [Drift] for each change of a number of the events, such as a model's error:
//
//	drifts := scored.KeyBy(online.All).Apply(online.Watch(newADWIN, online.Scored[Order].Missed).PerKey)
//
// Build makes a detector that has seen nothing. A signal that is NaN or infinite is passed over. It
// panics if a function is nil.
func Watch[D Detector, T any](build func() D, signal func(T) float64) *Watcher[T] {
	need(build != nil, "Watch: the function build is nil")
	need(signal != nil, "Watch: the function signal is nil")
	return &Watcher[T]{func() Detector { return build() }, signal}
}

// PerKey is the operator with a detector for each key, for Keyed.Apply. See [Task.PerKey].
func (w *Watcher[T]) PerKey[K comparable](c *stream.OperatorContext) (stream.KeyedProcessor[K, T, Drift[T]], error) {
	p := &watching[K, T]{watcher: w, context: c, watches: c.KeyedState[K, *watch]("detectors")}
	p.each = p.event
	return p, nil
}

type watching[K comparable, T any] struct {
	watcher *Watcher[T]
	context *stream.OperatorContext
	watches *stream.KeyedState[K, *watch]

	each func(row int) error // p.event, bound once
	in   *stream.KeyedBatch[K, T]
	out  *stream.Emitter[Drift[T]]
}

func (p *watching[K, T]) Process(in *stream.KeyedBatch[K, T], out *stream.Emitter[Drift[T]]) error {
	p.in, p.out = in, out
	return p.context.Each(&in.Batch, p.each)
}

func (p *watching[K, T]) event(row int) error {
	v := p.in.Value(row)
	x := p.watcher.signal(v)
	if !mining.Known(x) {
		return nil
	}
	w, ok := p.watches.Get(p.in.Ref(row))
	if !ok {
		w = &watch{detector: p.watcher.build()}
		p.watches.Put(p.in.Ref(row), w)
	}
	changed := w.detector.Add(x)
	w.add(x)
	if changed {
		p.out.From(&p.in.Batch, row, Drift[T]{v, w.number + 1, w.seen, w.mean})
		w.changed()
	}
	return nil
}

// Save has nothing to add to what KeyedState saves.
func (p *watching[K, T]) Save(*stream.StateWriter) error { return nil }

// Restore opens the detectors that KeyedState has restored.
func (p *watching[K, T]) Restore(*stream.StateReader) error {
	for _, w := range p.watches.All() {
		if err := w.open(p.watcher.build); err != nil {
			return err
		}
	}
	return nil
}
