package window

import (
	"cmp"
	"slices"
)

// A Tally is a value and how often it was added.
type Tally[V any] struct {
	Value V
	N     int64
}

// A Bag is what a Multiset makes aggregators of. Each of them holds every different value once, with how often
// it is there, in order. So all of them are Subtractors: what was the least value may be taken back, and the next
// one is then. Where nothing is taken back, Min, Max, Distinct and Top hold less.
//
// Add and Sub take O(log n) time for n different values, and move those that are greater; results take
// O(1), and Top O(k).
type Bag[T, V any] struct {
	of      func(T) V
	compare func(a, b V) int
}

// Multiset returns the Bag of ordered values. NaN is less than any other, and there is one.
func Multiset[T any, V cmp.Ordered](of func(T) V) Bag[T, V] {
	need(of != nil, "Multiset: the function of is nil")
	return Bag[T, V]{of, cmp.Compare[V]}
}

// MultisetFunc returns the Bag of values that compare orders: it is negative where a is less than b, positive
// where it is greater, and zero only where one may stand for the other. To rank rows, it compares by what makes the
// rank, and then by what tells the rows apart.
func MultisetFunc[T, V any](of func(T) V, compare func(a, b V) int) Bag[T, V] {
	need(of != nil, "MultisetFunc: the function of is nil")
	need(compare != nil, "MultisetFunc: the function compare is nil")
	return Bag[T, V]{of, compare}
}

// Min returns the least value, or V's zero value of none.
func (b Bag[T, V]) Min[_ lazily]() Aggregator[T, []Tally[V], V] {
	return bagOf(b, func(all []Tally[V]) (v V) {
		if len(all) > 0 {
			v = all[0].Value
		}
		return v
	})
}

// Max returns the greatest value, or V's zero value of none.
func (b Bag[T, V]) Max[_ lazily]() Aggregator[T, []Tally[V], V] {
	return bagOf(b, func(all []Tally[V]) (v V) {
		if len(all) > 0 {
			v = all[len(all)-1].Value
		}
		return v
	})
}

// Distinct counts different values.
func (b Bag[T, V]) Distinct[_ lazily]() Aggregator[T, []Tally[V], int64] {
	return bagOf(b, func(all []Tally[V]) int64 { return int64(len(all)) })
}

// Top returns the k greatest values, the greatest first. One that was added several times is there as often. It
// panics if k is not positive.
func (b Bag[T, V]) Top[_ lazily](k int) Aggregator[T, []Tally[V], []V] {
	need(k > 0, "Top(%d): not positive", k)
	return bagOf(b, func(all []Tally[V]) (top []V) {
		for i := len(all) - 1; i >= 0; i-- {
			for range all[i].N {
				if len(top) == k {
					return top
				}
				top = append(top, all[i].Value)
			}
		}
		return top
	})
}

// Tallies returns the different values in ascending order, and how often each is there.
func (b Bag[T, V]) Tallies[_ lazily]() Aggregator[T, []Tally[V], []Tally[V]] {
	return bagOf(b, func(all []Tally[V]) []Tally[V] { return append([]Tally[V](nil), all...) })
}

// lazily is the constraint of a type parameter that Go infers. A method that has one is compiled where it
// is called, and not for each type that its receiver is made of.
type lazily interface{ bool }

func bagOf[T, V, R any](b Bag[T, V], result func([]Tally[V]) R) Aggregator[T, []Tally[V], R] {
	need(b.of != nil, "a Bag is made by Multiset or MultisetFunc")
	return bag[T, V, R]{b, result}
}

type bag[T, V, R any] struct {
	in     Bag[T, V]
	result func([]Tally[V]) R
}

func (b bag[T, V, R]) New() []Tally[V] { return nil }

func (b bag[T, V, R]) Add(acc []Tally[V], v T) []Tally[V] {
	return b.change(acc, Tally[V]{b.in.of(v), 1})
}

// change adds so many of a value, or takes them back where N is negative.
func (b bag[T, V, R]) change(acc []Tally[V], by Tally[V]) []Tally[V] {
	i, there := slices.BinarySearchFunc(acc, by.Value, func(t Tally[V], v V) int { return b.in.compare(t.Value, v) })
	if !there {
		return slices.Insert(acc, i, by)
	}
	if acc[i].N += by.N; acc[i].N == 0 {
		return slices.Delete(acc, i, i+1)
	}
	return acc
}

func (b bag[T, V, R]) Merge(x, y []Tally[V]) []Tally[V] {
	for _, t := range y {
		x = b.change(x, t)
	}
	return x
}

func (b bag[T, V, R]) Sub(x, y []Tally[V]) []Tally[V] {
	for _, t := range y {
		x = b.change(x, Tally[V]{t.Value, -t.N})
	}
	return x
}

func (b bag[T, V, R]) Result(acc []Tally[V]) R { return b.result(acc) }
