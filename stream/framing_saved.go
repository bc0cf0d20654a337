package stream

import (
	"cmp"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/state"
	"github.com/freshet-go/freshet/window/over"
)

// A keptOver is a partition as it is saved.
type keptOver[K comparable, T any] struct {
	Hash   uint64          `binary:"1"`
	Key    K               `binary:"2"`
	Events []keptFramed[T] `binary:"3"`
	Next   int64           `binary:"4"`
	Cells  [][]byte        `binary:"5"`
}

type keptFramed[T any] struct {
	At    Time       `binary:"1"`
	Seq   uint64     `binary:"2"`
	Val   T          `binary:"3"`
	Ranks over.Ranks `binary:"4"`
}

func (x *framing[K, T, R]) Save(s *state.Saving) error {
	entries := x.keys.Entries()
	s.Keys += int64(len(entries))
	put := x.coder.Into(s, len(entries))
	for i := range entries {
		p := entries[i].Val
		kept := keptOver[K, T]{Hash: p.hash, Key: p.key, Next: int64(p.next)}
		for _, e := range p.held() {
			kept.Events = append(kept.Events, keptFramed[T]{e.at, e.seq, e.val, e.ranks})
		}
		for _, c := range p.cells {
			cell, err := c.AppendBinary(nil)
			if err != nil {
				return err
			}
			kept.Cells = append(kept.Cells, cell)
		}
		put(p.hash, kept)
	}
	return nil
}

func (x *framing[K, T, R]) Restore(r *state.Restoring) (err error) {
	x.now = r.Watermark
	broken := x.coder.EachGroup(r, func(k keptOver[K, T]) {
		s, _ := x.keys.At(k.Hash, k.Key)
		p := &partition[K, T, R]{hashedKey: hashedKey[K]{k.Hash, k.Key}, next: int(k.Next), alarm: engine.MaxTime}
		*s = p
		for _, e := range k.Events {
			p.all = append(p.all, framedEvent[T]{e.At, e.Seq, e.Val, e.Ranks})
		}
		p.cells = x.columns.Cells()
		for i := range min(len(p.cells), len(k.Cells)) {
			err = cmp.Or(err, p.cells[i].UnmarshalBinary(k.Cells[i]))
		}
		x.arm(p, engine.MinTime)
	})
	return cmp.Or(broken, err)
}
