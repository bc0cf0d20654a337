package stream

import (
	"github.com/freshet-go/freshet/internal/panes"
	"github.com/freshet-go/freshet/window"
)

// parts are accumulators on their way to the shard of their key.
type parts[K comparable, A any] struct {
	slices []Time // the start of each one's slice
	hashes []uint64
	keys   []K
	accs   []counted[A]
	late   []lateMark // those that are of one late event
}

// counted is an accumulator and the number of its events.
type counted[A any] struct {
	acc A
	n   int64
}

// counting is an aggregator that counts the events of its accumulators.
type counting[T, A any] struct{ of *folding[T, A] }

func (c counting[T, A]) New() counted[A] { return counted[A]{acc: c.of.New()} }
func (c counting[T, A]) Add(a counted[A], v T) counted[A] {
	return counted[A]{c.of.Add(a.acc, v), a.n + 1}
}
func (c counting[T, A]) Merge(a, b counted[A]) counted[A] {
	return counted[A]{c.of.Merge(a.acc, b.acc), a.n + b.n}
}

// countingAt is counting for an aggregator to which order matters.
type countingAt[T, A any] struct{ counting[T, A] }

func (c countingAt[T, A]) AddAt(a counted[A], v T, at window.Position) counted[A] {
	return counted[A]{c.of.stamped.AddAt(a.acc, v, at), a.n + 1}
}

// countedOf is a function, as a method of folding[T, A] that mentions
// folding[T, counted[A]] would have the compiler instantiate without end.
func countedOf[T, A any](f *folding[T, A]) folding[T, counted[A]] {
	c := counting[T, A]{f}
	if f.stamped != nil {
		return folding[T, counted[A]]{c, countingAt[T, A]{c}}
	}
	return folding[T, counted[A]]{accumulation: c}
}

func (p *parts[K, A]) add(slice Time, hash uint64, k K, acc counted[A]) {
	p.slices = append(p.slices, slice)
	p.hashes = append(p.hashes, hash)
	p.keys = append(p.keys, k)
	p.accs = append(p.accs, acc)
}

func (p *parts[K, A]) empty() {
	clear(p.accs) // they were given away
	p.slices, p.hashes, p.keys, p.accs, p.late = p.slices[:0], p.hashes[:0], p.keys[:0], p.accs[:0], p.late[:0]
}

// combining aggregates in front of the exchange: it gathers slices, and sends
// a slice's accumulators to their shards when the watermark closes it, or when
// there are many. Where few events share a key and a slice, gathering them is
// in vain: then it sends each on by itself for a while.
type combining[K comparable, T, A any] struct {
	folder[K, T, counted[A]]
	*senders[parts[K, A]]
	store    *panes.Sliced[K, counted[A]]
	size     int
	gathered int   // events that are in the store
	single   int   // events still to be sent by themselves
	err      error // of sending
}

const (
	// combineLimit bounds how many accumulators are gathered: as many as a
	// processor's near cache holds.
	combineLimit = 1 << 11
	// combineWorth is how many events an accumulator has to stand for.
	combineWorth = 2
	// combineAgain is after how many events gathering is tried again.
	combineAgain = 32 * combineLimit
)

func (c *combining[K, T, A]) pushKeyed(b *KeyedBatch[K, T]) error {
	if c.single > 0 {
		c.single -= b.Len()
		return c.pass(b)
	}
	if err := c.take(c.store, b, c.sendLate); err != nil {
		return err
	}
	c.gathered += b.Len()
	if n := c.store.Keys(); n >= combineLimit {
		if c.gathered < combineWorth*n {
			c.single = combineAgain
		}
		c.store.Take(maxTime, c.sendAll)
		c.gathered = 0
	}
	return c.err
}

// pass sends the events of b on, each in an accumulator of its own.
func (c *combining[K, T, A]) pass(b *KeyedBatch[K, T]) error {
	n := b.Len()
	c.op.in(n)
	if b.times == nil {
		return c.op.failure(errNoTime)
	}
	cursor := 0
	for k := 0; k < n; k++ {
		var cause error
		if k, cause = c.passSpan(b, k, &cursor); cause != nil {
			if err := c.failed(&b.Batch, b.at(k), cause); err != nil {
				return err
			}
		}
	}
	if c.err != nil {
		return c.err
	}
	return c.settle()
}

func (c *combining[K, T, A]) passSpan(b *KeyedBatch[K, T], from int, cursor *int) (at int, cause error) {
	defer rescue(&cause)
	at = from
	n, now, marked := b.Len(), c.store.Watermark(), len(b.late) > 0
	slice := window.Window{Start: maxTime, End: minTime} // holds no time
	for k := from; k < n; k++ {
		at = k
		row := b.at(k)
		t := b.times[row]
		if t < now || marked {
			if wm := b.behind(row, cursor, now); t < wm {
				c.takeLate(b, row, wm, c.sendLate)
				continue
			}
		}
		if !slice.Contains(t) {
			slice = c.spec.Slice(t)
		}
		c.send(slice.Start, b.hashes[row], b.keys[row], c.add(c.New(), &b.Batch, row))
	}
	return n, nil
}

