package timer

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const minute = 1 << firstShift // the span of a bucket at first

// pushAt pushes n items into a queue that are due one after another, a step apart.
func pushAt(q *Queue[int], at, step int64, n int) {
	for i := range n {
		q.Push(at+int64(i)*step, 0, i)
	}
}

// A bucket with many items is parted into narrower ones, unless they are due at the
// same time or the buckets are as narrow as they get.
func TestFullBuckets(t *testing.T) {
	shift := func(q *Queue[int]) uint { q.Next(); return q.calendar.shift }
	var q Queue[int]
	pushAt(&q, 0, minute/300, fullBucket)
	require.EqualValues(t, firstShift, shift(&q), "it is not too full yet")
	q = Queue[int]{}
	pushAt(&q, 0, minute/300, fullBucket+1)
	require.EqualValues(t, firstShift-3, shift(&q))

	q = Queue[int]{}
	pushAt(&q, 0, minute/300, 200)
	require.EqualValues(t, firstShift, shift(&q))
	pushAt(&q, 5, minute/300, 57)
	require.EqualValues(t, firstShift-3, shift(&q), "with those that were there before")

	q = Queue[int]{}
	pushAt(&q, 7, 0, 10*fullBucket)
	require.EqualValues(t, firstShift, shift(&q), "items of one time cannot be parted")

	q = Queue[int]{}
	pushAt(&q, 0, 1, 100_000)
	require.EqualValues(t, 9, shift(&q), "the first one that is about a microsecond")
	for i := range 100_000 {
		if got := q.Pop().Val; got != i {
			t.Fatalf("item %d in place of %d", got, i)
		}
	}
}

// The cache of buckets has twice as many places as there are buckets, up to a
// bound, and buckets that have been used up are kept for others, up to another.
func TestMemoryOfBuckets(t *testing.T) {
	var q Queue[int]
	want := leastNear
	for n := range 2 * mostNear {
		q.Push(int64(n)*minute, 0, n)
		for want < min(2*(n-1), mostNear) { // one is at hand, and one has come since
			want *= 2
		}
		if len(q.calendar.near) != want {
			t.Fatalf("%d places for %d buckets, and not %d", len(q.calendar.near), n, want)
		}
	}
	for q.Len() > 0 {
		q.Pop()
	}
	require.Len(t, q.calendar.free, 64)
	require.Empty(t, q.calendar.later)

	// An item before all others does not leave an empty bucket behind.
	q.Push(0, 0, 0)
	require.Empty(t, q.calendar.later)
	require.Empty(t, q.calendar.order)
	q.Push(minute, 0, 1)
	q.Push(-minute, 0, 2)
	require.Len(t, q.calendar.later, 2)
	for _, want := range []int{2, 0, 1} {
		require.Equal(t, want, q.Pop().Val)
	}
}

// A slab is moved together when hardly a fifth of it is taken, and has no chunk
// too many then.
func TestSparse(t *testing.T) {
	for _, n := range []int{0, 1, 1000} {
		s := slots{used: uint32(4*n + 4*chunk)}
		require.False(t, s.sparse(n))
		s.used++
		require.True(t, s.sparse(n))
	}
	for _, left := range []int{3 * chunk, 3*chunk - 1, 3*chunk + 1} {
		var q Queue[int]
		pushAt(&q, 0, 1, 10_000)
		for q.Len() > left {
			q.take(q.calendar.pop())
		}
		q.shrink()
		require.Len(t, q.slab, (left+chunk-1)/chunk)
		require.EqualValues(t, left, q.slots.used)
		require.Empty(t, q.slots.free)
		for i := range left {
			require.Equal(t, 10_000-left+i, q.Pop().Val)
		}
	}
}
