package stream

import (
	"cmp"
	"fmt"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/equal"
	"github.com/freshet-go/freshet/internal/state"
	"github.com/freshet-go/freshet/internal/table"
	"github.com/freshet-go/freshet/window/over"
)

// A ranking is an instance of what works out results of an Ordered table. It takes all changes of a time in, and then puts
// out how results are different.
type ranking[P, K comparable, V, R any] struct {
	op      *engine.Instance
	columns over.Selection[V, R]
	needs   over.Needs
	first   int // so many rows of a partition have results
	compare func(a, b V) int
	keys    func(a, b *K) int
	same    equal.Test
	hash    func(K) uint64
	out     *tableWriter[K, R]

	parts   table.Table[P, *rankedPart[K, V, R]]
	touched []touchedPart[P, K, V, R] // by changes of the time at hand
	at      Time
	rows    int // held, in all

	cells   []over.Cell[V, R] // used for one partition after another
	results []R
	view    rankedView[K, V, R] // here so that an interface of it allocates nothing
	one     rowChange[R]        // the row at hand, for the same reason
	quiet   bool                // results are what they were: nothing is put out

	coder *state.Coder[keptRanked[P, K, V]]
}

type touchedPart[P, K comparable, V, R any] struct {
	hashedKey[P]
	part *rankedPart[K, V, R]
}

func (x *ranking[P, K, V, R]) pushKeyed(b *KeyedBatch[P, orderedChange[K, V]]) error {
	x.op.In(b.Len())
	x.out.inherit(b.head.born, nil)
	for k, n := 0, b.Len(); k < n; k++ {
		if x.op.Halted() {
			return engine.ErrStopped
		}
		row := b.head.at(k)
		if t := b.head.times[row]; t != x.at {
			if err := x.commit(); err != nil {
				return err
			}
			x.at = t
		}
		if err := x.take(b.hashes[row], b.keys[row], &b.values[row]); err != nil {
			return x.op.Failure(err)
		}
	}
	return x.out.err
}

// take takes a change in.
func (x *ranking[P, K, V, R]) take(hash uint64, p P, c *orderedChange[K, V]) (err error) {
	defer engine.Rescue(&err)
	s, fresh := x.parts.At(hash, p)
	if fresh {
		*s = new(rankedPart[K, V, R])
	}
	part := *s
	if part.stale {
		x.settle(part)
	}
	if !part.mark {
		part.mark = true
		part.from, part.to, part.came, part.went = len(part.rows)+1, 0, 0, 0 // empty, wherever the first is
		x.touched = append(x.touched, touchedPart[P, K, V, R]{hashedKey[P]{hash, p}, part})
	}
	return x.alter(part, c)
}

// alter puts a row in, takes it out, or puts it elsewhere.
func (x *ranking[P, K, V, R]) alter(part *rankedPart[K, V, R], c *orderedChange[K, V]) error {
	n := len(part.rows)
	if !c.Change.HasBefore {
		if c.Change.Kind == Delete {
			return nil
		}
		at, there := x.find(part, c.Change.After, &c.Key, 0, n)
		if there {
			return fmt.Errorf("the function compare finds two rows of key %v in one place", c.Key)
		}
		part.put(at, &rankedRow[K, V, R]{key: c.Key, val: c.Change.After})
		x.rows++
		return nil
	}
	from, there := x.find(part, c.Change.Before, &c.Key, 0, n)
	if !there {
		return fmt.Errorf("the row of key %v is not where the function compare had it: compare is no order of the rows, or not the same as it was", c.Key)
	}
	r := part.rows[from]
	if c.Change.Kind == Delete {
		part.take(from)
		x.rows--
		if r.has {
			part.forgotten = append(part.forgotten, r)
		}
		return nil
	}
	to := from
	switch after := c.Change.After; {
	case from+1 < n && x.order(part.rows[from+1], after, &c.Key) < 0:
		to, _ = x.find(part, after, &c.Key, from+2, n)
		to-- // as the row itself is gone from before it
	case from > 0 && x.order(part.rows[from-1], after, &c.Key) > 0:
		to, _ = x.find(part, after, &c.Key, 0, from-1)
	}
	if r.has && to >= x.first {
		part.forgotten = append(part.forgotten, &rankedRow[K, V, R]{key: r.key, res: r.res, has: true})
		r.res, r.has = *new(R), false
	}
	r.val = c.Change.After
	part.move(from, to)
	return nil
}

