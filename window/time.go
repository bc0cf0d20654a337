package window

import (
	"fmt"
	"math"
	"time"
)

// A Time is a point in event time: nanoseconds since the Unix epoch. It is
// what operators compute with. Programs use time.Time, or, where their events
// have times as numbers, Unix, UnixMilli and UnixMicro.
type Time int64

// The ends of time. No event is at either.
const (
	MinTime Time = math.MinInt64 // before all events
	MaxTime Time = math.MaxInt64 // after all events
)

// The seconds that the ends of time are in.
const (
	firstSecond = -9223372037 // 1677-09-21T00:12:43Z
	lastSecond  = 9223372036  // 2262-04-11T23:47:16Z
)

// At returns t as a Time. It is false for a time that is not strictly between
// MinTime and MaxTime, that is in the years 1677 to 2262: no event can have it.
func At(t time.Time) (Time, bool) {
	s := t.Unix()
	n := s*1e9 + int64(t.Nanosecond())
	// In these seconds n overflows by less than one, which turns its sign, and
	// what overflows on the way comes back. It is written so tightly because
	// it runs for every event, and the compiler inlines just this much.
	return Time(n), s >= firstSecond && s <= lastSecond && n^s >= 0 && n != math.MinInt64 && n != math.MaxInt64
}

// Unix returns the Time that is n seconds after the Unix epoch, or the end of
// time that lies before it.
func Unix(n int64) Time { return scaled(n, 1e9) }

// UnixMilli returns the Time that is n milliseconds after the Unix epoch, or the
// end of time that lies before it.
func UnixMilli(n int64) Time { return scaled(n, 1e6) }

// UnixMicro returns the Time that is n microseconds after the Unix epoch, or the
// end of time that lies before it.
func UnixMicro(n int64) Time { return scaled(n, 1e3) }

// scaled returns n×by. It is inlined, and so runs for every event at the cost of
// a multiplication and two comparisons.
func scaled(n, by int64) Time {
	if n > math.MaxInt64/by {
		return MaxTime
	}
	if n < math.MinInt64/by {
		return MinTime
	}
	return Time(n * by)
}

// Std returns t as a time.Time in UTC. MinTime and MaxTime become times in
// the years 1677 and 2262.
func (t Time) Std() time.Time { return time.Unix(0, int64(t)).UTC() }

// Add returns t+d, or the end of time that lies before it.
func (t Time) Add(d time.Duration) Time {
	sum := t + Time(d)
	switch {
	case d > 0 && sum < t:
		return MaxTime
	case d < 0 && sum > t:
		return MinTime
	}
	return sum
}

// Sub returns t-u, or the longest duration of its sign.
func (t Time) Sub(u Time) time.Duration {
	d := t - u
	switch {
	case t > u && d < 0:
		return math.MaxInt64
	case t < u && d > 0:
		return math.MinInt64
	}
	return time.Duration(d)
}

// String returns t as RFC 3339 has it, in UTC; the ends of time have names.
func (t Time) String() string {
	switch t {
	case MinTime:
		return "the beginning of time"
	case MaxTime:
		return "the end of time"
	}
	return t.Std().Format(time.RFC3339Nano)
}

// MarshalText returns t as RFC 3339 has it, in UTC and to the nanosecond.
// There is no error.
func (t Time) MarshalText() ([]byte, error) { return t.Std().MarshalText() }

// UnmarshalText reads what MarshalText has written, and RFC 3339 of any other
// zone. A time before MinTime or after MaxTime is an error.
func (t *Time) UnmarshalText(text []byte) error {
	var std time.Time
	if err := std.UnmarshalText(text); err != nil {
		return fmt.Errorf("window: read time: %w", err)
	}
	n := Time(std.UnixNano())
	if !n.Std().Equal(std) {
		return fmt.Errorf("window: time %s is not between %s and %s", text, MinTime.Std().Format(time.RFC3339), MaxTime.Std().Format(time.RFC3339))
	}
	*t = n
	return nil
}

// A Window is a half-open interval of event time: Start is in it, End is not.
type Window struct{ Start, End Time }

// Contains reports whether t is in w.
func (w Window) Contains(t Time) bool { return t >= w.Start && t < w.End }

// String returns w as "[start, end)".
func (w Window) String() string { return "[" + w.Start.String() + ", " + w.End.String() + ")" }
