package engine

import (
	"maps"
	"slices"

	"github.com/freshet-go/freshet/internal/state"
)

// keyOf is the key of a number, and hashOf the hash of a key.
func keyOf(n int) int       { return n % 10 }
func hashOf(k int) uint64   { return uint64(k+1) * 0x9E3779B97F4A7C15 }
func shardOf(n, of int) int { return state.ShardOf(hashOf(keyOf(n)), of) }

// A tally adds numbers up by key, and passes them on. Its sums are state.
type tally struct {
	op    *Instance
	coder *state.Coder[tallied]
	sums  map[int]int
	saves int // how often it was saved
	each  func(n int)
	next  intLink

	restores func(*state.Restoring) error // instead of Restore, if it is set
	moves    func(op *Instance)           // its watermark
}

type tallied struct {
	Key int `binary:"1"`
	Val int `binary:"2"`
}

func newTally(op *Instance, each func(int), next intLink) *tally {
	a := &tally{op: op, coder: state.NewCoder[tallied](), sums: map[int]int{}, each: each, next: next}
	op.Hold(a, a.coder)
	op.Control = a.Control
	return a
}

func (a *tally) push(b *ints) error {
	a.op.In(len(b.all))
	for _, n := range b.all {
		if a.op.Halted() {
			return ErrStopped
		}
		a.each(n)
		a.sums[keyOf(n)] += n
	}
	a.op.Holds(len(a.sums))
	a.op.Out(len(b.all))
	return a.next.push(b)
}

func (a *tally) Control(c Control) error {
	if c.Kind == Watermark {
		a.op.Advance(c.Watermark)
		a.moves(a.op)
	}
	return a.op.Pass(c, a.next)
}

func (a *tally) Save(s *state.Saving) error {
	a.saves++
	put := a.coder.Into(s, len(a.sums))
	for _, k := range slices.Sorted(maps.Keys(a.sums)) {
		put(hashOf(k), tallied{k, a.sums[k]})
	}
	s.Keys = int64(len(a.sums))
	return nil
}

func (a *tally) Restore(r *state.Restoring) error {
	if a.restores != nil {
		return a.restores(r)
	}
	return a.coder.EachGroup(r, func(x tallied) { a.sums[x.Key] = x.Val })
}
