package over

import "github.com/freshet-go/freshet/window"

// First is the first row of a frame: SQL's first_value. Where the frame has none, some is false and v
// zero.
func First[V, R any](frame Frame, set func(r *R, v V, some bool)) Column[V, R] {
	need(set != nil, "First: the function set is nil")
	if frame.before == All { // the row may be forgotten: the cell holds it
		return aggregate("First", "first of", frame, placed[V](window.First[V]()), func(r *R, p window.Placed[V]) { set(r, p.Value, p.Some) })
	}
	return end[V, R]{bounds: boundsOf[V]("First", frame), set: set}
}

// Last is the last row of a frame: SQL's last_value. Where the frame has none, some is false and v zero.
func Last[V, R any](frame Frame, set func(r *R, v V, some bool)) Column[V, R] {
	need(set != nil, "Last: the function set is nil")
	if frame.before == All {
		return aggregate("Last", "last of", frame, placed[V](window.Last[V]()), func(r *R, p window.Placed[V]) { set(r, p.Value, p.Some) })
	}
	return end[V, R]{bounds: boundsOf[V]("Last", frame), last: true, set: set}
}

// placed is an aggregator whose result is the row with its place, which says whether there is one.
func placed[V any](of window.Aggregator[V, window.Placed[V], V]) window.Aggregator[V, window.Placed[V], window.Placed[V]] {
	at, _ := of.(window.Stamped[V, window.Placed[V]])
	return placing[V]{of, at}
}

type placing[V any] struct {
	of window.Aggregator[V, window.Placed[V], V]
	at window.Stamped[V, window.Placed[V]]
}

func (p placing[V]) New() window.Placed[V]                          { return p.of.New() }
func (p placing[V]) Add(acc window.Placed[V], v V) window.Placed[V] { return p.of.Add(acc, v) }
func (p placing[V]) Merge(a, b window.Placed[V]) window.Placed[V]   { return p.of.Merge(a, b) }
func (p placing[V]) Result(acc window.Placed[V]) window.Placed[V]   { return acc }
func (p placing[V]) AddAt(acc window.Placed[V], v V, at window.Position) window.Placed[V] {
	return p.at.AddAt(acc, v, at)
}

type end[V, R any] struct {
	stateless
	bounds[V]
	last bool
	set  func(*R, V, bool)
}

func (c end[V, R]) Needs() Needs     { return c.needs(false) }
func (c end[V, R]) Cell() Cell[V, R] { return c }

func (c end[V, R]) String() string {
	if c.last {
		return "last of " + c.Frame.String()
	}
	return "first of " + c.Frame.String()
}

func (c end[V, R]) Fill(rows Partition[V], from, to int, results []R) {
	a, b := from, from
	for i := from; i < to; i++ {
		a, b = c.around(rows, i, a, b)
		r := &results[i-from]
		switch {
		case a == b:
			c.set(r, *new(V), false)
		case c.last:
			c.set(r, *rows.At(b - 1), true)
		default:
			c.set(r, *rows.At(a), true)
		}
	}
}
