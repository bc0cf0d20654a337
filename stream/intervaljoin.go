package stream

import (
	"fmt"
	"slices"
	"time"

	"github.com/freshet-go/freshet/internal/timer"
)

// IntervalJoin pairs each event of k with the events of right that have its
// key and lie in an interval around it:
//
//	left.time + lower <= right.time <= left.time + upper
//
// and gives what f makes of each pair, with the later time of the two, as
// soon as both are there. With an outer kind it also gives the events that
// match nothing, once the watermark proves that nothing can: f sees a Match
// of one side, and the time is the event's. As these come late, the watermark
// is passed on with a delay then, of as long as an event has to wait.
//
// An event is held until the watermark has passed the end of its interval.
// Late events are dropped and counted; SplitLate before the join takes them
// elsewhere. It panics if lower > upper.
func (k Keyed[K, T]) IntervalJoin[R, U any](right Keyed[K, R], lower, upper time.Duration, kind JoinKind, f func(Match[T, R]) U, opts ...Option) Stream[U] {
	if lower > upper {
		panic(fmt.Sprintf("stream: IntervalJoin from %v to %v: the interval is empty", lower, upper))
	}
	detail := fmt.Sprintf("%s, %v to %v", kind, lower, upper)
	return attach2(k, right, "intervaljoin", detail, opts, func(op *instance) (KeyedProcessor2[K, T, R, U], error) {
		return &intervalJoin[K, T, R, U]{joiner: newJoiner(op, f), lower: lower, upper: upper, kind: kind, now: minTime}, nil
	})
}

type intervalJoin[K comparable, L, R, U any] struct {
	joiner[L, R, U]
	lower, upper time.Duration
	kind         JoinKind
	keys         keyRefs[K, intervalSides[L, R]]
	due          timer.Queue[keyRef[K]] // when something of a key can be dropped
	now          Time
}

// delay is for how long an event waits before it is given alone.
func (j *intervalJoin[K, L, R, U]) delay() (d time.Duration) {
	if j.kind.keepsLeft() {
		d = max(d, j.upper)
	}
	if j.kind.keepsRight() {
		d = max(d, -j.lower)
	}
	return d
}

// intervalSides are the events of a key that may still find a match.
type intervalSides[L, R any] struct {
	left  []waiting[L] // by time, then place
	right []waiting[R]
	alarm Time // the earliest entry of the heap for this key
	armed bool
}

type waiting[T any] struct {
	at      Time
	seq     uint64
	v       T
	matched bool
}

// insert puts w in its place, which is nearly always the end.
func insert[T any](all []waiting[T], w waiting[T]) []waiting[T] {
	i := len(all)
	for i > 0 && (all[i-1].at > w.at || all[i-1].at == w.at && all[i-1].seq > w.seq) {
		i--
	}
	return slices.Insert(all, i, w)
}

func (j *intervalJoin[K, L, R, U]) ProcessLeft(b *KeyedBatch[K, L], out *Emitter[U]) error {
	cursor := 0
	for k, n := 0, b.Len(); k < n; k++ {
		row := b.at(k)
		t := b.Time(row)
		if j.late(t, b.behind(row, &cursor, j.now)) {
			continue
		}
		s := j.keys.at(b.hashes[row], b.keys[row])
		l := waiting[L]{at: t, seq: b.seqOf(row), v: b.values[row]}
		from, to := t.Add(j.lower), t.Add(j.upper)
		for i := firstFrom(s.right, from); i < len(s.right) && s.right[i].at <= to; i++ {
			r := &s.right[i]
			l.matched, r.matched = true, true
			if err := j.pair(&l, r, out); err != nil {
				return err
			}
		}
		s.left = insert(s.left, l)
		j.arm(s, to, b.hashes[row], b.keys[row])
	}
	j.op.stats.keys.Store(int64(j.keys.states.Len()))
	return j.settle()
}

