package stream

import (
	"cmp"
	"slices"
	"time"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/state"
	"github.com/freshet-go/freshet/internal/table"
	"github.com/freshet-go/freshet/internal/timer"
	"github.com/freshet-go/freshet/window"
	"github.com/freshet-go/freshet/window/over"
)

// A framing is an instance of Over. Events come in order: each time is seen whole before results of it are put out.
type framing[K comparable, T, R any] struct {
	op      *engine.Instance
	columns over.Selection[T, R]
	needs   over.Needs
	ttl     time.Duration // 0: for ever
	out     *Emitter[R]
	keys    table.Table[K, *partition[K, T, R]]
	due     timer.Queue[hashedKey[K]]
	now     Time // the watermark

	at      Time // of the events at hand
	touched []*partition[K, T, R]
	results []R
	view    partitionView[K, T, R] // here so that an interface of it allocates nothing

	coder *state.Coder[keptOver[K, T]]
}

func (x *framing[K, T, R]) pushKeyed(b *KeyedBatch[K, T]) error {
	n, cursor := b.Len(), 0
	x.op.In(n)
	x.out.inherit(b.head.born, nil)
	for k := range n {
		if x.op.Halted() {
			return engine.ErrStopped
		}
		row := b.head.at(k)
		at := b.head.times[row]
		if at < b.head.behind(row, &cursor, x.now) {
			x.op.TooLate(1)
			continue
		}
		if err := x.reach(at); err != nil {
			return err
		}
		p, err := x.partition(b.hashes[row], b.keys[row], at)
		if err != nil {
			return err
		}
		p.add(b.values[row], at, b.head.seqOf(row))
		if !p.mark {
			p.mark = true
			x.touched = append(x.touched, p)
		}
	}
	return x.out.err
}

// partition returns that of a key, for an event of a time. One whose life has ended is ended first: the watermark may
// be far behind, or at the end of the stream.
func (x *framing[K, T, R]) partition[_ lazily](hash uint64, k K, at Time) (*partition[K, T, R], error) {
	s, fresh := x.keys.At(hash, k)
	if !fresh && x.ttl > 0 {
		if end := (*s).last().Add(x.ttl); end <= at {
			if err := x.finish(*s, max(end, x.now)); err != nil { // an end behind the watermark: see fire
				return nil, err
			}
			fresh = true
		}
	}
	if fresh {
		*s = &partition[K, T, R]{hashedKey: hashedKey[K]{hash, k}, alarm: engine.MaxTime}
		if err := attempted(func() { (*s).cells = x.columns.Cells() }); err != nil {
			return nil, x.op.Failure(err)
		}
	}
	return *s, nil
}

// reach comes to the events of a time: what was to be before it is done.
func (x *framing[K, T, R]) reach[_ lazily](at Time) error {
	if at == x.at {
		return nil
	}
	err := x.commit()
	if err == nil && at > engine.MinTime {
		err = x.fire(at - 1)
	}
	x.at = at
	return err
}

// commit puts out what the events of the time at hand have made final.
func (x *framing[K, T, R]) commit[_ lazily]() error {
	for _, p := range x.touched {
		if x.op.Halted() {
			return engine.ErrStopped
		}
		p.mark = false
		if err := x.complete(p, x.at); err != nil {
			return err
		}
		x.arm(p, x.at)
	}
	clear(x.touched)
	x.touched = x.touched[:0]
	return x.out.err
}

// arm sets the timer of a partition behind a time, unless there is an earlier one.
func (x *framing[K, T, R]) arm[_ lazily](p *partition[K, T, R], at Time) {
	due := p.due(x.needs.After, x.ttl, at)
	if due >= p.alarm {
		return
	}
	p.alarm = due
	if x.due.Len() > 2*x.keys.Len()+1024 { // timers have been set earlier again and again
		x.due = timer.Queue[hashedKey[K]]{}
		for _, e := range x.keys.Entries() {
			if q := e.Val; q.alarm < engine.MaxTime && q != p {
				x.due.Push(int64(q.alarm), q.hash, q.hashedKey)
			}
		}
	}
	x.due.Push(int64(due), p.hash, p.hashedKey)
}

