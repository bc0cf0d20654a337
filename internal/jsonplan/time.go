package jsonplan

import "time"

// A month is where the days of the month of the time before begin: most times are in the same one.
type month struct {
	text uint64 // "2026-11-"
	days int64  // before its first, since 1970
	size uint64 // in days
}

// What has to stand in eight bytes of a time, and what makes a byte that differs from it by more than it may reach its highest bit: 9 for a digit, 0 for others.
const (
	dateForm, dateLimits = 0x2d30302d30303030, 0x7f76767f76767676 // "0000-00-"
	timeForm, timeLimits = 0x30303a3030543030, 0x76767f76767f7676 // "00T00:00"
	restForm, restLimits = 0x30303a, 0x76767f                     // ":00"
)

// time reads a time of RFC 3339 in UTC, "2026-11-29T06:45:00.123Z".
func (r *Reader) time(b []byte, i int, v *time.Time) int {
	const form = `"2006-01-02T15:04:05Z"`
	if len(b)-len(padding)-i < len(form) || b[i] != '"' {
		return -1
	}
	date, clock, rest := load(b, i+1), load(b, i+9), load(b, i+17)&0xffffff
	clock, rest = clock^timeForm, rest^restForm
	if ((clock+timeLimits)|clock|(rest+restLimits)|rest)&highs != 0 || date != r.month.text && !r.month.set(date) {
		return -1
	}
	// Two digits become a number, in the byte of the first.
	clock, rest = clock*10+clock>>8, rest*10+rest>>8
	day, hour, minute, second := clock&0xff, clock>>24&0xff, clock>>48&0xff, rest>>8&0xff
	if day-1 >= r.month.size || hour > 23 || minute > 59 || second > 59 {
		return -1
	}
	i += 20
	nanos := uint64(0)
	if b[i] == '.' {
		part, n := readDigits(b, i+1)
		if n == 0 {
			return -1
		}
		nanos = part * powers[9-n]
		if i += 1 + n; n == 8 && b[i]-'0' <= 9 {
			nanos += uint64(b[i] - '0')
			i++
		}
	}
	if b[i] != 'Z' || b[i+1] != '"' {
		return -1
	}
	*v = time.Unix((r.month.days+int64(day)-1)*86400+int64(hour*3600+minute*60+second), int64(nanos)).UTC()
	return i + 2
}

// set makes m the month of a date, "2026-11-". It reports whether it is one.
func (m *month) set(text uint64) bool {
	x := text ^ dateForm
	if (x+dateLimits|x)&highs != 0 {
		return false
	}
	x = x*10 + x>>8
	year, number := 100*(x&0xff)+x>>16&0xff, x>>40&0xff
	if number-1 > 11 {
		return false
	}
	leap := year%4 == 0 && (year%100 != 0 || year%400 == 0)
	days := year*365 + (year+3)/4 - (year+99)/100 + (year+399)/400 + uint64(daysBefore[number-1])
	size := uint64(daysBefore[number] - daysBefore[number-1])
	if leap && number > 2 {
		days++
	} else if leap && number == 2 {
		size++
	}
	const epoch = 719528 // days from the year 0 to 1970
	m.text, m.days, m.size = text, int64(days)-epoch, size
	return true
}

// daysBefore counts the days before each month of a common year.
var daysBefore = [...]uint16{0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365}
