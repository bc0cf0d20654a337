package window_test

import (
	"archive/zip"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/racing"
	"github.com/freshet-go/freshet/window"
)

// The oracle of calendars walks through time, one change of clocks after
// another, and looks at which date they show. A unit begins where a date is
// shown that is of a later unit than all dates before.

// A stretch is a time in which the clocks of a zone are at one offset.
type stretch struct {
	start, end time.Time
	offset     time.Duration
}

func offsetAt(t time.Time, loc *time.Location) time.Duration {
	_, seconds := t.In(loc).Zone()
	return time.Duration(seconds) * time.Second
}

// look is how far apart two looks at a clock are: it is not changed twice
// between two.
const look = 12 * time.Hour

// stretches returns the stretches from one time to another.
func stretches(loc *time.Location, from, to time.Time) (all []stretch) {
	from, to = from.UTC().Truncate(time.Second), to.UTC()
	s := stretch{start: from, offset: offsetAt(from, loc)}
	for at := from; at.Before(to); at = at.Add(look) {
		if offsetAt(at.Add(look), loc) == s.offset {
			continue
		}
		low, high := at, at.Add(look)
		for high.Sub(low) > time.Second {
			middle := low.Add(high.Sub(low) / 2).Truncate(time.Second)
			if offsetAt(middle, loc) == s.offset {
				low = middle
			} else {
				high = middle
			}
		}
		s.end = high
		all = append(all, s)
		s = stretch{start: high, offset: offsetAt(high, loc)}
	}
	s.end = to
	return append(all, s)
}

// A plainUnit is what a date is told to be of.
type plainUnit struct {
	unit  window.Unit
	first time.Weekday
}

// key returns the first date of the unit that a date is in. UTC stands for the
// clock on the wall.
func (u plainUnit) key(wall time.Time) time.Time {
	y, m, d := wall.Date()
	switch u.unit {
	case window.Week:
		for time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Weekday() != u.first {
			d--
		}
	case window.Month:
		d = 1
	case window.Quarter:
		m, d = (m-1)/3*3+1, 1
	case window.Year:
		m, d = 1, 1
	}
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// begins returns where units begin that do so after from, and by to.
func (u plainUnit) begins(all []stretch, offset time.Duration) (found []time.Time) {
	var latest time.Time // the unit that has been shown so far
	for _, s := range all {
		// The dates of the stretch begin at its own beginning, and at each midnight in it.
		for at := s.start; at.Before(s.end); {
			wall := at.Add(s.offset - offset)
			if k := u.key(wall); k.After(latest) {
				if !latest.IsZero() {
					found = append(found, at)
				}
				latest = k
			}
			midnight := wall.Truncate(24 * time.Hour).Add(24 * time.Hour) // of years that UTC counts from 1
			at = midnight.Add(offset - s.offset)
		}
	}
	return found
}

// zones returns the names of the tz database, and one name of each zone, as many
// have several.
func zones(t testing.TB) (names, distinct []string) {
	t.Helper()
	z, err := zip.OpenReader(filepath.Join(os.Getenv("GOROOT"), "lib", "time", "zoneinfo.zip"))
	require.NoError(t, err)
	defer z.Close()
	seen := map[string]bool{}
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		r, err := f.Open()
		require.NoError(t, err)
		rules, err := io.ReadAll(r)
		require.NoError(t, err)
		names = append(names, f.Name)
		if !seen[string(rules)] {
			distinct = append(distinct, f.Name)
		}
		seen[string(rules)] = true
	}
	require.Greater(t, len(distinct), 300)
	return names, distinct
}

func load(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	require.NoError(t, err)
	return loc
}

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func timeOf(t *testing.T, at time.Time) window.Time {
	n, ok := window.At(at)
	require.True(t, ok, at)
	return n
}

// The years that zones are compared in, and how far around each change of
// clocks. What a clock has shown days before is long behind.
var (
	firstDate, lastDate = date(1900, 1, 1), date(2100, 12, 31)
	around, behind      = 5 * 24 * time.Hour, 2 * 24 * time.Hour
)

// Every zone of the tz database, around every change of its clocks and at the
// end of leap years, and some of them throughout.
func TestCalendarsOfAllZones(t *testing.T) {
	_, distinct := zones(t)
	for i, name := range distinct {
		if racing.On && i%8 != 0 {
			continue // it takes five times as long; CI runs it without the detector, too
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := stretches(load(t, name), firstDate, lastDate)
			c := calendars{load(t, name), map[plainUnit]map[time.Duration]window.Spec{}}
			if i%40 == 0 {
				c.requireUnits(t, all, 0)
			}
			for i := range all[1:] {
				near := between(all, all[i].end.Add(-around), all[i].end.Add(around))
				changed := all[i].end.Add(all[i].offset)
				c.requireUnits(t, near, 0)
				c.requireUnits(t, near, changed.Sub(changed.Truncate(24*time.Hour))) // units begin as clocks are changed
			}
			for year := 2040; year < lastDate.Year(); year += 4 { // package time has a bound of its own at their ends
				c.requireUnits(t, between(all, date(year, 1, 1).Add(-around), date(year, 1, 1).Add(around)), 0)
			}
		})
	}
}

