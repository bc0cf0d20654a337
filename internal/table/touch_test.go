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
