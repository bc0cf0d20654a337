package stream

import (
	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/state"
	"github.com/freshet-go/freshet/internal/timer"
)

// expires has a row deleted when its time to live is over.
func (x *tabling[K, T, S, V]) expires[_ lazily](hash uint64, k K, s *rowState[S]) {
	if x.due.Len() > 2*x.rows.Len()+1024 { // rows have come and gone again and again
		x.due = timer.Queue[hashedKey[K]]{}
		rows, hashes := x.rows.Entries(), x.rows.Hashes()
		for i := range rows {
			x.due.Push(int64(rows[i].Val.last.Add(x.ttl)), hashes[i], hashedKey[K]{hashes[i], rows[i].Key})
		}
		return
	}
	x.due.Push(int64(s.last.Add(x.ttl)), hash, hashedKey[K]{hash, k})
}

// lapse deletes the row at a place if its life has ended when an event of its key comes. The watermark may be far
// behind, or at the end of the stream, where nobody else waits for the end of a life: so what a key
// gives does not depend on which others are on its shard.
func (x *tabling[K, T, S, V]) lapse[_ lazily](place int) {
	e := &x.rows.Entries()[place]
	end := max(e.Val.last.Add(x.ttl), x.now)
	switch {
	case !e.Val.is || end > x.at || e.Val.last == beforeAll:
	case end == x.at:
		x.touch(place).is = false
	default:
		hash := x.rows.Hashes()[place]
		x.out.next().Before = x.rule.value(&e.Val.val)
		becomes(x.out.next(), true, false, x.same)
		x.out.told(hash, e.Key, end)
		e.Val.is = false
	}
}

// beforeAll is the time of what is known before the first watermark, as early panes are.
const beforeAll = engine.MinTime + 1

// begin has the life of rows that were there before the first watermark begin with that.
func (x *tabling[K, T, S, V]) begin[_ lazily](wm Time) {
	for i := range x.rows.Entries() {
		if s := &x.rows.Entries()[i].Val; s.last == beforeAll {
			s.last = wm
		}
	}
}

// expire deletes the rows whose time to live ends at a time or before, each at its end. What
// goes at the last of these times is left for commit to put out.
//
// An end may lie behind the watermark, where rows are restored and live shorter than they did when they were saved. They go at the
// watermark then: what is told behind it is too late for who comes next. They wait until it moves, as events of its own time may come.
func (x *tabling[K, T, S, V]) expire[_ lazily](by Time) error {
	if by < x.now {
		return nil
	}
	for {
		at, ok := x.due.Next()
		if !ok || Time(at) > by {
			return nil
		}
		if x.op.Halted() {
			return engine.ErrStopped
		}
		ref := x.due.Pop().Val
		place := x.rows.Place(ref.hash, ref.key)
		if place < 0 {
			continue
		}
		s := &x.rows.Entries()[place].Val
		if end := s.last.Add(x.ttl); end > Time(at) { // it was used since
			x.due.Push(int64(end), ref.hash, ref)
			continue
		}
		if end := max(Time(at), x.now); end != x.at {
			if err := x.commit(); err != nil {
				return err
			}
			x.at = end
			place = x.rows.Place(ref.hash, ref.key) // commit may have moved it
		}
		if err := attempted(func() { x.touch(place).is = false }); err != nil {
			return x.op.Failure(err)
		}
	}
}

func (x *tabling[K, T, S, V]) Save(s *state.Saving) error {
	rows, hashes := x.rows.Entries(), x.rows.Hashes()
	s.Keys += int64(len(rows))
	put := x.coder.Into(s, len(rows))
	for i := range rows {
		e := &rows[i]
		put(hashes[i], keptState[K, S]{hashes[i], e.Key, e.Val.val, e.Val.last})
	}
	return nil
}

func (x *tabling[K, T, S, V]) Restore(r *state.Restoring) error {
	x.now = r.Watermark
	return x.coder.EachGroup(r, func(k keptState[K, S]) {
		s, _ := x.rows.At(k.Hash, k.Key)
		s.val, s.last, s.is = k.Val, k.Last, true
		if x.ttl > 0 {
			x.expires(k.Hash, k.Key, s)
		}
	})
}

// view is how the rows are asked for by a View.
func (x *tabling[K, T, S, V]) view[_ lazily]() viewPart[K, V] {
	shown := func(hash uint64, k K, s *rowState[S]) (v V, err error) {
		c, err := x.coder.Copy(keptState[K, S]{hash, k, s.val, s.last})
		if err != nil {
			return v, err
		}
		return x.rule.value(&c.Val), nil
	}
	return viewPart[K, V]{
		look: func(hash uint64, k K) (v V, known bool, err error) {
			s := x.rows.Find(hash, k)
			if s == nil {
				return v, false, nil
			}
			v, err = shown(hash, k, s)
			return v, err == nil, err
		},
		parts: func() (int, func(int, *[]KeyValue[K, V]) error) {
			of := x.rows.Parts(viewedAtOnce)
			return of.Len(), func(turn int, to *[]KeyValue[K, V]) (err error) {
				x.rows.Part(of, turn, func(at int) {
					if err != nil {
						return
					}
					e := &x.rows.Entries()[at]
					var v V
					if v, err = shown(x.rows.Hashes()[at], e.Key, &e.Val); err == nil {
						*to = append(*to, KeyValue[K, V]{e.Key, v})
					}
				})
				return err
			}
		},
	}
}
