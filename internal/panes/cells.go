package panes

import (
	"unsafe"

	"github.com/freshet-go/freshet/internal/table"
)

// A Kind is what all tables of one aggregation have in common: its operations,
// and where panes go.
type Kind[K comparable, A any] struct {
	Ops[A]
	Emit    func(*Pane[K, A])
	Counted bool // cells know the number of their events

	sums  bool        // see AddsUp
	whole bool        // and keys are integers of 64 bits
	some  []table.Sum // what Each copies

	pane Pane[K, A]
	one  *Cells[K, A] // holds one event while it is added
}

func (k *Kind[K, A]) table() cells    { return &Cells[K, A]{kind: k} }
func (k *Kind[K, A]) subtracts() bool { return k.Sub != nil }

// lazily is the constraint of a type parameter that Go infers. A method that has one is
// compiled where it is called, and not for every type that its receiver is made of.
type lazily interface{ bool }

// Tables is a Kind without its types: it makes tables.
type Tables interface {
	table() cells
	subtracts() bool
}

// cells are Cells without their types: a table of accumulators by key. A place
// from 0 on is that of a key's accumulator, and a negative one that of a spare
// accumulator.
type cells interface {
	size() int
	hash(at int) uint64
	summed() *table.Sums // what AddUp has added up: all that it holds, or nothing
	probe(hashes []uint64, rows []int32, slots []uint32)
	touch(slots []uint32)

	find(of cells, at int) int        // the place of the key at a place of another table, or -1
	has(of cells, at int) (int, bool) // a place with what is held of that key, to be released
	take(of cells, at int)            // merges a cell of another table in, and takes its memory over
	merge(of cells, at int) int       // merges a cell of another table in
	sub(at int, of cells, from int)   // subtracts a cell of another table
	blank(at int)                     // makes it the accumulator of nothing
	remove(at int)                    // gives its place to the last one
	reset()

	spare() int          // makes a spare accumulator of nothing
	move(to, from int)   // frees from if it is a spare one
	absorb(into, at int) // merges at into another, and frees it
	release(at int)      // frees a spare accumulator

	fire(f *Frame, key, acc int)
	fireAll(f *Frame)
	fireMerged(f *Frame, key int, parts []part) // the merge of the cells of one key
}

// A part is a cell of a table.
type part struct {
	cells cells
	at    int
}

// Cells is a table of accumulators by key.
type Cells[K comparable, A any] struct {
	Table  table.Table[K, A] // but for what AddUp has added up
	Counts []int64           // the number of events of each, if the kind is counted

	sums   table.Sums // holds all, or nothing
	kind   *Kind[K, A]
	spares []A
	free   []int
}

func (c *Cells[K, A]) size() int { return c.Table.Len() + c.sums.Len() }

func (c *Cells[K, A]) summed() *table.Sums { return &c.sums }

func (c *Cells[K, A]) hash(at int) uint64 {
	hash, _, _ := c.cell(at)
	return hash
}

func (c *Cells[K, A]) probe(hashes []uint64, rows []int32, slots []uint32) {
	c.Table.Probe(hashes, rows, slots)
}

func (c *Cells[K, A]) touch(slots []uint32) { c.Table.Touch(nil, slots) }

// Put merges part, which is of n events, into the cell of k. It takes part
// over.
func (c *Cells[K, A]) Put[_ lazily](hash uint64, k K, part A, n int64) {
	c.settle()
	at, fresh := c.Table.Ensure(hash, k)
	if acc := c.acc(at); fresh {
		*acc = part
	} else {
		*acc = c.kind.Merge(*acc, part)
	}
	if c.kind.Counted {
		if fresh {
			c.Counts = append(c.Counts, 0)
		}
		c.Counts[at] += n
	}
}