func (j *intervalJoin[K, L, R, U]) ProcessRight(b *KeyedBatch[K, R], out *Emitter[U]) error {
	cursor := 0
	for k, n := 0, b.Len(); k < n; k++ {
		row := b.at(k)
		t := b.Time(row)
		if j.late(t, b.behind(row, &cursor, j.now)) {
			continue
		}
		s := j.keys.at(b.hashes[row], b.keys[row])
		r := waiting[R]{at: t, seq: b.seqOf(row), v: b.values[row]}
		from, to := t.Add(-j.upper), t.Add(-j.lower)
		for i := firstFrom(s.left, from); i < len(s.left) && s.left[i].at <= to; i++ {
			l := &s.left[i]
			l.matched, r.matched = true, true
			if err := j.pair(l, &r, out); err != nil {
				return err
			}
		}
		s.right = insert(s.right, r)
		j.arm(s, to, b.hashes[row], b.keys[row])
	}
	j.op.stats.keys.Store(int64(j.keys.states.Len()))
	return j.settle()
}

// firstFrom returns the index of the first event at or after a time.
func firstFrom[T any](all []waiting[T], from Time) int {
	if len(all) == 0 || all[0].at >= from {
		return 0
	}
	i, _ := slices.BinarySearchFunc(all, from, func(w waiting[T], t Time) int {
		if w.at < t {
			return -1
		}
		return 1
	})
	return i
}

func (j *intervalJoin[K, L, R, U]) late(t, wm Time) bool {
	if t >= wm {
		return false
	}
	j.op.stats.dropped.Add(1)
	return true
}

func (j *intervalJoin[K, L, R, U]) pair(l *waiting[L], r *waiting[R], out *Emitter[U]) error {
	at := max(l.at, r.at)
	u, ok, err := j.join(Match[L, R]{l.v, r.v, true, true}, at)
	if ok {
		out.emit(u, at, l.seq^r.seq<<1)
	}
	return err
}

// arm sees to it that the key is looked at once the watermark is past last,
// the latest time that a match of one of its events can have.
func (j *intervalJoin[K, L, R, U]) arm(s *intervalSides[L, R], last Time, hash uint64, k K) {
	due := last.Add(1)
	if !s.armed || due < s.alarm {
		s.armed, s.alarm = true, due
		j.due.Push(int64(due), hash, keyRef[K]{hash, k})
	}
}

// Advance drops what can match no more.
func (j *intervalJoin[K, L, R, U]) Advance(wm Time, out *Emitter[U]) error {
	j.now = wm
	for {
		at, ok := j.due.Next()
		if !ok || Time(at) > wm {
			break
		}
		ref := j.due.Pop().Val
		s := j.keys.find(ref.hash, ref.key)
		if s == nil || !s.armed || s.alarm != Time(at) {
			continue
		}
		if err := j.drop(s, ref, out); err != nil {
			return err
		}
	}
	j.op.stats.keys.Store(int64(j.keys.states.Len()))
	return j.settle()
}

func (j *intervalJoin[K, L, R, U]) drop(s *intervalSides[L, R], ref keyRef[K], out *Emitter[U]) error {
	n := 0
	for n < len(s.left) && s.left[n].at.Add(j.upper) < j.now {
		if l := &s.left[n]; !l.matched && j.kind.keepsLeft() {
			if u, ok, err := j.join(Match[L, R]{Left: l.v, HasLeft: true}, l.at); err != nil {
				return err
			} else if ok {
				out.emit(u, l.at, l.seq)
			}
		}
		n++
	}
	s.left = slices.Delete(s.left, 0, n)
	n = 0
	for n < len(s.right) && s.right[n].at.Add(-j.lower) < j.now {
		if r := &s.right[n]; !r.matched && j.kind.keepsRight() {
			if u, ok, err := j.join(Match[L, R]{Right: r.v, HasRight: true}, r.at); err != nil {
				return err
			} else if ok {
				out.emit(u, r.at, r.seq)
			}
		}
		n++
	}
	s.right = slices.Delete(s.right, 0, n)
	s.armed = false
	if len(s.left) > 0 {
		j.arm(s, s.left[0].at.Add(j.upper), ref.hash, ref.key)
	}
	if len(s.right) > 0 {
		j.arm(s, s.right[0].at.Add(-j.lower), ref.hash, ref.key)
	}
	if !s.armed {
		j.keys.drop(ref.hash, ref.key)
	}
	return nil
}
