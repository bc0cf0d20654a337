package stream

// TableJoin pairs each event of k with the latest event of table that has its
// key and has arrived before: table is taken as a stream of updates. It gives
// what f makes of each pair, with the event's time, at once. An event whose
// key the table does not have is dropped and counted, or with LeftOuter given
// alone. It panics for other kinds.
//
// What it gives depends on the order in which the two streams arrive; where
// event time is to decide, AsOfJoin is the way. Of the table it holds a value
// for each key; with TimeToLive, for that long after the value's time.
func (k Keyed[K, T]) TableJoin[V, U any](table Keyed[K, V], kind JoinKind, f func(Match[T, V]) U, opts ...Option) Stream[U] {
	if kind != Inner && kind != LeftOuter {
		panic("stream: TableJoin is inner or left outer, not " + kind.String())
	}
	return attach2(k, table, "tablejoin", kind.String(), opts, bindFailures[Match[T, V]], func(op *instance, use func(KeyedProcessor2[K, T, V, U])) {
		j := &tableJoin[K, T, V, U]{joiner: newJoiner(op, f), kind: kind}
		j.rows.ttl = op.node.cfg.ttl
		op.hold(&j.rows, j.rows.makeCoder())
		use(j)
	})
}

type tableJoin[K comparable, L, V, U any] struct {
	joiner[L, V, U]
	kind JoinKind
	rows keyStates[K, V]
}

func (j *tableJoin[K, L, V, U]) ProcessLeft(b *KeyedBatch[K, L], out *Emitter[U]) error {
	for k, n := 0, b.Len(); k < n; k++ {
		row := b.at(k)
		m := Match[L, V]{Left: b.values[row], HasLeft: true}
		if s := j.rows.states.Find(b.hashes[row], b.keys[row]); s != nil {
			m.Right, m.HasRight = s.val, true
		} else if j.kind == Inner {
			j.op.stats.dropped.Add(1)
			continue
		}
		if err := j.join(&m, b.Time(row), b.seqOf(row), out); err != nil {
			return err
		}
	}
	return j.settle()
}

func (j *tableJoin[K, L, V, U]) ProcessRight(b *KeyedBatch[K, V], _ *Emitter[U]) error {
	for k, n := 0, b.Len(); k < n; k++ {
		row := b.at(k)
		s, _ := j.rows.at(b.hashes[row], b.keys[row], b.Time(row))
		s.val = b.values[row]
	}
	j.op.stats.keys.Store(int64(j.rows.states.Len()))
	return nil
}

// Advance forgets the rows whose time to live has passed.
func (j *tableJoin[K, L, V, U]) Advance(wm Time, _ *Emitter[U]) error {
	j.rows.expire(wm)
	j.op.stats.keys.Store(int64(j.rows.states.Len()))
	return nil
}
