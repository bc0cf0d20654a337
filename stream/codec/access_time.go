package codec

import (
	"encoding/binary"
	"time"
)

const accessLayout = "02/Jan/2006:15:04:05 -0700"

// An accessMinute remembers the minute of the time before, which most lines of a log share with it, and the second, which many share.
type accessMinute struct {
	date, clock uint64    // "17/May/2", "015:10:0"
	rest        uint64    // "5:03 -07", of the last
	zone        uint32    // "0700"
	at          int64     // when the minute began, since 1970
	last        time.Time // what it was
}

// secondsOfRest are the two digits in an accessMinute's rest that say the second.
const secondsOfRest = 0xffff << 16

// parse is parseAccessTime.
func (m *accessMinute) parse(b []byte) (time.Time, bool) {
	if !m.see(b) {
		return time.Time{}, false
	}
	return m.last, true
}

// same reports whether b is the last time, of the same second.
func (m *accessMinute) same(b []byte) bool {
	_ = b[len(accessLayout)-1]
	return binary.LittleEndian.Uint64(b[16:]) == m.rest && binary.LittleEndian.Uint64(b[8:]) == m.clock && binary.LittleEndian.Uint64(b) == m.date &&
		binary.LittleEndian.Uint32(b[22:]) == m.zone && m.date != 0
}

// see has last be the time that b is. It reports false if b is none.
func (m *accessMinute) see(b []byte) bool {
	_ = b[len(accessLayout)-1]
	date, clock, rest := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:]), binary.LittleEndian.Uint64(b[16:])
	zone := binary.LittleEndian.Uint32(b[22:])
	if date == 0 || date != m.date || clock != m.clock || (rest^m.rest)&^secondsOfRest != 0 || zone != m.zone {
		t, ok := parseAccessTime(b)
		if ok {
			second, _ := twoDigits(b[18:], 60)
			*m = accessMinute{date, clock, rest, zone, t.Unix() - int64(second), t}
		}
		return ok
	}
	if rest == m.rest {
		return true
	}
	second, ok := twoDigits(b[18:], 60)
	if ok {
		m.rest, m.last = rest, time.Unix(m.at+int64(second), 0).UTC()
	}
	return ok
}

// parseAccessTime parses b, which is as long as accessLayout. time.Parse
// takes several times as long as the rest of the line.
func parseAccessTime(b []byte) (time.Time, bool) {
	if b[2] != '/' || b[6] != '/' || b[11] != ':' || b[14] != ':' || b[17] != ':' || b[20] != ' ' {
		return time.Time{}, false
	}
	day, ok1 := twoDigits(b[0:], 31)
	month := monthOf(b[3], b[4], b[5])
	century, ok2 := twoDigits(b[7:], 99)
	year, ok3 := twoDigits(b[9:], 99)
	hour, ok4 := twoDigits(b[12:], 23)
	minute, ok5 := twoDigits(b[15:], 59)
	second, ok6 := twoDigits(b[18:], 60) // a leap second is the next minute's first
	zoneHour, ok7 := twoDigits(b[22:], 23)
	zoneMinute, ok8 := twoDigits(b[24:], 59)
	year += 100 * century
	if !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6 && ok7 && ok8) || month == 0 || day == 0 || day > daysIn(month, year) {
		return time.Time{}, false
	}
	zone := int64(zoneHour*60+zoneMinute) * 60
	switch b[21] {
	case '-':
		zone = -zone
	case '+':
	default:
		return time.Time{}, false
	}
	sec := daysSinceEpoch(year, month, day)*86400 + int64(hour*3600+minute*60+second)
	return time.Unix(sec-zone, 0).UTC(), true
}

func twoDigits(b []byte, most int) (int, bool) {
	hi, lo := b[0]-'0', b[1]-'0'
	n := int(hi)*10 + int(lo)
	return n, hi <= 9 && lo <= 9 && n <= most
}

// monthOf returns 0 for what is no month.
func monthOf(a, b, c byte) int {
	switch uint32(a)<<16 | uint32(b)<<8 | uint32(c) {
	case 'J'<<16 | 'a'<<8 | 'n':
		return 1
	case 'F'<<16 | 'e'<<8 | 'b':
		return 2
	case 'M'<<16 | 'a'<<8 | 'r':
		return 3
	case 'A'<<16 | 'p'<<8 | 'r':
		return 4
	case 'M'<<16 | 'a'<<8 | 'y':
		return 5
	case 'J'<<16 | 'u'<<8 | 'n':
		return 6
	case 'J'<<16 | 'u'<<8 | 'l':
		return 7
	case 'A'<<16 | 'u'<<8 | 'g':
		return 8
	case 'S'<<16 | 'e'<<8 | 'p':
		return 9
	case 'O'<<16 | 'c'<<8 | 't':
		return 10
	case 'N'<<16 | 'o'<<8 | 'v':
		return 11
	case 'D'<<16 | 'e'<<8 | 'c':
		return 12
	}
	return 0
}

func daysIn(month, year int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// daysSinceEpoch counts the days from 1970-01-01 in the Gregorian calendar.
// Years start in March, so that a leap day is a year's last and the months'
// days are a linear function: Hinnant, "chrono-Compatible Low-Level Date
// Algorithms", days_from_civil, for years from 0 on.
func daysSinceEpoch(year, month, day int) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	year += 400 // keeps January of year 0 positive; 400 years have 146,097 days
	return int64(365*year+year/4-year/100+year/400+(153*(month-3)+2)/5+day-1) - 719468 - 146097
}
