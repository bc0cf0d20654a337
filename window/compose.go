package window

// Then returns agg with its result turned into another.
func Then[T, A, R, S any](agg Aggregator[T, A, R], f func(R) S) Aggregator[T, A, S] {
	need(agg != nil, "Then: the Aggregator agg is nil")
	need(f != nil, "Then: the function f is nil")
	t := then[T, A, R, S]{agg, f}
	stamped, _ := agg.(Stamped[T, A])
	sub, _ := agg.(Subtractor[A])
	switch {
	case stamped != nil:
		return stampedThen[T, A, R, S]{t, stamped}
	case sub != nil:
		return exactThen[T, A, R, S]{t, sub}
	}
	return t
}

type then[T, A, R, S any] struct {
	Aggregator[T, A, R]
	f func(R) S
}

func (t then[T, A, R, S]) Result(acc A) S { return t.f(t.Aggregator.Result(acc)) }

// filtered is that of what is inside.
func (t then[T, A, R, S]) filtered() (func(T) bool, Aggregator[T, A, S], bool) {
	if w, ok := t.Aggregator.(filterer[T, A, R]); ok {
		if keep, inner, ok := w.filtered(); ok {
			return keep, Then(inner, t.f), true
		}
	}
	return nil, nil, false
}

type stampedThen[T, A, R, S any] struct {
	then[T, A, R, S]
	Stamped[T, A]
}

type exactThen[T, A, R, S any] struct {
	then[T, A, R, S]
	Subtractor[A]
}

// A filterer is an aggregator that may leave values out. It is taken apart by
// Nullable.
type filterer[T, A, R any] interface {
	filtered() (keep func(T) bool, inner Aggregator[T, A, R], ok bool)
}

// Where returns agg for the values that satisfy keep alone. A window that holds
// events but none that satisfy it gives agg's result of nothing; see Nullable.
func Where[T, A, R any](keep func(T) bool, agg Aggregator[T, A, R]) Aggregator[T, A, R] {
	need(keep != nil, "Where: the function keep is nil")
	need(agg != nil, "Where: the Aggregator agg is nil")
	w := where[T, A, R]{agg, keep}
	stamped, _ := agg.(Stamped[T, A])
	sub, _ := agg.(Subtractor[A])
	switch {
	case stamped != nil:
		return stampedWhere[T, A, R]{w, stamped}
	case sub != nil:
		return exactWhere[T, A, R]{w, sub}
	}
	return w
}

type where[T, A, R any] struct {
	Aggregator[T, A, R]
	keep func(T) bool
}

func (w where[T, A, R]) Add(acc A, v T) A {
	if !w.keep(v) {
		return acc
	}
	return w.Aggregator.Add(acc, v)
}

func (w where[T, A, R]) filtered() (func(T) bool, Aggregator[T, A, R], bool) {
	return w.keep, w.Aggregator, true
}

type stampedWhere[T, A, R any] struct {
	where[T, A, R]
	stamped Stamped[T, A]
}

func (w stampedWhere[T, A, R]) AddAt(acc A, v T, at Position) A {
	if !w.keep(v) {
		return acc
	}
	return w.stamped.AddAt(acc, v, at)
}

type exactWhere[T, A, R any] struct {
	where[T, A, R]
	sub Subtractor[A]
}

func (w exactWhere[T, A, R]) Sub(a, b A) A { return w.sub.Sub(a, b) }

// A Two is what Both keeps: an accumulator of each.
type Two[A, B any] struct {
	A A
	B B
}

// Both aggregates in two ways in one pass, and gives what f makes of the two
// results. For more than two there is Struct.
func Both[T, A, B, RA, RB, R any](a Aggregator[T, A, RA], b Aggregator[T, B, RB], f func(RA, RB) R) Aggregator[T, Two[A, B], R] {
	need(a != nil, "Both: the Aggregator a is nil")
	need(b != nil, "Both: the Aggregator b is nil")
	need(f != nil, "Both: the function f is nil")
	x := both[T, A, B, RA, RB, R]{a: a, b: b, f: f}
	x.stampedA, _ = a.(Stamped[T, A])
	x.stampedB, _ = b.(Stamped[T, B])
	subA, okA := a.(Subtractor[A])
	subB, okB := b.(Subtractor[B])
	switch {
	case x.stampedA != nil || x.stampedB != nil:
		return stampedBoth[T, A, B, RA, RB, R]{x}
	case okA && okB:
		return exactBoth[T, A, B, RA, RB, R]{x, subA, subB}
	}
	return x
}

type both[T, A, B, RA, RB, R any] struct {
	a        Aggregator[T, A, RA]
	b        Aggregator[T, B, RB]
	f        func(RA, RB) R
	stampedA Stamped[T, A]
	stampedB Stamped[T, B]
}

func (x both[T, A, B, RA, RB, R]) New() Two[A, B] { return Two[A, B]{x.a.New(), x.b.New()} }

func (x both[T, A, B, RA, RB, R]) Add(acc Two[A, B], v T) Two[A, B] {
	return Two[A, B]{x.a.Add(acc.A, v), x.b.Add(acc.B, v)}
}

func (x both[T, A, B, RA, RB, R]) Merge(a, b Two[A, B]) Two[A, B] {
	return Two[A, B]{x.a.Merge(a.A, b.A), x.b.Merge(a.B, b.B)}
}

func (x both[T, A, B, RA, RB, R]) Result(acc Two[A, B]) R {
	return x.f(x.a.Result(acc.A), x.b.Result(acc.B))
}

type stampedBoth[T, A, B, RA, RB, R any] struct{ both[T, A, B, RA, RB, R] }

func (x stampedBoth[T, A, B, RA, RB, R]) AddAt(acc Two[A, B], v T, at Position) Two[A, B] {
	if x.stampedA != nil {
		acc.A = x.stampedA.AddAt(acc.A, v, at)
	} else {
		acc.A = x.a.Add(acc.A, v)
	}
	if x.stampedB != nil {
		acc.B = x.stampedB.AddAt(acc.B, v, at)
	} else {
		acc.B = x.b.Add(acc.B, v)
	}
	return acc
}

type exactBoth[T, A, B, RA, RB, R any] struct {
	both[T, A, B, RA, RB, R]
	subA Subtractor[A]
	subB Subtractor[B]
}

func (x exactBoth[T, A, B, RA, RB, R]) Sub(a, b Two[A, B]) Two[A, B] {
	return Two[A, B]{x.subA.Sub(a.A, b.A), x.subB.Sub(a.B, b.B)}
}
