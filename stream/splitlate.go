package stream

import "github.com/freshet-go/freshet/internal/engine"

// SplitLate parts the events that are behind their partition's watermark, or
// this operator's own, from those that are on time: for joins, which drop
// late events, and for whoever wants to see them before windows decide. Each
// task judges by its own watermark. So an event that a join drops because
// other tasks were ahead of its own, which was idle ([Idle]) or is new in a run that
// goes on from a checkpoint, is not in late: the join counts it in TooLate.
// [Windowed.Late] misses none. Events without event times are ErrNoTime.
func (s Stream[T]) SplitLate[_ lazily](opts ...Option) (onTime, late Stream[T]) {
	started(s.out != nil, "SplitLate", "Stream")
	p := s.out.p
	n := p.add("splitlate", opts, &s.out.flow)
	needsTime(n, "", 0)
	n.Through = true
	yes, no := newOutput[T](p, n), newSide[T](p, n, "late")
	yes.name = "on time"
	s.out.consumers = append(s.out.consumers, func(pl *engine.Place) receiver[T] {
		l := &latePart[T]{op: pl.Instance(n), next: yes.connect(pl), late: no.connect(pl), now: engine.MinTime}
		l.op.Side(l.late.Control)
		return l
	})
	return Stream[T]{yes}, Stream[T]{no}
}

type latePart[T any] struct {
	op         *engine.Instance
	next, late receiver[T]
	now        Time
	rows, gone []int32
	out, lost  Batch[T]
}

func (l *latePart[T]) push(b *Batch[T]) error {
	n := b.Len()
	l.op.In(n)
	if err := admit(l.op, 0, b.head.times != nil); err != nil {
		return err
	}
	l.rows, l.gone = l.rows[:0], l.gone[:0]
	cursor := 0
	for k := range n {
		row := b.head.at(k)
		if b.head.times[row] < b.head.behind(row, &cursor, l.now) {
			l.gone = append(l.gone, int32(row))
		} else {
			l.rows = append(l.rows, int32(row))
		}
	}
	if len(l.gone) > 0 {
		l.op.Late(len(l.gone))
		l.lost = *b
		l.lost.head.rows, l.lost.head.narrow = l.gone, true
		if err := l.late.push(&l.lost); err != nil {
			return err
		}
	}
	if len(l.rows) == 0 {
		return nil
	}
	l.out = *b
	l.out.head.rows, l.out.head.narrow = l.rows, true
	l.op.Out(len(l.rows))
	return l.next.push(&l.out)
}

func (l *latePart[T]) Control(c engine.Control) error {
	if c.Kind == engine.Watermark {
		l.now = c.Watermark
		l.op.Advance(c.Watermark)
	}
	return l.op.Pass(c, l.next)
}
