package syslogsource

import (
	"bytes"
	"time"
)

// rfc3339 parses "2026-11-28T20:14:15.000003+01:00". A leap second is the next minute's first.
func rfc3339(b []byte) (t time.Time, ok bool) {
	const seconds = len("2026-11-28T20:14:")
	var leap time.Duration
	if len(b) > seconds+2 && b[seconds] == '6' && b[seconds+1] == '0' {
		b = bytes.Clone(b)
		copy(b[seconds:], "59")
		leap = time.Second
	}
	if t.UnmarshalText(b) != nil {
		return t, false
	}
	t = t.Add(leap).UTC()
	return t, written(t)
}

// written reports whether a time can be a message's, and be written down again: in the year 1 it is the
// zero time, and in UTC it may be of the year 10000.
func written(t time.Time) bool { return t.Year() >= 1900 && t.Year() <= 9999 }

// time3164 parses the time with which b begins, and returns how long it is, a colon and a space behind it included:
// 0 for none. It is "Nov 28 20:14:15", with the extras that devices have, a year behind the day and a fraction
// of the second, or one of RFC 3339, as rsyslog's RSYSLOG_ForwardFormat has it.
func (p *parser) time3164(b []byte) (t time.Time, n int) {
	if len(b) > 0 && digit(b[0]) {
		w := word(b)
		t, ok := rfc3339(w)
		if !ok {
			return t, 0
		}
		return t, endOfTime(b, len(w))
	}
	month := monthOf(b)
	if month == 0 || b[3] != ' ' {
		return t, 0
	}
	n = 4
	for n < len(b) && b[n] == ' ' && n < 6 {
		n++
	}
	day, n := number(b, n, 2)
	if day < 1 || day > 31 || n >= len(b) || b[n] != ' ' {
		return t, 0
	}
	n++
	year := -1
	if y, end := number(b, n, 4); end == n+4 && end < len(b) && b[end] == ' ' {
		year, n = y, end+1
	}
	if len(b) < n+8 || b[n+2] != ':' || b[n+5] != ':' {
		return t, 0
	}
	hour, end1 := number(b, n, 2)
	minute, end2 := number(b, n+3, 2)
	second, end3 := number(b, n+6, 2)
	if end1 != n+2 || end2 != n+5 || end3 != n+8 || hour > 23 || minute > 59 || second > 60 {
		return t, 0
	}
	nanos, n := fraction(b, end3)
	if n = endOfTime(b, n); n == 0 {
		return t, 0
	}
	last, first := year, year
	if year < 0 {
		last, first = p.limit.Year(), p.limit.Year()-8 // February 29 is in one of eight at least
	}
	for year := last; year >= first; year-- {
		t = time.Date(year, month, day, hour, minute, second, nanos, p.zone)
		late := last > first && t.After(p.limit)
		if !late && written(t.UTC()) && time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Day() == day {
			return t.UTC(), n
		}
	}
	return t, 0
}

// endOfTime returns where what follows a time begins, 0 if it is no time that ends at n.
func endOfTime(b []byte, n int) int {
	if n < len(b) && b[n] == ':' {
		n++
	}
	switch {
	case n == len(b):
		return n
	case b[n] == ' ':
		return n + 1
	}
	return 0
}

// number parses the digits at i, most of them at most. It returns -1 for none.
func number(b []byte, i, most int) (n, end int) {
	start := i
	for i < len(b) && i < start+most && digit(b[i]) {
		n, i = n*10+int(b[i]-'0'), i+1
	}
	if i == start {
		return -1, i
	}
	return n, i
}

// fraction parses ".123" at i into nanoseconds, cut off there.
func fraction(b []byte, i int) (nanos, end int) {
	if i+1 >= len(b) || b[i] != '.' || !digit(b[i+1]) {
		return 0, i
	}
	unit := int(time.Second)
	for i++; i < len(b) && digit(b[i]); i++ {
		unit /= 10
		nanos += unit * int(b[i]-'0')
	}
	return nanos, i
}

// monthOf returns the month whose name b begins with, 0 for none.
func monthOf(b []byte) time.Month {
	if len(b) < 4 {
		return 0
	}
	switch string(b[:3]) {
	case "Jan":
		return time.January
	case "Feb":
		return time.February
	case "Mar":
		return time.March
	case "Apr":
		return time.April
	case "May":
		return time.May
	case "Jun":
		return time.June
	case "Jul":
		return time.July
	case "Aug":
		return time.August
	case "Sep":
		return time.September
	case "Oct":
		return time.October
	case "Nov":
		return time.November
	case "Dec":
		return time.December
	}
	return 0
}
