package state

import (
	"reflect"
	"slices"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/freshet-go/freshet/internal/record"
)

// records is a Coder but for the type of its records. A pointer that it is
// handed is to one of that type. Its methods that coders call are not inlined:
// each copy would be compiled for each type again.
type records struct {
	of    reflect.Type
	all   reflect.Type // of a slice of copies, each with the hash of its key
	plan  *record.Plan
	enc   record.Encoder
	err   error                       // why there is no plan
	sizes atomic.Pointer[[Groups]int] // how much the groups were the last time
	flat  bool                        // a copy of a record shares nothing that can change
	spare chan unsafe.Pointer         // capacity 1: memory for the copies of the next checkpoint
	last  chan lastEncoding           // capacity 1: what an Encoding has encoded last
	ids   atomic.Int64                // of the last Encoding
}

func newRecords(t, all reflect.Type) *records {
	plan, err := record.PlanOf(t)
	if err != nil {
		return &records{of: t, err: err}
	}
	return &records{of: t, all: all, plan: plan, enc: plan.NewEncoder(), flat: flat(t), spare: make(chan unsafe.Pointer, 1), last: make(chan lastEncoding, 1)}
}

//go:noinline
func (c *records) append(b *[]byte, r unsafe.Pointer) (err error) {
	*b, err = c.enc.Append(*b, r)
	return err
}

// put appends a record to the group of a key hash.
func (c *records) put(s *Saving, hash uint64, r unsafe.Pointer) {
	b := s.Group(hash)
	if n := len(*b); cap(*b)-n < n/64 { // append would grow it by a quarter, and copy it twice as often
		*b = slices.Grow(*b, n/2)
	}
	var err error
	if *b, err = c.enc.Append(*b, r); err != nil && s.Err == nil {
		s.Err = err
	}
}

// begin makes room for what the groups are likely to be.
func (c *records) begin(s *Saving) {
	if last := c.sizes.Load(); last != nil {
		for g, n := range last {
			s.Groups[g] = make([]byte, 0, n+n/16)
		}
	}
}

// end notes what they were.
func (c *records) end(s *Saving) {
	var sizes [Groups]int
	for g := range sizes {
		sizes[g] = len(s.Groups[g])
	}
	c.sizes.Store(&sizes)
}

// copies returns where to put copies of records, about n of them, which s
// encodes later: a pointer to a slice of type all. It is nil if they are to be
// put into s at once. Those of more are encoded with them: see Coder.IntoWith.
//
//go:noinline
func (c *records) copies(s *Saving, n int, more func(*Encoding)) unsafe.Pointer {
	if !c.flat {
		c.begin(s)
		s.Later = append(s.Later, func() {
			c.encodeMore(s, more, false)
			c.end(s)
		})
		return nil
	}
	all := c.memory()
	if slice := reflect.NewAt(c.all, all).Elem(); slice.Cap() < n {
		slice.Set(reflect.MakeSlice(c.all, 0, n))
	} else {
		slice.SetLen(0)
	}
	s.Later = append(s.Later, func() { c.encode(s, all, more) })
	return all
}

// encode encodes the copies that all points to, and leaves their memory to the
// next checkpoint.
func (c *records) encode(s *Saving, all unsafe.Pointer, more func(*Encoding)) {
	slice, of := (*sliceHeader)(all), c.all.Elem()
	alone := slice.len == 0 && more != nil
	if !alone {
		c.begin(s)
	}
	size, offset := of.Size(), of.Field(1).Offset
	for i := range slice.len {
		r := unsafe.Add(slice.data, uintptr(i)*size)
		c.put(s, *(*uint64)(r), unsafe.Add(r, offset))
	}
	c.encodeMore(s, more, alone)
	c.end(s)
	select {
	case c.spare <- all:
	default:
	}
}

// memory returns a slice of copies, that of an earlier checkpoint if there was
// one and it is done with it.
func (c *records) memory() unsafe.Pointer {
	select {
	case all := <-c.spare:
		return all
	default:
		return reflect.New(c.all).UnsafePointer()
	}
}

// A sliceHeader is a slice of any type, as the gc and gccgo compilers lay it
// out.
type sliceHeader struct {
	data     unsafe.Pointer
	len, cap int
}

// each decodes the records in parts one after another to where r points, and
// calls f for each. There is a zero record at r before, and f leaves one.
func (c *records) each(parts [][]byte, r unsafe.Pointer, f func()) error {
	dec := c.plan.NewDecoder()
	for _, b := range parts {
		for len(b) > 0 {
			n, rec, err := record.Split(b, true)
			if err != nil {
				return err
			}
			if err := dec.Decode(rec, r); err != nil {
				return err
			}
			f()
			b = b[n:]
		}
	}
	return nil
}

// flat reports whether a copy of a value of type t shares nothing with it that
// can change: strings and times do not.
func flat(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Struct:
		if t == reflect.TypeFor[time.Time]() {
			return true
		}
		for i := range t.NumField() {
			if !flat(t.Field(i).Type) {
				return false
			}
		}
		return true
	case reflect.Array:
		return flat(t.Elem())
	case reflect.Slice:
		return unchanging[t]
	case reflect.Map, reflect.Pointer, reflect.Interface, reflect.Func, reflect.Chan, reflect.UnsafePointer:
		return false
	}
	return true
}

var unchanging = map[reflect.Type]bool{}

// Unchanging says that nobody changes the elements of slices of a type once they are
// made, so that a copy of one may share them. It is called when the program begins.
func Unchanging(slice reflect.Type) { unchanging[slice] = true }
