package window

import (
	"fmt"
	"time"
)

// A Unit is a unit of the calendar.
type Unit uint8

const (
	Day     Unit = iota + 1
	Week         // of seven days; see FirstWeekday
	Month        // from its first day
	Quarter      // from the first day of January, April, July or October
	Year         // from the first day of January
)

func (u Unit) String() string {
	if !u.known() {
		return fmt.Sprintf("Unit(%d)", uint8(u))
	}
	return [...]string{"day", "week", "month", "quarter", "year"}[u-Day]
}

func (u Unit) known() bool { return u >= Day && u <= Year }

// months returns of how many months a unit is, and 0 for days and weeks.
func (u Unit) months() int64 {
	switch u {
	case Month:
		return 1
	case Quarter:
		return 3
	case Year:
		return 12
	}
	return 0
}

const day = 24 * time.Hour

// shortest returns how long a unit is by the clock on the wall, at least.
func (u Unit) shortest() time.Duration {
	return [...]time.Duration{day, 7 * day, 28 * day, 90 * day, 365 * day}[u-Day]
}

// Calendar returns the days, weeks, months, quarters or years of a time zone,
// one after another. Each event falls in exactly one:
// Calendar(Day, berlin) has ..., [2026-03-28T23:00Z, 2026-03-29T22:00Z),
// [2026-03-29T22:00Z, 2026-03-30T22:00Z), ..., of which the first lasts 23
// hours, as clocks in Berlin are put forward in that night.
//
// A window begins at the first instant at which the clocks of the zone show the
// first date of its unit, or a later one, and ends where the next begins. So,
// where clocks are put forward or back:
//
//   - a day lasts as long as it does there: 23 hours or 25, or half an hour more
//     or less than 24 at Lord Howe;
//   - a day without a midnight, as in Beirut each spring, begins at the first
//     instant of its date, at 01:00;
//   - a day begins at the first of two midnights. Once its date has been shown it
//     has begun: an hour that belongs to the date before, since clocks were put
//     back over midnight, is part of it;
//   - a date that was skipped, as 2011-12-30 in Apia, has no window, and one that
//     came twice, as 1969-09-30 at Kwajalein, has one, of both.
//
// Offset lets windows begin later by the clock on the wall: with
// Offset(4*time.Hour) a day begins at 04:00 on every date, those on which clocks
// are changed included. The rules above hold for such a beginning as they do for
// midnight.
//
// The rules of the zone are those that loc was loaded with, and zones get new rules from
// time to time. A checkpoint holds the name of the zone and the bounds of windows. Where
// a program with newer rules goes on from it, windows that were open may have other
// bounds. What was added to one counts for the window that its beginning lies in by the newer
// rules, or for the one that is open if that has been fired; with triggers it keeps
// its bounds. So a day whose bounds have moved may hold a part of the one beside it, or
// come in two parts. No event is lost. Rules of the past hardly ever change; those of the
// future should be known to the program before they apply. [time.Local] has no name
// that a checkpoint could know it by: load the zone by its name.
//
// Finding a window does not allocate, once windows near it have been looked for.
// It panics if unit is none of the constants or loc is nil.
func Calendar(unit Unit, loc *time.Location, opts ...Option) Spec {
	need(unit.known(), "Calendar(%v): no such unit", unit)
	need(loc != nil, "Calendar(%v): the location is nil", unit)
	return Spec{kind: KindCalendar, calendar: &calendar{unit: unit, loc: loc, first: time.Monday}}.with(opts)
}

