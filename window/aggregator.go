package window

// An Aggregator turns values of type T into a result of type R by way of an
// accumulator of type A. Its methods are pure: it holds no state itself, and
// may be used by several goroutines at once.
//
// Laws, which windowtest.Laws checks:
//
//   - Merge is associative and commutative, and New() is its identity: what
//     shards and batches have gathered is merged in any order. Where results
//     depend on the order of events (see Stamped), this is so for events of
//     different positions.
//   - Add(acc, v) equals Merge(acc, Add(New(), v)).
//   - Add and Merge may use the memory of their first argument, never that of
//     the second after they have returned.
//   - Result leaves acc as it is, and what it returns shares no memory with
//     acc that a later Add could change.
type Aggregator[T, A, R any] interface {
	New() A
	Add(acc A, v T) A
	Merge(a, b A) A
	Result(acc A) R
}

// A Subtractor is an Aggregator that can take back: Sub(Merge(a, b), b) equals
// a, and Merge(Sub(a, b), b) equals a where b is part of a, both exactly. Sums
// of floating-point numbers cannot. Sub may use the memory of a, never that of
// b after it has returned. Sliding windows then cost one Merge and one Sub a
// slide.
type Subtractor[A any] interface {
	Sub(a, b A) A
}

// A Position is where an event stands in the order of events: by time, and for
// equal times by Seq, its place in its partition.
type Position struct {
	Time Time
	Seq  uint64
}

// A Stamped aggregator is one whose result depends on the order of events.
// AddAt is called instead of Add, and obeys Add's laws. Add itself is AddAt at
// the zero Position.
type Stamped[T, A any] interface {
	AddAt(acc A, v T, at Position) A
}

// Before reports whether p comes before q.
func (p Position) Before(q Position) bool {
	return p.Time < q.Time || p.Time == q.Time && p.Seq < q.Seq
}

// Of makes an Aggregator of four functions, which have to obey the laws of
// Aggregator. What they are named after they do. An accumulator of many words is
// better pointed to, as it is copied for each event otherwise.
func Of[T, A, R any](zero func() A, add func(A, T) A, merge func(A, A) A, result func(A) R) Aggregator[T, A, R] {
	need(zero != nil, "Of: the function zero is nil")
	need(add != nil, "Of: the function add is nil")
	need(merge != nil, "Of: the function merge is nil")
	need(result != nil, "Of: the function result is nil")
	return functions[T, A, R]{zero, add, merge, result}
}

type functions[T, A, R any] struct {
	zero   func() A
	add    func(A, T) A
	merge  func(A, A) A
	result func(A) R
}

func (f functions[T, A, R]) New() A           { return f.zero() }
func (f functions[T, A, R]) Add(acc A, v T) A { return f.add(acc, v) }
func (f functions[T, A, R]) Merge(a, b A) A   { return f.merge(a, b) }
func (f functions[T, A, R]) Result(acc A) R   { return f.result(acc) }
