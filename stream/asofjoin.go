package stream

import (
	"time"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/state"

	"github.com/freshet-go/freshet/internal/table"
	"github.com/freshet-go/freshet/internal/timer"
)

// AsOfJoin pairs each event of k with the version that was valid at its time:
// of the events of versions with its key, the latest whose time is not after
// its own. Of versions of one time, the one that is last in its partition
// counts. It gives what f makes of each pair, with the event's time, once the
// watermark has passed it, as an earlier version might still come until then.
// An event that no version precedes is dropped and counted in Unmatched, or with LeftOuter
// given alone. It panics for other kinds.
//
// The last version of a key is held, and those before it until a further one
// of the key comes when they are behind the watermark; with TimeToLive, a
// version counts for that long only, and is forgotten after it. Late events
// are dropped and counted in TooLate; late versions are taken in, and count for the
// events that are still waiting.
func (k Keyed[K, T]) AsOfJoin[V, U any](versions Keyed[K, V], kind JoinKind, f func(Match[T, V]) U, opts ...Option) Stream[U] {
	started(k.out != nil, "AsOfJoin", "Keyed")
	started(versions.out != nil, "AsOfJoin", "Keyed")
	given("AsOfJoin", "the function f", f)
	kindGiven("AsOfJoin", kind)
	if kind != Inner && kind != LeftOuter {
		panic("stream: AsOfJoin is inner or left outer, not " + kind.String())
	}
	out := attach2(k, versions, "asofjoin", kind.String(), opts, bindFailures[Match[T, V]], func(op *engine.Instance, m *meeting[K, T, V, U]) {
		j := &asOfJoin[K, T, V, U]{joiner: newJoiner(op, f), kind: kind, ttl: configOf(op.Node).ttl, now: engine.MinTime}
		j.events, j.versions = state.NewCoder[keptEvent[K, T]](), state.NewCoder[keptWaiting[K, V]]()
		op.Hold((*asOfEvents[K, T, V, U])(j), j.events)
		op.Hold((*asOfVersions[K, T, V, U])(j), j.versions)
		m.use(j)
	})
	needsTime(out.out.node, "", 0, 1)
	out.out.node.Params = JoinParams{Kind: kind}
	out.out.node.Depends(engine.SettingKind, kind.String())
	return out
}

type asOfJoin[K comparable, L, V, U any] struct {
	joiner[L, V, U]
	kind   JoinKind
	ttl    time.Duration
	keys   table.Table[K, timeline[V]]  // the versions of each key
	held   timer.Queue[heldEvent[K, L]] // events whose time the watermark has not passed
	stale  timer.Queue[hashedKey[K]]    // keys whose versions have a time to live
	now    Time
	due    []timer.Item[heldEvent[K, L]]
	hashes []uint64
	slots  []uint32

	events   *state.Coder[keptEvent[K, L]]
	versions *state.Coder[keptWaiting[K, V]]
}

// asOfEvents is the join as the holder of the events that wait.
type asOfEvents[K comparable, L, V, U any] asOfJoin[K, L, V, U]

func (j *asOfEvents[K, L, V, U]) Save(s *state.Saving) error {
	saveHeld(s, &j.held, j.events)
	return nil
}

func (j *asOfEvents[K, L, V, U]) Restore(r *state.Restoring) error {
	j.now = r.Watermark
	return restoreHeld(r, &j.held, j.events)
}

// asOfVersions is the join as the holder of the versions.
type asOfVersions[K comparable, L, V, U any] asOfJoin[K, L, V, U]

func (j *asOfVersions[K, L, V, U]) Save(s *state.Saving) error {
	entries, hashes := j.keys.Entries(), j.keys.Hashes()
	s.Keys += int64(len(entries))
	put := j.versions.Into(s, len(entries))
	for i := range entries {
		saveTimeline(hashes[i], entries[i].Key, &entries[i].Val, put)
	}
	return nil
}

func (j *asOfVersions[K, L, V, U]) Restore(r *state.Restoring) error {
	return j.versions.EachGroup(r, func(x keptWaiting[K, V]) {
		s, _ := j.keys.At(x.Hash, x.Key)
		s.insert(x.waiting())
		if j.ttl > 0 {
			j.stale.Push(int64(x.At.Add(j.ttl)), x.Hash, hashedKey[K]{x.Hash, x.Key})
		}
	})
}

func (j *asOfJoin[K, L, V, U]) ProcessLeft(b *KeyedBatch[K, L], _ *Emitter[U]) error {
	cursor := 0
	for k, n := 0, b.Len(); k < n; k++ {
		row := b.head.at(k)
		t := b.Time(row)
		if t < b.head.behind(row, &cursor, j.now) {
			j.op.TooLate(1)
			continue
		}
		j.held.Push(int64(t), b.head.seqOf(row), heldEvent[K, L]{b.hashes[row], b.keys[row], b.values[row]})
	}
	return nil
}

