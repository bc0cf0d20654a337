package stream

import (
	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/state"
	"github.com/freshet-go/freshet/internal/table"
)

// TemporalJoin pairs each event of k with the row that versions has for its key at the event's time: all
// changes up to that time are in it, those at that time included. It gives what f makes of each pair, with the event's time, once the
// watermark of both has passed it. An event for whose key there is no row then is dropped and counted in Unmatched, or with
// LeftOuter given alone. It panics for other kinds.
//
// It is AsOfJoin where rows are deleted, too. It holds the rows of the table as they are at the watermark, and the
// events and changes that the watermark has not passed; older versions of a row it does not hold. Late events are dropped and
// counted in TooLate.
func (k Keyed[K, T]) TemporalJoin[V, U any](versions Table[K, V], kind JoinKind, f func(Match[T, V]) U, opts ...Option) Stream[U] {
	started(k.out != nil, "TemporalJoin", "Keyed")
	started(versions.changes.out != nil, "TemporalJoin", "Table")
	given("TemporalJoin", "the function f", f)
	kindGiven("TemporalJoin", kind)
	if kind != Inner && kind != LeftOuter {
		panic("stream: TemporalJoin is inner or left outer, not " + kind.String())
	}
	out := attach2(k, versions.changes, "temporaljoin", kind.String(), opts, bindFailures[Match[T, V]],
		func(op *engine.Instance, m *meeting[K, T, Change[V], U]) {
			j := &temporalJoin[K, T, V, U]{joiner: newJoiner(op, f), kind: kind}
			j.coder = state.NewCoder[keptState[K, V]]()
			op.Hold(j, j.coder)
			alignedBy(m, j)
		})
	n := out.out.node
	needsTime(n, "", 0, 1)
	n.Params = JoinParams{Kind: kind}
	n.Depends(engine.SettingKind, kind.String())
	return out
}

type temporalJoin[K comparable, L, V, U any] struct {
	joiner[L, V, U]
	kind  JoinKind
	rows  table.Table[K, V]
	coder *state.Coder[keptState[K, V]]
}

func (j *temporalJoin[K, L, V, U]) takeRight(b *KeyedBatch[K, Change[V]], i int, _ *Emitter[U]) error {
	if b.values[i].Kind == Delete {
		j.rows.Delete(b.hashes[i], b.keys[i])
		return nil
	}
	row, _ := j.rows.At(b.hashes[i], b.keys[i])
	*row = b.values[i].After
	return nil
}

func (j *temporalJoin[K, L, V, U]) takeLeft(b *KeyedBatch[K, L], i int, out *Emitter[U]) error {
	m := Match[L, V]{Left: b.values[i], HasLeft: true}
	if row := j.rows.Find(b.hashes[i], b.keys[i]); row != nil {
		m.Right, m.HasRight = *row, true
	} else if j.kind == Inner {
		j.op.Unmatched(1)
		return nil
	}
	return j.join(&m, b.head.times[i], b.head.seqs[i], out)
}

func (j *temporalJoin[K, L, V, U]) commit(Time, *Emitter[U]) error { return j.settle() }

func (j *temporalJoin[K, L, V, U]) count() int { return j.rows.Len() }

func (j *temporalJoin[K, L, V, U]) Save(s *state.Saving) error {
	rows, hashes := j.rows.Entries(), j.rows.Hashes()
	s.Keys += int64(len(rows))
	put := j.coder.Into(s, len(rows))
	for i := range rows {
		put(hashes[i], keptState[K, V]{Hash: hashes[i], Key: rows[i].Key, Val: rows[i].Val})
	}
	return nil
}

func (j *temporalJoin[K, L, V, U]) Restore(r *state.Restoring) error {
	return j.coder.EachGroup(r, func(x keptState[K, V]) {
		row, _ := j.rows.At(x.Hash, x.Key)
		*row = x.Val
	})
}
