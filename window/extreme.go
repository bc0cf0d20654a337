package window

import "cmp"

// Min returns the least of ordered values, or V's zero value of none; Nullable
// tells the two apart. A NaN is less than any other.
func Min[T any, V cmp.Ordered](of func(T) V) Aggregator[T, Optional[V], V] {
	need(of != nil, "Min: the function of is nil")
	return least[T, V]{of}
}

// Max returns the greatest of ordered values, or V's zero value of none;
// Nullable tells the two apart. For the event that has it, see Top.
func Max[T any, V cmp.Ordered](of func(T) V) Aggregator[T, Optional[V], V] {
	need(of != nil, "Max: the function of is nil")
	return greatest[T, V]{of}
}

type least[T any, V cmp.Ordered] struct{ of func(T) V }

func (least[T, V]) New() Optional[V] { return Optional[V]{} }

func (l least[T, V]) Add(acc Optional[V], v T) Optional[V] {
	if x := l.of(v); !acc.Some || cmp.Less(x, acc.Value) {
		return Optional[V]{x, true}
	}
	return acc
}

func (least[T, V]) Merge(a, b Optional[V]) Optional[V] {
	if !a.Some || b.Some && cmp.Less(b.Value, a.Value) {
		return b
	}
	return a
}

func (least[T, V]) Result(acc Optional[V]) V { return acc.Value }

type greatest[T any, V cmp.Ordered] struct{ of func(T) V }

func (greatest[T, V]) New() Optional[V] { return Optional[V]{} }

func (g greatest[T, V]) Add(acc Optional[V], v T) Optional[V] {
	if x := g.of(v); !acc.Some || cmp.Less(acc.Value, x) {
		return Optional[V]{x, true}
	}
	return acc
}

func (greatest[T, V]) Merge(a, b Optional[V]) Optional[V] {
	if !a.Some || b.Some && cmp.Less(a.Value, b.Value) {
		return b
	}
	return a
}

func (greatest[T, V]) Result(acc Optional[V]) V { return acc.Value }