// Insert returns the place of k, and whether it is new: its accumulator is
// what New returns then, and the last of the table.
func (c *Cells[K, A]) Insert[_ lazily](hash uint64, k K) (at int, fresh bool) {
	if at, fresh = c.Table.Ensure(hash, k); fresh {
		*c.acc(at) = c.kind.New()
		if c.kind.Counted {
			c.Counts = append(c.Counts, 0)
		}
	}
	return at, fresh
}

// TakeBack removes the last cell of the table: what Insert has just made.
func (c *Cells[K, A]) TakeBack[_ lazily]() {
	c.Table.DeleteAt(c.Table.Len() - 1)
	if c.kind.Counted {
		c.Counts = c.Counts[:len(c.Counts)-1]
	}
}

// acc returns the accumulator at a place. It does without cell, which reads the hash, too:
// that is in memory of its own.
func (c *Cells[K, A]) acc[_ lazily](at int) *A {
	if entries := c.Table.Entries(); uint(at) < uint(len(entries)) {
		return &entries[at].Val
	}
	if at < 0 {
		return &c.spares[^at]
	}
	_, _, sum := c.sums.At(at)
	return (*A)(unsafe.Pointer(sum))
}

func (c *Cells[K, A]) find(of cells, at int) int {
	c.settle()
	hash, key, _ := of.(*Cells[K, A]).cell(at)
	return c.Table.Place(hash, *key)
}

// has moves nothing, other than find: a sum is copied to a spare accumulator.
func (c *Cells[K, A]) has(of cells, from int) (at int, is bool) {
	hash, key, _ := of.(*Cells[K, A]).cell(from)
	if c.sums.Len() == 0 {
		at = c.Table.Place(hash, *key)
		return at, at >= 0
	}
	sum, is := c.sums.Get(hash, *(*uint64)(unsafe.Pointer(key)))
	if is {
		at = c.spare()
		*(*uint64)(unsafe.Pointer(c.acc(at))) = sum
	}
	return at, is
}

func (c *Cells[K, A]) take(of cells, from int) {
	hash, key, part := of.(*Cells[K, A]).cell(from)
	if c.sums.Len() > 0 {
		c.sums.Add(hash, *(*uint64)(unsafe.Pointer(key)), *(*uint64)(unsafe.Pointer(part)), 0)
		return
	}
	c.Put(hash, *key, *part, 0)
}

func (c *Cells[K, A]) merge(of cells, from int) int {
	c.settle()
	hash, key, part := of.(*Cells[K, A]).cell(from)
	at, fresh := c.Table.Ensure(hash, *key)
	acc := c.acc(at)
	if fresh {
		*acc = c.kind.New()
	}
	*acc = c.kind.Merge(*acc, *part)
	return at
}

func (c *Cells[K, A]) sub(at int, of cells, from int) {
	acc := c.acc(at)
	*acc = c.kind.Sub(*acc, *of.(*Cells[K, A]).acc(from))
}

func (c *Cells[K, A]) blank(at int) { *c.acc(at) = c.kind.New() }

func (c *Cells[K, A]) remove(at int) {
	c.settle()
	c.Table.DeleteAt(at)
}

func (c *Cells[K, A]) reset() {
	c.Table.Reset()
	c.sums.Reset()
	c.Counts = c.Counts[:0]
}

func (c *Cells[K, A]) spare() int {
	if n := len(c.free); n > 0 {
		at := c.free[n-1]
		c.free = c.free[:n-1]
		c.spares[^at] = c.kind.New()
		return at
	}
	c.spares = append(c.spares, c.kind.New())
	return ^(len(c.spares) - 1)
}

func (c *Cells[K, A]) move(to, from int) {
	*c.acc(to) = *c.acc(from)
	c.release(from)
}

func (c *Cells[K, A]) absorb(into, at int) {
	acc := c.acc(into)
	*acc = c.kind.Merge(*acc, *c.acc(at))
	c.release(at)
}

func (c *Cells[K, A]) release(at int) {
	if at < 0 {
		var none A
		c.spares[^at] = none
		c.free = append(c.free, at)
	}
}
