package timer

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzQueue holds a queue against a sorted list, over near and far times,
// before 1970 and at the ends of time, with items pushed behind those that
// were popped.
func FuzzQueue(f *testing.F) {
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 2))
		data := make([]byte, 50+r.IntN(6000))
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		f.Add(byte(seed), data)
	}
	f.Fuzz(func(t *testing.T, spread byte, data []byte) {
		due := func(a, b byte) int64 {
			near := int64(int8(a))<<8 | int64(b)
			switch spread % 5 {
			case 1:
				return near << 20 // milliseconds
			case 2:
				return near << 36 // minutes
			case 3:
				return near << 47 // centuries
			case 4:
				if b < 20 {
					return [...]int64{math.MinInt64, math.MaxInt64, 0, -1}[b%4]
				}
			}
			return near
		}
		var q Queue[int]
		var want []Item[int]
		sorted := func() {
			slices.SortStableFunc(want, func(a, b Item[int]) int {
				return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.Seq, b.Seq))
			})
		}
		pop := func(got Item[int]) {
			require.Equal(t, want[0].Due, got.Due)
			require.Equal(t, want[0].Seq, got.Seq)
			i := slices.Index(want, got)
			require.GreaterOrEqual(t, i, 0, "what was popped was pushed")
			want = slices.Delete(want, i, i+1)
		}
		for i := 0; i+2 < len(data); i += 3 {
			switch op := data[i] % 8; {
			case op < 5:
				x := Item[int]{due(data[i+1], data[i+2]), uint64(data[i]) / 8, i}
				q.Push(x.Due, x.Seq, x.Val)
				want = append(want, x)
				continue
			case op == 5:
				sorted()
				limit, by := int(data[i+1]), due(data[i+2], data[i+1])
				for _, x := range q.PopDue(by, limit, nil) {
					require.LessOrEqual(t, x.Due, by)
					pop(x)
					limit--
				}
				require.True(t, limit >= 0 || limit == int(data[i+1]), "no more than was asked for")
				if limit > 0 && len(want) > 0 {
					require.Greater(t, want[0].Due, by, "all that is due was popped")
				}
			case op == 6:
				sorted()
				limit, by := int(data[i+1]), due(data[i+2], data[i+1])
				last, some := q.LastDue(by, limit)
				require.Equal(t, limit > 0 && len(want) > 0 && want[0].Due <= by, some)
				n, latest := 0, int64(0)
				q.TakeDue(by, limit, func(due int64, seq uint64, v *int) {
					n, latest = n+1, due
					pop(Item[int]{due, seq, *v})
				})
				require.LessOrEqual(t, n, limit)
				require.Equal(t, some, n > 0)
				require.Equal(t, last, latest)
			case len(want) > 0:
				sorted()
				next, ok := q.Next()
				require.True(t, ok)
				require.Equal(t, want[0].Due, next)
				pop(q.Pop())
			}
			require.Equal(t, len(want), q.Len())
		}
		var each []Item[int]
		q.Each(func(x Item[int]) { each = append(each, x) })
		byVal := func(a, b Item[int]) int { return cmp.Compare(a.Val, b.Val) }
		require.True(t, slices.Equal(slices.SortedFunc(slices.Values(want), byVal), slices.SortedFunc(slices.Values(each), byVal)))
		for sorted(); len(want) > 0; {
			pop(q.Pop())
		}
		_, ok := q.Next()
		require.False(t, ok)
	})
}

// Timers that are pushed and popped in turn, at moments far apart, do not make
// the queue walk the time between.
func TestFarApart(t *testing.T) {
	var q Queue[int]
	for i := range 100_000 {
		q.Push(math.MinInt64+int64(i)*(math.MaxInt64/50_000), 0, i)
	}
	for i := range 100_000 {
		require.Equal(t, i, q.Pop().Val)
	}
}

// What a queue held once is given back when it holds less, and what it still
// holds stays what it was.
func TestMemoryIsGivenBack(t *testing.T) {
	var q Queue[*int]
	const all, left = 100_000, 1000
	for i := range all {
		q.Push(int64(i), 0, &i)
	}
	require.GreaterOrEqual(t, len(q.slab)*chunk, all)
	for i := range all {
		if at, _ := q.Next(); i == all-left {
			require.Less(t, len(q.slab)*chunk, all/10)
			require.Equal(t, int64(i), at)
		}
		q.Push(int64(i), 1, nil) // the slot that is free next is taken again
		require.Equal(t, i, *q.Pop().Val)
		require.Nil(t, q.Pop().Val)
	}
	require.Less(t, len(q.slab)*chunk, 5*chunk)
	require.Zero(t, q.Len())
}

// A queue keeps nothing alive that it has given away.
func TestPoppedIsCleared(t *testing.T) {
	var q Queue[*int]
	for i := range 1000 {
		q.Push(int64(i), 0, &i)
	}
	q.Pop()
	items := q.PopDue(10, 100, nil)
	require.Len(t, items, 10)
	for range 900 {
		q.Pop()
	}
	held := 0
	for _, c := range q.slab {
		for _, v := range c {
			if v != nil {
				held++
			}
		}
	}
	require.Equal(t, q.Len(), held)
}

// Alarms are a queue of numbers.
func TestAlarms(t *testing.T) {
	var a Alarms
	var q Queue[uint32]
	r := rand.New(rand.NewPCG(5, 6))
	now := int64(0)
	for range 300 {
		for range r.IntN(300) {
			due, id := now+r.Int64N(1<<34), r.Uint32N(1000)
			a.Push(due, id)
			q.Push(due, uint64(id), id)
		}
		now += r.Int64N(1 << 32)
		limit := r.IntN(400)
		var want []Alarm
		for _, x := range q.PopDue(now, limit, nil) {
			want = append(want, Alarm{x.Due, x.Val})
		}
		require.Equal(t, want, a.PopDue(now, limit, nil))
	}
	require.Positive(t, q.Len(), "some are not due yet")
}
