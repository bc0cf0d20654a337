package state

import (
	"reflect"
	"unsafe"
)

// A Coder encodes the records that a state is made of, as codec.Binary does.
// There is one for each type of record, so it has only what names the type:
// the rest is in records.
type Coder[R any] struct {
	records *records
	one     R // the record at hand, here so that taking its address allocates nothing
}

func NewCoder[R any]() *Coder[R] {
	return &Coder[R]{records: newRecords(reflect.TypeFor[R](), reflect.TypeFor[[]hashed[R]]())}
}

func (c *Coder[R]) Check() error        { return c.records.err }
func (c *Coder[R]) Types() reflect.Type { return c.records.of }

// Put appends a record.
func (c *Coder[R]) Put[_ lazily](b *[]byte, r R) error {
	c.one = r
	err := c.records.append(b, unsafe.Pointer(&c.one))
	c.one = *new(R)
	return err
}

// Copy returns a copy of a record that shares nothing with it that can change: it is encoded and decoded if it has to be.
func (c *Coder[R]) Copy[_ lazily](r R) (R, error) {
	if c.records.flat {
		return r, nil
	}
	if err := c.records.err; err != nil {
		return r, err
	}
	var b []byte
	err := c.Put(&b, r)
	r = *new(R)
	if err == nil {
		err = c.records.each([][]byte{b}, unsafe.Pointer(&r), func() {})
	}
	return r, err
}

// Into returns a function that puts a record into the group of a key hash.
// Records whose copies share nothing are copied and encoded later, so that the
// stream need not wait for it. About n are to come. S takes the records of one
// coder only.
func (c *Coder[R]) Into[_ lazily](s *Saving, n int) func(hash uint64, r R) {
	return c.IntoWith(s, n, nil)
}

// IntoWith is Into where there are more records than it is given: those that more puts, which is called when
// all is encoded, and may be nil.
func (c *Coder[R]) IntoWith[_ lazily](s *Saving, n int, more func(*Encoding)) func(hash uint64, r R) {
	all := (*[]hashed[R])(c.records.copies(s, n, more))
	return func(hash uint64, r R) {
		if all != nil {
			*all = append(*all, hashed[R]{hash, r})
			return
		}
		c.one = r
		c.records.put(s, hash, unsafe.Pointer(&c.one))
		c.one = *new(R)
	}
}

// lazily is the constraint of a type parameter that Go infers. A method that has one is
// compiled where it is called, and not for every type of record.
type lazily interface{ bool }

// PutRest puts a record that belongs to no key, on the terms of Into.
func (c *Coder[R]) PutRest[_ lazily](s *Saving, r R) error {
	if !c.records.flat {
		return c.Put(s.Rest(), r)
	}
	s.Later = append(s.Later, func() {
		if err := c.Put(s.Rest(), r); err != nil && s.Err == nil {
			s.Err = err
		}
	})
	return nil
}

// A hashed record has the hash of its key, which stands first.
type hashed[R any] struct {
	hash uint64
	r    R
}

// EachGroup calls f for each record of the groups that an instance begins with.
func (c *Coder[R]) EachGroup[_ lazily](r *Restoring, f func(R)) error { return c.each(r.Groups, f) }

// EachWhole calls f for each record that instances had as a whole.
func (c *Coder[R]) EachWhole[_ lazily](r *Restoring, f func(R)) error { return c.each(r.Whole, f) }

// each calls f for each record in parts.
func (c *Coder[R]) each[_ lazily](parts [][]byte, f func(R)) error {
	r := new(R)
	return c.records.each(parts, unsafe.Pointer(r), func() {
		f(*r)
		*r = *new(R)
	})
}
