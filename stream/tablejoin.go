package stream

import (
	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/state"
)

// TableJoin pairs each event of k with the latest event of table that has its
// key and has arrived before: table is taken as a stream of updates. It gives
// what f makes of each pair, with the event's time, at once. An event whose
// key the table does not have is dropped and counted in Unmatched, or with LeftOuter given
// alone. It panics for other kinds.
//
// What it gives depends on the order in which the two streams arrive; where
// event time is to decide, AsOfJoin is the way. The table needs no event time,
// and has no say in time where it has some: the watermark behind the join is
// that of k, also while the table is silent, slow or at its end.
//
// Of the table it holds a value for each key. With TimeToLive a value counts
// for that long after it has arrived, by the watermark of k: one that arrived
// at watermark w counts for events before w plus the time to live, and is
// forgotten when the watermark is there. The life of what arrives before the
// first watermark begins with that. K has to have event times then.
func (k Keyed[K, T]) TableJoin[V, U any](table Keyed[K, V], kind JoinKind, f func(Match[T, V]) U, opts ...Option) Stream[U] {
	started(k.out != nil, "TableJoin", "Keyed")
	started(table.out != nil, "TableJoin", "Keyed")
	given("TableJoin", "the function f", f)
	kindGiven("TableJoin", kind)
	if kind != Inner && kind != LeftOuter {
		panic("stream: TableJoin is inner or left outer, not " + kind.String())
	}
	out := attach2(k, table, "tablejoin", kind.String(), opts, bindFailures[Match[T, V]], func(op *engine.Instance, m *meeting[K, T, V, U]) {
		j := &tableJoin[K, T, V, U]{joiner: newJoiner(op, f), kind: kind, now: engine.MinTime}
		j.rows.ttl = configOf(op.Node).ttl
		op.Hold(j, j.rows.makeCoder())
		viewOf[K, V](op.Node).show(op, &j.rows, asHeld[V])
		m.use(j)
	})
	n := out.out.node
	n.Params = JoinParams{Kind: kind}
	viewOf[K, V](n)
	configOf(n).mute = true
	if configOf(n).ttl > 0 {
		needsTime(n, "TimeToLive", 0)
	}
	return out
}

type tableJoin[K comparable, L, V, U any] struct {
	joiner[L, V, U]
	kind JoinKind
	rows keyStates[K, V] // by the watermark at which they arrived
	now  Time
}

func (j *tableJoin[K, L, V, U]) Save(s *state.Saving) error { return j.rows.Save(s) }

func (j *tableJoin[K, L, V, U]) Restore(r *state.Restoring) error {
	if err := j.rows.Restore(r); err != nil {
		return err
	}
	j.reach(r.Watermark)
	return nil
}

func (j *tableJoin[K, L, V, U]) ProcessLeft(b *KeyedBatch[K, L], out *Emitter[U]) error {
	for k, n := 0, b.Len(); k < n; k++ {
		row := b.head.at(k)
		m := Match[L, V]{Left: b.values[row], HasLeft: true}
		if s := j.rows.states.Find(b.hashes[row], b.keys[row]); s != nil && j.lives(s, b.Time(row)) {
			m.Right, m.HasRight = s.val, true
		} else if j.kind == Inner {
			j.op.Unmatched(1)
			continue
		}
		if err := j.join(&m, b.Time(row), b.head.seqOf(row), out); err != nil {
			return err
		}
	}
	return j.settle()
}

// lives reports whether a value counts for an event at t.
func (j *tableJoin[K, L, V, U]) lives[_ lazily](s *keyState[V], t Time) bool {
	return j.rows.ttl == 0 || s.last == engine.MinTime || t < s.last.Add(j.rows.ttl)
}

func (j *tableJoin[K, L, V, U]) ProcessRight(b *KeyedBatch[K, V], _ *Emitter[U]) error {
	for k, n := 0, b.Len(); k < n; k++ {
		row := b.head.at(k)
		s, _ := j.rows.at(b.hashes[row], b.keys[row], j.now)
		s.val = b.values[row]
	}
	j.op.Holds(j.rows.states.Len())
	return nil
}

// Advance forgets the values whose time to live has passed.
func (j *tableJoin[K, L, V, U]) Advance(wm Time, _ *Emitter[U]) error {
	j.reach(wm)
	j.rows.expire(wm)
	j.op.Holds(j.rows.states.Len())
	return nil
}

// reach notes the watermark. With the first one the life of what is there
// begins.
func (j *tableJoin[K, L, V, U]) reach[_ lazily](wm Time) {
	if j.now == engine.MinTime && wm > engine.MinTime {
		for i := range j.rows.states.Entries() {
			if s := &j.rows.states.Entries()[i].Val; s.last == engine.MinTime {
				s.last = wm
			}
		}
	}
	j.now = max(j.now, wm)
}
