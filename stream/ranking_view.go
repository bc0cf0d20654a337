package stream

import (
	"reflect"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/state"
)

// A board is what a View shows of a partition: the rows that have results, in their order.
type board[K comparable, R any] = []KeyValue[K, R]

// board returns what is shown of a partition. A watermark comes behind the changes that it lets pass, before anybody asks: so all that
// has come has been put out.
func (x *ranking[P, K, V, R]) board[_ lazily](part *rankedPart[K, V, R]) board[K, R] {
	if part.stale {
		x.settle(part)
	}
	rows := make(board[K, R], min(x.first, len(part.rows)))
	for i := range rows {
		rows[i] = KeyValue[K, R]{part.rows[i].key, part.rows[i].res}
	}
	return rows
}

// asked is how partitions are asked for by a View.
func (x *ranking[P, K, V, R]) asked[_ lazily]() viewPart[P, board[K, R]] {
	coder := state.NewCoder[keptState[P, board[K, R]]]()
	shown := func(p P, part *rankedPart[K, V, R]) (c keptState[P, board[K, R]], err error) {
		if failure := attempted(func() { c, err = coder.Copy(keptState[P, board[K, R]]{Key: p, Val: x.board(part)}) }); failure != nil {
			err = failure
		}
		return c, err
	}
	return viewPart[P, board[K, R]]{
		look: func(hash uint64, p P) (board[K, R], bool, error) {
			part := x.parts.Find(hash, p)
			if part == nil || len((*part).rows) == 0 {
				return nil, false, nil
			}
			c, err := shown(p, *part)
			return c.Val, err == nil, err
		},
		parts: func() (int, func(int, *[]KeyValue[P, board[K, R]]) error) {
			of := x.parts.Parts(viewedAtOnce / 64)
			return of.Len(), func(turn int, to *[]KeyValue[P, board[K, R]]) (err error) {
				x.parts.Part(of, turn, func(at int) {
					e := &x.parts.Entries()[at]
					if err != nil || len(e.Val.rows) == 0 {
						return
					}
					var c keptState[P, board[K, R]]
					if c, err = shown(e.Key, e.Val); err == nil {
						*to = append(*to, KeyValue[P, board[K, R]]{c.Key, c.Val})
					}
				})
				return err
			}
		},
	}
}

// expose has a ranking answer a View, if it was given one.
func (x *ranking[P, K, V, R]) expose[_ lazily]() {
	v := viewOf[P, board[K, R]](x.op.Node)
	if v == nil {
		return
	}
	x.op.Alone(exposesHere)
	x.op.OnBegin(func() error {
		v.instances.add(x.op, x.asked())
		return nil
	})
}

// boards has v read what a checkpoint has of a ranking: the rows, of which the results are worked out again.
func boards[P, K comparable, V, R any](v *View[P, board[K, R]], build func() *ranking[P, K, V, R]) {
	if v == nil {
		return
	}
	of := engine.HeldPart{Holder: 1, Records: []reflect.Type{reflect.TypeFor[keptEvent[P, orderedChange[K, V]]](), reflect.TypeFor[keptRanked[P, K, V]]()}}
	v.reads(of, func(from *state.Restoring, f func(P, board[K, R])) error {
		x := build()
		if err := x.Restore(from); err != nil {
			return err
		}
		for _, e := range x.parts.Entries() {
			f(e.Key, x.board(e.Val))
		}
		return nil
	})
}