// find returns the place of a row among those from low to high, or where it is to be.
func (x *ranking[P, K, V, R]) find(part *rankedPart[K, V, R], v V, k *K, low, high int) (at int, there bool) {
	for low < high {
		mid := int(uint(low+high) / 2)
		switch c := x.order(part.rows[mid], v, k); {
		case c == 0:
			return mid, true
		case c < 0:
			low = mid + 1
		default:
			high = mid
		}
	}
	return low, false
}

// order compares a row with what another one is to be.
func (x *ranking[P, K, V, R]) order(r *rankedRow[K, V, R], v V, k *K) int {
	if c := x.compare(r.val, v); c != 0 {
		return c
	}
	return x.keys(&r.key, k)
}

// commit puts out how results are different by the changes of the time at hand.
func (x *ranking[P, K, V, R]) commit[_ lazily]() error {
	for i := range x.touched {
		if x.op.Halted() {
			return engine.ErrStopped
		}
		t := &x.touched[i]
		if err := attempted(func() { x.put(t.part) }); err != nil {
			return x.op.Failure(err)
		}
		if len(t.part.rows) == 0 {
			x.parts.Delete(t.hash, t.key)
		}
	}
	clear(x.touched)
	x.touched = x.touched[:0]
	return x.out.err
}

// put puts out how the results of a partition are different.
func (x *ranking[P, K, V, R]) put[_ lazily](part *rankedPart[K, V, R]) {
	part.mark = false
	for _, r := range part.forgotten {
		x.changed(r, nil)
	}
	clear(part.forgotten)
	part.forgotten = part.forgotten[:0]

	from, to := x.seen(part)
	x.work(part, from, to)
	end := min(x.first, len(part.rows))
	for i := max(to, end-part.went); i < end; i++ { // rows that have moved up among the first
		if !part.rows[i].has {
			x.work(part, i, end)
			break
		}
	}
	for i := end; i < min(len(part.rows), end+part.came); i++ { // and down from there
		if r := part.rows[i]; r.has {
			x.changed(r, nil)
			r.res, r.has = *new(R), false
		}
	}
}

// seen returns the rows whose results may be different, by how far columns look.
func (x *ranking[P, K, V, R]) seen[_ lazily](part *rankedPart[K, V, R]) (from, to int) {
	end := min(x.first, len(part.rows))
	if x.needs.Values {
		return 0, end
	}
	from = part.from - int(min(x.needs.RowsAfter, int64(part.from)))
	to = part.to + int(min(x.needs.RowsBefore, int64(len(part.rows))))
	if x.needs.Grows {
		to = end
	}
	return min(from, end), min(to, end)
}

// work works out the results of rows, and puts out which are different.
func (x *ranking[P, K, V, R]) work[_ lazily](part *rankedPart[K, V, R], from, to int) {
	if from >= to {
		return
	}
	if x.cells == nil {
		x.cells = x.columns.Cells()
	}
	if x.needs.Grows {
		x.rank(part, from, to)
	}
	x.results = sized(x.results, to-from)
	clear(x.results)
	x.view.part = part
	for _, c := range x.cells {
		c.Reset()
		c.Fill(&x.view, from, to, x.results)
	}
	for i := range x.results {
		x.changed(part.rows[from+i], &x.results[i])
	}
	clear(x.results)
}

// rank works out the ranks of rows. Those of the rows before are right.
func (x *ranking[P, K, V, R]) rank[_ lazily](part *rankedPart[K, V, R], from, to int) {
	for i := from; i < to; i++ {
		if i == 0 {
			part.rows[0].ranks = over.Ranks{}.Next(false)
			continue
		}
		before := part.rows[i-1]
		part.rows[i].ranks = before.ranks.Next(x.compare(before.val, part.rows[i].val) == 0)
	}
}

// changed puts out how the result of a row is different, and notes it. It is nil if there is none any more.
func (x *ranking[P, K, V, R]) changed[_ lazily](r *rankedRow[K, V, R], now *R) {
	d := &x.one
	*d = rowChange[R]{was: r.res, had: r.has, is: now != nil}
	if now != nil {
		d.now = *now
	}
	if c, some := d.change(x.same); some && !x.quiet {
		hash := x.hash(r.key)
		x.out.put(hash, r.key, x.at, &c)
	}
	if now != nil {
		r.res, r.has = *now, true
	}
}

func (x *ranking[P, K, V, R]) Control(c engine.Control) error {
	if c.Kind == engine.Watermark {
		x.out.inherit(c.Born, nil)
		x.op.Enter()
		if err := cmp.Or(x.commit(), x.out.flush()); err != nil {
			return err
		}
		x.op.Advance(c.Watermark)
		x.op.Holds(x.rows)
	}
	return x.op.Pass(c, x.out.out)
}
