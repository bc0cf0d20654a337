package window

import (
	"math"
	"time"
)

// A Time is a point in event time: nanoseconds since the Unix epoch. It is
// what operators compute with; programs use time.Time.
type Time int64

// The ends of time. No event is at either.
const (
	MinTime Time = math.MinInt64 // before all events
	MaxTime Time = math.MaxInt64 // after all events
)

// Whole years inside of what nanoseconds can count, 1678 to 2261, in seconds.
const (
	firstSecond = -9214560000 // 1678-01-01T00:00:00Z
	endSecond   = 9214646400  // 2262-01-01T00:00:00Z
)

// At returns t as a Time. It is false for a time outside the years 1678 to
// 2261, which an event cannot have.
func At(t time.Time) (Time, bool) {
	s := t.Unix()
	return Time(s*1e9 + int64(t.Nanosecond())), s >= firstSecond && s < endSecond
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

// String returns t as RFC 3339 has it, in UTC.
func (t Time) String() string {
	switch t {
	case MinTime:
		return "the beginning of time"
	case MaxTime:
		return "the end of time"
	}
	return t.Std().Format(time.RFC3339Nano)
}

// MarshalText returns t as RFC 3339 has it, in UTC.
func (t Time) MarshalText() ([]byte, error) { return t.Std().MarshalText() }

// UnmarshalText reads what MarshalText has written.
func (t *Time) UnmarshalText(text []byte) error {
	var std time.Time
	if err := std.UnmarshalText(text); err != nil {
		return err
	}
	*t = Time(std.UnixNano())
	return nil
}

// A Window is a half-open interval of event time: Start is in it, End is not.
type Window struct{ Start, End Time }

// Contains reports whether t is in w.
func (w Window) Contains(t Time) bool { return t >= w.Start && t < w.End }

func (w Window) String() string { return "[" + w.Start.String() + ", " + w.End.String() + ")" }
