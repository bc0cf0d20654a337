package stream

import "github.com/freshet-go/freshet/internal/engine"

// Tap calls f with each value and passes the events on as they are. With
// several shards f may be called by several goroutines at once.
func (s Stream[T]) Tap[_ lazily](f func(T), opts ...Option) Stream[T] {
	started(s.out != nil, "Tap", "Stream")
	given("Tap", "the function f", f)
	return attach(s, "tap", opts, func(op *engine.Instance, out receiver[T]) receiver[T] {
		return &filter[T]{unary: newUnary[T](op, out), keep: func(v T) bool {
			f(v)
			return true
		}}
	})
}
