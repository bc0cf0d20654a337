package window

// First returns the value that is first in event time, or T's zero value of
// none; Nullable tells the two apart. Of values of one time it is the one that is first in its partition.
func First[T any]() Aggregator[T, Placed[T], T] { return end[T]{first: true} }

// Last returns the value that is last in event time, or T's zero value of
// none; Nullable tells the two apart. Of values of one time it is the one that is last in its partition.
func Last[T any]() Aggregator[T, Placed[T], T] { return end[T]{} }

// Placed is a value with its place in the order of events.
type Placed[T any] struct {
	Value T
	At    Position
	Some  bool
}

type end[T any] struct{ first bool }

func (e end[T]) New() Placed[T] { return Placed[T]{} }

// Add takes the value to stand at the zero Position: any other, the place of
// the value before say, would make Add(acc, v) differ from a merge.
func (e end[T]) Add(acc Placed[T], v T) Placed[T] { return e.AddAt(acc, v, Position{}) }

func (e end[T]) AddAt(acc Placed[T], v T, at Position) Placed[T] {
	return e.Merge(acc, Placed[T]{v, at, true})
}

func (e end[T]) Merge(a, b Placed[T]) Placed[T] {
	switch {
	case !b.Some:
		return a
	case !a.Some:
		return b
	case e.first && b.At.Before(a.At), !e.first && !b.At.Before(a.At):
		return b
	}
	return a
}

func (e end[T]) Result(acc Placed[T]) T { return acc.Value }
