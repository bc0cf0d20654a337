package stream

import (
	"time"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/state"

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
// A side of the interval without a bound is -Unbounded or Unbounded. With one
// of an outer kind whose events then wait for ever, they come alone when the
// stream ends, and so does the watermark.
//
// An event is held until the watermark has passed the end of its interval.
// Late events are dropped and counted in TooLate; LateLeft and LateRight take them
// elsewhere. It panics if the interval is empty.
func (k Keyed[K, T]) IntervalJoin[R, U any](right Keyed[K, R], lower, upper time.Duration, kind JoinKind, f func(Match[T, R]) U, opts ...Option) Stream[U] {
	started(k.out != nil, "IntervalJoin", "Keyed")
	started(right.out != nil, "IntervalJoin", "Keyed")
	given("IntervalJoin", "the function f", f)
	kindGiven("IntervalJoin", kind)
	lower, upper = max(lower, -Unbounded), max(upper, -Unbounded)
	bounds := durationText(lower) + " to " + durationText(upper)
	if lower > upper || lower == Unbounded || upper == -Unbounded {
		panic("stream: IntervalJoin from " + bounds + ": the interval is empty")
	}
	detail := kind.String() + ", " + bounds
	out := attach2(k, right, "intervaljoin", detail, opts, bindFailures[Match[T, R]], func(op *engine.Instance, m *meeting[K, T, R, U]) {
		j := &intervalJoin[K, T, R, U]{joiner: newJoiner(op, f), lower: lower, upper: upper, kind: kind, now: engine.MinTime}
		j.lefts, j.rights = state.NewCoder[keptWaiting[K, T]](), state.NewCoder[keptWaiting[K, R]]()
		op.Hold((*intervalLefts[K, T, R, U])(j), j.lefts)
		op.Hold((*intervalRights[K, T, R, U])(j), j.rights)
		m.use(j)
	})
	n := out.out.node
	n.Params = JoinParams{Kind: kind, Lower: lower, Upper: upper}
	needsTime(n, "", 0, 1)
	n.Depends(engine.SettingKind, kind.String())
	n.Depends(engine.SettingInterval, bounds)
	return out
}

type intervalJoin[K comparable, L, R, U any] struct {
	joiner[L, R, U]
	lower, upper time.Duration
	kind         JoinKind
	keys         heldByKey[K, intervalSides[L, R]]
	alone        timer.Queue[aloneSoFar[K]] // events to be given alone if nothing matches them
	now          Time
	slots        []uint32
	near         []*intervalSides[L, R] // what is touched together
	touched      uint64                 // keeps the compiler from taking out loads
	lefts        *state.Coder[keptWaiting[K, L]]
	rights       *state.Coder[keptWaiting[K, R]]
	sweeper
}

// intervalSides are the events of a key that may still find a match.
type intervalSides[L, R any] struct {
	left  timeline[L]
	right timeline[R]
}

// aloneSoFar names an event that had no match when it came.
type aloneSoFar[K comparable] struct {
	hashedKey[K]
	at    Time
	seq   uint64
	right bool
}

// Delay is for how long an event waits before it is given alone.
func (j *intervalJoin[K, L, R, U]) Delay() (d time.Duration) {
	if j.kind.keepsLeft() {
		d = max(d, j.upper)
	}
	if j.kind.keepsRight() {
		d = max(d, -j.lower)
	}
	return d
}

func (j *intervalJoin[K, L, R, U]) ProcessLeft(b *KeyedBatch[K, L], out *Emitter[U]) error {
	j.probe(b.hashes, b.head.selected())
	m := Match[L, R]{HasLeft: true, HasRight: true}
	cursor := 0
	for k, n := 0, b.Len(); k < n; k++ {
		row := b.head.at(k)
		t := b.Time(row)
		if j.late(t, b.head.behind(row, &cursor, j.now)) {
			continue
		}
		s := j.keys.at(b.hashes[row], b.keys[row])
		j.expire(s)
		l := waiting[L]{at: t, seq: b.head.seqOf(row), v: b.values[row]}
		to, others := shift(t, j.upper), s.right.held()
		for i := s.right.from(shift(t, j.lower)); i < len(others) && others[i].at <= to; i++ {
			r := &others[i]
			l.matched, r.matched = true, true
			m.Left, m.Right = l.v, r.v
			if err := j.join(&m, max(t, r.at), pairSeq(l.seq, r.seq), out); err != nil {
				return err
			}
		}
		alone := !l.matched && j.kind.keepsLeft()
		if to < j.now { // nothing that is yet to come can match it
			if alone {
				if err := j.leftAlone(&l, out); err != nil {
					return err
				}
			} else if !l.matched {
				j.op.Unmatched(1)
			}
			continue
		}
		if s.left.insert(l); alone {
			j.alone.Push(int64(to.Add(1)), l.seq, aloneSoFar[K]{hashedKey[K]{b.hashes[row], b.keys[row]}, t, l.seq, false})
		}
	}
	return j.worked()
}

func (j *intervalJoin[K, L, R, U]) ProcessRight(b *KeyedBatch[K, R], out *Emitter[U]) error {
	j.probe(b.hashes, b.head.selected())
	m := Match[L, R]{HasLeft: true, HasRight: true}
	cursor := 0
	for k, n := 0, b.Len(); k < n; k++ {
		row := b.head.at(k)
		t := b.Time(row)
		if j.late(t, b.head.behind(row, &cursor, j.now)) {
			continue
		}
		s := j.keys.at(b.hashes[row], b.keys[row])
		j.expire(s)
		r := waiting[R]{at: t, seq: b.head.seqOf(row), v: b.values[row]}
		to, others := shift(t, -j.lower), s.left.held()
		for i := s.left.from(shift(t, -j.upper)); i < len(others) && others[i].at <= to; i++ {
			l := &others[i]
			l.matched, r.matched = true, true
			m.Left, m.Right = l.v, r.v
			if err := j.join(&m, max(t, l.at), pairSeq(l.seq, r.seq), out); err != nil {
				return err
			}
		}
		alone := !r.matched && j.kind.keepsRight()
		if to < j.now { // nothing that is yet to come can match it
			if alone {
				if err := j.rightAlone(&r, out); err != nil {
					return err
				}
			} else if !r.matched {
				j.op.Unmatched(1)
			}
			continue
		}
		if s.right.insert(r); alone {
			j.alone.Push(int64(to.Add(1)), r.seq, aloneSoFar[K]{hashedKey[K]{b.hashes[row], b.keys[row]}, t, r.seq, true})
		}
	}
	return j.worked()
}

// pairSeq is the place of a pair in the order of events.
func pairSeq(left, right uint64) uint64 { return left ^ right<<1 }

func (j *intervalJoin[K, L, R, U]) late[_ lazily](t, wm Time) bool {
	if t >= wm {
		return false
	}
	j.op.TooLate(1)
	return true
}

// worked ends the work on a batch.
func (j *intervalJoin[K, L, R, U]) worked[_ lazily]() error {
	j.op.Holds(j.keys.states.Len())
	return j.settle()
}

// expire drops the events of a key that can match no more. Those that have matched nothing, and are not given alone,
// are in no result.
func (j *intervalJoin[K, L, R, U]) expire[_ lazily](s *intervalSides[L, R]) {
	alone := s.left.drop(s.left.before(shift(j.now, -j.upper)))
	alone += s.right.drop(s.right.before(shift(j.now, j.lower)))
	if alone > 0 {
		j.op.Unmatched(alone)
	}
}

// Advance gives the events that nothing can match any more, and forgets keys
// that have none left.
func (j *intervalJoin[K, L, R, U]) Advance(wm Time, out *Emitter[U]) error {
	for {
		due, ok := j.alone.Next()
		if !ok || Time(due) > wm || j.op.Reach(Time(due)) < Time(due) {
			break
		}
		if err := j.giveAlone(j.alone.Pop().Val, out); err != nil {
			return err
		}
	}
	if wm = j.op.Reach(wm); j.op.Halted() {
		return engine.ErrStopped
	}
	states := &j.keys.states
	n := j.turn(states.Len(), wm.Sub(j.now), j.longest())
	if wm == engine.MaxTime {
		n = j.whole(states.Len())
	}
	near := 0 // how many of the next keys are touched
	for j.now = wm; n > 0; n-- {
		if j.op.Halted() {
			return engine.ErrStopped
		}
		i := j.next(states.Len())
		if near--; near < 0 {
			near = min(i, n-1, sweptAtOnce-1)
			for _, e := range states.Entries()[i-near : i+1] {
				j.near = append(j.near, e.Val)
			}
			j.touch()
		}
		s := states.Entries()[i].Val
		if j.expire(s); len(s.left.all)+len(s.right.all) == 0 {
			j.keys.drop(states.Hashes()[i], states.Entries()[i].Key)
		}
	}
	j.op.Holds(states.Len())
	return j.settle()
}

// longest is for how long a key holds an event at most, but for those that wait for ever.
func (j *intervalJoin[K, L, R, U]) longest[_ lazily]() time.Duration {
	switch {
	case j.upper == Unbounded && j.lower > -Unbounded:
		return max(-j.lower, 0)
	case j.lower == -Unbounded && j.upper < Unbounded:
		return max(j.upper, 0)
	}
	return max(j.upper, -j.lower)
}

// reached is how far it has come.
func (j *intervalJoin[K, L, R, U]) reached() Time { return j.now } // a reacher's: hooks ask

func (j *intervalJoin[K, L, R, U]) giveAlone[_ lazily](e aloneSoFar[K], out *Emitter[U]) error {
	s := j.keys.find(e.hash, e.key)
	if e.right {
		r := s.right.unmatched(e.at, e.seq)
		if r == nil {
			return nil
		}
		r.matched = true // it is not given twice
		return j.rightAlone(r, out)
	}
	l := s.left.unmatched(e.at, e.seq)
	if l == nil {
		return nil
	}
	l.matched = true
	return j.leftAlone(l, out)
}

func (j *intervalJoin[K, L, R, U]) leftAlone[_ lazily](l *waiting[L], out *Emitter[U]) error {
	return j.join(&Match[L, R]{Left: l.v, HasLeft: true}, l.at, l.seq, out)
}

func (j *intervalJoin[K, L, R, U]) rightAlone[_ lazily](r *waiting[R], out *Emitter[U]) error {
	return j.join(&Match[L, R]{Right: r.v, HasRight: true}, r.at, r.seq, out)
}
