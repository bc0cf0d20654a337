package pattern

import "math/bits"

// asking asks the conditions of a pattern about the event at hand. What a condition on the event alone says is
// remembered, as several partial matches may ask.
type asking[T any] struct {
	p      *Pattern[T]
	held   *held[T]
	event  T
	soFar  SoFar[T]
	firsts firsts[T]

	answered
}

// answered is what conditions on an event alone have said about it.
type answered struct {
	taken, untaken answers // steps' first conditions
	over, going    answers // their untils
	hit, missed    answers // first conditions of nots
}

// answers are a set of conditions by number.
type answers uint64

func (q *asking[T]) about(h *held[T], event T) {
	q.held, q.event = h, event
	q.soFar.held = nil
	q.answered = answered{}
}

// knows says what is known of the event.
func (q *asking[T]) knows(a *answer) {
	q.answered = answered{a.taken, ^a.taken, a.over, ^a.over, a.hit, ^a.hit}
}

func (q *asking[T]) takes(step int, last int32) bool {
	where := q.p.steps[step].where
	return q.alone(&q.taken, &q.untaken, step, where[0].alone) && (len(where) == 1 || q.all(where[1:], last))
}

func (q *asking[T]) until(step int, _ int32) bool {
	return q.alone(&q.over, &q.going, step, q.p.steps[step].until)
}

func (q *asking[T]) not(i int, last int32) bool {
	where := q.p.nots[i].where
	return q.alone(&q.hit, &q.missed, i, where[0].alone) && (len(where) == 1 || q.all(where[1:], last))
}

func (q *asking[T]) alone(yes, no *answers, i int, f func(T) bool) bool {
	switch bit := answers(1) << i; {
	case *yes&bit != 0:
		return true
	case *no&bit != 0:
		return false
	case f(q.event):
		*yes |= bit
		return true
	default:
		*no |= bit
		return false
	}
}

func (q *asking[T]) all(where []condition[T], last int32) bool {
	s := q.soFar.of(q.held, last)
	for _, c := range where {
		if !c.soFar(s, q.event) {
			return false
		}
	}
	return true
}

// mayBegin reports whether the event meets a condition on an event alone of some steps.
func (q *asking[T]) mayBegin(steps ways) bool {
	for w := steps; w != 0; w &= w - 1 {
		i := bits.TrailingZeros64(uint64(w))
		if q.alone(&q.taken, &q.untaken, i, q.p.steps[i].where[0].alone) {
			return true
		}
	}
	return false
}
