package stream

import (
	"fmt"
	"reflect"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/panes"
	"github.com/freshet-go/freshet/window"
)

// Aggregate gives one pane for each window of each key that holds an event,
// when the watermark passes the window's end, and more where the window's
// triggers say so. Windows that overlap share their work. Where there are
// several shards, each aggregates what it reads before anything is exchanged,
// so that a key that most events have slows nothing down.
//
// A window that no event falls in gives no pane. Where the aggregator panics
// on an event, SkipFailures and Divert are about that event; a result that it
// panics on stops the run, or is left out and counted with SkipFailures.
func (w Windowed[K, T]) Aggregate[A, R any](agg window.Aggregator[T, A, R], opts ...Option) Stream[Pane[K, R]] {
	started(w.late != nil, "Aggregate", "Windowed")
	given("Aggregate", "the Aggregator", agg)
	return aggregate(w, agg, outcome[K, A, R]{
		bindFailures[T],
		func(op *engine.Instance) results[K, A, R] { return &aggregated[K, A, R]{op, agg.Result} },
		func(x *panes.Pane[K, A]) (R, error) { return guarded(agg.Result, &x.Acc) },
	}, opts)
}

// aggregate chooses the store that the windows need.
func aggregate[K comparable, T, A, R any](w Windowed[K, T], agg accumulation[T, A], o outcome[K, A, R], opts []Option) Stream[Pane[K, R]] {
	f := folding[T, A]{agg: agg}
	f.stamped, _ = agg.(window.Stamped[T, A])
	own, last := agg.(paneWindows[T])
	checkPanes(*w.spec, "aggregate", last)
	if last && w.spec.Kind() == window.KindSession {
		f.windowOf = own.windowOf
	}
	checkOrder(*w.spec, opts)
	add := aggregateStored[K, T, A, R]
	if panes.HomeOf(*w.spec) == panes.InSlices {
		add = aggregateSliced[K, T, A, R]
	}
	out := add(w, f, o, opts)
	dependsOn(out.out.node, *w.spec)
	out.out.node.Depends(engine.SettingAggregator, aggregatorText(agg))
	return out
}

// Reduce merges the events of each window into one. Merge must be associative and
// commutative. R is T, the type of the events, which a method of Windowed cannot say
// in Go: it panics if merge returns another. Where each event is turned into
// something else first, Aggregate takes a window.MapReduce.
func (w Windowed[K, T]) Reduce[R any](merge func(T, T) R, opts ...Option) Stream[Pane[K, R]] {
	started(w.late != nil, "Reduce", "Windowed")
	given("Reduce", "the function merge", merge)
	same, ok := any(merge).(func(R, R) R)
	if !ok {
		panic(fmt.Sprintf("stream: Reduce of %v: the function merge returns a %v: see window.MapReduce", reflect.TypeFor[T](), reflect.TypeFor[R]()))
	}
	return w.Aggregate(any(window.Reduce(same)).(window.Aggregator[T, window.Optional[R], R]), opts...)
}

// Count counts the events of each window.
func (w Windowed[K, T]) Count[_ lazily](opts ...Option) Stream[Pane[K, int64]] {
	started(w.late != nil, "Count", "Windowed")
	return w.Aggregate(window.Count[T](), opts...)
}

// Group calls f with all events of a window, by event time and for equal
// times by their place in their partition. All of them are held until the
// window fires: where an aggregator will do, Aggregate needs less. Divert
// takes Failures of Pane[K, []T], what f was called with. CoGroup is this for
// two streams.
func (w Windowed[K, T]) Group[R any](f func(p Pane[K, []T]) R, opts ...Option) Stream[Pane[K, R]] {
	started(w.late != nil, "Group", "Windowed")
	given("Group", "the function f", f)
	return aggregate(w, gathering[T]{}, outcome[K, []placed[T], R]{
		bindFailures[Pane[K, []T]],
		func(op *engine.Instance) results[K, []placed[T], R] {
			return &gathered[K, T, R]{newGuard[Pane[K, []T]](op), f}
		},
		nil,
	}, opts)
}

// gathered are results of a function that sees all events.
type gathered[K comparable, T, R any] struct {
	guard[Pane[K, []T]]
	f func(Pane[K, []T]) R
}

func (a *gathered[K, T, R]) result(x *panes.Pane[K, []placed[T]]) (R, error) {
	p := paneOf(x.Frame, x.Key, inOrder(x.Acc))
	return guarded(a.f, &p)
}

func (a *gathered[K, T, R]) reject(x *panes.Pane[K, []placed[T]], cause error) error {
	return a.guard.reject(paneOf(x.Frame, x.Key, inOrder(x.Acc)), x.Stamp, whereOf(a.op, x.Frame, x.Key), cause)
}

// gathering keeps all events.
type gathering[T any] struct{}

// placed is an event that Group holds, with its place in the order of events.
type placed[T any] struct {
	Value T               `binary:"1"`
	At    window.Position `binary:"2"`
}

func (gathering[T]) New() []placed[T]                   { return nil }
func (gathering[T]) Merge(a, b []placed[T]) []placed[T] { return append(a, b...) }
func (gathering[T]) Add(acc []placed[T], v T) []placed[T] {
	return append(acc, placed[T]{Value: v})
}
func (gathering[T]) AddAt(acc []placed[T], v T, at window.Position) []placed[T] {
	return append(acc, placed[T]{v, at})
}

// An accumulation is an aggregator without its result.
type accumulation[T, A any] interface {
	New() A
	Add(acc A, v T) A
	Merge(a, b A) A
}

// folding is what the windowed operators know of an aggregator.
type folding[T, A any] struct {
	agg     accumulation[T, A]
	stamped window.Stamped[T, A] // nil unless order matters to it

	windowOf func(*T) window.Window // of panes of sessions, which say it themselves; else nil
}

// add adds a row of b.
func (f *folding[T, A]) add[_ lazily](acc A, b *Batch[T], row int) A {
	if f.stamped != nil {
		return f.stamped.AddAt(acc, b.values[row], window.Position{Time: b.Time(row), Seq: b.head.seqOf(row)})
	}
	return f.agg.Add(acc, b.values[row])
}

// kindOf returns what stores know of an aggregator.
func kindOf[K comparable, T, A any](f *folding[T, A], emit func(*panes.Pane[K, A])) *panes.Kind[K, A] {
	k := &panes.Kind[K, A]{Ops: panes.Ops[A]{New: f.agg.New, Merge: f.agg.Merge}, Emit: emit}
	if s, ok := f.agg.(window.Subtractor[A]); ok {
		k.Sub = s.Sub
	}
	if sums(f.agg) {
		k.AddsUp()
	}
	return k
}
