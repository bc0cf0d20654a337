package stream

import (
	"reflect"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/panes"
	"github.com/freshet-go/freshet/internal/state"
	"github.com/freshet-go/freshet/internal/table"
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
	held   int   // events that are gathered, or a few more
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
	c.held += b.Len()
	if c.store.Keys() >= c.limit || c.held >= table.MaxCounted/2 {
		c.take(engine.MaxTime)
	}
	return c.err
}

// take sends what is gathered of the slices that end at or before wm, and weighs
// whether gathering has been worth while.
func (c *combining[K, T, A]) take[_ lazily](wm Time) {
	c.store.Take(wm, c.sendAll)
	if wm == engine.MaxTime {
		c.held = 0
	}
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
	if err := c.in.spans(&b.Batch, func(k int) (int, error) { return c.passSpan(b, k, &cursor) }); err != nil {
		return err
	}
	return c.err
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
	c.in.kind.CellsOf(sl).Each(func(hash uint64, k *K, acc *A, n int64) {
		c.send(sl.Start, hash, *k, *acc, n)
		c.events += int(n)
		c.sent++
	})
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
