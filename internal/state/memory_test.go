package state

import (
	"reflect"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// A group's buffer grows by half once hardly any room is left, as append would copy
// a large one twice as often.
func TestBuffersGrow(t *testing.T) {
	c := NewCoder[flatRecord]()
	for _, test := range []struct {
		room  int
		grows bool
	}{{0, true}, {99, true}, {100, false}, {200, false}} {
		s := &Saving{}
		b := s.Group(1)
		*b = make([]byte, 6400, 6400+test.room)
		c.records.put(s, 1, unsafe.Pointer(&flatRecord{"a", 1}))
		require.NoError(t, s.Err)
		if test.grows {
			require.GreaterOrEqual(t, cap(*b), 6400+3200)
			require.Less(t, cap(*b), 2*6400)
		} else {
			require.Equal(t, 6400+test.room, cap(*b))
		}
	}
}

// The groups of a state are given the room that they took the last time, and a
// sixteenth more.
func TestRoomOfTheLastTime(t *testing.T) {
	c := NewCoder[deepRecord]()
	took := 0
	for round := range 2 {
		s := &Saving{}
		put := c.Into(s, 1)
		if round == 1 {
			require.Equal(t, took+took/16, cap(s.Groups[0]))
			require.Zero(t, cap(s.Groups[1]))
		}
		for range 100 {
			put(0, deepRecord{"a", map[string]int64{"x": 3}})
		}
		for _, encode := range s.Later {
			encode()
		}
		took = len(s.Groups[0])
		require.Greater(t, took, 1000)
	}
}

// Copies go where those of the checkpoint before were, if there is room for as
// many as are to come.
func TestCopiesUseMemoryAgain(t *testing.T) {
	c := NewCoder[flatRecord]()
	var before *hashed[flatRecord]
	for _, test := range []struct{ n, room int }{{10, 10}, {10, 10}, {7, 10}, {11, 11}, {0, 11}} {
		s := &Saving{}
		all := (*[]hashed[flatRecord])(c.records.copies(s, test.n, nil))
		require.Empty(t, *all)
		require.Equal(t, test.room, cap(*all), test)
		at := &(*all)[:1][0]
		if before != nil && test.n <= 10 {
			require.Equal(t, test.n != 11, before == at)
		}
		before = at
		*all = append(*all, hashed[flatRecord]{1, flatRecord{"a", 1}})
		for _, encode := range s.Later {
			encode()
		}
		require.NotEmpty(t, *s.Group(1))
	}
}

// Copies are made of what shares nothing that can change: of strings and times, and of
// slices that somebody has promised for.
func TestFlat(t *testing.T) {
	type promised []int
	Unchanging(reflect.TypeFor[promised]())
	for of, want := range map[reflect.Type]bool{
		reflect.TypeFor[int]():                    true,
		reflect.TypeFor[string]():                 true,
		reflect.TypeFor[time.Time]():              true,
		reflect.TypeFor[[3]string]():              true,
		reflect.TypeFor[struct{ A, B string }]():  true,
		reflect.TypeFor[struct{ At time.Time }](): true,
		reflect.TypeFor[promised]():               true,
		reflect.TypeFor[[]int]():                  false,
		reflect.TypeFor[[3][]int]():               false,
		reflect.TypeFor[map[int]int]():            false,
		reflect.TypeFor[*int]():                   false,
		reflect.TypeFor[any]():                    false,
		reflect.TypeFor[func()]():                 false,
		reflect.TypeFor[chan int]():               false,
		reflect.TypeFor[unsafe.Pointer]():         false,
		reflect.TypeFor[struct {
			A string
			B map[int]bool
		}](): false,
	} {
		require.Equal(t, want, flat(of), of)
	}
}

// Joining takes memory once, and no more than it needs.
func TestJoinTakesNoMoreThanItNeeds(t *testing.T) {
	for n := 900; n < 1200; n++ {
		one, none := &Saving{}, &Saving{}
		*one.Rest() = append(*one.Rest(), make([]byte, n)...)
		whole := joined(one, none).Whole
		require.Len(t, whole, n+2*sectionHead)
		require.LessOrEqual(t, cap(whole), len(whole)*9/8+16)
	}
}
