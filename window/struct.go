package window

import (
	"reflect"

	"github.com/freshet-go/freshet/internal/record"
)

// Struct aggregates in several ways in one pass, into the fields of one R, as
// SQL's SELECT count(*), sum(cents), avg(cents) does:
//
//	takings := window.Struct(
//		window.Field(window.Count[Order](), func(t *Takings, n int64) { t.Orders = n }),
//		window.Field(window.Sum(Order.cents), func(t *Takings, n int64) { t.Revenue = n }),
//		window.Field(window.Mean(Order.cents), func(t *Takings, m float64) { t.Mean = m }))
//
// However many fields there are, its type is the same, and it compiles faster and runs
// faster than Both inside of Both. A new accumulator is an object of its own,
// and one more for each field whose accumulator holds pointers. A window's state
// in a checkpoint depends on the aggregators of the fields and their order.
//
// It panics without a field.
func Struct[T, R any](fields ...StructField[T, R]) Aggregator[T, Fields, R] {
	need(len(fields) > 0, "Struct: there is no field")
	s := structOf[T, R]{shape: new(shape)}
	stamped, exact := false, true
	for i, f := range fields {
		need(f.in != nil, "Struct: field %d of %d is zero: make it with Field", i+1, len(fields))
		stamped = stamped || f.stamped
		exact = exact && f.exact
		s.fields = append(s.fields, f.in(s.shape))
	}
	switch {
	case stamped:
		return stampedStruct[T, R]{s}
	case exact:
		return exactStruct[T, R]{s}
	}
	return s
}

// A StructField is one of the ways in which Struct aggregates: see Field.
type StructField[T, R any] struct {
	in             func(*shape) columnOf[T, R]
	stamped, exact bool
}

// A columnOf is a field of a Struct, whatever the type of its accumulator.
type columnOf[T, R any] interface {
	begin(*cells)
	add(*cells, T)
	addAt(*cells, T, Position)
	merge(a, b *cells)
	sub(a, b *cells)
	result(*cells, *R)
}

// Field is a field of what Struct makes: set puts agg's result into it.
func Field[T, A, V, R any](agg Aggregator[T, A, V], set func(*R, V)) StructField[T, R] {
	need(agg != nil, "Field: the Aggregator agg is nil")
	need(set != nil, "Field: the function set is nil")
	f := column[T, A, V, R]{agg: agg, set: set}
	f.stamped, _ = agg.(Stamped[T, A])
	f.exact, _ = agg.(Subtractor[A])
	f.state, _ = record.Layout(reflect.TypeFor[A]()) // one that cannot be stored is an error when it is to be
	return StructField[T, R]{func(s *shape) columnOf[T, R] {
		placed := f
		placed.place = placeOf[A](s)
		return &placed
	}, f.stamped != nil, f.exact != nil}
}

type structOf[T, R any] struct {
	fields []columnOf[T, R]
	shape  *shape
}

func (s structOf[T, R]) New() Fields {
	c := s.shape.make()
	for _, f := range s.fields {
		f.begin(c)
	}
	return Fields{c}
}

// of returns the accumulators of acc. Those of a checkpoint are decoded, and it
// itself is left as it is.
func (s structOf[T, R]) of(acc Fields) *cells {
	if c := acc.cells; c != nil && c.shape == s.shape {
		return c
	}
	c := s.New().cells
	c.restore(acc)
	return c
}

func (s structOf[T, R]) Add(acc Fields, v T) Fields {
	c := s.of(acc)
	for _, f := range s.fields {
		f.add(c, v)
	}
	return Fields{c}
}

func (s structOf[T, R]) Merge(a, b Fields) Fields {
	to, from := s.of(a), s.of(b)
	for _, f := range s.fields {
		f.merge(to, from)
	}
	return Fields{to}
}

func (s structOf[T, R]) Result(acc Fields) R {
	c, r := s.of(acc), new(R)
	for _, f := range s.fields {
		f.result(c, r)
	}
	return *r
}

type stampedStruct[T, R any] struct{ structOf[T, R] }

func (s stampedStruct[T, R]) AddAt(acc Fields, v T, at Position) Fields {
	c := s.of(acc)
	for _, f := range s.fields {
		f.addAt(c, v, at)
	}
	return Fields{c}
}

type exactStruct[T, R any] struct{ structOf[T, R] }

func (s exactStruct[T, R]) Sub(a, b Fields) Fields {
	to, from := s.of(a), s.of(b)
	for _, f := range s.fields {
		f.sub(to, from)
	}
	return Fields{to}
}

// A column is one field of a Struct, with its place among the accumulators.
type column[T, A, V, R any] struct {
	agg     Aggregator[T, A, V]
	stamped Stamped[T, A]
	exact   Subtractor[A]
	set     func(*R, V)
	place   place
	state   string // how its accumulators are laid out: a checkpoint depends on it
}

func (f *column[T, A, V, R]) begin(c *cells) {
	*at[A](c, f.place) = f.agg.New()
}

func (f *column[T, A, V, R]) add(c *cells, v T) {
	acc := at[A](c, f.place)
	*acc = f.agg.Add(*acc, v)
}

func (f *column[T, A, V, R]) addAt(c *cells, v T, pos Position) {
	if f.stamped == nil {
		f.add(c, v)
		return
	}
	acc := at[A](c, f.place)
	*acc = f.stamped.AddAt(*acc, v, pos)
}

func (f *column[T, A, V, R]) merge(a, b *cells) {
	acc := at[A](a, f.place)
	*acc = f.agg.Merge(*acc, *at[A](b, f.place))
}

func (f *column[T, A, V, R]) sub(a, b *cells) {
	acc := at[A](a, f.place)
	*acc = f.exact.Sub(*acc, *at[A](b, f.place))
}

func (f *column[T, A, V, R]) result(c *cells, r *R) {
	f.set(r, f.agg.Result(*at[A](c, f.place)))
}
