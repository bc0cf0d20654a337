package stream

import (
	"slices"
	"time"

	"github.com/freshet-go/freshet/internal/timer"
)

// AsOfJoin pairs each event of k with the version that was valid at its time:
// of the events of versions with its key, the latest whose time is not after
// its own. Of versions of one time, the one that is last in its partition
// counts. It gives what f makes of each pair, with the event's time, once the
// watermark has passed it, as an earlier version might still come until then.
// An event that no version precedes is dropped and counted, or with LeftOuter
// given alone. It panics for other kinds.
//
// A version is held until a later one of its key is behind the watermark; with
// TimeToLive, a version counts for that long only, and is forgotten after it.
// Late events are dropped and counted; late versions are taken in, and count
// for the events that are still waiting.
func (k Keyed[K, T]) AsOfJoin[V, U any](versions Keyed[K, V], kind JoinKind, f func(Match[T, V]) U, opts ...Option) Stream[U] {
	if kind != Inner && kind != LeftOuter {
		panic("stream: AsOfJoin is inner or left outer, not " + kind.String())
	}
	return attach2(k, versions, "asofjoin", kind.String(), opts, func(op *instance) (KeyedProcessor2[K, T, V, U], error) {
		return &asOfJoin[K, T, V, U]{joiner: newJoiner(op, f), kind: kind, ttl: op.node.cfg.ttl, now: minTime}, nil
	})
}

type asOfJoin[K comparable, L, V, U any] struct {
	joiner[L, V, U]
	kind  JoinKind
	ttl   time.Duration
	keys  keyRefs[K, versionsOf[V]]
	held  timer.Queue[heldEvent[K, L]] // events whose time the watermark has not passed
	stale timer.Queue[keyRef[K]]       // keys whose versions may have to go
	now   Time
}

// versionsOf are the versions of a key, by time and then place.
type versionsOf[V any] struct{ all []waiting[V] }

func (j *asOfJoin[K, L, V, U]) ProcessLeft(b *KeyedBatch[K, L], _ *Emitter[U]) error {
	cursor := 0
	for k, n := 0, b.Len(); k < n; k++ {
		row := b.at(k)
		t := b.Time(row)
		if t < b.behind(row, &cursor, j.now) {
			j.op.stats.dropped.Add(1)
			continue
		}
		j.held.Push(int64(t), b.seqOf(row), heldEvent[K, L]{b.hashes[row], b.keys[row], b.values[row], b.seqOf(row)})
	}
	return nil
}

func (j *asOfJoin[K, L, V, U]) ProcessRight(b *KeyedBatch[K, V], _ *Emitter[U]) error {
	for k, n := 0, b.Len(); k < n; k++ {
		row := b.at(k)
		t := b.Time(row)
		s := j.keys.at(b.hashes[row], b.keys[row])
		s.all = insert(s.all, waiting[V]{at: t, seq: b.seqOf(row), v: b.values[row]})
		if len(s.all) > 1 {
			j.stale.Push(int64(s.all[1].at), b.hashes[row], keyRef[K]{b.hashes[row], b.keys[row]})
		}
		if j.ttl > 0 {
			j.stale.Push(int64(t.Add(j.ttl)), b.hashes[row], keyRef[K]{b.hashes[row], b.keys[row]})
		}
	}
	j.op.stats.keys.Store(int64(j.keys.states.Len()))
	return nil
}

// Advance gives the events that the watermark has passed, and drops the
// versions that no event can need.
func (j *asOfJoin[K, L, V, U]) Advance(wm Time, out *Emitter[U]) error {
	j.now = wm
	for {
		at, ok := j.held.Next()
		if !ok || Time(at) >= wm && wm != maxTime {
			break
		}
		if err := j.give(j.held.Pop(), out); err != nil {
			return err
		}
	}
	for {
		at, ok := j.stale.Next()
		if !ok || Time(at) >= wm {
			break
		}
		j.drop(j.stale.Pop().Val)
	}
	j.op.stats.keys.Store(int64(j.keys.states.Len()))
	return j.settle()
}

func (j *asOfJoin[K, L, V, U]) give(e timer.Item[heldEvent[K, L]], out *Emitter[U]) error {
	at := Time(e.Due)
	m := Match[L, V]{Left: e.Val.value, HasLeft: true}
	if s := j.keys.find(e.Val.hash, e.Val.key); s != nil {
		if i := firstFrom(s.all, at.Add(1)); i > 0 && (j.ttl == 0 || s.all[i-1].at.Add(j.ttl) > at) {
			m.Right, m.HasRight = s.all[i-1].v, true
		}
	}
	if !m.HasRight && j.kind == Inner {
		j.op.stats.dropped.Add(1)
		return nil
	}
	u, ok, err := j.join(m, at)
	if ok {
		out.emit(u, at, e.Val.seq)
	}
	return err
}

// drop forgets the versions of a key that a later one behind the watermark
// has replaced, or whose time to live is over.
func (j *asOfJoin[K, L, V, U]) drop(ref keyRef[K]) {
	s := j.keys.find(ref.hash, ref.key)
	if s == nil {
		return
	}
	n := max(0, firstFrom(s.all, j.now)-1) // the last one before the watermark stays
	if j.ttl > 0 {
		for n < len(s.all) && s.all[n].at.Add(j.ttl) <= j.now {
			n++
		}
	}
	s.all = slices.Delete(s.all, 0, n)
	if len(s.all) == 0 {
		j.keys.drop(ref.hash, ref.key)
	}
}
