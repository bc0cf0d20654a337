package table

import "unsafe"

// What is read at places that nobody can foresee is asked for before it is needed: a loop
// that only loads has as many loads under way as the processor can keep, and one that
// compares and branches as well has fewer. What is touched stays in the nearest cache until
// it is read, if it is not too much: see chunk.

const (
	// What is not larger than half of the first cache is in it anyway.
	nearest   = 16 << 10 // bytes
	nearCells = nearest / int(cellSize)
	nearWords = nearest / 4
)

// touch brings the groups of keys into the processor's caches.
func (s *Sums) touch(hashes []uint64) {
	if len(s.cells) <= nearCells {
		return
	}
	cells, mask := unsafe.Pointer(unsafe.SliceData(s.cells)), uint32(len(s.cells)-group-1)
	var seen byte
	for _, h := range hashes {
		seen += *(*byte)(unsafe.Add(cells, uintptr(uint32(h)&mask)*cellSize))
	}
	loaded(seen)
}

// touchAt is touch of cells, and of their counts.
func (s *Sums) touchAt(places []uint32) {
	s.touchCells(places)
	if counts := unsafe.Pointer(unsafe.SliceData(s.counts)); counts != nil && len(s.cells) > nearCells {
		var seen byte
		for _, at := range places {
			seen += *(*byte)(unsafe.Add(counts, uintptr(at)*4))
		}
		loaded(seen)
	}
}

// touchCells is touch of cells alone.
func (s *Sums) touchCells(places []uint32) {
	if len(s.cells) <= nearCells {
		return
	}
	cells, seen := unsafe.Pointer(unsafe.SliceData(s.cells)), byte(0)
	for _, at := range places {
		seen += *(*byte)(unsafe.Add(cells, uintptr(at)*cellSize))
	}
	loaded(seen)
}

// touch and touchOf bring the words of hashes into the processor's caches, where they may
// not be near.
func (x *Index) touch(hashes []uint64) {
	if len(x.words) <= nearWords {
		return
	}
	words, mask := unsafe.Pointer(unsafe.SliceData(x.words)), uint32(len(x.words)-1)
	var seen byte
	for _, h := range hashes {
		seen += *(*byte)(unsafe.Add(words, uintptr(home(h, mask))*4))
	}
	loaded(seen)
}

func (x *Index) touchOf(hashes []uint64, rows []int32) {
	if len(x.words) <= nearWords {
		return
	}
	words, mask := unsafe.Pointer(unsafe.SliceData(x.words)), uint32(len(x.words)-1)
	var seen byte
	for _, i := range rows {
		seen += *(*byte)(unsafe.Add(words, uintptr(home(hashes[i], mask))*4))
	}
	loaded(seen)
}

// Touch brings elements of an array into the processor's caches: those at the
// slots, less one, of rows, or at all slots where rows is nil. It loads the
// first and the last byte of each, as it may lie on two cache lines.
func Touch(array unsafe.Pointer, size uintptr, rows []int32, slots []uint32) {
	var seen byte
	if size == 0 {
		return
	}
	if rows == nil {
		for _, s := range slots {
			if s != 0 {
				e := unsafe.Add(array, uintptr(s-1)*size)
				seen += *(*byte)(e) + *(*byte)(unsafe.Add(e, size-1))
			}
		}
	} else {
		for _, i := range rows {
			if s := slots[i]; s != 0 {
				e := unsafe.Add(array, uintptr(s-1)*size)
				seen += *(*byte)(e) + *(*byte)(unsafe.Add(e, size-1))
			}
		}
	}
	loaded(seen)
}

// loaded keeps the compiler from taking out loads whose values nobody uses.
//
//go:noinline
func loaded(byte) {}
