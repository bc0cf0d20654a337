package window

import (
	"cmp"
	"slices"
)

// Collect returns all values by event time, and for equal times by their
// place in their partition. It holds them all.
func Collect[T any]() Aggregator[T, []Placed[T], []T] { return collect[T]{} }

type collect[T any] struct{}

func (collect[T]) New() []Placed[T] { return nil }

// Add takes the value to stand at the zero Position.
func (c collect[T]) Add(acc []Placed[T], v T) []Placed[T] { return c.AddAt(acc, v, Position{}) }

func (collect[T]) AddAt(acc []Placed[T], v T, at Position) []Placed[T] {
	return append(acc, Placed[T]{v, at, true})
}

func (collect[T]) Merge(a, b []Placed[T]) []Placed[T] { return append(a, b...) }

func (collect[T]) Result(acc []Placed[T]) []T {
	sorted := slices.Clone(acc)
	slices.SortStableFunc(sorted, func(a, b Placed[T]) int {
		return cmp.Or(cmp.Compare(a.At.Time, b.At.Time), cmp.Compare(a.At.Seq, b.At.Seq))
	})
	values := make([]T, len(sorted))
	for i := range sorted {
		values[i] = sorted[i].Value
	}
	return values
}
