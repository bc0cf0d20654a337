package window

import (
	"sort"
	"sync/atomic"
	"time"
)

// How a calendar finds the unit that an instant is in.

// A division finds where units begin. What it has found it keeps, in pages: to
// find it again costs no more than a search in one of them. The pages are all that
// changes, and shards that use one Spec may set them at once, to the same.
type division struct {
	unit Unit
	*calendar
	pages [8]atomic.Pointer[page]
}

// A page has the beginnings of some units.
type page struct {
	Window         // that the page is for
	begins []begin // from the last one that is not after its start to the first that is not before its end
}

// A begin is where a unit begins.
type begin struct {
	at     Time
	origin Time // at, but that it overflows where at is an end of time
}

// pageUnits is about how many units are on a page.
const pageUnits = 32

// around returns the unit that t is in, and where it begins, which may have
// overflowed.
func (d *division) around(t Time) (unit Window, origin Time) {
	span := pageUnits * d.unit.shortest()
	into := mod(time.Duration(t), span)
	slot := &d.pages[uint64((t-Time(into))/Time(span))%uint64(len(d.pages))]
	p := slot.Load()
	if p == nil || !p.Contains(t) {
		p = d.page(Window{t.Add(-into), t.Add(span - into)})
		slot.Store(p)
	}
	// The last one is only where the one before ends.
	n := len(p.begins) - 1
	i := sort.Search(n, func(i int) bool { return p.begins[i].at > t }) - 1
	return Window{p.begins[i].at, p.begins[i+1].at}, p.begins[i].origin
}

func (d *division) page(w Window) *page {
	p := &page{Window: w}
	start, end := w.Start.Std(), w.End.Std()
	// The unit that begins last by the end of any clock's date at the start.
	n := d.number(start.Add(farthest - d.offset))
	for d.begin(n).After(start) {
		n--
	}
	var last time.Time
	for {
		at := d.begin(n)
		if len(p.begins) == 0 || at.After(last) { // else it was skipped
			p.begins = append(p.begins, begin{clamped(at), Time(at.Unix()*1e9 + int64(at.Nanosecond()))})
			last = at
		}
		if !at.Before(end) {
			return p
		}
		n++
	}
}

// clamped returns t, or the end of time that lies before it.
func clamped(t time.Time) Time {
	at, ok := At(t)
	switch {
	case ok:
		return at
	case t.Unix() < 0:
		return MinTime
	}
	return MaxTime
}

// number returns the number of the unit that a date is in. UTC stands for the
// clock on the wall.
func (d *division) number(wall time.Time) int64 {
	if n := d.unit.months(); n > 0 {
		return floor(int64(wall.Year())*12+int64(wall.Month())-1, n)
	}
	days := floor(wall.Unix(), int64(day/time.Second))
	if d.unit == Week {
		return floor(days-d.firstDay(), 7)
	}
	return days
}

// firstDay returns a day since 1970 on which a week begins.
func (d *division) firstDay() int64 { return int64(d.first - time.Thursday) }

func floor(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// begin returns when unit n begins.
func (d *division) begin(n int64) time.Time {
	var wall time.Time
	switch months := n * d.unit.months(); d.unit {
	case Day:
		wall = time.Unix(n*int64(day/time.Second), 0)
	case Week:
		wall = time.Unix((d.firstDay()+7*n)*int64(day/time.Second), 0)
	default:
		wall = time.Date(int(floor(months, 12)), time.January+time.Month(months-12*floor(months, 12)), 1, 0, 0, 0, 0, time.UTC)
	}
	return shown(wall.Add(d.offset), d.loc)
}

// farthest is more than what clocks of any zone differ from UTC: package time
// reads up to a week.
const farthest = 8 * day

// shown returns the first instant at which the clocks of loc show wall, which is in
// UTC, or a later time. [time.Date] does not say which instant it returns
// where there is none or two, so that this goes through the changes of clocks.
func shown(wall time.Time, loc *time.Location) time.Time {
	at := wall.Add(-farthest).In(loc)
	for {
		_, offset := at.Zone()
		_, end := at.ZoneBounds()
		if !end.IsZero() && !end.After(at) {
			end = end.Add(day) // package time has years to come end after 365 days, leap years too
		}
		t := wall.Add(-time.Duration(offset) * time.Second)
		if t.Before(at) {
			t = at // clocks were put forward past it
		}
		if end.IsZero() || t.Before(end) {
			return t
		}
		at = end
	}
}
