package stream

// A KeyRef is a key with its hash, as the state and the timers of an operator of the
// caller's own are asked by. It comes from a row of a batch (KeyedBatch.Ref), from a
// Timer, or from KeyedState.All, and from nowhere else: so no operator can hold anything for a
// key whose events go to another instance.
type KeyRef[K comparable] struct {
	key  K
	hash uint64
	at   Time  // of the event or the timer; window.MinTime where it has none
	row  int32 // of the batch that it comes from: see KeyedState.Prefetch
	from origin
}

// An origin says what a KeyRef is from.
type origin uint8

const (
	fromEvent origin = iota
	fromTimer
	fromClock // a timer of processing time
	fromState
)

// Key returns the key.
func (r KeyRef[K]) Key() K { return r.key }

// Ref returns the key of a row with its hash, by which state and timers are asked.
func (b *KeyedBatch[K, T]) Ref[_ lazily](row int) KeyRef[K] {
	return KeyRef[K]{key: b.keys[row], hash: b.hashes[row], at: b.head.timeOf(row), row: int32(row)}
}
