package window

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A definition says what the windows of a kind are, one after another.
type definition struct {
	specs []Spec
	// windows are all that lie near the epoch. They are nil where a window depends on more than time.
	windows func(s Spec) []Window
	// slice is the slice of t, by the words of Slice.
	slice func(s Spec, t Time) Window
	span  Time // how far from the epoch times are asked for
	step  Time // by which they ascend
}

// allOfTime is what is said of windows that depend on more than time, or on nothing.
func allOfTime(Spec, Time) Window { return Window{MinTime, MaxTime} }

// grown are the windows that begin at each start and grow by steps to the next one.
func grown(at []Time, step func(start, from Time) Time) (all []Window) {
	for i, start := range at[:len(at)-1] {
		for end := start; end < at[i+1]; {
			end = min(step(start, end), at[i+1])
			all = append(all, Window{start, end})
		}
	}
	return all
}

// grid are the times n·period+offset near the epoch.
func grid(period, offset time.Duration) (at []Time) {
	for k := Time(-60); k <= 60; k++ {
		at = append(at, k*Time(period)+Time(offset))
	}
	return at
}

// between is the interval of a grid that t is in.
func between(at []Time, t Time) Window {
	i := slices.IndexFunc(at, func(b Time) bool { return b > t })
	return Window{at[i-1], at[i]}
}

// units are where the units of a calendar begin in UTC, near the epoch.
func units(u Unit) (at []Time) {
	for d := time.Date(1966, 12, 26, 0, 0, 0, 0, time.UTC); d.Year() < 1973; d = d.AddDate(0, 0, 1) { // a Monday
		first := d.Day() == 1
		if u == Day || u == Week && d.Weekday() == time.Monday || u == Month && first ||
			u == Quarter && first && d.Month()%3 == 1 || u == Year && first && d.Month() == time.January {
			at = append(at, Time(d.UnixNano()))
		}
	}
	return at
}

// starts are what units returns.
var starts = map[Unit][]Time{Day: units(Day), Week: units(Week), Month: units(Month), Quarter: units(Quarter), Year: units(Year)}

// definitions are those of all kinds. Whoever adds a kind has to say here what it is.
var definitions = map[Kind]definition{
	KindTumbling: {
		specs: []Spec{Tumbling(1), Tumbling(5), Tumbling(5, Offset(2)), Tumbling(5, Offset(-8))},
		windows: func(s Spec) []Window {
			return grown(grid(s.size, s.offset), func(start, _ Time) Time { return start.Add(s.size) })
		},
		slice: func(s Spec, t Time) Window { return between(grid(s.size, s.offset), t) },
		span:  25, step: 1,
	},
	KindSliding: {
		specs: []Spec{Sliding(10, 5), Sliding(10, 4), Sliding(9, 6), Sliding(7, 3, Offset(1)), Sliding(4, 4, Offset(-3))},
		windows: func(s Spec) (all []Window) {
			for _, start := range grid(s.slide, s.offset) {
				all = append(all, Window{start, start.Add(s.size)})
			}
			return all
		},
		slice: func(s Spec, t Time) Window {
			common := time.Duration(1)
			for d := time.Duration(1); d <= s.slide; d++ {
				if s.size%d == 0 && s.slide%d == 0 {
					common = d
				}
			}
			return between(grid(common, s.offset), t)
		},
		span: 25, step: 1,
	},
	KindCumulating: {
		specs: []Spec{Cumulating(6, 2), Cumulating(6, 6), Cumulating(6, 1, Offset(4)), Cumulating(6, 3, Offset(-5))},
		windows: func(s Spec) []Window {
			return grown(grid(s.size, s.offset), func(_, from Time) Time { return from.Add(s.slide) })
		},
		slice: func(s Spec, t Time) Window { return between(grid(s.slide, s.offset), t) },
		span:  25, step: 1,
	},
	KindSession: {
		specs: []Spec{Session(1), Session(7, Lateness(3))},
		slice: func(s Spec, t Time) Window { return Window{t, t.Add(s.size)} },
		span:  25, step: 1,
	},
	KindCount: {
		specs: []Spec{ByCount(1), ByCount(3)},
		slice: allOfTime,
		span:  5, step: 1,
	},
	KindGlobal: {
		specs:   []Spec{Global(), Global(EarlyCount(2))},
		windows: func(Spec) []Window { return []Window{{MinTime, MaxTime}} },
		slice:   allOfTime,
		span:    5, step: 1,
	},
	KindCalendar: {
		specs:   []Spec{Calendar(Day, time.UTC), Calendar(Week, time.UTC), Calendar(Month, time.UTC), Calendar(Quarter, time.UTC), Calendar(Year, time.UTC)},
		windows: func(s Spec) []Window { return grown(starts[s.calendar.unit], func(_, _ Time) Time { return MaxTime }) },
		slice:   func(s Spec, t Time) Window { return between(starts[s.calendar.unit], t) },
		span:    Time(100 * day), step: Time(7 * time.Hour),
	},
	KindCumulatingCalendar: {
		specs: []Spec{
			CumulatingCalendar(Week, Day, time.UTC), CumulatingCalendar(Month, Week, time.UTC), CumulatingCalendar(Year, Quarter, time.UTC),
			CumulatingCalendar(Day, 5*time.Hour, time.UTC), CumulatingCalendar(Month, 100*time.Hour, time.UTC),
		},
		windows: func(s Spec) []Window {
			return grown(starts[s.calendar.unit], func(_, from Time) Time { return growth(s, from).End })
		},
		slice: growth,
		span:  Time(40 * day), step: Time(7 * time.Hour),
	},
}

