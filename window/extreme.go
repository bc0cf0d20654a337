package window

import "cmp"

// An Optional is a value that may be missing.
type Optional[V any] struct {
	Value V
	Some  bool
}

// Min returns the least of ordered values, or V's zero value of none. A NaN
// is less than any other.
func Min[T any, V cmp.Ordered](of func(T) V) Aggregator[T, Optional[V], V] {
	return extreme[T, V]{of, -1}
}

// Max returns the greatest of ordered values, or V's zero value of none.
func Max[T any, V cmp.Ordered](of func(T) V) Aggregator[T, Optional[V], V] {
	return extreme[T, V]{of, 1}
}

type extreme[T any, V cmp.Ordered] struct {
	of   func(T) V
	sign int
}

func (e extreme[T, V]) New() Optional[V] { return Optional[V]{} }

func (e extreme[T, V]) Add(acc Optional[V], v T) Optional[V] {
	return e.Merge(acc, Optional[V]{e.of(v), true})
}

func (e extreme[T, V]) Merge(a, b Optional[V]) Optional[V] {
	if !a.Some || b.Some && cmp.Compare(b.Value, a.Value)*e.sign > 0 {
		return b
	}
	return a
}

func (e extreme[T, V]) Result(acc Optional[V]) V { return acc.Value }
