package window

// Count counts values.
func Count[T any]() Aggregator[T, int64, int64] { return count[T]{} }

type count[T any] struct{}

// Terms is that of sum: each value counts as one.
func (count[T]) Terms() func(T) int64 { return func(T) int64 { return 1 } }

func (count[T]) New() int64               { return 0 }
func (count[T]) Add(acc int64, _ T) int64 { return acc + 1 }
func (count[T]) Merge(a, b int64) int64   { return a + b }
func (count[T]) Sub(a, b int64) int64     { return a - b }
func (count[T]) Result(acc int64) int64   { return acc }