// calendars are those of a zone by their offsets. They are used again, for what they have found.
type calendars struct {
	loc   *time.Location
	specs map[plainUnit]map[time.Duration]window.Spec
}

func (c calendars) spec(u plainUnit, offset time.Duration) window.Spec {
	if c.specs[u] == nil {
		c.specs[u] = map[time.Duration]window.Spec{}
	}
	s, ok := c.specs[u][offset]
	if !ok {
		opts := []window.Option{window.Offset(offset)}
		if u.unit == window.Week {
			opts = append(opts, window.FirstWeekday(u.first))
		}
		s = window.Calendar(u.unit, c.loc, opts...)
		c.specs[u][offset] = s
	}
	return s
}

// requireUnits requires that all units begin where the oracle has them begin.
func (c calendars) requireUnits(t *testing.T, all []stretch, offset time.Duration) {
	t.Helper()
	for _, u := range plainUnits {
		s := c.spec(u, offset)
		from, to := timeOf(t, all[0].start.Add(behind)), timeOf(t, all[len(all)-1].end)
		end := from
		for _, b := range u.begins(all, offset) {
			want := timeOf(t, b)
			if want <= from {
				continue
			}
			before := s.Slice(end)
			if end = s.EndAfter(end); end != want || before.End != want || s.Slice(want).Start != want || s.Slice(want-1) != before {
				t.Fatalf("%v: ends at %v, want %v: %v, %v", s, end, want, s.Slice(want-1), s.Slice(want))
			}
		}
		if end = s.EndAfter(end); end < to {
			t.Fatalf("%v: ends at %v, and should not", s, end)
		}
	}
}

var plainUnits = []plainUnit{
	{unit: window.Day}, {window.Week, time.Monday}, {window.Week, time.Saturday}, {unit: window.Month}, {unit: window.Quarter}, {unit: window.Year},
}

// between returns the stretches from one time to another.
func between(all []stretch, from, to time.Time) (near []stretch) {
	for _, s := range all {
		if s.end.After(from) && s.start.Before(to) {
			if s.start.Before(from) {
				s.start = from
			}
			if s.end.After(to) {
				s.end = to
			}
			near = append(near, s)
		}
	}
	return near
}

// A plainCalendar lists the windows of a calendar around a time.
type plainCalendar struct {
	units, steps []time.Time // where they begin
	stepped      bool
	every        time.Duration
}

// windows lists those that hold t, by ascending end, and the slice that t is in.
func (c plainCalendar) windows(t window.Time) (ws []window.Window, slice window.Window) {
	at := t.Std()
	start, end := enclosing(c.units, at)
	ends := []time.Time{}
	switch {
	case c.stepped:
		for _, b := range c.steps {
			if b.After(start) && b.Before(end) {
				ends = append(ends, b)
			}
		}
	case c.every > 0:
		for b := start.Add(c.every); b.Before(end); b = b.Add(c.every) {
			ends = append(ends, b)
		}
	}
	ends = append(ends, end)
	slice.Start = clampTime(start)
	for _, end := range ends {
		if !end.After(at) {
			slice.Start = clampTime(end)
			continue
		}
		ws = append(ws, window.Window{Start: clampTime(start), End: clampTime(end)})
		if clampTime(end) == window.MaxTime {
			break
		}
	}
	slice.End = ws[0].End
	return ws, slice
}

// enclosing returns the last of some times that is not after at, and the next.
func enclosing(all []time.Time, at time.Time) (before, after time.Time) {
	for _, t := range all {
		if t.After(at) {
			return before, t
		}
		before = t
	}
	panic("it ends too soon")
}

func clampTime(t time.Time) window.Time {
	switch {
	case t.Before(window.MinTime.Std()):
		return window.MinTime
	case t.After(window.MaxTime.Std()):
		return window.MaxTime
	}
	return window.Time(t.UnixNano())
}

// nominal is how long units are, roughly.
var nominal = map[window.Unit]time.Duration{
	window.Day: 24 * time.Hour, window.Week: 7 * 24 * time.Hour, window.Month: 30 * 24 * time.Hour,
	window.Quarter: 91 * 24 * time.Hour, window.Year: 365 * 24 * time.Hour,
}

