package behaviour

import (
	"slices"
	"time"
)

// Sessions splits the events of one user, in the order of their times, wherever more than gap passes between two. Events of
// the same time stay in the order in which they came. It does not change events.
func Sessions[T any](events []T, at func(T) time.Time, gap time.Duration) [][]T {
	if at == nil || gap < 0 {
		panic("behaviour: Sessions: the function at is nil, or the gap below 0")
	}
	sorted := slices.Clone(events)
	slices.SortStableFunc(sorted, func(a, b T) int { return at(a).Compare(at(b)) })
	var sessions [][]T
	start := 0
	for i := range sorted {
		if i > 0 && at(sorted[i]).Sub(at(sorted[i-1])) > gap {
			sessions = append(sessions, sorted[start:i:i])
			start = i
		}
	}
	if len(sorted) > 0 {
		sessions = append(sessions, sorted[start:])
	}
	return sessions
}
