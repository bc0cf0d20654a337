package panes

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/window"
)

var sums = Ops[int]{
	New:   func() int { return 0 },
	Merge: func(a, b int) int { return a + b },
	Sub:   func(a, b int) int { return a - b },
}

// freely is a run that nobody has told to stop.
func freely(t window.Time) window.Time { return t }

// A fired pane is one that has been copied.
type fired struct {
	Frame
	Key string
	Acc int
}

// kindOf returns a kind whose panes go to where.
func kindOf(ops Ops[int], where *[]fired) *Kind[string, int] {
	return &Kind[string, int]{Ops: ops, Emit: func(p *Pane[string, int]) {
		*where = append(*where, fired{*p.Frame, p.Key, p.Acc})
	}}
}

// put adds what is on time.
func put(k *Kind[string, int], s *Sliced, at window.Time, part int) {
	k.CellsOf(s.At(at)).Put(7, "k", part, 1)
}

// A store for windows of every sort, with and without subtraction, whose
// watermark jumps over centuries: the windows that hold anything fire, and the
// time between costs nothing.
func TestJumpsOfTheWatermark(t *testing.T) {
	plain, tokyo := sums, time.FixedZone("JST", 9*3600)
	plain.Sub = nil
	for _, ops := range []Ops[int]{sums, plain} {
		for _, spec := range []window.Spec{
			window.Tumbling(time.Second), window.Sliding(10*time.Second, time.Second), window.Cumulating(10*time.Second, time.Second),
			window.Calendar(window.Day, tokyo), window.CumulatingCalendar(window.Week, window.Day, tokyo), window.CumulatingCalendar(window.Day, 7*time.Hour, tokyo),
		} {
			var fired []fired
			k := kindOf(ops, &fired)
			s := NewSliced(spec, k, freely)
			times := []window.Time{window.MinTime + 20e9, -1, 0, 1, window.MaxTime - 20e9}
			for i, at := range times {
				put(k, s, at, 1)
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

func windowsOf(panes []fired) (all []window.Window) {
	for _, p := range panes {
		all = append(all, p.Window)
	}
	return all
}

// A late event refines the windows that still wait for it, and no other.
func TestLateForSomeWindows(t *testing.T) {
	var fired []fired
	spec := window.Sliding(30, 10, window.Lateness(10))
	k := kindOf(sums, &fired)
	s := NewSliced(spec, k, freely)
	put(k, s, 25, 1)
	s.Advance(45)
	require.Len(t, fired, 2, "[0, 30) and [10, 40)")
	fired = nil
	require.False(t, s.Gone(25, 45))
	k.AddLate(s, 25, 45, 7, "k", 100)
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
	k := kindOf(sums, nil)
	s := NewSliced(window.Tumbling(10), k, freely)
	put(k, s, 5, 1)
	put(k, s, 15, 2)
	taken := map[window.Time]int{}
	take := func(sl *Slice) {
		for _, e := range k.CellsOf(sl).Table.Entries() {
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

// A store keeps the memory of some slices that it has forgotten for those to come.
func TestMemoryOfSlices(t *testing.T) {
	var all []fired
	k := kindOf(sums, &all)
	s := NewSliced(window.Tumbling(10), k, freely)
	for i := range 100 {
		put(k, s, window.Time(10*i), 1)
	}
	s.Advance(630)
	require.Len(t, s.free, 63)
	s.Advance(1000)
	require.Len(t, s.free, 64)
	put(k, s, 2000, 1)
	require.Len(t, s.free, 63)
}

// The roller's tables hold no more than the window.
func TestRollerForgets(t *testing.T) {
	k := &Kind[int, int]{Ops: sums}
	for _, r := range []roller{&twoStacks{kind: k, back: k.table()}, &subtracting{sums: k.table()}} {
		for i := range 1000 {
			c := &Cells[int, int]{kind: k}
			c.Put(uint64(i), i, i, 0)
			r.leave(window.Time(i - 9))
			r.enter(&Slice{window.Window{Start: window.Time(i), End: window.Time(i + 1)}, c})
			n := 0
			r.each(func(c cells, at int, and part) {
				require.Nil(t, and.cells)
				e := c.(*Cells[int, int]).Table.Entries()[at]
				require.Equal(t, e.Key, e.Val)
				require.Greater(t, e.Key, i-10)
				n++
			})
			require.Equal(t, min(i+1, 10), n)
		}
	}
}

// A store that may reach only so far has fired what ends by then, and goes on
// where it was.
func TestReach(t *testing.T) {
	for _, spec := range []window.Spec{
		window.Tumbling(10), window.Sliding(20, 10), window.Cumulating(100, 10),
		window.Tumbling(10, window.EarlyCount(100)), window.Tumbling(10, window.Lateness(50)), window.Session(10),
	} {
		var whole []fired
		run := func(limits ...window.Time) (all []fired) {
			k := kindOf(sums, &all)
			limit := window.Time(0)
			reach := func(t window.Time) window.Time { return min(t, limit) }
			var advance func(window.Time)
			var reached func() window.Time
			if spec.Default() && spec.Kind() != window.KindSession {
				s := NewSliced(spec, k, reach)
				for i := range 2000 {
					put(k, s, window.Time(i)*60, 1)
				}
				advance, reached = s.Advance, s.Watermark
			} else {
				var s Store = NewTriggered(spec, k, reach)
				if spec.Kind() == window.KindSession {
					s = NewSessions(spec, k, reach)
				}
				for i := range 2000 {
					s.Add(window.Time(i)*60, window.MinTime, &Event[string, int]{Hash: 7, Key: "k", Fold: func(n int) int { return n + 1 }})
				}
				advance, reached = s.Advance, s.Watermark
			}
			for _, limit = range limits {
				for range 2 {
					before := len(all)
					advance(130_000)
					require.True(t, whole == nil || len(all) == endingBy(whole, limit), "%v fires all that ends by %v", spec, limit)
					require.Equal(t, limit, reached())
					for _, x := range all[before:] {
						if x.Window.End > limit {
							t.Fatalf("%v fires %v at %v", spec, x, limit)
						}
					}
				}
			}
			return all
		}
		whole = run(130_000)
		require.GreaterOrEqual(t, len(whole), 2000, "each event is in one at least")
		require.Equal(t, whole, run(5, 70, 1000, 1003, 1010, 1011, 1030, 50_000, 100_001, 130_000), "%v", spec)
	}
}

// endingBy is how many of the panes are of windows that end at or before t.
func endingBy(all []fired, t window.Time) (n int) {
	for _, p := range all {
		if p.Window.End <= t {
			n++
		}
	}
	return n
}
