package window

import (
	"cmp"
	"maps"
	"slices"

	"golang.org/x/exp/constraints"
)

// Top returns the k greatest values by compare, which is negative where a is
// less than b and positive where it is greater; the greatest comes first.
// Values of which neither is less come by event time, and for equal times by
// their place in their partition. It holds k values, and Add takes O(k) time
// for a value that enters and O(1) for one that does not. It panics if k is not
// positive.
func Top[T any](k int, compare func(a, b T) int) Aggregator[T, []Placed[T], []T] {
	need(compare != nil, "Top: the function compare is nil")
	need(k > 0, "Top(%d): not positive", k)
	return top[T]{k, compare}
}

type top[T any] struct {
	k       int
	compare func(a, b T) int
}

func (t top[T]) New() []Placed[T] { return nil }

// Add takes the value to stand at the zero Position.
func (t top[T]) Add(acc []Placed[T], v T) []Placed[T] { return t.AddAt(acc, v, Position{}) }

func (t top[T]) AddAt(acc []Placed[T], v T, at Position) []Placed[T] {
	x := Placed[T]{v, at, true}
	return insert(acc, t.k, x, t.order)
}

// insert puts x into the first k of what is sorted by order, behind its
// equals, and drops what is then too much.
func insert[T any](sorted []T, k int, x T, order func(a, b T) int) []T {
	if len(sorted) == k {
		if order(sorted[k-1], x) <= 0 {
			return sorted
		}
		sorted = sorted[:k-1]
	}
	i, _ := slices.BinarySearchFunc(sorted, x, func(a, b T) int {
		if order(a, b) <= 0 {
			return -1
		}
		return 1
	})
	return slices.Insert(sorted, i, x)
}

// order is less than 0 where a comes before b in the result.
func (t top[T]) order(a, b Placed[T]) int {
	return cmp.Or(t.compare(b.Value, a.Value), cmp.Compare(a.At.Time, b.At.Time), cmp.Compare(a.At.Seq, b.At.Seq))
}

func (t top[T]) Merge(a, b []Placed[T]) []Placed[T] {
	for _, x := range b {
		a = t.AddAt(a, x.Value, x.At)
	}
	return a
}

func (t top[T]) Result(acc []Placed[T]) []T {
	values := make([]T, len(acc))
	for i := range acc {
		values[i] = acc[i].Value
	}
	return values
}

// A Ranked is a key and its weight.
type Ranked[V comparable, N any] struct {
	Key    V
	Weight N
}

// TopK returns the k keys of the greatest summed weight, greatest first; of
// equal weights the lesser key comes first. It is exact, and holds a weight for
// each key; its result takes O(n log k) time of n keys, or O(n k) if they come
// by ascending weight. A sum that overflows wraps around. A key that is
// NaN differs from each other: take it out before. It panics if k is not positive.
func TopK[T any, V cmp.Ordered, N constraints.Integer](k int, key func(T) V, weight func(T) N) Aggregator[T, map[V]N, []Ranked[V, N]] {
	need(key != nil, "TopK: the function key is nil")
	need(weight != nil, "TopK: the function weight is nil")
	need(k > 0, "TopK(%d): not positive", k)
	return topK[T, V, N]{k, key, weight}
}

type topK[T any, V cmp.Ordered, N constraints.Integer] struct {
	k      int
	key    func(T) V
	weight func(T) N
}

func (t topK[T, V, N]) New() map[V]N { return nil }

func (t topK[T, V, N]) Add(acc map[V]N, v T) map[V]N {
	if acc == nil {
		acc = map[V]N{}
	}
	acc[t.key(v)] += t.weight(v)
	return acc
}

func (t topK[T, V, N]) Merge(a, b map[V]N) map[V]N {
	if a == nil {
		return maps.Clone(b)
	}
	for k, n := range b {
		a[k] += n
	}
	return a
}

func (t topK[T, V, N]) Result(acc map[V]N) []Ranked[V, N] {
	ranked := make([]Ranked[V, N], 0, min(t.k, len(acc)))
	for k, n := range acc {
		ranked = insert(ranked, t.k, Ranked[V, N]{k, n}, t.order)
	}
	return ranked
}

// order is less than 0 where a comes before b in the result.
func (topK[T, V, N]) order(a, b Ranked[V, N]) int {
	return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Key, b.Key))
}
