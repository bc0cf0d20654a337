package binlogsource

import (
	"errors"
	"math"
	"strconv"
	"time"
)

// A value is what a column holds, between the bytes of the log, or of a result, and a
// field. One value is used again and again.
type value struct {
	kind  valueKind
	scale uint8  // digits behind the seconds of a time
	day   bool   // the time is a date
	i     int64  // an integer; a duration in nanoseconds
	u     uint64 // an unsigned integer; the ordinal of an enum; the bits of a set or of a BIT
	f     float64
	b     []byte // text in UTF-8, or bytes; valid until the next value is read
	t     time.Time
}

type valueKind uint8

const (
	isNull valueKind = iota
	isInt
	isUint
	isFloat32
	isFloat64
	isDecimal // digits in b
	isText
	isBytes
	isTime
	isZeroTime // 0000-00-00, or a date with a month or a day of 0; as text in b
	isDuration
	isEnum // u, and its label in b
	isSet  // u, and its labels in b
)

var (
	errShort = errors.New("the row ends within it")
	errNull  = errors.New("it is NULL: want a pointer, a sql.Null or a sql.Scanner")
)

// text appends the value as the server prints it.
func (v *value) text(to []byte) []byte {
	switch v.kind {
	case isInt:
		return strconv.AppendInt(to, v.i, 10)
	case isUint:
		return strconv.AppendUint(to, v.u, 10)
	case isFloat32:
		return strconv.AppendFloat(to, v.f, 'g', -1, 32)
	case isFloat64:
		return strconv.AppendFloat(to, v.f, 'g', -1, 64)
	case isTime:
		if v.day {
			return v.t.AppendFormat(to, time.DateOnly)
		}
		to = v.t.AppendFormat(to, time.DateTime)
		return appendFraction(to, int64(v.t.Nanosecond()), v.scale)
	case isDuration:
		return appendDuration(to, v.i, v.scale)
	}
	return append(to, v.b...)
}

func appendFraction(to []byte, nanos int64, scale uint8) []byte {
	if scale == 0 {
		return to
	}
	to = append(to, '.')
	for range scale {
		nanos *= 10
		to = append(to, byte('0'+nanos/1e9))
		nanos %= 1e9
	}
	return to
}

func appendDuration(to []byte, d int64, scale uint8) []byte {
	if d < 0 {
		to, d = append(to, '-'), -d
	}
	seconds := d / 1e9
	for i, part := range [...]int64{seconds / 3600, seconds / 60 % 60, seconds % 60} {
		if i > 0 {
			to = append(to, ':')
		}
		if part < 10 {
			to = append(to, '0')
		}
		to = strconv.AppendInt(to, part, 10)
	}
	return appendFraction(to, d%1e9, scale)
}

var errNotWhole = errors.New("it is not a whole number")

// integer returns the value as one from least to most.
func (v *value) integer(least, most int64) (int64, error) {
	var i int64
	switch v.kind {
	case isInt, isDuration:
		i = v.i
	case isUint, isEnum, isSet:
		if v.u > math.MaxInt64 {
			return 0, strconv.ErrRange
		}
		i = int64(v.u)
	default:
		var err error
		if i, err = strconv.ParseInt(string(v.b), 10, 64); err != nil {
			return 0, errNotWhole
		}
	}
	if i < least || i > most {
		return 0, strconv.ErrRange
	}
	return i, nil
}

// unsigned returns the value as an integer up to most.
func (v *value) unsigned(most uint64) (uint64, error) {
	var u uint64
	switch v.kind {
	case isUint, isEnum, isSet:
		u = v.u
	case isInt:
		if v.i < 0 {
			return 0, strconv.ErrRange
		}
		u = uint64(v.i)
	default:
		var err error
		if u, err = strconv.ParseUint(string(v.b), 10, 64); err != nil {
			return 0, errNotWhole
		}
	}
	if u > most {
		return 0, strconv.ErrRange
	}
	return u, nil
}

func (v *value) float() (float64, error) {
	switch v.kind {
	case isFloat32, isFloat64:
		return v.f, nil
	case isInt:
		return float64(v.i), nil
	case isUint:
		return float64(v.u), nil
	}
	return strconv.ParseFloat(string(v.b), 64)
}
