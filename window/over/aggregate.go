package over

import (
	"reflect"
	"strings"
	"unsafe"

	"github.com/freshet-go/freshet/internal/record"
	"github.com/freshet-go/freshet/window"
)

// Aggregate is the aggregate of the rows of a frame. Aggregators that depend on the order of events, as First and Last, are
// given the rows in their order; of no row the result is that of a new accumulator.
//
// The next row costs one Add and one Sub where agg is a [window.Subtractor], or where the frame begins with the
// partition. Otherwise it costs as many as the frame has rows: for the least of many take
// window.Multiset(…).Min() in place of window.Min.
func Aggregate[V, A, X, R any](frame Frame, agg window.Aggregator[V, A, X], set func(*R, X)) Column[V, R] {
	need(agg != nil, "Aggregate: the Aggregator is nil")
	need(set != nil, "Aggregate: the function set is nil")
	name, _, _ := strings.Cut(reflect.TypeOf(agg).String(), "[")
	return aggregate("Aggregate", name+" over", frame, agg, set)
}

// aggregate is Aggregate for a function of a name, with a text that says what it does to the frame.
func aggregate[V, A, X, R any](call, text string, frame Frame, agg window.Aggregator[V, A, X], set func(*R, X)) Column[V, R] {
	c := &framed[V, A, X, R]{bounds: boundsOf[V](call, frame), text: text, agg: agg, set: set}
	c.stamped, _ = agg.(window.Stamped[V, A])
	c.sub, _ = agg.(window.Subtractor[A])
	return c
}

type framed[V, A, X, R any] struct {
	bounds[V]
	text    string
	agg     window.Aggregator[V, A, X]
	stamped window.Stamped[V, A]
	sub     window.Subtractor[A]
	set     func(*R, X)
}

func (c *framed[V, A, X, R]) Needs() Needs { return c.needs(true) }

func (c *framed[V, A, X, R]) Cell() Cell[V, R] {
	return &cell[V, A, X, R]{of: c, acc: c.agg.New()}
}

func (c *framed[V, A, X, R]) String() string { return c.text + " " + c.Frame.String() }

func (c *framed[V, A, X, R]) add(acc A, rows Partition[V], i int) A {
	if c.stamped != nil {
		return c.stamped.AddAt(acc, *rows.At(i), rows.Position(i))
	}
	return c.agg.Add(acc, *rows.At(i))
}

// A cell has the aggregate of the rows [a, b).
type cell[V, A, X, R any] struct {
	of   *framed[V, A, X, R]
	acc  A
	a, b int
}

func (x *cell[V, A, X, R]) Reset() {
	x.acc, x.a, x.b = x.of.agg.New(), 0, 0
}

func (x *cell[V, A, X, R]) Drop(n int) {
	if x.of.before != All { // else what was dropped stays in the aggregate
		x.a = max(0, x.a-n)
	}
	x.b = max(0, x.b-n)
}

func (x *cell[V, A, X, R]) Fill(rows Partition[V], from, to int, results []R) {
	if x.of.after == All && x.of.before != All && x.of.sub == nil {
		x.backwards(rows, from, to, results)
		return
	}
	for i := from; i < to; i++ {
		x.reach(rows, i)
		x.of.set(&results[i-from], x.of.agg.Result(x.acc))
	}
}

// reach has the aggregate of the frame of row i.
func (x *cell[V, A, X, R]) reach(rows Partition[V], i int) {
	a, b := x.of.around(rows, i, x.a, x.b)
	if a < x.a || b < x.b || a >= x.b || a > x.a && x.of.sub == nil {
		if x.of.before != All || b < x.b {
			x.acc, x.a, x.b = x.of.agg.New(), a, a
		}
	}
	for ; x.b < b; x.b++ {
		x.acc = x.of.add(x.acc, rows, x.b)
	}
	for ; x.a < a; x.a++ {
		x.acc = x.of.sub.Sub(x.acc, x.of.add(x.of.agg.New(), rows, x.a))
	}
}

// backwards is Fill where the frame ends with the partition and nothing can be taken back.
func (x *cell[V, A, X, R]) backwards(rows Partition[V], from, to int, results []R) {
	x.Reset()
	last := rows.Len()
	for i := to - 1; i >= from; i-- {
		a, _ := x.of.around(rows, i, i, rows.Len())
		for last > a {
			last--
			x.acc = x.of.add(x.acc, rows, last)
		}
		x.of.set(&results[i-from], x.of.agg.Result(x.acc))
	}
}

// AppendBinary saves an aggregate that begins with the partition, as its rows may be gone. Others are
// made of the rows again.
func (x *cell[V, A, X, R]) AppendBinary(b []byte) ([]byte, error) {
	if x.of.before != All {
		return b, nil
	}
	s := savedCell[A]{x.acc, int64(x.b)}
	plan, err := record.PlanOf(reflect.TypeFor[savedCell[A]]())
	if err != nil {
		return b, err
	}
	enc := plan.NewEncoder()
	return enc.Append(b, unsafe.Pointer(&s))
}

func (x *cell[V, A, X, R]) UnmarshalBinary(b []byte) error {
	if x.of.before != All {
		return nil
	}
	_, rec, err := record.Split(b, true)
	if err != nil {
		return err
	}
	plan, err := record.PlanOf(reflect.TypeFor[savedCell[A]]())
	if err != nil {
		return err
	}
	var s savedCell[A]
	dec := plan.NewDecoder()
	if err := dec.Decode(rec, unsafe.Pointer(&s)); err != nil {
		return err
	}
	x.acc, x.b = s.Acc, int(s.B)
	return nil
}

type savedCell[A any] struct {
	Acc A     `binary:"1"`
	B   int64 `binary:"2"`
}