func FuzzCalendars(f *testing.F) {
	names, _ := zones(f)
	zone := func(name string) uint16 {
		i := slices.Index(names, name)
		require.GreaterOrEqual(f, i, 0, name)
		return uint16(i)
	}
	hour := int64(time.Hour)
	for _, x := range []struct {
		zone string
		at   int64
	}{
		{"Europe/Berlin", date(2026, 3, 29).UnixNano()}, {"Europe/Berlin", date(2026, 10, 25).UnixNano()},
		{"Australia/Lord_Howe", date(2025, 10, 4).UnixNano() + 15*hour + 1800e9}, {"Australia/Lord_Howe", date(2026, 4, 4).UnixNano() + 15*hour},
		{"America/Sao_Paulo", date(2018, 11, 4).UnixNano() + 3*hour}, {"America/Sao_Paulo", date(2018, 2, 18).UnixNano() + 2*hour},
		{"Asia/Beirut", date(2025, 3, 29).UnixNano() + 22*hour}, {"Pacific/Apia", date(2011, 12, 30).UnixNano() + 10*hour},
		{"Pacific/Kwajalein", date(1993, 8, 21).UnixNano() + 12*hour}, {"Pacific/Kwajalein", date(1969, 9, 30).UnixNano() + 13*hour},
		{"America/St_Johns", date(2006, 10, 29).UnixNano() + 2*hour + 1860e9}, {"Africa/Casablanca", date(2040, 10, 7).UnixNano()},
		{"Etc/GMT+12", 0}, {"Asia/Kathmandu", -1}, {"America/New_York", date(2052, 12, 31).UnixNano()},
		{"Europe/Dublin", int64(window.MinTime)}, {"Asia/Manila", int64(window.MaxTime) - 1}, {"Australia/Sydney", int64(window.MaxTime) - 1000*hour},
	} {
		for unit := range uint8(5) {
			for _, near := range []int64{-1, 0, 7 * hour} {
				f.Add(zone(x.zone), unit, uint8(0), int64(0), int64(0), x.at+near)
				f.Add(zone(x.zone), unit, uint8(1), int64(0), 4*hour, x.at+near)
				f.Add(zone(x.zone), unit, uint8(2), int64(0), -hour/2, x.at+near)
				f.Add(zone(x.zone), unit, uint8(0), hour*(1+40*int64(unit*unit)), int64(0), x.at+near)
				f.Add(zone(x.zone), unit, uint8(0), 7*hour*(1+int64(unit*unit))+1, hour+1, x.at+near)
			}
		}
	}
	f.Fuzz(func(t *testing.T, zone uint16, unit, step uint8, every, offset, n int64) {
		at := window.Time(n)
		u := plainUnit{window.Day + window.Unit(unit%5), time.Weekday(zone % 7)}
		stepped := plainUnit{window.Unit(step % 5), u.first}
		offset %= int64(nominal[u.unit])
		if at == window.MaxTime {
			return
		}
		loc := load(t, names[int(zone)%len(names)])
		opts := []window.Option{window.Offset(time.Duration(offset))}
		if u.unit == window.Week || stepped.unit == window.Week && every == 0 {
			opts = append(opts, window.FirstWeekday(u.first))
		}
		// Long enough before for its unit to have begun, and after for it to have ended.
		whole := stretches(loc, at.Std().Add(-2*nominal[u.unit]-around), at.Std().Add(2*nominal[u.unit]+around))
		c := plainCalendar{units: u.begins(whole, time.Duration(offset))}
		var s window.Spec
		switch {
		case every != 0:
			if c.every = time.Duration(every); every < int64(nominal[u.unit]/200) || c.every >= nominal[u.unit]*9/10 {
				return
			}
			s = window.CumulatingCalendar(u.unit, c.every, loc, opts...)
		case stepped.unit != 0:
			if stepped.unit >= u.unit {
				return
			}
			c.stepped, c.steps = true, stepped.begins(whole, time.Duration(offset))
			s = window.CumulatingCalendar(u.unit, stepped.unit, loc, opts...)
		default:
			s = window.Calendar(u.unit, loc, opts...)
		}
		want, slice := c.windows(at)
		if got := slices.Collect(s.Windows(at)); !slices.Equal(got, want) {
			t.Fatalf("%v: Windows(%v)\n got %v\nwant %v", s, at, got, want)
		}
		if got := s.Slice(at); got != slice {
			t.Fatalf("%v: Slice(%v) = %v, want %v", s, at, got, slice)
		}
		requireSlices(t, s, at, func(t window.Time) []window.Window {
			ws, _ := c.windows(t)
			return ws
		})
	})
}