// fire does what is due at a time or before.
func (x *framing[K, T, R]) fire[_ lazily](by Time) error {
	for {
		at, ok := x.due.Next()
		if !ok || Time(at) > by {
			return x.out.err
		}
		if x.op.Halted() {
			return engine.ErrStopped
		}
		ref := x.due.Pop().Val
		s := x.keys.Find(ref.hash, ref.key)
		if s == nil || (*s).alarm != Time(at) { // it has another one
			continue
		}
		p, end := *s, Time(at)
		p.alarm = engine.MaxTime
		if x.ttl > 0 && p.last().Add(x.ttl) <= end {
			// Where it lives shorter than it did when it was saved, its end may lie behind the watermark, where a result is too late.
			if err := x.finish(p, max(end, x.now)); err != nil {
				return err
			}
			x.keys.Delete(ref.hash, ref.key)
			continue
		}
		if err := x.complete(p, end); err != nil {
			return err
		}
		x.arm(p, end)
	}
}

// complete puts out the results that are final as of a time.
func (x *framing[K, T, R]) complete[_ lazily](p *partition[K, T, R], at Time) error {
	held, to := p.held(), p.next
	for to < len(held) && x.needs.RowsAfter < int64(len(held)-to) && held[to].at.Add(x.needs.After) <= at {
		to++
	}
	return x.put(p, to, at)
}

// finish puts out all results of a partition that gets no more events.
func (x *framing[K, T, R]) finish[_ lazily](p *partition[K, T, R], at Time) error {
	return x.put(p, len(p.held()), at)
}

// put puts out results up to that of an event.
func (x *framing[K, T, R]) put[_ lazily](p *partition[K, T, R], to int, at Time) error {
	from := p.next
	if from == to {
		return nil
	}
	x.results = sized(x.results, to-from)
	clear(x.results)
	x.view.partition = p
	if err := attempted(func() {
		for _, c := range p.cells {
			c.Fill(&x.view, from, to, x.results)
		}
	}); err != nil {
		return x.op.Failure(err)
	}
	held := p.held()
	for i := range x.results {
		x.out.emit(x.results[i], at, held[from+i].seq)
	}
	clear(x.results)
	p.next = to
	x.forget(p)
	return x.out.err
}

// forget drops the events that no result to come looks at: those before the frame of the latest result.
func (x *framing[K, T, R]) forget[_ lazily](p *partition[K, T, R]) {
	held, last := p.held(), p.next-1
	n := last - int(min(x.needs.RowsBefore, int64(last)))
	if x.needs.Times {
		since := held[last].at.Add(-x.needs.Before)
		for n > 0 && held[n-1].at >= since {
			n--
		}
	}
	if n == 0 {
		return
	}
	for _, c := range p.cells {
		c.Drop(n)
	}
	p.next -= n
	clear(held[:n])
	if p.gone += n; 2*p.gone >= len(p.all) {
		p.all, p.gone = slices.Delete(p.all, 0, p.gone), 0
	}
}

func (x *framing[K, T, R]) Control(c engine.Control) error {
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
func (x *framing[K, T, R]) advance[_ lazily](wm Time) error {
	if err := cmp.Or(x.commit(), x.fire(lastBefore(wm))); err != nil {
		return err
	}
	if wm == engine.MaxTime {
		for _, e := range x.keys.Entries() {
			if x.op.Halted() {
				return engine.ErrStopped
			}
			if err := x.finish(e.Val, engine.MaxTime-1); err != nil {
				return err
			}
		}
	}
	x.now = max(x.now, wm)
	x.op.Advance(x.now)
	x.op.Holds(x.keys.Len())
	return x.out.flush()
}

// A partitionView is a partition as columns see it.
type partitionView[K comparable, T, R any] struct{ *partition[K, T, R] }

func (v *partitionView[K, T, R]) Len() int              { return len(v.all) - v.gone }
func (v *partitionView[K, T, R]) At(i int) *T           { return &v.all[v.gone+i].val }
func (v *partitionView[K, T, R]) Rank(i int) over.Ranks { return v.all[v.gone+i].ranks }
func (v *partitionView[K, T, R]) Position(i int) window.Position {
	e := &v.all[v.gone+i]
	return window.Position{Time: e.at, Seq: e.seq}
}
