package codec

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"time"
	"unsafe"
)

// logTime is the cell of a time: as its tag says, or as the server writes it.
func logTime(tags reflect.StructTag, v *logVariable) (logCell, error) {
	_, hasLayout := tags.Lookup("layout")
	switch {
	case hasLayout, v.layout != "" && v.layout != accessLayout && v.layout != isoLayout:
		if !hasLayout {
			tags += reflect.StructTag(" layout:" + strconv.Quote(v.layout))
		}
		cell, err := timeCell(tags)
		return logCell{cell.kind, cell.newParse, needsText}, err
	case v.layout == accessLayout:
		return logCell{"a time like 10/Oct/2000:13:55:36 -0700", newParseLocal, needsBytes}, nil
	case v.layout == isoLayout:
		cell, err := timeCell(`layout:"2006-01-02T15:04:05Z07:00"`)
		return logCell{cell.kind, cell.newParse, needsBytes}, err
	case v.epoch != 0:
		return logCell{"a time in units of " + v.epoch.String() + " since 1970", func() parseFunc {
			return func(p unsafe.Pointer, b []byte) error {
				whole, fraction, err := parseDecimal(b, v.epoch)
				if err == nil {
					*(*time.Time)(p) = unixOf(whole, v.epoch).Add(fraction)
				}
				return err
			}
		}, needsBytes}, nil
	}
	return logCell{}, errors.New(`it is no time; a tag such as layout:"2006-01-02 15:04:05" says how one stands in it`)
}

func newParseLocal() parseFunc {
	last := new(accessMinute)
	return func(p unsafe.Pointer, b []byte) error {
		if len(b) != len(accessLayout) {
			return strconv.ErrSyntax
		}
		t, ok := last.parse(b)
		if !ok {
			return strconv.ErrSyntax
		}
		*(*time.Time)(p) = t
		return nil
	}
}

func unixOf(n int64, unit time.Duration) time.Time {
	switch unit {
	case time.Millisecond:
		return time.UnixMilli(n).UTC()
	case time.Microsecond:
		return time.UnixMicro(n).UTC()
	}
	return time.Unix(n, 0).UTC()
}

// logDuration is the cell of a duration in the unit of its variable.
func logDuration(tags reflect.StructTag, v *logVariable) (logCell, error) {
	unit := v.unit
	if tag, ok := tags.Lookup("unit"); ok {
		units := map[string]time.Duration{"s": time.Second, "ms": time.Millisecond, "us": time.Microsecond, "ns": time.Nanosecond}
		if unit, ok = units[tag]; !ok {
			return logCell{}, fmt.Errorf("the unit %q is not s, ms, us or ns", tag)
		}
	}
	if unit == 0 {
		return logCell{}, errors.New(`it is no duration; a tag unit:"ms" says in which unit it is one`)
	}
	return logCell{"a duration in units of " + unit.String(), func() parseFunc {
		return func(p unsafe.Pointer, b []byte) error {
			whole, fraction, err := parseDecimal(b, unit)
			if err != nil {
				return err
			}
			d := time.Duration(whole)*unit + fraction
			if d/unit != time.Duration(whole) {
				return strconv.ErrRange
			}
			*(*time.Duration)(p) = d
			return nil
		}
	}, needsBytes}, nil
}

// parseDecimal returns a number of units, and what it has behind the point as a
// duration, cut to nanoseconds.
func parseDecimal(b []byte, unit time.Duration) (whole int64, fraction time.Duration, err error) {
	point := len(b)
	for i, c := range b {
		if c == '.' {
			point = i
			break
		}
	}
	if point > safeDigits {
		return 0, 0, strconv.ErrRange
	}
	n, err := parseUint(b[:point])
	if err != nil || point == len(b) {
		return int64(n), 0, err
	}
	if point+1 == len(b) {
		return 0, 0, strconv.ErrSyntax
	}
	for _, c := range b[point+1:] {
		if c -= '0'; c > 9 {
			return 0, 0, strconv.ErrSyntax
		}
		unit, fraction = unit/10, fraction+time.Duration(c)*(unit/10)
	}
	return int64(n), fraction, nil
}
