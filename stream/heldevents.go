package stream

import (
	"github.com/freshet-go/freshet/internal/state"
	"github.com/freshet-go/freshet/internal/timer"
)

// A heldEvent is an event that waits until the watermark has passed it.
type heldEvent[K comparable, T any] struct {
	hash  uint64
	key   K
	value T
}

// A keptEvent is an event that is held back, as it is saved.
type keptEvent[K comparable, T any] struct {
	Hash  uint64 `binary:"1"`
	Key   K      `binary:"2"`
	Value T      `binary:"3"`
	At    Time   `binary:"4"`
	Seq   uint64 `binary:"5"`
}

// saveHeld saves events that are held back.
func saveHeld[K comparable, T any](s *state.Saving, held *timer.Queue[heldEvent[K, T]], to *state.Coder[keptEvent[K, T]]) {
	putHeld(held, to.Into(s, held.Len()))
}

func putHeld[K comparable, T any](held *timer.Queue[heldEvent[K, T]], put func(uint64, keptEvent[K, T])) {
	held.Each(func(x timer.Item[heldEvent[K, T]]) {
		e := x.Val
		put(e.hash, keptEvent[K, T]{e.hash, e.key, e.value, Time(x.Due), x.Seq})
	})
}

func restoreHeld[K comparable, T any](r *state.Restoring, held *timer.Queue[heldEvent[K, T]], from *state.Coder[keptEvent[K, T]]) error {
	return from.EachGroup(r, func(e keptEvent[K, T]) {
		held.Push(int64(e.At), e.Seq, heldEvent[K, T]{e.Hash, e.Key, e.Value})
	})
}
