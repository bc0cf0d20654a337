package panes

import (
	"slices"
	"unsafe"

	"github.com/freshet-go/freshet/internal/keyhash"
	"github.com/freshet-go/freshet/internal/state"
	"github.com/freshet-go/freshet/internal/table"
	"github.com/freshet-go/freshet/window"
)

// CopiedSums are the sums of a store as they were when they were copied: 16 bytes a key, which are made
// records when they are encoded. So a checkpoint holds up the stream for a copy of what there is, and not of what
// will be written.
type CopiedSums struct {
	id     int64 // of their state.Encoding; 0 before
	pairs  []table.Pair
	slices []copiedSlice
	of     *sumCopies // of the store; nil if there are no sums

	record                     unsafe.Pointer // a Kept, and where its fields are
	start, end, hash, key, acc uintptr
}

// sumCopies are the copies of a store that are between two checkpoints. Channels have a capacity of 1.
type sumCopies struct {
	before chan *CopiedSums  // what was encoded last
	spare  chan []table.Pair // memory for the next
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
	if s.copies == nil {
		s.copies = &sumCopies{make(chan *CopiedSums, 1), make(chan []table.Pair, 1)}
	}
	c.of = s.copies
	select {
	case c.pairs = <-c.of.spare:
	default:
	}
	c.pairs = slices.Grow(c.pairs[:0], n)
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

// Encode encodes the sums. Of those that are as they were it takes the bytes over. Another goroutine than that of the store may
// call it, once.
func (c *CopiedSums) Encode(e *state.Encoding) {
	if c.of == nil {
		return
	}
	was := &CopiedSums{}
	select {
	case was = <-c.of.before:
	default:
	}
	defer func(pairs []table.Pair) {
		select {
		case c.of.spare <- pairs:
		default:
		}
	}(was.pairs)
	if was.id != e.Last() || c.differ(was) { // others were encoded last, or that has failed; or it is not worth it
		was = &CopiedSums{}
	}
	w := sumsWriter{e, c.record, c.field(c.hash), c.field(c.key), c.field(c.acc)}
	k := 0 // which slice is next that there was
	for i, of := range c.slices {
		*(*window.Time)(unsafe.Pointer(c.field(c.start))), *(*window.Time)(unsafe.Pointer(c.field(c.end))) = of.Start, of.End
		for k < len(was.slices) && was.slices[k].Start < of.Start {
			w.drop(was.pairsOf(k))
			k++
		}
		var old []table.Pair
		if k < len(was.slices) && was.slices[k].Window == of.Window {
			old = was.pairsOf(k)
			k++
		}
		w.write(c.pairsOf(i), old)
	}
	c.id = e.ID()
	select {
	case c.of.before <- c:
	default:
	}
}

// differ reports whether most pairs are others than they were, by a few of them: then to encode all anew costs less than to
// tell one by one that they are.
func (c *CopiedSums) differ(was *CopiedSums) bool {
	n, others := min(len(c.pairs), len(was.pairs)), 0
	step := max(1, n/256)
	for i := 0; i < n; i += step {
		if c.pairs[i] != was.pairs[i] {
			others++
		}
	}
	return others > n/step/2
}

func (c *CopiedSums) field(offset uintptr) *uint64 { return (*uint64)(unsafe.Add(c.record, offset)) }

func (c *CopiedSums) pairsOf(i int) []table.Pair {
	from := 0
	if i > 0 {
		from = c.slices[i-1].to
	}
	return c.pairs[from:c.slices[i].to]
}

// A sumsWriter puts pairs as a record of which only three fields change.
type sumsWriter struct {
	to             *state.Encoding
	record         unsafe.Pointer
	hash, key, acc *uint64
}

// write puts pairs that stand where old ones did, as far as there were any.
func (w *sumsWriter) write(pairs, old []table.Pair) {
	for i, p := range pairs {
		hash := keyhash.Integer(p.Key)
		if i < len(old) {
			if p == old[i] {
				w.to.Same(hash)
				continue
			}
			w.drop(old[i : i+1])
		}
		*w.hash, *w.key, *w.acc = hash, p.Key, p.Sum
		w.to.Put(hash, w.record)
	}
	if len(old) > len(pairs) {
		w.drop(old[len(pairs):])
	}
}

func (w *sumsWriter) drop(pairs []table.Pair) {
	for _, p := range pairs {
		w.to.Drop(keyhash.Integer(p.Key))
	}
}
