package binlogsource

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// fraction reads what stands behind the seconds, as microseconds.
func (c *column) fraction(data []byte) int64 {
	micros := int64(big(data))
	switch len(data) {
	case 1:
		return micros * 10_000
	case 2:
		return micros * 100
	}
	return micros
}

// behind is how many bytes the fraction of a second takes.
func (c *column) behind() int { return int(c.scale+1) / 2 }

func readTimestamp(c *column, data []byte, v *value) (int, error) {
	n := 4 + c.behind()
	if len(data) < n {
		return 0, errShort
	}
	c.instant(int64(binary.BigEndian.Uint32(data)), c.fraction(data[4:n]), v)
	return n, nil
}

func readTimestampOld(c *column, data []byte, v *value) (int, error) {
	if len(data) < 4 {
		return 0, errShort
	}
	c.instant(int64(binary.LittleEndian.Uint32(data)), 0, v)
	return 4, nil
}

func (c *column) instant(seconds, micros int64, v *value) {
	if seconds == 0 && micros == 0 {
		c.noTime(0, 0, 0, 0, 0, 0, 0, v)
		return
	}
	v.kind, v.scale, v.day, v.t = isTime, c.scale, false, time.Unix(seconds, micros*1000).UTC()
}

// readDatetime reads a bit for the sign, 17 for year·13+month, 5 for the day, 5 for the hour, 6
// for the minute and 6 for the second.
func readDatetime(c *column, data []byte, v *value) (int, error) {
	n := 5 + c.behind()
	if len(data) < n {
		return 0, errShort
	}
	x := int(big(data[:5]) & 0x7f_ffff_ffff)
	month := x >> 22
	c.date(month/13, month%13, x>>17&31, x>>12&31, x>>6&63, x&63, c.fraction(data[5:n]), v)
	return n, nil
}

func readDatetimeOld(c *column, data []byte, v *value) (int, error) {
	if len(data) < 8 {
		return 0, errShort
	}
	x := int(binary.LittleEndian.Uint64(data) & (1<<62 - 1))
	d, t := x/1_000_000, x%1_000_000
	c.date(d/10000, d/100%100, d%100, t/10000, t/100%100, t%100, 0, v)
	return 8, nil
}

func readDate(c *column, data []byte, v *value) (int, error) {
	if len(data) < 3 {
		return 0, errShort
	}
	x := int(little(data[:3]))
	c.date(x>>9, x>>5&15, x&31, 0, 0, 0, 0, v)
	return 3, nil
}

func (c *column) date(year, month, day, hour, minute, second int, micros int64, v *value) {
	if month == 0 || day == 0 || month > 12 {
		c.noTime(year, month, day, hour, minute, second, micros, v)
		return
	}
	v.kind, v.scale, v.day = isTime, c.scale, c.kind == ofDate
	v.t = time.Date(year, time.Month(month), day, hour, minute, second, int(micros)*1000, time.UTC)
}

// noTime is a date that is none, as text.
func (c *column) noTime(year, month, day, hour, minute, second int, micros int64, v *value) {
	text := fmt.Appendf(c.scratch[:0], "%04d-%02d-%02d", year, month, day)
	if c.kind != ofDate {
		text = fmt.Appendf(text, " %02d:%02d:%02d", hour, minute, second)
		text = appendFraction(text, micros*1000, c.scale)
	}
	v.kind, v.b, c.scratch = isZeroTime, text, text
}

// readTime reads a number that orders as times do: the hour, minute and second in 10, 6 and 6
// bits, the fraction behind them, negative ones as complements of two.
func readTime(c *column, data []byte, v *value) (int, error) {
	n := 3 + c.behind()
	if len(data) < n {
		return 0, errShort
	}
	behind := 8 * c.behind()
	x := int64(big(data[:n])) - 1<<(23+behind)
	sign := int64(1)
	if x < 0 {
		x, sign = -x, -1
	}
	micros := x & (1<<behind - 1)
	switch c.behind() {
	case 1:
		micros *= 10_000
	case 2:
		micros *= 100
	}
	x >>= behind
	c.duration(sign, x>>12&0x3ff, x>>6&63, x&63, micros, v)
	return n, nil
}

var errTime = errors.New("it is no time")

func readTimeOld(c *column, data []byte, v *value) (int, error) {
	if len(data) < 3 {
		return 0, errShort
	}
	x, sign := int64(int32(little(data[:3])<<8))>>8, int64(1)
	if x < 0 {
		x, sign = -x, -1
	}
	c.duration(sign, x/10000, x/100%100, x%100, 0, v)
	return 3, nil
}

func (c *column) duration(sign, hours, minutes, seconds, micros int64, v *value) {
	v.kind, v.scale = isDuration, c.scale
	v.i = sign * (((hours*60+minutes)*60+seconds)*1e9 + micros*1000)
}
