package stream

import (
	"cmp"
	"reflect"
	"slices"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/panes"
	"github.com/freshet-go/freshet/internal/state"
	"github.com/freshet-go/freshet/window"
)

// parts are accumulators on their way to the shard of their key.
type parts[K comparable, A any] struct {
	slices []Time // the start of each one's slice
	hashes []uint64
	keys   []K
	accs   []A
	counts []int64    // how many events each one is of
	late   []lateMark // those that are of one late event
}

// Len returns how many partial aggregates there are.
func (p *parts[K, A]) Len() int { return len(p.keys) }

// readAt is not known of what many batches have been added up to.
func (p *parts[K, A]) readAt() int64 { return 0 }

func (p *parts[K, A]) add[_ lazily](slice Time, hash uint64, k K, acc A, n int64) {
	p.slices = append(p.slices, slice)
	p.hashes = append(p.hashes, hash)
	p.keys = append(p.keys, k)
	p.accs = append(p.accs, acc)
	p.counts = append(p.counts, n)
}

func (p *parts[K, A]) empty[_ lazily]() {
	clear(p.accs) // they were given away
	p.slices, p.hashes, p.keys, p.accs, p.counts, p.late = p.slices[:0], p.hashes[:0], p.keys[:0], p.accs[:0], p.counts[:0], p.late[:0]
}

// combining aggregates in front of the exchange: it gathers slices, and sends
// a slice's accumulators to their shards when the watermark closes it, or when
// there are many. Where few events share a key and a slice, gathering them is
// in vain: then it sends each on by itself for a while.
type combining[K comparable, T, A any] struct {
	in     folder[K, T, A]
	out    *senders[*parts[K, A]]
	store  *panes.Sliced
	size   int
	limit  int   // how many accumulators are gathered at most
	sent   int   // accumulators that were sent since they were last weighed
	events int   // how many events they were of
	single int   // events still to be sent by themselves
	err    error // of sending
}

const (
	// combineLimit bounds how many accumulators are gathered: as many as a
	// processor's near cache holds. Small ones that hold no memory of their own are
	// gathered by the thousand: what is looked up in a table is looked up once less
	// behind the exchange, and sent once less, for each further event of a key.
	combineLimit     = 1 << 11
	combineLimitFlat = 1 << 17
	// combineWorth is how many events an accumulator has to stand for.
	combineWorth = 2
	// combineAgain is after how many events gathering is tried again, for each
	// accumulator that was gathered in vain.
	combineAgain = 32
)

// combineLimitOf returns how many accumulators of a type are gathered.
func combineLimitOf[A any]() int {
	if t := reflect.TypeFor[A](); t.Size() <= 32 && flat(t) {
		return combineLimitFlat
	}
	return combineLimit
}

// flat reports whether a value of t is all that it holds.
func flat(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Array:
		return t.Len() == 0 || flat(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if !flat(t.Field(i).Type) {
				return false
			}
		}
		return true
	}
	return t.Kind() <= reflect.Complex128 && t.Kind() != reflect.Invalid
}

func (c *combining[K, T, A]) pushKeyed(b *KeyedBatch[K, T]) error {
	if c.single > 0 {
		c.single -= b.Len()
		return c.pass(b)
	}
	if err := c.in.take(c.store, b, c.sendLate); err != nil {
		return err
	}
	if c.store.Keys() >= c.limit {
		c.take(engine.MaxTime)
	}
	return c.err
}

// take sends what is gathered of the slices that end at or before wm, and weighs
// whether gathering has been worth while.
func (c *combining[K, T, A]) take[_ lazily](wm Time) {
	c.store.Take(wm, c.sendAll)
	if c.sent < combineLimit {
		return
	}
	if c.events < combineWorth*c.sent {
		c.single = combineAgain * c.sent
	}
	c.sent, c.events = 0, 0
}

// pass sends the events of b on, each in an accumulator of its own.
func (c *combining[K, T, A]) pass[_ lazily](b *KeyedBatch[K, T]) error {
	c.in.op.In(b.Len())
	if b.head.times == nil {
		return c.in.op.Failure(ErrNoTime)
	}
	cursor := 0
	err := c.in.spans(&b.Batch, func(k int) (int, error) { return c.passSpan(b, k, &cursor) })
	return cmp.Or(err, c.err)
}

func (c *combining[K, T, A]) passSpan[_ lazily](b *KeyedBatch[K, T], from int, cursor *int) (at int, cause error) {
	defer engine.Rescue(&cause)
	at = from
	n, now, marked := b.Len(), c.store.Watermark(), len(b.head.late) > 0
	slice := window.Window{Start: engine.MaxTime, End: engine.MinTime} // holds no time
	for k := from; k < n; k++ {
		at = k
		if c.in.op.Halted() {
			return k, engine.ErrStopped
		}
		row := b.head.at(k)
		t := b.head.times[row]
		if t < now || marked {
			if wm := b.head.behind(row, cursor, now); t < wm {
				c.in.takeLate(b, row, wm, c.sendLate)
				continue
			}
		}
		if !slice.Contains(t) {
			slice = c.in.spec.Slice(t)
		}
		c.send(slice.Start, b.hashes[row], b.keys[row], c.in.fold.add(c.in.fold.agg.New(), &b.Batch, row), 1)
	}
	return n, nil
}

