package panes

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/table"
	"github.com/freshet-go/freshet/window"
)

var sums = Ops[int]{
	New:   func() int { return 0 },
	Merge: func(a, b int) int { return a + b },
	Sub:   func(a, b int) int { return a - b },
}

// A store for windows of every sort, with and without subtraction, whose
// watermark jumps over centuries: the windows that hold anything fire, and the
// time between costs nothing.
func TestJumpsOfTheWatermark(t *testing.T) {
	plain := sums
	plain.Sub = nil
	for _, ops := range []Ops[int]{sums, plain} {
		for _, spec := range []window.Spec{
			window.Tumbling(time.Second), window.Sliding(10*time.Second, time.Second), window.Cumulating(10*time.Second, time.Second),
		} {
			var fired []Pane[string, int]
			s := NewSliced(spec, ops, func(p *Pane[string, int]) { fired = append(fired, *p) })
			times := []window.Time{window.MinTime + 20e9, -1, 0, 1, window.MaxTime - 20e9}
			for i, at := range times {
				s.Add(at, 7, "k", 1)
				if i%2 == 1 {
					s.Advance(at + 1)
				}
			}
			s.Advance(window.MaxTime)
			want := 0
			for _, at := range times {
				for w := range spec.Windows(at) {
					require.Contains(t, windowsOf(fired), w)
					want++
				}
			}
			total := 0
			for i, p := range fired {
				total += p.Acc
				if i > 0 {
					require.LessOrEqual(t, fired[i-1].Window.End, p.Window.End, "windows fire by their ends")
				}
			}
			require.Equal(t, want, total, "%v", spec)
			require.Zero(t, s.Keys())
		}
	}
}

func windowsOf(panes []Pane[string, int]) (all []window.Window) {
	for _, p := range panes {
		all = append(all, p.Window)
	}
	return all
}

// A late event refines the windows that still wait for it, and no other.
func TestLateForSomeWindows(t *testing.T) {
	var fired []Pane[string, int]
	spec := window.Sliding(30, 10, window.Lateness(10))
	s := NewSliced(spec, sums, func(p *Pane[string, int]) { fired = append(fired, *p) })
	s.Add(25, 7, "k", 1)
	s.Advance(45)
	require.Len(t, fired, 2, "[0, 30) and [10, 40)")
	fired = nil
	require.False(t, s.Gone(25, 45))
	s.AddLate(25, 45, 7, "k", 100)
	require.Len(t, fired, 1, "[0, 30) is past its lateness, [20, 50) has not fired")
	require.Equal(t, window.Window{Start: 10, End: 40}, fired[0].Window)
	require.Equal(t, 101, fired[0].Acc)
	require.Equal(t, Late, fired[0].Timing)
	require.Equal(t, 1, fired[0].Index)
	fired = nil
	s.Advance(50)
	require.Len(t, fired, 1)
	require.Equal(t, 101, fired[0].Acc)
	require.True(t, s.Gone(25, 60))
}

// Take hands over what is closed, and the rest stays.
func TestTake(t *testing.T) {
	s := NewSliced[string](window.Tumbling(10), sums, nil)
	s.Add(5, 7, "k", 1)
	s.Add(15, 7, "k", 2)
	taken := map[window.Time]int{}
	take := func(sl *Slice[string, int]) {
		for _, e := range sl.Table.Entries() {
			taken[sl.Start] = e.Val
		}
	}
	s.Take(10, take)
	require.Equal(t, map[window.Time]int{0: 1}, taken)
	require.Equal(t, 1, s.Keys())
	s.Take(window.MaxTime, take)
	require.Equal(t, map[window.Time]int{0: 1, 10: 2}, taken)
	require.Zero(t, s.Keys())
}

// Sessions merge over the event that joins them, and one whose function
// panics on an event has not seen it.
func TestSessions(t *testing.T) {
	var fired []Pane[string, int]
	s := NewSessions(window.Session(10), sums, func(p *Pane[string, int]) { fired = append(fired, *p) })
	plus := func(n int) func(int) int { return func(acc int) int { return acc + n } }
	s.Add(0, window.MinTime, 7, "k", plus(1))
	s.Add(18, window.MinTime, 7, "k", plus(2))
	require.Equal(t, 2, s.Keys())
	require.Panics(t, func() { s.Add(9, window.MinTime, 7, "k", func(int) int { panic("no") }) })
	require.Panics(t, func() { s.Add(9, window.MinTime, 8, "other", func(int) int { panic("no") }) })
	require.Equal(t, 2, s.Keys())
	s.Add(9, window.MinTime, 7, "k", plus(4))
	require.Equal(t, 1, s.Keys())
	s.Advance(27)
	require.Empty(t, fired)
	s.Advance(28)
	require.Len(t, fired, 1)
	require.Equal(t, window.Window{Start: 0, End: 28}, fired[0].Window)
	require.Equal(t, 7, fired[0].Acc)
	require.Zero(t, s.Keys())
}

// The roller's tables hold no more than the window.
func TestRollerForgets(t *testing.T) {
	plain := sums
	plain.Sub = nil
	r := &twoStacks[int, int]{ops: plain}
	for i := range 1000 {
		tab := &table.Table[int, int]{}
		v, _ := tab.At(uint64(i), i)
		*v = i
		r.leave(window.Time(i - 9))
		r.enter(&Slice[int, int]{window.Window{Start: window.Time(i), End: window.Time(i + 1)}, tab})
		n := 0
		r.each(func(_ uint64, k, v int) {
			require.Equal(t, k, v)
			require.Greater(t, k, i-10)
			n++
		})
		require.Equal(t, min(i+1, 10), n)
	}
}