// growth is the step of a unit that t is in.
func growth(s Spec, t Time) Window {
	unit := between(starts[s.calendar.unit], t)
	if s.calendar.every > 0 {
		from := unit.Start
		for from.Add(s.calendar.every) <= t {
			from = from.Add(s.calendar.every)
		}
		return Window{from, min(from.Add(s.calendar.every), unit.End)}
	}
	step := between(starts[s.calendar.step], t)
	return Window{max(unit.Start, step.Start), min(unit.End, step.End)}
}

// What a Spec says of its windows is what their definition says, for every kind that there is.
func TestKinds(t *testing.T) {
	require.Len(t, definitions, int(kinds))
	names := map[string]bool{}
	for kind := range kinds {
		d, ok := definitions[kind]
		require.True(t, ok, "%v windows are not defined here", kind)
		require.NotEmpty(t, d.specs)
		require.False(t, kind.String() == "" || names[kind.String()], kind)
		names[kind.String()] = true
		for _, s := range d.specs {
			require.Equal(t, kind, s.Kind())
			require.Contains(t, s.Grid(), kind.String())
			t.Run(s.String(), func(t *testing.T) { d.check(t, s) })
			if kind != KindCount && s.Default() && s.Lateness() == 0 {
				panes := s.OfPanes()
				t.Run(panes.String(), func(t *testing.T) { d.checkPanes(t, panes) })
			}
		}
	}
}

func (d definition) check(t *testing.T, s Spec) {
	windows := d.windows
	var all []Window
	if windows != nil {
		all = windows(s)
	}
	for at := -d.span; at <= d.span; at += d.step {
		slice := d.slice(s, at)
		require.Equal(t, slice, s.Slice(at), "slice of %d", at)
		var holding []Window
		next, first := MaxTime, []Window{{MinTime, MaxTime}} // that end after at
		last := MaxTime
		if s.kind == KindSession {
			last = slice.End
		}
		for _, w := range all {
			if w.Contains(at) {
				holding = append(holding, w)
				require.True(t, w.Start <= slice.Start && slice.End <= w.End, "%v begins or ends inside of %v", w, slice)
			}
			switch {
			case w.End > at && w.End < next:
				next, first = w.End, []Window{w}
			case w.End == next:
				first = append(first, w)
			}
		}
		require.Equal(t, next, s.EndAfter(at), "end after %d", at)
		require.Contains(t, first, s.Ending(next), "ending at %d", next)
		if len(holding) > 0 {
			last = slices.MaxFunc(holding, func(a, b Window) int { return int(max(-1, min(1, a.End-b.End))) }).End
		}
		require.Equal(t, last, s.LastEnd(slice), "last end of the slice of %d", at)
		if windows != nil {
			slices.SortFunc(holding, func(a, b Window) int { return int(a.End - b.End) })
			require.Equal(t, holding, slices.Collect(s.Windows(at)), "windows of %d", at)
		}
	}
}

// checkPanes asks for windows of panes. Each has a slice of its own, up to its end.
func (d definition) checkPanes(t *testing.T, s Spec) {
	var all []Window
	if d.windows != nil {
		all = d.windows(s)
	}
	for at := -d.span; at <= d.span; at += d.step {
		slice := Window{MinTime, MaxTime} // from the end of one window to the end of the next
		for _, w := range all {
			if w.End <= at {
				slice.Start = max(slice.Start, w.End)
			} else {
				slice.End = min(slice.End, w.End)
			}
		}
		if s.kind == KindSession {
			slice = Window{at, at + 1}
		}
		require.Equal(t, slice, s.Slice(at), "slice of %d", at)
		require.Equal(t, slice.End, s.LastEnd(slice), "last end of the slice of %d", at)
	}
}

// A Spec of a kind that functions do not know makes them panic: it is not taken for another.
func TestKindThatIsUnknown(t *testing.T) {
	s := Tumbling(5)
	s.kind = kinds
	require.Equal(t, fmt.Sprintf("Kind(%d)", int(kinds)), kinds.String())
	for name, call := range map[string]func(){
		"Slice": func() { s.Slice(0) }, "EndAfter": func() { s.EndAfter(0) }, "Ending": func() { s.Ending(5) },
		"LastEnd": func() { s.LastEnd(Window{0, 5}) }, "Grid": func() { s.Grid() },
	} {
		require.PanicsWithValue(t, kinds.strange(name), call)
	}
}
