package stream

import (
	"cmp"
	"time"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/equal"
	"github.com/freshet-go/freshet/internal/state"
	"github.com/freshet-go/freshet/internal/table"
	"github.com/freshet-go/freshet/internal/timer"
)

// A tableRule says what events make of the row of their key, which is held as an S.
type tableRule[T, S, V any] interface {
	// apply changes what is held by a row of b. Where is is false there is no row, and s is
	// what was left over. It returns whether there is one now, also with an error.
	apply(s *S, is bool, b *Batch[T], row int) (bool, error)
	value(s *S) V

	// alone is apply for an event that is the only one of its time. It says in c what the row was, where is, and what it has
	// become, where there is one. The step is how far it has come, also when it panics: it begins as loneNew.
	alone(c *Change[V], s *S, is bool, b *Batch[T], row int, step *loneStep) (bool, error)
}

// attachTable adds an operator that makes a table of a keyed stream. It sees events in the order of
// their times, once the watermark has passed them.
func attachTable[K comparable, T, V any](k Keyed[K, T], kind string, opts []Option,
	before func(*sorter[K, T]) keyedReceiver[K, T], // what takes events in, in place of the sorter; may be nil
	build func(op *engine.Instance, out *tableWriter[K, V]) keyedReceiver[K, T],
) Table[K, V] {
	p := k.out.p
	n := p.add(kind, opts, &k.out.flow)
	n.Keyed, n.Parts = true, true
	needsTime(n, "", 0)
	bindFailures[T](p, n)
	out := newKeyedOutput[K, Change[V]](p, n)
	k.consume(n, 0, func(pl *engine.Place) keyedReceiver[K, T] {
		op := pl.Instance(n)
		s := newSorter(op, build(op, newTableWriter(op, out.connect(pl))))
		r := timeGate[K, T]{op, s}
		if before != nil {
			r.keyedReceiver = before(s)
		}
		op.Control = r.Control
		return r
	})
	return Table[K, V]{Keyed[K, Change[V]]{out}}
}

// held makes a table by a rule, and shows it to the View that the operator was given.
func held[K comparable, T, S, V any](k Keyed[K, T], kind string, opts []Option, rule tableRule[T, S, V]) Table[K, V] {
	return heldBy(k, kind, opts, rule, nil)
}

func heldBy[K comparable, T, S, V any](k Keyed[K, T], kind string, opts []Option, rule tableRule[T, S, V], before func(*sorter[K, T]) keyedReceiver[K, T]) Table[K, V] {
	same := sameAs[V]()
	t := attachTable(k, kind, opts, before, func(op *engine.Instance, out *tableWriter[K, V]) keyedReceiver[K, T] {
		x := &tabling[K, T, S, V]{guard: newGuard[T](op), rule: rule, same: same, out: out, ttl: configOf(op.Node).ttl, at: engine.MinTime, now: engine.MinTime}
		x.coder = state.NewCoder[keptState[K, S]]()
		op.Hold(x, x.coder)
		if v := viewOf[K, V](op.Node); v != nil {
			op.Alone(exposesHere)
			op.OnBegin(func() error {
				v.instances.add(x.op, x.view())
				return nil
			})
		}
		return x
	})
	viewOf[K, V](t.changes.out.node).keeps(func(s S) V { return rule.value(&s) })
	return t
}

// A tabling holds the rows of a table.
type tabling[K comparable, T, S, V any] struct {
	guard[T]
	rule tableRule[T, S, V]
	same equal.Test
	out  *tableWriter[K, V]
	rows table.Table[K, rowState[S]]
	now  Time // the watermark

	at      Time            // of the events that have touched rows
	touched []touchedRow[V] // by them, in the order in which they were
	gone    []hashedKey[K]
	slots   []uint32 // where the rows of a batch may be
	putting bool     // what fails now is no event's failure
	lone    int      // one more than the place of the row that the only event of its time is changing; else 0
	had     bool     // whether that was there
	step    loneStep // how far that has come

	ttl   time.Duration // 0: for ever
	due   timer.Queue[hashedKey[K]]
	coder *state.Coder[keptState[K, S]]
}

// A rowState is a row as it is held. One that is not there any more stays until all events
// of its time are seen.
type rowState[S any] struct {
	val  S
	last Time  // the latest event of the row
	mark int32 // one more than its place in touched; 0 if it is not
	is   bool
}

// A touchedRow is what a row was before the events of the time at hand.
type touchedRow[V any] struct {
	place int // among the rows
	was   V
	had   bool
}

func (x *tabling[K, T, S, V]) pushKeyed(b *KeyedBatch[K, T]) error {
	x.op.In(b.Len())
	x.out.inherit(b.head.born, nil)
	x.slots = sized(x.slots, len(b.hashes))
	x.rows.Probe(b.hashes, b.head.selected(), x.slots)
	for k, n, cursor := 0, b.Len(), 0; k < n; k++ {
		var cause error
		if k, cause = x.span(b, k, &cursor); cause == nil {
			break
		}
		if x.putting || x.lone > 0 && x.step >= loneIs {
			return x.failedPut(cause)
		}
		x.settleAlone()
		if err := x.failed(&b.Batch, b.head.at(k), cause); err != nil {
			return err
		}
	}
	return x.settle()
}

