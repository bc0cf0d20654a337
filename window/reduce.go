package window

// Reduce merges values into one, and returns T's zero value of none; Nullable
// tells the two apart. The function must be associative and commutative.
func Reduce[T any](merge func(a, b T) T) Aggregator[T, Optional[T], T] {
	need(merge != nil, "Reduce: the function merge is nil")
	return reduce[T]{merge}
}

type reduce[T any] struct{ merge func(a, b T) T }

func (r reduce[T]) New() Optional[T] { return Optional[T]{} }

func (r reduce[T]) Add(acc Optional[T], v T) Optional[T] {
	return r.Merge(acc, Optional[T]{v, true})
}

func (r reduce[T]) Merge(a, b Optional[T]) Optional[T] {
	switch {
	case !b.Some:
		return a
	case !a.Some:
		return b
	}
	return Optional[T]{r.merge(a.Value, b.Value), true}
}

func (r reduce[T]) Result(acc Optional[T]) T { return acc.Value }

// MapReduce turns each value into another and merges these into one, as Reduce does.
func MapReduce[T, R any](of func(T) R, merge func(a, b R) R) Aggregator[T, Optional[R], R] {
	need(of != nil, "MapReduce: the function of is nil")
	need(merge != nil, "MapReduce: the function merge is nil")
	return mapReduce[T, R]{reduce[R]{merge}, of}
}

type mapReduce[T, R any] struct {
	reduce[R]
	of func(T) R
}

func (m mapReduce[T, R]) Add(acc Optional[R], v T) Optional[R] {
	return m.Merge(acc, Optional[R]{m.of(v), true})
}

// Fold adds each value to what there is so far, in the order of events: by
// event time, and for equal times by their place in their partition. Step
// needs no counterpart that merges, so all values are held until the window
// fires. Start returns a value of its own at each call.
func Fold[T, R any](start func() R, step func(R, T) R) Aggregator[T, []Placed[T], R] {
	need(start != nil, "Fold: the function start is nil")
	need(step != nil, "Fold: the function step is nil")
	return Then(Collect[T](), func(values []T) R {
		r := start()
		for _, v := range values {
			r = step(r, v)
		}
		return r
	})
}
