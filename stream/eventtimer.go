package stream

import (
	"time"

	"github.com/freshet-go/freshet/internal/engine"

	"github.com/freshet-go/freshet/window"
)

// An eventTimer takes the times of events. How far its partitions have come,
// and what follows from it, is for watermarks.
type eventTimer[T any] struct {
	guard[T]
	std      func(T) time.Time // nil if exact is not
	exact    func(T) Time
	punctual func(T) (time.Time, bool)
	next     receiver[T]
	marks    *watermarks

	times []Time
	told  int   // how many events of the batch have theirs
	cause error // why the next one has none
	late  []lateMark
	rows  []int32
	out   Batch[T]
}

func (e *eventTimer[T]) push(b *Batch[T]) error {
	e.op.In(b.Len())
	part := e.marks.of(&b.head)
	before := part.watermark
	e.times = sized(e.times, len(b.values))
	e.out = *b
	p := e.marks.measure(part, &e.out.head, e.times, e.late[:0])
	e.told, e.cause = 0, nil
	if err := e.spans(b, func(k int) (int, error) { return e.span(b, &p, k) }); err != nil {
		return err
	}
	e.late = e.out.head.late
	e.out.head.without(e.lost, b.Len(), &e.rows)
	e.marks.moved(part, b.head.part, e.out.Len() > 0 || part.watermark > before)
	if e.out.Len() > 0 {
		e.op.Out(e.out.Len())
		if err := e.next.push(&e.out); err != nil {
			return err
		}
	}
	e.marks.born = b.head.born
	err := e.marks.follow(before)
	e.marks.born = 0
	return err
}

// span takes the times from the k-th event on, as far as they are told, and holds
// them against the watermark.
func (e *eventTimer[T]) span[_ lazily](b *Batch[T], p *punctuality, k int) (at int, cause error) {
	if k >= e.told && e.cause == nil {
		e.told, e.cause = e.tell(b, k)
	}
	if e.punctual != nil {
		at, cause = e.heed(b, p, k)
	} else {
		at, cause = p.by(k, e.told)
	}
	if cause == nil && e.cause != nil {
		cause, e.cause = e.cause, nil
		e.told++
	}
	return at, cause
}

// tell calls the function for the times of the events from the k-th one on. It
// returns where it failed.
func (e *eventTimer[T]) tell[_ lazily](b *Batch[T], k int) (at int, cause error) {
	defer engine.Rescue(&cause)
	std, exact, times, values, rows, halt := e.std, e.exact, e.times, b.values, b.head.selected(), e.op.Halt()
	for n := b.Len(); k < n; k++ {
		at = k
		if halt.Load() {
			return k, engine.ErrStopped
		}
		row := k
		if rows != nil {
			row = int(rows[k])
		}
		if exact != nil {
			t := exact(values[row])
			if t == engine.MinTime || t == engine.MaxTime {
				return k, &timeError{"event time", t.Std()}
			}
			times[row] = t
			continue
		}
		t := std(values[row])
		nanos, ok := window.At(t)
		if !ok {
			return k, &timeError{"event time", t}
		}
		times[row] = nanos
	}
	return k, nil
}

// heed takes the watermark from the events that tell it.
func (e *eventTimer[T]) heed[_ lazily](b *Batch[T], p *punctuality, k int) (at int, cause error) {
	return rowsFrom(e.op, &b.head, k, e.told, func(row int) error {
		if err := p.pass(row); err != nil {
			return err
		}
		if wm, ok := e.punctual(b.values[row]); ok {
			return p.heed(wm)
		}
		return nil
	})
}

// Control leaves controls to watermarks, which tell what becomes of them.
func (e *eventTimer[T]) Control(c engine.Control) error { return e.marks.Control(c) }

func (e *eventTimer[T]) pass(c engine.Control) error {
	return e.op.Pass(c, e.next)
}
