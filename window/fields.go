package window

import (
	"errors"
	"fmt"
	"reflect"
	"unsafe"

	"github.com/freshet-go/freshet/internal/record"
)

// Fields are the accumulators of the fields of a Struct.
type Fields struct{ *cells }

// A shape says where each accumulator of a Struct is, and how it is stored.
type shape struct {
	places []place
	words  int
	boxes  int
}

// A place is that of one field's accumulator.
type place struct {
	at    int          // in words or in boxes
	boxed bool         // it holds pointers, which have to be where the garbage collector sees them
	of    reflect.Type // its type
	plan  *record.Plan
	err   error // why there is no plan
}

// cells are the accumulators of one window and key: those without pointers one
// behind another in words, the others by pointers to them.
type cells struct {
	shape *shape
	words []uint64
	boxes []any
	saved []byte // as a checkpoint had them: the aggregator decodes them, as it knows their types
}

func placeOf[A any](s *shape) place {
	t := reflect.TypeFor[A]()
	p := place{of: t}
	p.plan, p.err = record.PlanOf(t)
	if p.boxed = holdsPointers(t) || t.Align() > 8; p.boxed {
		p.at = s.boxes
		s.boxes++
	} else {
		p.at = s.words
		s.words += max(1, int(t.Size()+7)/8)
	}
	s.places = append(s.places, p)
	return p
}

// at returns where the accumulator of a field is.
func at[A any](c *cells, p place) *A {
	if p.boxed {
		return c.boxes[p.at].(*A)
	}
	return (*A)(unsafe.Pointer(&c.words[p.at]))
}

// holdsPointers reports whether a value of type t does.
func holdsPointers(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Struct:
		for f := range t.Fields() {
			if holdsPointers(f.Type) {
				return true
			}
		}
		return false
	case reflect.Array:
		return t.Len() > 0 && holdsPointers(t.Elem())
	case reflect.String, reflect.Slice, reflect.Map, reflect.Pointer, reflect.Interface, reflect.Func, reflect.Chan, reflect.UnsafePointer:
		return true
	}
	return false
}

// make returns cells that are zero: one object, if all are words and these are few.
func (s *shape) make() *cells {
	var c *cells
	switch n := s.words; {
	case n <= 4:
		x := new(struct {
			cells
			words [4]uint64
		})
		c, x.cells.words = &x.cells, x.words[:n]
	case n <= 8:
		x := new(struct {
			cells
			words [8]uint64
		})
		c, x.cells.words = &x.cells, x.words[:n]
	case n <= 16:
		x := new(struct {
			cells
			words [16]uint64
		})
		c, x.cells.words = &x.cells, x.words[:n]
	default:
		c = &cells{words: make([]uint64, n)}
	}
	c.shape = s
	if s.boxes == 0 {
		return c
	}
	c.boxes = make([]any, s.boxes)
	for i := range s.places {
		if p := &s.places[i]; p.boxed {
			c.boxes[p.at] = reflect.New(p.of).Interface()
		}
	}
	return c
}

// pointer is at for a field whose type is not at hand.
func (c *cells) pointer(p *place) unsafe.Pointer {
	if p.boxed {
		return reflect.ValueOf(c.boxes[p.at]).UnsafePointer()
	}
	return unsafe.Pointer(&c.words[p.at])
}

// AppendBinary appends the accumulators to b, one record for each field.
func (f Fields) AppendBinary(b []byte) ([]byte, error) {
	if f.cells == nil {
		return b, nil
	}
	c := f.cells
	if c.shape == nil {
		return append(b, c.saved...), nil
	}
	for i := range c.shape.places {
		p := &c.shape.places[i]
		if p.err != nil {
			return b, p.err
		}
		enc, err := p.plan.NewEncoder(), error(nil)
		if b, err = enc.Append(b, c.pointer(p)); err != nil {
			return b, err
		}
	}
	return b, nil
}

// UnmarshalBinary reads what AppendBinary has written, for the Struct that has made it.
func (f *Fields) UnmarshalBinary(b []byte) error {
	f.cells = &cells{saved: append([]byte(nil), b...)}
	for len(b) > 0 {
		n, _, err := record.Split(b, true)
		if err != nil {
			return fmt.Errorf("window: accumulators of a Struct: %w", err)
		}
		b = b[n:]
	}
	return nil
}

// restore sets c, which is new, to what was saved of f. It panics with an error if
// that is of another Struct.
func (c *cells) restore(f Fields) {
	saved, err := f.AppendBinary(nil)
	if err == nil && len(saved) > 0 {
		err = c.decode(saved)
	}
	if err != nil {
		panic(fmt.Errorf("window: accumulators of a Struct that was another: %w", err))
	}
}

func (c *cells) decode(saved []byte) error {
	for i := range c.shape.places {
		p := &c.shape.places[i]
		if p.err != nil {
			return p.err
		}
		n, rec, err := record.Split(saved, true)
		if err == nil && n == 0 {
			err = errors.New("there are fewer")
		}
		if err != nil {
			return err
		}
		to := c.pointer(p)
		reflect.NewAt(p.of, to).Elem().SetZero()
		dec := p.plan.NewDecoder()
		if err := dec.Decode(rec, to); err != nil {
			return err
		}
		saved = saved[n:]
	}
	if len(saved) > 0 {
		return errors.New("there are more")
	}
	return nil
}
