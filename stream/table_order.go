package stream

import (
	"fmt"
	"math"
	"reflect"
	"unsafe"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/keyhash"
	"github.com/freshet-go/freshet/internal/keyorder"
	"github.com/freshet-go/freshet/internal/state"
	"github.com/freshet-go/freshet/window/over"
)

// An Ordered table has its rows in partitions, and those of each partition in an order: see
// Table.OrderBy. What it is for are ranks: the first rows of each, and what a row is among others.
type Ordered[P, K comparable, V any] struct {
	changes Keyed[P, orderedChange[K, V]]
	compare func(a, b V) int
}

// An orderedChange is a change of a row on its way to its partition.
type orderedChange[K comparable, V any] struct {
	Key    K         `binary:"1"`
	Change Change[V] `binary:"2"`
}

// OrderBy puts each row into the partition that partition gives for it, and there in the order of compare, which is negative
// where a comes before b, positive where it comes behind, and 0 where they are peers. It is SQL's PARTITION BY … ORDER BY …. For one
// partition of all rows, partition returns NoKey{}: it is on one shard then.
//
// Peers stand in the order of their keys: numbers by value, texts by their bytes, structs field by field. So the
// place of a row does not depend on when it came, on shards or on restarts.
//
// Failures are those of partition, of which a row that it fails on is not there. Where compare fails the run stops. It holds
// nothing itself.
func (t Table[K, V]) OrderBy[P comparable](partition func(K, V) P, compare func(a, b V) int, opts ...Option) Ordered[P, K, V] {
	started(t.changes.out != nil, "OrderBy", "Table")
	given("OrderBy", "the function partition", partition)
	given("OrderBy", "the function compare", compare)
	return Ordered[P, K, V]{
		rekey(t, "orderby", opts, partition, func(k K, c Change[V]) orderedChange[K, V] { return orderedChange[K, V]{k, c} }), compare}
}

// Top is the table of the first n rows of each partition, by the keys that they had. A change of a row that is not among
// them is none. It panics if n is not positive.
//
// It is Over with the row itself as the only column, and TopOver is Top with ranks.
func (o Ordered[P, K, V]) Top[_ lazily](n int, opts ...Option) Table[K, V] {
	started(o.changes.out != nil, "Top", "Ordered table")
	return o.over("Top", positive("Top", n), over.Select(over.Row(func(r *V, v V) { *r = v })), opts)
}

// TopOver is Over for the first n rows of each partition. Columns look at all rows of a
// partition, also at those that are not among the first. It panics if n is not positive.
func (o Ordered[P, K, V]) TopOver[R any](n int, columns over.Selection[V, R], opts ...Option) Table[K, R] {
	started(o.changes.out != nil, "TopOver", "Ordered table")
	selected("TopOver", columns)
	return o.over("TopOver", positive("TopOver", n), columns, opts)
}

// Over works out one result for each row from its place in its partition, by the keys that rows had: its rank, the row before
// it, the sum of the last three. When a row comes, changes or goes, the results change that are different by it, at
// the same time, and no others.
//
// It holds all rows, their results, and the changes that the watermark has not passed. A change costs O(log n) calls of
// compare for n rows of the partition, a move of the pointers behind the row, and the columns of the
// rows that see it: as many as are in a frame, and for ranks, frames of All and RangeOf up to all. It panics for Range, as rows of a table have no event
// time. A function that fails stops the run.
//
// With Expose a View of type View[P, []KeyValue[K, R]] shows the results of each partition, in its order. TimeToLive is not for ranks: where the
// table that is ranked has one, rows that are forgotten there go from here, too.
//
// It is two operators: one that works the results out, and one that puts together what has become of a row that has gone from one
// partition to another. Where it has a name, the other has it with "-rows".
func (o Ordered[P, K, V]) Over[R any](columns over.Selection[V, R], opts ...Option) Table[K, R] {
	started(o.changes.out != nil, "Over", "Ordered table")
	selected("Over", columns)
	return o.over("Over", math.MaxInt, columns, opts)
}

func positive(call string, n int) int {
	if n <= 0 {
		panic(fmt.Sprintf("stream: %s(%d): not positive", call, n))
	}
	return n
}

func (o Ordered[P, K, V]) over[R any](call string, first int, columns over.Selection[V, R], opts []Option) Table[K, R] {
	needs := columns.Needs()
	if needs.Times {
		panic("stream: " + call + ": rows of a table have no event time for a Range: take RangeOf")
	}
	keyType := reflect.TypeFor[K]()
	order, err := keyorder.Of(keyType)
	if err != nil {
		panic(fmt.Sprintf("stream: %s by keys of %v: %v", call, keyType, err))
	}
	hash, err := keyhash.Of[K]()
	if err != nil {
		panic("stream: " + call + ": " + err.Error())
	}
	same := sameAs[R]()
	text := columns.String()
	if first < math.MaxInt {
		text = fmt.Sprintf("%s of the first %d", text, first)
	}
	p := o.changes.out.p
	n := p.add("overtable", opts, &o.changes.out.flow)
	n.Keyed, n.Detail = true, text
	n.Depends(engine.SettingColumns, text)
	needsTime(n, "", 0)
	out := newKeyedOutput[K, Change[R]](p, n)
	build := func() *ranking[P, K, V, R] {
		return &ranking[P, K, V, R]{columns: columns, needs: needs, first: first, same: same, hash: hash, compare: o.compare,
			keys: func(a, b *K) int { return order(unsafe.Pointer(a), unsafe.Pointer(b)) },
			at:   engine.MinTime, coder: state.NewCoder[keptRanked[P, K, V]]()}
	}
	boards(viewOf[P, board[K, R]](n), build)
	o.changes.consume(n, 0, func(pl *engine.Place) keyedReceiver[P, orderedChange[K, V]] {
		op := pl.Instance(n)
		x := build()
		x.op, x.out = op, newTableWriter(op, out.connect(pl))
		s := newSorter(op, keyedReceiver[P, orderedChange[K, V]](x))
		op.Hold(x, x.coder)
		x.expose()
		r := timeGate[P, orderedChange[K, V]]{op, s}
		op.Control = r.Control
		return r
	})
	var named []Option
	if c := configure(opts); c.name != "" {
		named = append(named, Name(c.name+"-rows"))
	}
	return combine(Keyed[K, Change[R]]{out}, "overrows", named, same)
}