func (c *combining[K, T, A]) sendAll(sl *panes.Slice[K, counted[A]]) {
	entries, hashes := sl.Table.Entries(), sl.Table.Hashes()
	for i := range entries {
		e := &entries[i]
		c.send(sl.Start, hashes[i], e.Key, e.Val)
	}
}

// sendLate sends the accumulator of one late event, at once.
func (c *combining[K, T, A]) sendLate(t, wm Time, hash uint64, k K, acc counted[A]) {
	to := c.all[shardOf(hash, len(c.all))].fill()
	to.late = append(to.late, lateMark{int32(len(to.keys)), wm})
	c.send(t, hash, k, acc)
}

// send sends one accumulator to its shard.
func (c *combining[K, T, A]) send(slice Time, hash uint64, k K, acc counted[A]) {
	s := c.all[shardOf(hash, len(c.all))]
	to := s.fill()
	to.add(slice, hash, k, acc)
	if len(to.keys) >= c.size && c.err == nil {
		c.err = s.ship(c.task)
	}
}

func (c *combining[K, T, A]) control(ctl control) error {
	if ctl.kind == ctlWatermark {
		c.op.advance(ctl.watermark)
		c.store.Take(ctl.watermark, c.sendAll)
		c.store.Pass(ctl.watermark)
		c.gathered = min(c.gathered, combineWorth*c.store.Keys())
	}
	if ctl.kind != ctlWatermark { // windows do not wait for this input any more, or state is saved behind the exchange
		c.store.Take(maxTime, c.sendAll)
		c.gathered = 0
	}
	if c.err != nil {
		return c.err
	}
	if err := c.guard.control(ctl); err != nil {
		return err
	}
	return c.senders.control(ctl)
}

// merging is the aggregation behind the exchange.
type merging[K comparable, A, R any] struct {
	*firing[K, A, R]
	ops   panes.Ops[A]
	slots []uint32
}

func (m *merging[K, A, R]) push(p *parts[K, A]) error {
	err := m.merge(p)
	p.empty()
	if err != nil {
		return m.op.failure(err)
	}
	return m.panel.flush()
}

func (m *merging[K, A, R]) merge(p *parts[K, A]) (err error) {
	defer rescue(&err)
	late, i := p.late, 0
	isLate := func() bool { return len(late) > 0 && int(late[0].row) == i }
	for ; i < len(p.keys) && (isLate() || !m.store.Open(p.slices[i])); i++ {
		late = m.mergeLate(p, i, late)
	}
	if i == len(p.keys) {
		return nil
	}
	// Nearly always all are of one slice.
	first := p.slices[i]
	sl := m.store.At(first).Table
	m.slots = sized(m.slots, len(p.hashes))
	sl.Probe(p.hashes, nil, m.slots)
	entries := sl.Entries()
	for ; i < len(p.keys); i++ {
		k := p.keys[i]
		switch e := m.slots[i] - 1; {
		case len(late) > 0 && isLate():
			late = m.mergeLate(p, i, late)
			entries = sl.Entries() // they may have moved
		case p.slices[i] != first:
			late = m.mergeLate(p, i, late)
		case int(e) < len(entries) && entries[e].Key == k:
			entries[e].Val = m.ops.Merge(entries[e].Val, p.accs[i].acc)
		default:
			m.store.Add(first, p.hashes[i], k, p.accs[i].acc)
			entries = sl.Entries()
		}
	}
	return nil
}

// mergeLate merges a part that may be late: of one event, which late begins
// with then, or of all that a sender had gathered when it was idle for a while
// and not waited for.
func (m *merging[K, A, R]) mergeLate(p *parts[K, A], i int, late []lateMark) []lateMark {
	t, acc, wm := p.slices[i], p.accs[i], m.store.Watermark()
	marked := len(late) > 0 && int(late[0].row) == i
	if marked {
		wm, late = max(wm, late[0].watermark), late[1:]
	}
	switch {
	case !marked && m.store.Open(t):
		m.store.Add(t, p.hashes[i], p.keys[i], acc.acc)
	case m.store.Gone(t, wm):
		m.op.stats.dropped.Add(acc.n)
	default:
		if !marked { // else it is counted where it was read
			m.op.stats.late.Add(acc.n)
		}
		m.store.AddLate(t, wm, p.hashes[i], p.keys[i], acc.acc)
	}
	return late
}
