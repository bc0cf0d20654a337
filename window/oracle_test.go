package window_test

import (
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/freshet-go/freshet/window"
)

// The oracle lists windows straight from their definition, in integers that
// do not overflow, and only then clamps them to the ends of time.

type span struct{ start, end *big.Int }

func bigOf(n int64) *big.Int { return big.NewInt(n) }

func plus(a *big.Int, n int64) *big.Int { return new(big.Int).Add(a, bigOf(n)) }

// gridFloor is the last offset + k·period that is not after t.
func gridFloor(t *big.Int, period, offset int64) *big.Int {
	k := new(big.Int).Sub(t, bigOf(offset))
	k.Div(k, bigOf(period)) // Euclidean: for a positive divisor the floor
	return plus(k.Mul(k, bigOf(period)), offset)
}

// unclamped lists the windows of s that hold t, by ascending end.
func unclamped(s window.Spec, t *big.Int) []span {
	size, slide, offset := int64(s.Size()), int64(s.Slide()), int64(s.Offset())
	var spans []span
	switch s.Kind() {
	case window.KindTumbling:
		start := gridFloor(t, size, offset)
		spans = append(spans, span{start, plus(start, size)})
	case window.KindSliding:
		for start := gridFloor(t, slide, offset); plus(start, size).Cmp(t) > 0; start = plus(start, -slide) {
			spans = append(spans, span{start, plus(start, size)})
		}
		slices.Reverse(spans)
	case window.KindCumulating:
		start := gridFloor(t, size, offset)
		for length := slide; length <= size && length > 0; length += slide {
			if end := plus(start, length); end.Cmp(t) > 0 {
				spans = append(spans, span{start, end})
			}
		}
	}
	return spans
}

func clamp(t *big.Int) window.Time {
	switch {
	case t.Cmp(bigOf(int64(window.MinTime))) < 0:
		return window.MinTime
	case t.Cmp(bigOf(int64(window.MaxTime))) > 0:
		return window.MaxTime
	}
	return window.Time(t.Int64())
}

// windowsOf is what s.Windows(t) has to yield: of windows that end at or
// beyond the end of time there is one, the longest.
func windowsOf(s window.Spec, t window.Time) []window.Window {
	if t == window.MaxTime {
		return nil // no half-open window holds it
	}
	var ws []window.Window
	for _, x := range unclamped(s, bigOf(int64(t))) {
		ws = append(ws, window.Window{Start: clamp(x.start), End: clamp(x.end)})
		if clamp(x.end) == window.MaxTime {
			break
		}
	}
	return ws
}

// specOf makes a windowing of arbitrary numbers, or none where there would be
// more windows than an oracle can list.
func specOf(kind uint8, size, slide, offset int64) (window.Spec, bool) {
	if size <= 0 || slide <= 0 || slide > size || size/slide > 200 {
		return window.Spec{}, false
	}
	o := window.Offset(time.Duration(offset))
	switch kind % 3 {
	case 0:
		return window.Tumbling(time.Duration(size), o), true
	case 1:
		return window.Sliding(time.Duration(size), time.Duration(slide), o), true
	}
	return window.Cumulating(time.Duration(size-size%slide), time.Duration(slide), o), true
}

func seedWindows(f *testing.F) {
	const minute, day = int64(time.Minute), int64(24 * time.Hour)
	last := int64(window.MaxTime)
	for kind := range uint8(3) {
		for _, t := range []int64{
			0, -1, 1, 7, -7, 5 * minute, -5*minute - 1, -40 * 365 * day,
			-last - 1, -last, -last + 12, last, last - 1, last - 12, last - day,
		} {
			f.Add(kind, t, minute, minute, int64(0))
			f.Add(kind, t, minute, 10*int64(time.Second), int64(0))
			f.Add(kind, t, int64(7), int64(5), int64(3)) // the slide does not divide the size
			f.Add(kind, t, int64(10), int64(5), int64(-3))
			f.Add(kind, t, 7*day/3, day/11, int64(13)) // divides no day
			f.Add(kind, t, day, day/24, 6*int64(time.Hour))
			f.Add(kind, t, last, last/2+3, last-5) // as long as durations are
			f.Add(kind, t, last, last, -last-1)
			f.Add(kind, t, last-3, last/3, -last+1)
		}
	}
}

