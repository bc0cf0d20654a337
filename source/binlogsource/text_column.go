package binlogsource

import (
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
)

// expression returns what a snapshot selects for a column, so that what comes is exact and
// the same whatever the settings of the caller's driver are.
func (c *column) expression() string {
	q := quoted(c.name)
	switch c.kind {
	case ofFloat32:
		return q + "+0E0" // as text it has six digits
	case ofBits, ofEnum, ofSet:
		return q + "|0" // + 0 may be a double, which has not all bits of a set of more than 53
	case ofDate, ofDatetime, ofTimestamp, ofTime, ofJSON, ofUUID, ofInet4, ofInet6:
		return "CAST(" + q + " AS CHAR)"
	}
	return q
}

func quoted(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// fromDriver reads what expression has given.
func (c *column) fromDriver(from driver.Value, v *value) error {
	switch x := from.(type) {
	case nil:
		v.kind = isNull
		return nil
	case int64:
		v.kind, v.i = isInt, x
		switch {
		case c.kind == ofFloat32 || c.kind == ofFloat64:
			v.kind, v.f = isFloat64, float64(x)
		case c.kind == ofUint || c.kind == ofBits || c.kind == ofEnum || c.kind == ofSet:
			return c.fromOrdinal(uint64(x), v)
		}
		return nil
	case uint64:
		return c.fromOrdinal(x, v)
	case float32:
		return c.fromFloat(float64(x), v)
	case float64:
		return c.fromFloat(x, v)
	case []byte:
		return c.fromText(x, v)
	case string:
		return c.fromText([]byte(x), v)
	}
	return fmt.Errorf("the driver gives a %T", from)
}

func (c *column) fromFloat(f float64, v *value) error {
	switch c.kind {
	case ofFloat32:
		v.kind, v.f = isFloat32, float64(float32(f))
	case ofFloat64:
		v.kind, v.f = isFloat64, f
	default: // bits may be one, where a server has them so
		return c.fromOrdinal(uint64(f), v)
	}
	return nil
}

func (c *column) fromOrdinal(u uint64, v *value) error {
	switch c.kind {
	case ofEnum:
		c.enum(u, v)
	case ofSet:
		c.set(u, v)
	default:
		v.kind, v.u = isUint, u
	}
	return nil
}

func (c *column) fromText(text []byte, v *value) (err error) {
	switch c.kind {
	case ofInt:
		v.kind = isInt
		v.i, err = strconv.ParseInt(string(text), 10, 64)
	case ofUint, ofBits, ofEnum, ofSet:
		var u uint64
		if u, err = strconv.ParseUint(string(text), 10, 64); err == nil {
			err = c.fromOrdinal(u, v)
		}
	case ofFloat32, ofFloat64:
		var f float64
		if f, err = strconv.ParseFloat(string(text), 64); err == nil {
			err = c.fromFloat(f, v)
		}
	case ofDecimal:
		v.kind, v.b = isDecimal, withoutZeros(text)
	case ofBytes:
		v.kind, v.b = isBytes, text
	case ofDate, ofDatetime, ofTimestamp:
		c.fromDate(text, v)
	case ofTime:
		err = c.fromTime(string(text), v)
	default:
		v.kind, v.b = isText, text
	}
	return err
}

// withoutZeros cuts off what ZEROFILL puts before a number.
func withoutZeros(text []byte) []byte {
	for len(text) > 1 && text[0] == '0' && text[1] != '.' {
		text = text[1:]
	}
	return text
}

func (c *column) fromDate(text []byte, v *value) {
	digits := func(from, to int) (n int) {
		for _, b := range text[min(from, len(text)):min(to, len(text))] {
			n = n*10 + int(b-'0')
		}
		return n
	}
	micros := int64(digits(20, 26))
	for i := len(text); i < 26; i++ {
		micros *= 10
	}
	c.date(digits(0, 4), digits(5, 7), digits(8, 10), digits(11, 13), digits(14, 16), digits(17, 19), micros, v)
}

func (c *column) fromTime(text string, v *value) error {
	rest, negative := strings.CutPrefix(text, "-")
	rest, fraction, _ := strings.Cut(rest, ".")
	parts := strings.Split(rest, ":")
	if len(parts) != 3 || len(fraction) > 6 {
		return errTime
	}
	var numbers [4]int64
	for i, part := range append(parts, (fraction + "000000")[:6]) {
		n, err := strconv.ParseUint(part, 10, 32)
		if err != nil {
			return errTime
		}
		numbers[i] = int64(n)
	}
	sign := int64(1)
	if negative {
		sign = -1
	}
	c.duration(sign, numbers[0], numbers[1], numbers[2], numbers[3], v)
	return nil
}
