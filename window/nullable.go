package window

// Nullable returns agg with a result that tells nothing from a value: an
// Optional that is Some if a value was added. The greatest of no values is
// then not 0, as SQL's MAX is NULL:
//
//	window.Nullable(window.Where(Order.paid, window.Max(Order.cents)))
//
// Values that a Where inside leaves out do not count; with Both, it is the parts
// that are made Nullable. An accumulator is larger by a counter.
func Nullable[T, A, R any](agg Aggregator[T, A, R]) Aggregator[T, Counted[A], Optional[R]] {
	need(agg != nil, "Nullable: the Aggregator agg is nil")
	if w, ok := agg.(filterer[T, A, R]); ok {
		if keep, inner, ok := w.filtered(); ok {
			return Where(keep, Nullable(inner))
		}
	}
	n := nullable[T, A, R]{agg}
	stamped, _ := agg.(Stamped[T, A])
	sub, _ := agg.(Subtractor[A])
	switch {
	case stamped != nil:
		return stampedNullable[T, A, R]{n, stamped}
	case sub != nil:
		return exactNullable[T, A, R]{n, sub}
	}
	return n
}

// Counted is an accumulator, and how many values were added to it.
type Counted[A any] struct {
	Acc A
	N   int64
}

type nullable[T, A, R any] struct{ of Aggregator[T, A, R] }

func (n nullable[T, A, R]) New() Counted[A] { return Counted[A]{Acc: n.of.New()} }

func (n nullable[T, A, R]) Add(acc Counted[A], v T) Counted[A] {
	return Counted[A]{n.of.Add(acc.Acc, v), acc.N + 1}
}

func (n nullable[T, A, R]) Merge(a, b Counted[A]) Counted[A] {
	return Counted[A]{n.of.Merge(a.Acc, b.Acc), a.N + b.N}
}

func (n nullable[T, A, R]) Result(acc Counted[A]) (r Optional[R]) {
	if acc.N > 0 {
		r = Optional[R]{n.of.Result(acc.Acc), true}
	}
	return r
}

type stampedNullable[T, A, R any] struct {
	nullable[T, A, R]
	stamped Stamped[T, A]
}

func (n stampedNullable[T, A, R]) AddAt(acc Counted[A], v T, at Position) Counted[A] {
	return Counted[A]{n.stamped.AddAt(acc.Acc, v, at), acc.N + 1}
}

type exactNullable[T, A, R any] struct {
	nullable[T, A, R]
	sub Subtractor[A]
}

func (n exactNullable[T, A, R]) Sub(a, b Counted[A]) Counted[A] {
	return Counted[A]{n.sub.Sub(a.Acc, b.Acc), a.N - b.N}
}