func FuzzWindows(f *testing.F) {
	seedWindows(f)
	f.Fuzz(func(t *testing.T, kind uint8, at, size, slide, offset int64) {
		s, ok := specOf(kind, size, slide, offset)
		if !ok {
			return
		}
		var got []window.Window
		for w := range s.Windows(window.Time(at)) {
			if got = append(got, w); len(got) > 300 {
				break
			}
		}
		if want := windowsOf(s, window.Time(at)); !slices.Equal(got, want) {
			t.Fatalf("%v: Windows(%d)\n got %s\nwant %s", s, at, plain(got), plain(want))
		}
	})
}

func FuzzSlices(f *testing.F) {
	seedWindows(f)
	f.Fuzz(func(t *testing.T, kind uint8, n, size, slide, offset int64) {
		s, ok := specOf(kind, size, slide, offset)
		at := window.Time(n)
		if !ok || at == window.MaxTime {
			return
		}
		requireSlices(t, s, at, func(t window.Time) []window.Window { return windowsOf(s, t) })
		requireSlices(t, s.OfPanes(), at, func(t window.Time) []window.Window { return windowsOf(s, t)[:1] })
	})
}

// requireSlices requires that s and its slices fit the windows that hold a time.
func requireSlices(t *testing.T, s window.Spec, at window.Time, windowsOf func(window.Time) []window.Window) {
	t.Helper()
	slice := s.Slice(at)
	if !slice.Contains(at) {
		t.Fatalf("%v: Slice(%d) = %s does not hold it", s, at, plain([]window.Window{slice}))
	}
	ws := windowsOf(at)

	// All of the slice is in the same windows, so that a window is a
	// union of slices, and its neighbours begin where it ends.
	for _, u := range []window.Time{slice.Start, at, slice.End - 1} {
		if got := windowsOf(u); !slices.Equal(got, ws) {
			t.Fatalf("%v: %d and %d share a slice, but are in windows %s and %s", s, u, at, plain(got), plain(ws))
		}
		if got := s.Slice(u); got != slice {
			t.Fatalf("%v: Slice(%d) = %s, but Slice(%d) = %s", s, u, plain([]window.Window{got}), at, plain([]window.Window{slice}))
		}
	}
	for _, w := range ws {
		if slice.Start < w.Start || slice.End > w.End {
			t.Fatalf("%v: slice %s reaches over %s", s, plain([]window.Window{slice}), plain(ws))
		}
	}
	if slice.End < window.MaxTime && s.Slice(slice.End).Start != slice.End {
		t.Fatalf("%v: a gap after slice %s", s, plain([]window.Window{slice}))
	}

	// Windows leave no gap in time, so the first end after a time is
	// that of a window that holds it.
	if got := s.EndAfter(at); got != ws[0].End {
		t.Fatalf("%v: EndAfter(%d) = %d, want %d", s, at, got, ws[0].End)
	}
	if got := s.Ending(s.EndAfter(at)); got != ws[0] {
		t.Fatalf("%v: Ending = %s, want %s", s, plain([]window.Window{got}), plain(ws[:1]))
	}
	end := at
	for _, w := range ws {
		if end = s.EndAfter(end); end != w.End || s.Ending(end) != w {
			t.Fatalf("%v: after %d windows end at %d, want %d", s, at, end, w.End)
		}
	}
	if got := s.LastEnd(slice); got != ws[len(ws)-1].End {
		t.Fatalf("%v: LastEnd = %d, want %d", s, got, ws[len(ws)-1].End)
	}
}

// plain shows windows as numbers.
func plain(ws []window.Window) string {
	text := ""
	for _, w := range ws {
		text += "[" + bigOf(int64(w.Start)).String() + ", " + bigOf(int64(w.End)).String() + ") "
	}
	return text
}