// span takes in events from the k-th on. Those of one time are together: when the next time comes, what they have
// changed is put out.
func (x *tabling[K, T, S, V]) span[_ lazily](b *KeyedBatch[K, T], from int, cursor *int) (at int, cause error) {
	defer engine.Rescue(&cause)
	halt := x.op.Halt()
	for k, n := from, b.Len(); k < n; k++ {
		at = k
		if halt.Load() {
			return k, engine.ErrStopped
		}
		row := b.head.at(k)
		t := b.head.times[row]
		if t < b.head.behind(row, cursor, x.now) {
			x.op.TooLate(1)
			continue
		}
		if t != x.at {
			x.putting = true
			if cause = x.put(); cause != nil {
				return k, cause
			}
			x.at, x.putting = t, false
			if x.ttl == 0 && len(b.head.late) == 0 && !b.head.narrow && b.head.alone(k, n) {
				if cause = x.alone(b, &at); cause != nil {
					return at, cause
				}
				k = at - 1
				continue
			}
		}
		place, fresh := x.ensure(b, row)
		if x.ttl > 0 && !fresh {
			x.lapse(place)
		}
		s := x.touch(place)
		s.last = t
		if fresh && x.ttl > 0 {
			x.expires(b.hashes[row], b.keys[row], s)
		}
		if s.is, cause = x.rule.apply(&s.val, s.is, &b.Batch, row); cause != nil {
			return k, cause
		}
	}
	return b.Len(), nil
}

// ensure returns the place of the row of an event's key, and whether it is new.
func (x *tabling[K, T, S, V]) ensure[_ lazily](b *KeyedBatch[K, T], row int) (place int, fresh bool) {
	rows := x.rows.Entries()
	if i := int(x.slots[row]) - 1; uint(i) < uint(len(rows)) && rows[i].Key == b.keys[row] {
		return i, false
	}
	return x.rows.Ensure(b.hashes[row], b.keys[row])
}

// touch notes what a row was, if it is touched for the first time.
func (x *tabling[K, T, S, V]) touch[_ lazily](place int) *rowState[S] {
	s := &x.rows.Entries()[place].Val
	if s.mark == 0 {
		r := touchedRow[V]{place: place, had: s.is}
		if s.is {
			r.was = x.rule.value(&s.val)
		}
		x.touched = append(x.touched, r)
		s.mark = int32(len(x.touched))
	}
	return s
}

// commit puts out how the rows are different that events of one time have touched.
func (x *tabling[K, T, S, V]) commit[_ lazily]() error {
	x.putting = true
	if cause := x.rescued(); cause != nil {
		return x.failedPut(cause)
	}
	x.putting = false
	return nil
}

func (x *tabling[K, T, S, V]) rescued[_ lazily]() (cause error) {
	defer engine.Rescue(&cause)
	return x.put()
}

// failedPut is the error of a run that ends as put has failed.
func (x *tabling[K, T, S, V]) failedPut[_ lazily](cause error) error {
	return cmp.Or(x.out.err, x.op.Failure(cause))
}

// put is commit, called where a panic is caught.
func (x *tabling[K, T, S, V]) put[_ lazily]() error {
	if len(x.touched) == 0 {
		return nil
	}
	rows, hashes := x.rows.Entries(), x.rows.Hashes()
	for i := range x.touched {
		r := &x.touched[i]
		e, hash := &rows[r.place], hashes[r.place]
		s := &e.Val
		s.mark = 0
		c := x.out.next()
		c.Before = r.was
		if s.is {
			c.After = x.rule.value(&s.val)
		} else {
			x.gone = append(x.gone, hashedKey[K]{hash, e.Key})
		}
		if becomes(c, r.had, s.is, x.same) {
			x.out.told(hash, e.Key, x.at)
		}
	}
	for _, ref := range x.gone {
		x.rows.Delete(ref.hash, ref.key)
	}
	clear(x.touched)
	clear(x.gone)
	x.touched, x.gone = x.touched[:0], x.gone[:0]
	return x.out.err
}

func (x *tabling[K, T, S, V]) Control(c engine.Control) error {
	if c.Kind == engine.Watermark {
		x.out.inherit(c.Born, nil)
		x.op.Enter()
		if err := x.advance(c.Watermark); err != nil {
			return err
		}
	}
	return x.op.Pass(c, x.out.out)
}

// advance puts out what is left to be, up to the watermark.
func (x *tabling[K, T, S, V]) advance[_ lazily](wm Time) error {
	if err := x.commit(); err != nil {
		return err
	}
	if wm < engine.MaxTime { // the end of a stream is no time that passes
		if x.ttl > 0 && x.now == engine.MinTime {
			x.begin(wm)
		}
		if err := x.expire(lastBefore(wm)); err != nil {
			return err
		}
		if err := x.commit(); err != nil {
			return err
		}
	}
	x.now = max(x.now, wm)
	x.op.Advance(x.now)
	x.op.Holds(x.rows.Len())
	return x.out.flush()
}
