package stream

import (
	"unsafe"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/equal"
)

// A Table has at most one row for each key, and its rows come, change and go: the prices
// of a shop, the balances of accounts, the carts that are open. It is a handle, as Stream is, and
// holds nothing itself. What flows are its changes.
//
// A table is what event time says. At the time t it is what the changes of its inputs up to t make of
// it, all those at t included, and no change after t. Operators on tables hold changes back until the watermark has
// passed them, make all those of one time at once, and put out how their result is different then. So whatever is made
// of tables, by joins and aggregates of them in any depth, is right at each time: money that moves
// between two accounts at one time is never in both or in neither. The price is the delay of the watermark. What is
// put out does not depend on batches, shards or the order of arrival.
//
// The changes of a key come in the order of their times, at most one for each time, and as few as say
// it all: nothing where the row is equal to what it was, and an update in place of a delete and an insert. An
// Update and a Delete have the row as it was. Rows are equal if their data are: times of one instant, slices of equal elements, what pointers
// point to.
//
// Changes that are late, behind the watermark, are dropped and counted in TooLate, as what is told would no longer
// be true otherwise: see Disorder for how long to wait, and Stream.SplitLate for what to do with them.
//
// The functions that operators on tables are given are called for rows as they are, and again for rows as they were: they have to
// give the same for the same row, in later runs of the pipeline too. A row that a function fails on, where
// failures are skipped or diverted, is taken as one that is not there.
type Table[K comparable, V any] struct{ changes Keyed[K, Change[V]] }

// Keyed returns the changes of the table with their keys, to be given to operators on Keyed
// streams.
func (t Table[K, V]) Keyed() Keyed[K, Change[V]] {
	started(t.changes.out != nil, "Keyed", "Table")
	return t.changes
}

// Changes returns the changes of the table as a stream: what sinks that upsert and delete
// take. The key is not in them, other than as a part of the row; MapValues can put it there.
func (t Table[K, V]) Changes[_ lazily](opts ...Option) Stream[Change[V]] {
	started(t.changes.out != nil, "Changes", "Table")
	in := t.changes.out
	n := in.p.add("changes", opts, &in.flow)
	out := newOutput[Change[V]](in.p, n)
	in.consumers = append(in.consumers, func(pl *engine.Place) keyedReceiver[K, Change[V]] {
		return &unkeying[K, Change[V]]{op: pl.Instance(n), next: out.connect(pl)}
	})
	return Stream[Change[V]]{out}
}

// An unkeying passes events on without their keys.
type unkeying[K comparable, T any] struct {
	op   *engine.Instance
	next receiver[T]
}

func (u *unkeying[K, T]) pushKeyed(b *KeyedBatch[K, T]) error {
	n := b.Len()
	u.op.In(n)
	u.op.Out(n)
	return u.next.push(&b.Batch)
}

func (u *unkeying[K, T]) Control(c engine.Control) error { return u.op.Pass(c, u.next) }

// A tableOutlet passes on the controls of an operator with two inputs that puts out changes of a table. These go by the
// tableWriter.
type tableOutlet[K comparable, V any] struct{ rows *tableWriter[K, V] }

func (o tableOutlet[K, V]) push(*Batch[struct{}]) error { return nil }

func (o tableOutlet[K, V]) Control(c engine.Control) error { return o.rows.out.Control(c) }

// tableOut is what takes the results of such an operator.
func tableOut[K comparable, V any](out *keyedOutput[K, Change[V]]) func(*engine.Place) receiver[struct{}] {
	return func(pl *engine.Place) receiver[struct{}] {
		return tableOutlet[K, V]{&tableWriter[K, V]{out: out.connect(pl), size: pl.BatchSize(), bare: plainRows[K, V]()}} // writerOf gives it its instance
	}
}

// writerOf returns the tableWriter of a meeting whose results tableOut takes, and has it flushed behind each call.
func writerOf[K comparable, V any, L, R any, J comparable](m *meeting[J, L, R, struct{}]) *tableWriter[K, V] {
	w := m.out.out.(tableOutlet[K, V]).rows
	w.op, w.also = m.op, &m.out.err
	m.emitters, m.flushers = append(m.emitters, w), append(m.flushers, w.flush)
	return w
}

// A rowChange is what has become of a row, put together of what it was and is.
type rowChange[V any] struct {
	was, now V
	had, is  bool
}

// change returns the change, and whether there is one.
func (r *rowChange[V]) change[_ lazily](same equal.Test) (c Change[V], some bool) {
	switch {
	case r.had && r.is:
		if same(unsafe.Pointer(&r.was), unsafe.Pointer(&r.now)) {
			return c, false
		}
		return Change[V]{Kind: Update, After: r.now, Before: r.was, HasBefore: true}, true
	case r.had:
		return Change[V]{Kind: Delete, Before: r.was, HasBefore: true}, true
	case r.is:
		return Change[V]{Kind: Insert, After: r.now}, true
	}
	return c, false
}

// becomes has a change that holds what a row was, where had, and what it is, where is, say what has become of it. It returns whether that
// is anything; else the change is zero.
func becomes[V any](c *Change[V], had, is bool, same equal.Test) bool {
	switch {
	case had && is:
		if !same(unsafe.Pointer(&c.Before), unsafe.Pointer(&c.After)) {
			c.Kind, c.HasBefore = Update, true
			return true
		}
	case had:
		*c = Change[V]{Kind: Delete, Before: c.Before, HasBefore: true}
		return true
	case is:
		*c = Change[V]{Kind: Insert, After: c.After}
		return true
	}
	*c = Change[V]{}
	return false
}
