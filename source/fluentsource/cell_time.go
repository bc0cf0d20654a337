package fluentsource

import (
	"math"
	"reflect"
	"strconv"
	"time"
	"unsafe"

	"github.com/freshet-go/freshet/internal/forward"
)

// readTime reads an EventTime, or a number of seconds.
func readTime(b []byte) (t time.Time, rest []byte, err error) {
	const want = "a time"
	if isNumber(b[0]) {
		n, rest, err := readNumber(b)
		if err != nil {
			return t, nil, err
		}
		if t, ok := n.toTime(); ok {
			return t, rest, nil
		}
		return t, nil, unfit(b, want, strconv.ErrRange)
	}
	size, _, _, err := head(b)
	if err != nil {
		return t, nil, err
	}
	if uint64(len(b)) < size {
		return t, nil, errShort
	}
	if b[0] == 0xd7 && b[1] == 0 || b[0] == 0xc7 && b[1] == 8 && b[2] == 0 {
		if t, ok := forward.EventTime(b[size-8 : size]); ok {
			return t, b[size:], nil
		}
	}
	return t, nil, unfit(b, want, nil)
}

// mostSeconds keeps times in the years that have four digits, a long way off at both ends.
const mostSeconds = 1 << 37

func (n number) toTime() (time.Time, bool) {
	if n.kind == signed {
		sec := int64(n.bits)
		return time.Unix(sec, 0).UTC(), sec > -mostSeconds && sec < mostSeconds
	}
	f := n.float()
	if !(f > -mostSeconds && f < mostSeconds) {
		return time.Time{}, false
	}
	sec, part := math.Modf(f)
	return time.Unix(int64(sec), int64(math.Round(part*1e9))).UTC(), true
}

// timeCell decodes times in a record: those that readTime knows, and text.
func timeCell(layout string) cell {
	want := "a time as RFC 3339"
	if layout == "" {
		layout = time.RFC3339Nano
	} else {
		want = "a time as " + strconv.Quote(layout)
	}
	return func(_ *decoder, p unsafe.Pointer, b []byte, _ int) ([]byte, error) {
		if !isText(b[0]) {
			t, rest, err := readTime(b)
			*(*time.Time)(p) = t
			return rest, err
		}
		text, rest, err := readText(b)
		if err != nil {
			return nil, err
		}
		t, err := time.Parse(layout, string(text))
		if err != nil {
			return nil, unfit(b, want, nil)
		}
		*(*time.Time)(p) = t.UTC()
		return rest, nil
	}
}

// durationCell decodes a number of what the tag `unit` says, and text such as "1.5s".
func durationCell(tags reflect.StructTag) (cell, error) {
	unit, err := forward.Unit(tags)
	if err != nil {
		return nil, err
	}
	want := `a duration such as "1.5s"; a number needs a tag unit`
	if unit > 0 {
		want = "a duration"
	}
	return func(_ *decoder, p unsafe.Pointer, b []byte, _ int) ([]byte, error) {
		if isText(b[0]) {
			text, rest, err := readText(b)
			if err != nil {
				return nil, err
			}
			if v, err := time.ParseDuration(string(text)); err == nil && len(text) > 1 {
				*(*time.Duration)(p) = v
				return rest, nil
			}
		}
		if unit == 0 {
			return nil, unfit(b, want, nil)
		}
		n, rest, err := anyNumber(b, want)
		if err != nil {
			return nil, err
		}
		if v, ok := n.toDuration(unit); ok {
			*(*time.Duration)(p) = v
			return rest, nil
		}
		return nil, unfit(b, want, strconv.ErrRange)
	}, nil
}

func (n number) toDuration(unit time.Duration) (time.Duration, bool) {
	if n.kind == signed {
		v := time.Duration(int64(n.bits)) * unit
		return v, v/unit == time.Duration(int64(n.bits))
	}
	f := math.Round(n.float() * float64(unit))
	if !(f > -1<<63 && f < 1<<63) {
		return 0, false
	}
	return time.Duration(f), true
}
