package stream

import "github.com/freshet-go/freshet/internal/engine"

// A loneStep says how far an event has come that is the only one of its time, when a function of the caller's panics.
type loneStep uint8

const (
	loneNew  loneStep = iota // nothing has changed yet
	loneWas                  // a join: its function is called for what was
	loneSet                  // the row is about to be what it is now
	loneIs                   // it is that, and what is told of it is worked out
	loneTold                 // what has become of it is put out
)

// alone reports whether the k-th of n events is the only one of its time. That of the last one is not known: the next batch may have more of
// its time. Events are in the order of their times.
func (h *header) alone(k, n int) bool {
	return k+1 < n && h.times[h.at(k+1)] != h.times[h.at(k)]
}

// alone takes in events of a batch that is not narrow from one on, as long as each is the only one of its time, and puts out what each has changed.
// That at *at, which is, is not late, and all events before it have been put out. It counts *at on to the first that it has not taken.
func (x *tabling[K, T, S, V]) alone[_ lazily](b *KeyedBatch[K, T], at *int) error {
	halt, rule, w, rows := x.op.Halt(), x.rule, x.out, x.rows.Entries()
	times := b.head.times
	keys, hashes, slots := b.keys[:len(times)], b.hashes[:len(times)], x.slots[:len(times)]
	i := *at
	for ; i+1 < len(times) && times[i+1] != times[i]; i++ {
		*at = i
		if halt.Load() {
			x.lone = 0
			return engine.ErrStopped
		}
		hash, key := hashes[i], keys[i]
		place := int(slots[i]) - 1
		if uint(place) >= uint(len(rows)) || rows[place].Key != key {
			place, _ = x.rows.Ensure(hash, key)
			rows = x.rows.Entries()
		}
		s, c := &rows[place].Val, w.next()
		had := s.is
		x.at, x.had, x.lone, x.step = times[i], had, place+1, loneNew
		is, cause := rule.alone(c, &s.val, had, &b.Batch, i, &x.step)
		s.last, s.is = x.at, is
		if cause != nil {
			return cause
		}
		if !is {
			x.rows.DeleteAt(place)
			rows = x.rows.Entries()
		}
		if becomes(c, had, is, x.same) {
			w.told(hash, key, x.at)
			if w.err != nil {
				return w.err
			}
		}
	}
	*at, x.lone = i, 0
	return nil
}

// settleAlone has the row of an event that has failed committed with others: the event may have changed it before.
func (x *tabling[K, T, S, V]) settleAlone[_ lazily]() {
	if x.lone > 0 && x.step == loneSet {
		c := x.out.next()
		x.touched = append(x.touched, touchedRow[V]{x.lone - 1, c.Before, x.had})
		*c = Change[V]{}
		s := &x.rows.Entries()[x.lone-1].Val
		s.last, s.mark = x.at, int32(len(x.touched))
	}
	x.lone = 0
}

// changed is what alone of a rule is by its other methods.
func changed[T, S, V any](r tableRule[T, S, V], c *Change[V], s *S, is bool, b *Batch[T], row int, step *loneStep) (bool, error) {
	if is {
		c.Before = r.value(s)
	}
	*step = loneSet
	is, err := r.apply(s, is, b, row)
	if err != nil {
		return is, err
	}
	*step = loneIs
	if is {
		c.After = r.value(s)
	}
	return is, nil
}
