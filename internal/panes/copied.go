package panes

import (
	"slices"
	"unsafe"

	"github.com/freshet-go/freshet/internal/keyhash"
	"github.com/freshet-go/freshet/internal/table"
	"github.com/freshet-go/freshet/window"
)

// CopiedSums are the sums of a store as they were when they were copied: 16 bytes a key, which are made
// records when they are encoded. So a checkpoint holds up the stream for a copy of what there is, and not of what
// will be written.
type CopiedSums struct {
	pairs  []table.Pair
	slices []copiedSlice
	spare  chan []table.Pair // takes the memory back

	record                     unsafe.Pointer // a Kept, and where its fields are
	start, end, hash, key, acc uintptr
}

// A copiedSlice is a slice whose pairs end behind those of the slices before it.
type copiedSlice struct {
	window.Window
	to int
}

// CopySums copies the sums of the slices of a store.
func (k *Kind[K, A]) CopySums[_ lazily](s *Sliced) *CopiedSums {
	x := new(Kept[K, A])
	c := &CopiedSums{
		record: unsafe.Pointer(x),
		start:  unsafe.Offsetof(x.Start), end: unsafe.Offsetof(x.End),
		hash: unsafe.Offsetof(x.Hash), key: unsafe.Offsetof(x.Key), acc: unsafe.Offsetof(x.Acc),
	}
	s.copySums(c)
	return c
}

func (s *Sliced) copySums(c *CopiedSums) {
	n := 0
	for _, sl := range s.slices {
		n += sl.cells.summed().Len()
	}
	if n == 0 {
		return
	}
	if s.spare == nil {
		s.spare = make(chan []table.Pair, 1)
	}
	select {
	case c.pairs = <-s.spare: // of a checkpoint that has been encoded
	default:
	}
	c.spare, c.pairs = s.spare, slices.Grow(c.pairs[:0], n)
	for _, sl := range s.slices {
		sums := sl.cells.summed()
		if sums.Len() == 0 {
			continue
		}
		c.pairs = sums.Pairs(c.pairs)
		of := copiedSlice{window.Window{Start: sl.Start}, len(c.pairs)}
		if s.movable() {
			of.End = sl.End
		}
		c.slices = append(c.slices, of)
	}
}

// Len returns how many there are.
func (c *CopiedSums) Len() int { return len(c.pairs) }

// Each hands the sums to put, each as a Kept, and gives up their memory. Another goroutine than
// that of the store may call it, once.
func (c *CopiedSums) Each(put func(hash uint64, kept unsafe.Pointer)) {
	field := func(offset uintptr) *uint64 { return (*uint64)(unsafe.Add(c.record, offset)) }
	start, end := (*window.Time)(unsafe.Add(c.record, c.start)), (*window.Time)(unsafe.Add(c.record, c.end))
	hash, key, acc := field(c.hash), field(c.key), field(c.acc)
	from := 0
	for _, of := range c.slices {
		*start, *end = of.Start, of.End
		for _, p := range c.pairs[from:of.to] {
			*hash, *key, *acc = keyhash.Integer(p.Key), p.Key, p.Sum
			put(*hash, c.record)
		}
		from = of.to
	}
	select {
	case c.spare <- c.pairs:
	default:
	}
	c.pairs, c.slices = nil, nil
}
