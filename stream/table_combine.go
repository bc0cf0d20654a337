package stream

import (
	"cmp"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/equal"
	"github.com/freshet-go/freshet/internal/table"
)

// combine puts together the changes of a key and a time that come from different places: a row that has gone here and come
// there was updated. It holds the changes that the watermark has not passed, and no rows.
func combine[K comparable, V any](changes Keyed[K, Change[V]], kind string, opts []Option, same equal.Test) Table[K, V] {
	return attachTable(changes, kind, opts, nil, func(op *engine.Instance, out *tableWriter[K, V]) keyedReceiver[K, Change[V]] {
		return &uniting[K, V]{op: op, same: same, out: out, at: engine.MinTime}
	})
}

type uniting[K comparable, V any] struct {
	op   *engine.Instance
	same equal.Test
	out  *tableWriter[K, V]
	at   Time
	rows table.Table[K, rowChange[V]] // that have changed at that time
}

func (x *uniting[K, V]) pushKeyed(b *KeyedBatch[K, Change[V]]) error {
	x.op.In(b.Len())
	x.out.inherit(b.head.born, nil)
	for k, n := 0, b.Len(); k < n; k++ {
		row := b.head.at(k)
		if t := b.head.times[row]; t != x.at {
			if err := x.commit(); err != nil {
				return err
			}
			x.at = t
		}
		c := &b.values[row]
		r, _ := x.rows.At(b.hashes[row], b.keys[row])
		if c.HasBefore {
			r.was, r.had = c.Before, true
		}
		if c.Kind != Delete {
			r.now, r.is = c.After, true
		}
	}
	return nil
}

func (x *uniting[K, V]) commit() error {
	rows, hashes := x.rows.Entries(), x.rows.Hashes()
	for i := range rows {
		if c, some := rows[i].Val.change(x.same); some {
			x.out.put(hashes[i], rows[i].Key, x.at, &c)
		}
	}
	x.rows.Reset()
	return x.out.err
}

func (x *uniting[K, V]) Control(c engine.Control) error {
	if c.Kind == engine.Watermark {
		x.out.inherit(c.Born, nil)
		x.op.Enter()
		if err := cmp.Or(x.commit(), x.out.flush()); err != nil {
			return err
		}
		x.op.Advance(c.Watermark)
	}
	return x.op.Pass(c, x.out.out)
}