// CumulatingCalendar returns windows that begin together, with a unit of the
// calendar, and end step after step: CumulatingCalendar(Month, Day, loc) has this
// month's first day, first two days, and so on to the whole month.
//
// A step is a smaller unit or a duration. Units end where those of Calendar do,
// and the last one with the month, quarter or year, if that ends within a week. A
// duration is counted from the beginning of the unit, in time that has passed, whatever clocks are put
// to: CumulatingCalendar(Day, time.Hour, loc) has 23 windows on a day of 23 hours.
// The last step is shorter where it does not divide the unit: a day of 23½ hours has 24.
//
// For the rest it is as Calendar. It panics if unit is none of the constants, loc
// is nil, or step is not positive or not smaller than the unit: than 24 hours, 7,
// 28, 90 or 365 days.
func CumulatingCalendar[S Unit | time.Duration](unit Unit, step S, loc *time.Location, opts ...Option) Spec {
	need(unit.known(), "CumulatingCalendar(%v, %v): no such unit", unit, step)
	c := &calendar{unit: unit, loc: loc, first: time.Monday}
	fits := false
	switch step := any(step).(type) {
	case Unit:
		c.step, fits = step, step.known() && step < unit
	case time.Duration:
		c.every, fits = step, step > 0 && step < unit.shortest()
	}
	need(fits, "CumulatingCalendar(%v, %v): the step is not smaller than the unit", unit, step)
	need(loc != nil, "CumulatingCalendar(%v, %v): the location is nil", unit, step)
	return Spec{kind: KindCumulatingCalendar, calendar: c}.with(opts)
}

// FirstWeekday sets on which day weeks of the calendar begin. The default is
// Monday, as in ISO 8601. It panics if d is no day of the week.
func FirstWeekday(d time.Weekday) Option {
	need(d >= time.Sunday && d <= time.Saturday, "FirstWeekday(%d): no day of the week", int(d))
	return option("FirstWeekday", func(s *Spec) {
		if s.calendar != nil {
			s.calendar.first = d
		}
	})
}

// A calendar is where the windows of Calendar and CumulatingCalendar lie.
type calendar struct {
	unit   Unit
	step   Unit          // of windows that grow by a unit
	every  time.Duration // of windows that grow by a duration
	loc    *time.Location
	first  time.Weekday
	offset time.Duration

	units *division
	steps *division // nil without a step
}

// divide is called once, when all else is set.
func (c *calendar) divide(offset time.Duration) {
	c.offset = offset
	if c.unit.months() == 0 {
		c.offset = mod(offset, c.unit.shortest()) // the days and weeks are the same
	}
	c.units = &division{unit: c.unit, calendar: c}
	if c.step != 0 {
		c.steps = &division{unit: c.step, calendar: c}
	}
}

// String has all that windows depend on: state is held to it.
func (c *calendar) String() string {
	text := c.unit.text(c.first)
	switch {
	case c.step != 0:
		text += " every " + c.step.text(c.first)
	case c.every > 0:
		text += " every " + c.every.String()
	}
	text += " in " + c.loc.String()
	// The names of fixed zones are anyone's choice, and may be none.
	at := time.Unix(0, 0).In(c.loc)
	if start, end := at.ZoneBounds(); start.IsZero() && end.IsZero() && c.loc != time.UTC {
		text += at.Format(" (-07:00:00)")
	}
	if c.offset != 0 {
		text += ", offset " + c.offset.String()
	}
	return text
}

func (u Unit) text(first time.Weekday) string {
	if u == Week {
		return u.String() + " from " + first.String()
	}
	return u.String()
}

// slice returns the unit that t is in, or its step.
func (c *calendar) slice(t Time) Window {
	unit, origin := c.units.around(t)
	switch {
	case c.steps != nil:
		step, _ := c.steps.around(t)
		return Window{max(unit.Start, step.Start), min(unit.End, step.End)}
	case c.every > 0:
		// The origin may have overflowed. The difference has not: it is a year at most.
		into := time.Duration(t-origin) % c.every
		return Window{max(unit.Start, t.Add(-into)), min(unit.End, t.Add(c.every-into))}
	}
	return unit
}

// whole returns the unit that t is in.
func (c *calendar) whole(t Time) Window {
	unit, _ := c.units.around(t)
	return unit
}
