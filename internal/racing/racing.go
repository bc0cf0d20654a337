// Package racing tells tests whether the race detector is On, under which they take about ten times as long and several
// times the memory.
package racing

// Rounds returns how often a test repeats what finds faults by chance: n times, and raced times under the detector, for which
// a few show what it can see.
func Rounds(n, raced int) int {
	if On {
		return raced
	}
	return n
}