func (j *asOfJoin[K, L, V, U]) ProcessRight(b *KeyedBatch[K, V], _ *Emitter[U]) error {
	j.slots = sized(j.slots, len(b.hashes))
	j.keys.Probe(b.hashes, b.head.selected(), j.slots)
	for k, n := 0, b.Len(); k < n; k++ {
		row := b.head.at(k)
		t := b.Time(row)
		s, _ := j.keys.At(b.hashes[row], b.keys[row])
		s.insert(waiting[V]{at: t, seq: b.head.seqOf(row), v: b.values[row]})
		j.forget(s)
		if j.ttl > 0 {
			j.stale.Push(int64(t.Add(j.ttl)), b.hashes[row], hashedKey[K]{b.hashes[row], b.keys[row]})
		}
	}
	j.op.Holds(j.keys.Len())
	return nil
}

// forget drops the versions that a later one behind the watermark has
// replaced.
func (j *asOfJoin[K, L, V, U]) forget(s *timeline[V]) { s.drop(max(0, s.before(j.now)-1)) }

// Advance gives the events that the watermark has passed, and drops the
// versions whose time to live is over.
func (j *asOfJoin[K, L, V, U]) Advance(wm Time, out *Emitter[U]) error {
	for {
		j.due = j.held.PopDue(int64(lastBefore(wm)), j.op.BatchSize(), j.due[:0])
		if len(j.due) == 0 {
			break
		}
		if j.op.Halted() {
			return engine.ErrStopped
		}
		end := Time(j.due[len(j.due)-1].Due).Add(1)
		if to := j.op.Reach(end); to < end {
			j.putBack(to)
			wm = to
		}
		j.hashes = j.hashes[:0]
		for i := range j.due {
			j.hashes = append(j.hashes, j.due[i].Val.hash)
		}
		j.slots = sized(j.slots, len(j.hashes))
		j.keys.Probe(j.hashes, nil, j.slots)
		for i := range j.due {
			if err := j.give(&j.due[i], out); err != nil {
				return err
			}
		}
		clear(j.due)
	}
	if wm = j.op.Reach(wm); j.op.Halted() {
		return engine.ErrStopped
	}
	j.now = wm
	for {
		at, ok := j.stale.Next()
		if !ok || Time(at) >= wm {
			break
		}
		if j.op.Halted() {
			return engine.ErrStopped
		}
		j.expire(j.stale.Pop().Val)
	}
	j.op.Holds(j.keys.Len())
	return j.settle()
}

// putBack holds what a watermark does not pass for another time.
func (j *asOfJoin[K, L, V, U]) putBack[_ lazily](wm Time) {
	n := len(j.due)
	for n > 0 && Time(j.due[n-1].Due) > lastBefore(wm) {
		n--
		j.held.Push(j.due[n].Due, j.due[n].Seq, j.due[n].Val)
	}
	j.due = j.due[:n]
}

// reached is how far it has come.
func (j *asOfJoin[K, L, V, U]) reached() Time { return j.now } // a reacher's: hooks ask

// lastBefore returns the last time that a watermark passes.
func lastBefore(wm Time) Time {
	if wm == engine.MaxTime {
		return wm
	}
	return wm - 1
}

func (j *asOfJoin[K, L, V, U]) give[_ lazily](e *timer.Item[heldEvent[K, L]], out *Emitter[U]) error {
	at := Time(e.Due)
	m := Match[L, V]{Left: e.Val.value, HasLeft: true}
	if s := j.keys.Find(e.Val.hash, e.Val.key); s != nil {
		versions := s.held()
		i := len(versions)
		for i > 0 && versions[i-1].at > at {
			i--
		}
		if i > 0 && (j.ttl == 0 || versions[i-1].at.Add(j.ttl) > at) {
			m.Right, m.HasRight = versions[i-1].v, true
		}
	}
	if !m.HasRight && j.kind == Inner {
		j.op.Unmatched(1)
		return nil
	}
	return j.join(&m, at, e.Seq, out)
}

// expire drops the versions of a key whose time to live is over.
func (j *asOfJoin[K, L, V, U]) expire[_ lazily](ref hashedKey[K]) {
	s := j.keys.Find(ref.hash, ref.key)
	if s == nil {
		return
	}
	if s.drop(s.before(j.now.Add(1 - j.ttl))); len(s.all) == 0 {
		j.keys.Delete(ref.hash, ref.key)
	}
}
