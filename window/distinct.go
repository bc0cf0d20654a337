package window

import "maps"

// Distinct counts different values, exactly: it holds each once. Where near
// enough will do, a sketch needs less. NaN differs from each value, itself
// included: take it out before.
func Distinct[T any, V comparable](of func(T) V) Aggregator[T, map[V]struct{}, int64] {
	need(of != nil, "Distinct: the function of is nil")
	return distinct[T, V]{of}
}

type distinct[T any, V comparable] struct{ of func(T) V }

func (d distinct[T, V]) New() map[V]struct{} { return nil }

func (d distinct[T, V]) Add(acc map[V]struct{}, v T) map[V]struct{} {
	if acc == nil {
		acc = map[V]struct{}{}
	}
	acc[d.of(v)] = struct{}{}
	return acc
}

func (d distinct[T, V]) Merge(a, b map[V]struct{}) map[V]struct{} {
	if a == nil {
		return maps.Clone(b)
	}
	maps.Copy(a, b)
	return a
}

func (d distinct[T, V]) Result(acc map[V]struct{}) int64 { return int64(len(acc)) }
