package engine

import (
	"time"

	"github.com/freshet-go/freshet/window"
)

const (
	MinTime = window.MinTime
	MaxTime = window.MaxTime
)

// Clamp returns at as a Time, or the nearest one that is one.
func Clamp(at time.Time) Time {
	if t, ok := window.At(at); ok {
		return t
	}
	if at.Year() < 1970 {
		return MinTime + 1 // minTime is no time
	}
	return MaxTime
}

// Time is event time.
type Time = window.Time
