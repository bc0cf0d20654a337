package stream

import (
	"cmp"
	"slices"

	"github.com/freshet-go/freshet/internal/panes"
	"github.com/freshet-go/freshet/window"
)

// Aggregate gives one pane for each window of each key that holds an event,
// when the watermark passes the window's end, and more where the window's
// triggers say so. Windows that overlap share their work. Where there are
// several shards, each aggregates what it reads before anything is exchanged,
// so that a key that most events have slows nothing down.
//
// A window that no event falls in gives no pane.
func (w Windowed[K, T]) Aggregate[A, R any](agg window.Aggregator[T, A, R], opts ...Option) Stream[Pane[K, R]] {
	return aggregate(w, agg, func(p *panes.Pane[K, A]) R { return agg.Result(p.Acc) }, opts)
}

// aggregate chooses the store that the windows need. The result of a window
// is that of the function.
func aggregate[K comparable, T, A, R any](w Windowed[K, T], agg accumulation[T, A], result func(*panes.Pane[K, A]) R, opts []Option) Stream[Pane[K, R]] {
	f := folding[T, A]{accumulation: agg}
	f.stamped, _ = agg.(window.Stamped[T, A])
	switch {
	case w.spec.Kind() == window.KindCount:
		return aggregateCounted(w, f, result, opts)
	case w.spec.Kind() == window.KindSession:
		return aggregateSessions(w, f, result, opts)
	case !w.spec.Default():
		return aggregateTriggered(w, f, result, opts)
	}
	return aggregateSliced(w, f, result, opts)
}

// Reduce turns each event into a result and merges the results of a window.
// Merge must be associative and commutative.
func (w Windowed[K, T]) Reduce[R any](of func(T) R, merge func(R, R) R, opts ...Option) Stream[Pane[K, R]] {
	return w.Aggregate(reducing[T, R]{of, merge}, opts...)
}

// reducing is the aggregator of Reduce.
type reducing[T, R any] struct {
	of    func(T) R
	merge func(R, R) R
}

// Reduced is what Reduce keeps: the result so far, once there is one.
type Reduced[R any] struct {
	Value R
	Some  bool
}

func (reducing[T, R]) New() Reduced[R]         { return Reduced[R]{} }
func (reducing[T, R]) Result(acc Reduced[R]) R { return acc.Value }
func (r reducing[T, R]) Add(acc Reduced[R], v T) Reduced[R] {
	return r.Merge(acc, Reduced[R]{r.of(v), true})
}

func (r reducing[T, R]) Merge(a, b Reduced[R]) Reduced[R] {
	switch {
	case !b.Some:
		return a
	case !a.Some:
		return b
	}
	return Reduced[R]{r.merge(a.Value, b.Value), true}
}

// Count counts the events of each window.
func (w Windowed[K, T]) Count(opts ...Option) Stream[Pane[K, int64]] {
	return w.Aggregate(window.Count[T](), opts...)
}

// Apply calls f with all events of a window, by event time and for equal
// times by their place in their partition. All of them are held until the
// window fires: where an aggregator will do, Aggregate needs less.
func (w Windowed[K, T]) Apply[R any](f func(p Pane[K, []T]) R, opts ...Option) Stream[Pane[K, R]] {
	return aggregate(w, gathering[T]{}, func(x *panes.Pane[K, []Gathered[T]]) R {
		p := paneOf[K, []T](x)
		p.Value = inOrder(x.Acc)
		return f(p)
	}, opts)
}

// gathering keeps all events.
type gathering[T any] struct{}

// Gathered is an event that Apply holds, with its place in the order of events.
type Gathered[T any] struct {
	Value T
	At    window.Position
}

func (gathering[T]) New() []Gathered[T]                     { return nil }
func (gathering[T]) Merge(a, b []Gathered[T]) []Gathered[T] { return append(a, b...) }
func (gathering[T]) Add(acc []Gathered[T], v T) []Gathered[T] {
	return append(acc, Gathered[T]{Value: v})
}
func (gathering[T]) AddAt(acc []Gathered[T], v T, at window.Position) []Gathered[T] {
	return append(acc, Gathered[T]{v, at})
}

// inOrder returns the values by event time and place.
func inOrder[T any](all []Gathered[T]) []T {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b Gathered[T]) int {
		return cmp.Or(cmp.Compare(a.At.Time, b.At.Time), cmp.Compare(a.At.Seq, b.At.Seq))
	})
	values := make([]T, len(all))
	for i := range all {
		values[i] = all[i].Value
	}
	return values
}

// An accumulation is an aggregator without its result.
type accumulation[T, A any] interface {
	New() A
	Add(acc A, v T) A
	Merge(a, b A) A
}

// folding is what the windowed operators know of an aggregator.
type folding[T, A any] struct {
	accumulation[T, A]
	stamped window.Stamped[T, A] // nil unless order matters to it
}

// add adds a row of b.
func (f *folding[T, A]) add(acc A, b *Batch[T], row int) A {
	if f.stamped != nil {
		return f.stamped.AddAt(acc, b.values[row], window.Position{Time: b.Time(row), Seq: b.seqOf(row)})
	}
	return f.Add(acc, b.values[row])
}

func (f *folding[T, A]) ops() panes.Ops[A] {
	ops := panes.Ops[A]{New: f.New, Merge: f.Merge}
	if s, ok := f.accumulation.(window.Subtractor[A]); ok {
		ops.Sub = s.Sub
	}
	return ops
}
