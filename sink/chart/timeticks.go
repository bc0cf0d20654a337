package chart

import (
	"math"
	"time"
)

// The years that times are drawn in.
var (
	firstYear = At(time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC))
	lastYear  = At(time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC))
)

// A pace is how far ticks of time are from each other: months, or days, or a part of a day.
type pace struct {
	months, days int
	part         time.Duration
	layout       string // of the label
	below        string // of what stands under the first label, and where it changes
}

var paces = []pace{
	{part: time.Microsecond, layout: "15:04:05.000000", below: time.DateOnly},
	{part: 10 * time.Microsecond, layout: "15:04:05.00000", below: time.DateOnly},
	{part: 100 * time.Microsecond, layout: "15:04:05.0000", below: time.DateOnly},
	{part: time.Millisecond, layout: "15:04:05.000", below: time.DateOnly},
	{part: 10 * time.Millisecond, layout: "15:04:05.00", below: time.DateOnly},
	{part: 100 * time.Millisecond, layout: "15:04:05.0", below: time.DateOnly},
	{part: time.Second, layout: time.TimeOnly, below: time.DateOnly},
	{part: 5 * time.Second, layout: time.TimeOnly, below: time.DateOnly},
	{part: 15 * time.Second, layout: time.TimeOnly, below: time.DateOnly},
	{part: 30 * time.Second, layout: time.TimeOnly, below: time.DateOnly},
	{part: time.Minute, layout: "15:04", below: time.DateOnly},
	{part: 5 * time.Minute, layout: "15:04", below: time.DateOnly},
	{part: 15 * time.Minute, layout: "15:04", below: time.DateOnly},
	{part: 30 * time.Minute, layout: "15:04", below: time.DateOnly},
	{part: time.Hour, layout: "15:04", below: time.DateOnly},
	{part: 2 * time.Hour, layout: "15:04", below: time.DateOnly},
	{part: 3 * time.Hour, layout: "15:04", below: time.DateOnly},
	{part: 6 * time.Hour, layout: "15:04", below: time.DateOnly},
	{part: 12 * time.Hour, layout: "15:04", below: time.DateOnly},
	{days: 1, layout: "01-02", below: "2006"},
	{days: 2, layout: "01-02", below: "2006"},
	{days: 7, layout: "01-02", below: "2006"},
	{days: 14, layout: "01-02", below: "2006"},
	{months: 1, layout: "2006-01"},
	{months: 3, layout: "2006-01"},
	{months: 6, layout: "2006-01"},
	{months: 12, layout: "2006"},
	{months: 24, layout: "2006"},
	{months: 60, layout: "2006"},
	{months: 120, layout: "2006"},
	{months: 240, layout: "2006"},
	{months: 600, layout: "2006"},
	{months: 1200, layout: "2006"},
	{months: 12000, layout: "2006"},
}

// seconds is about how long it is.
func (p pace) seconds() float64 {
	return p.part.Seconds() + float64(p.days)*86400 + float64(p.months)*30.44*86400
}

// timeTicks has the beginnings of years, months, days, hours, … by the calendar
// and clock of the axis's zone. Across a change of the clock ticks are as far
// apart as time is.
func timeTicks(s *span, n int) (all []tick) {
	p := paces[len(paces)-1]
	for _, q := range paces {
		if (s.hi-s.lo)/q.seconds() <= float64(n) {
			p = q
			break
		}
	}
	at := p.floor(instant(s.lo).In(s.Zone))
	last, before := "", math.Inf(-1)
	for range 4*n + 64 {
		x := At(at)
		if x > s.hi {
			break
		}
		if x >= s.lo && x > before {
			t := tick{at: x, label: at.Format(p.layout)}
			if p.below != "" {
				if now := at.Format(p.below); now != last {
					t.below, last = now, now
				}
			}
			all = append(all, t)
			before = x
		}
		at = p.next(at)
	}
	return all
}

// floor returns the last beginning that is not after t.
func (p pace) floor(t time.Time) time.Time {
	y, m, d := t.Date()
	switch {
	case p.months > 0:
		months := y*12 + int(m) - 1
		months -= months % p.months
		return time.Date(months/12, time.Month(months%12+1), 1, 0, 0, 0, 0, t.Location())
	case p.days > 0:
		days := int(math.Floor(float64(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix()) / 86400))
		days += 3 // 1970-01-01 was a Thursday: weeks begin on Mondays
		back := ((days % p.days) + p.days) % p.days
		return time.Date(y, m, d-back, 0, 0, 0, 0, t.Location())
	}
	clock := time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute +
		time.Duration(t.Second())*time.Second + time.Duration(t.Nanosecond())
	return wall(y, m, d, clock-clock%p.part, t.Location())
}

func (p pace) next(t time.Time) time.Time {
	y, m, d := t.Date()
	if p.months > 0 {
		return time.Date(y, m+time.Month(p.months), 1, 0, 0, 0, 0, t.Location())
	}
	if p.days > 0 {
		return time.Date(y, m, d+p.days, 0, 0, 0, 0, t.Location())
	}
	if p.part <= 15*time.Minute { // which divides the offset of every zone: no change of the clock matters
		return t.Add(p.part)
	}
	clock := time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
	next := wall(y, m, d, clock-clock%p.part+p.part, t.Location())
	if !next.After(t) { // the clock was set back
		return t.Add(p.part)
	}
	return next
}

// wall is the time that the clock of a zone shows.
func wall(y int, m time.Month, d int, clock time.Duration, zone *time.Location) time.Time {
	return time.Date(y, m, d, int(clock/time.Hour), int(clock/time.Minute)%60, int(clock/time.Second)%60, int(clock%time.Second), zone)
}
