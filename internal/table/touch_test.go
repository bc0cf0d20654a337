//go:build unix

package table

import (
	"os"
	"runtime/debug"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// Touch reads the first byte and the last one of each element that is meant, and
// of no other. What it reads is seen by memory that nobody may read, a page at a time.
func TestTouch(t *testing.T) {
	const pages = 8
	page := os.Getpagesize()
	memory, err := syscall.Mmap(-1, 0, pages*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	require.NoError(t, err)
	defer func() { require.NoError(t, syscall.Munmap(memory)) }()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	array := unsafe.Pointer(unsafe.SliceData(memory))
	reads := func(size int, rows []int32, slots []uint32) (touched []int) {
		for p := range pages {
			one := memory[p*page : (p+1)*page]
			require.NoError(t, syscall.Mprotect(one, syscall.PROT_NONE))
			func() {
				defer func() {
					if recover() != nil {
						touched = append(touched, p)
					}
				}()
				Touch(array, uintptr(size), rows, slots)
			}()
			require.NoError(t, syscall.Mprotect(one, syscall.PROT_READ))
		}
		return touched
	}
	for _, rows := range [][]int32{nil, {0, 1, 2}} {
		require.Equal(t, []int{0, 1, 4, 5}, reads(2*page, rows, []uint32{1, 0, 3}), "no element is at slot 0")
		require.Equal(t, []int{0, 2, 3, 5}, reads(3*page, rows, []uint32{2, 1, 0}), "what lies between is not read")
		require.Equal(t, []int{7}, reads(page, rows, []uint32{8, 8, 8}))
		require.Empty(t, reads(0, rows, []uint32{1, 2, 3}), "elements of no size")
	}
	require.Equal(t, []int{4}, reads(page, []int32{1}, []uint32{1, 5, 7}), "of the rows that are meant")
	require.Empty(t, reads(page, []int32{}, []uint32{1, 5, 7}), "none is meant")
}

// What is asked for is the cache line that is read later: of cells, of their counts and of words. Where all of it is near, nothing is.
func TestTouchOfGroups(t *testing.T) {
	const size = 1 << 17
	memory, err := syscall.Mmap(-1, 0, size, syscall.PROT_NONE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	require.NoError(t, err)
	defer func() { require.NoError(t, syscall.Munmap(memory)) }()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	start := unsafe.Pointer(unsafe.SliceData(memory))
	line := func(f func()) (at int) { // the line in which it reads first; -1 if it reads nothing
		defer func() {
			if fault, ok := recover().(interface{ Addr() uintptr }); ok {
				at = int(fault.Addr()-uintptr(start)) / 64
			}
		}()
		f()
		return -1
	}
	require.EqualValues(t, nearest, nearCells*16)
	require.EqualValues(t, nearest, nearWords*4)
	cells, words := unsafe.Slice((*sumCell)(start), 4096+group), unsafe.Slice((*uint32)(start), 1<<14)
	for _, h := range []uint64{0, 5, 1023, 1024, 4095, 1<<40 | 4097, 8191} {
		group := int(h%4096) / 4
		s := Sums{cells: cells}
		require.Equal(t, group, line(func() { s.touch([]uint64{h}) }))
		require.Equal(t, group, line(func() { s.located([]uint64{h}, []uint64{9}, new([chunk]uint32), new([chunk]uint32)) }))
		place := uint32(h % 4096)
		require.Equal(t, group, line(func() { s.touchCells([]uint32{place}) }))
		require.Equal(t, group, line(func() { s.touchAt([]uint32{place}) }))
		s = Sums{cells: make([]sumCell, 4096+4), counts: unsafe.Slice((*uint32)(start), 4096+4)}
		require.Equal(t, int(place)/16, line(func() { s.touchAt([]uint32{place}) }))

		x := Index{words: words, slotBits: 0xFFFF}
		bucket := int(h%(1<<14)) / 16
		require.Equal(t, bucket, line(func() { x.touch([]uint64{h}) }))
		require.Equal(t, bucket, line(func() { x.touchOf([]uint64{7777, h}, []int32{1}) }))
		require.Equal(t, bucket, line(func() { x.probeAll([]uint64{h}, []uint32{0}) }))
		require.Equal(t, bucket, line(func() { x.probeOf([]uint64{7777, h}, []int32{1}, []uint32{0, 0}) }))
		table := Table[int, uint64]{x: x}
		require.Equal(t, bucket, line(func() { located(&table, []uint64{h}, []int{1}, []uint32{0}) }))
	}
	s, x := Sums{cells: cells[:nearCells], counts: unsafe.Slice((*uint32)(start), nearCells)}, Index{words: words[:nearWords]}
	require.Equal(t, -1, line(func() {
		s.touch([]uint64{1})
		s.touchCells([]uint32{1})
		s.touchAt([]uint32{1})
		x.touch([]uint64{1})
		x.touchOf([]uint64{1}, []int32{0})
	}))
}
