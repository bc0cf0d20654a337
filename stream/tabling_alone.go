package stream

import "github.com/freshet-go/freshet/internal/engine"

// alone reports whether the k-th of n events is the only one of its time. That of the last one is not known: the next batch may have more of
// its time. Events are in the order of their times.
func (h *header) alone(k, n int) bool {
	return k+1 < n && h.times[h.at(k+1)] != h.times[h.at(k)]
}

// alone takes in events from one on, as long as each is the only one of its time, and puts out what each has changed. That at *at, which is, is
// not late, and all events before it have been put out. It counts *at on to the first that it has not taken.
func (x *tabling[K, T, S, V]) alone[_ lazily](b *KeyedBatch[K, T], at *int) error {
	halt, rule, w, rows, n := x.op.Halt(), x.rule, x.out, x.rows.Entries(), b.Len()
	for b.head.alone(*at, n) {
		if halt.Load() {
			return engine.ErrStopped
		}
		row := b.head.at(*at)
		hash, key := b.hashes[row], b.keys[row]
		place := int(x.slots[row]) - 1
		if uint(place) >= uint(len(rows)) || rows[place].Key != key {
			place, _ = x.rows.Ensure(hash, key)
			rows = x.rows.Entries()
		}
		s, c := &rows[place].Val, w.next()
		x.at = b.head.times[row]
		had := s.is
		if had {
			c.Before = rule.value(&s.val)
		}
		s.last, x.had, x.lone = x.at, had, place+1
		is, cause := rule.apply(&s.val, had, &b.Batch, row)
		if s.is = is; cause != nil {
			return cause
		}
		x.lone, x.putting = 0, true
		if is {
			c.After = rule.value(&s.val)
		} else {
			x.rows.DeleteAt(place)
			rows = x.rows.Entries()
		}
		if becomes(c, had, is, x.same) {
			w.told(hash, key, x.at)
		}
		if w.err != nil {
			return w.err
		}
		x.putting = false
		*at++
	}
	return nil
}

// settleAlone has the row of an event that has failed committed with others: the event may have changed it before.
func (x *tabling[K, T, S, V]) settleAlone[_ lazily]() {
	if x.lone > 0 {
		c := x.out.next()
		x.touched = append(x.touched, touchedRow[V]{x.lone - 1, c.Before, x.had})
		*c = Change[V]{}
		x.rows.Entries()[x.lone-1].Val.mark = int32(len(x.touched))
		x.lone = 0
	}
}
