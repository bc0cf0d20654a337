package stream

import (
	"math"
	"time"

	"github.com/freshet-go/freshet/internal/engine"
)

// Unbounded is a duration without end: for a side of IntervalJoin that has no
// bound, -Unbounded for the lower one, and for a Deduplicate or a TimeToLive
// that never forgets. What is unbounded holds its events as long as the run
// lasts.
const Unbounded time.Duration = math.MaxInt64

// shift returns t+d, or the end of time that lies before it. No t plus
// Unbounded lies before the end of time.
func shift(t Time, d time.Duration) Time {
	switch d {
	case Unbounded:
		return engine.MaxTime
	case -Unbounded:
		return engine.MinTime
	}
	return t.Add(d)
}

// durationText writes d as it is written in a program.
func durationText(d time.Duration) string {
	switch d {
	case Unbounded:
		return "unbounded"
	case -Unbounded:
		return "-unbounded"
	}
	return d.String()
}