func (c *combining[K, T, A]) sendAll(sl *panes.Slice) {
	cells := c.in.kind.CellsOf(sl)
	entries, hashes := cells.Table.Entries(), cells.Table.Hashes()
	for i := range entries {
		e := &entries[i]
		c.send(sl.Start, hashes[i], e.Key, e.Val, cells.Counts[i])
		c.events += int(cells.Counts[i])
	}
	c.sent += len(entries)
}

// sendLate sends the accumulator of one late event, at once.
func (c *combining[K, T, A]) sendLate(t, wm Time, hash uint64, k K, acc A) {
	to := c.out.fill(state.ShardOf(hash, c.out.count()))
	to.late = append(to.late, lateMark{int32(len(to.keys)), wm})
	c.send(t, hash, k, acc, 1)
}

// send sends one accumulator, of n events, to its shard.
func (c *combining[K, T, A]) send[_ lazily](slice Time, hash uint64, k K, acc A, n int64) {
	shard := state.ShardOf(hash, c.out.count())
	to := c.out.fill(shard)
	to.add(slice, hash, k, acc, n)
	if len(to.keys) >= c.size && c.err == nil {
		c.err = c.out.ship(shard)
	}
}

func (c *combining[K, T, A]) Control(ctl engine.Control) error {
	if ctl.Kind == engine.Watermark {
		c.in.op.Advance(ctl.Watermark)
		c.take(ctl.Watermark)
		c.store.Pass(ctl.Watermark)
	}
	if ctl.Kind != engine.Watermark { // windows do not wait for this input any more, or state is saved behind the exchange
		c.take(engine.MaxTime)
	}
	if c.err != nil {
		return c.err
	}
	return c.in.op.Pass(ctl, c.out)
}

// merging is the aggregation behind the exchange.
type merging[K comparable, A, R any] struct {
	*firing[K, A, R]
	sums  bool // the accumulators are integers that are added up
	slots []uint32
}

func (m *merging[K, A, R]) push(p *parts[K, A]) error {
	m.panel.out.inherit(0, nil) // late panes: when their events were read is not sent along
	err := m.merge(p)
	p.empty()
	if err != nil {
		return m.op.Failure(err)
	}
	return m.panel.flush()
}

// merge takes parts in, those of late events first. Of the rest nearly all are
// of one slice, whose accumulators are looked up together.
func (m *merging[K, A, R]) merge(p *parts[K, A]) (err error) {
	defer engine.Rescue(&err)
	for _, mark := range p.late {
		m.mergeLate(p, int(mark.row), max(mark.watermark, m.store.Watermark()))
	}
	sl, last := m.store.Current(), p.slices[len(p.slices)-1]
	open := m.store.Open(last)
	if open {
		sl = m.store.At(last)
	}
	cells := m.kind.CellsOf(sl)
	if m.sums && open && len(p.late) == 0 && p.slices[0] == last && !slices.ContainsFunc(p.slices, func(t Time) bool { return t != last }) {
		addUp(cells, p.hashes, p.keys, nil, p.accs, nil)
		return nil
	}
	m.slots = sized(m.slots, len(p.hashes))
	cells.Table.Probe(p.hashes, nil, m.slots)
	entries, late := cells.Table.Entries(), p.late
	for i, k := range p.keys {
		if m.op.Halted() {
			return engine.ErrStopped
		}
		if len(late) > 0 && int(late[0].row) == i {
			late = late[1:]
			continue
		}
		e := int(m.slots[i]) - 1
		switch {
		case !open || !sl.Contains(p.slices[i]):
			m.mergeOther(p, i)
			entries = cells.Table.Entries() // they may have moved
		case uint(e) < uint(len(entries)) && entries[e].Key == k:
			entries[e].Val = m.kind.Merge(entries[e].Val, p.accs[i])
		default:
			cells.Put(p.hashes[i], k, p.accs[i], 0)
			entries = cells.Table.Entries()
		}
	}
	return nil
}

// mergeOther merges a part of another slice than the one at hand. One whose
// windows have fired was gathered by a sender that was idle for a while and not
// waited for.
func (m *merging[K, A, R]) mergeOther(p *parts[K, A], i int) {
	t := p.slices[i]
	if m.store.Open(t) {
		m.kind.CellsOf(m.store.At(t)).Put(p.hashes[i], p.keys[i], p.accs[i], 0)
		return
	}
	if m.mergeLate(p, i, m.store.Watermark()) {
		m.op.Late(int(p.counts[i]))
	}
}

// mergeLate merges a part that is late at a watermark, and reports whether it
// was not too late. That of one late event was counted as late where it was
// read.
func (m *merging[K, A, R]) mergeLate(p *parts[K, A], i int, wm Time) bool {
	if m.store.Gone(p.slices[i], wm) {
		m.op.TooLate(int(p.counts[i]))
		return false
	}
	m.kind.AddLate(m.store, p.slices[i], wm, p.hashes[i], p.keys[i], p.accs[i])
	return true
}
