package stream

import "time"

// A sweeper spreads the search for keys that hold nothing any more evenly over
// event time: in twice the time that a key holds its events it comes to every
// key once, so no more keys are held in vain than come in that time. It goes
// backwards, as a table fills the place of what it deletes with its last
// entry.
type sweeper struct {
	place int
	due   float64 // how many keys to look at
}

// sweptAtOnce is how many keys are brought into the processor's caches together, where that
// is done at all.
const sweptAtOnce = 128

// turn returns how many of the keys to look at now that event time has moved
// on by progress, where a key holds its events for about hold.
func (s *sweeper) turn(keys int, progress, hold time.Duration) int {
	s.due += float64(keys) * float64(progress) / max(2*float64(hold), float64(time.Second))
	n := int(min(s.due, float64(keys)))
	s.due = min(s.due-float64(n), 1)
	return n
}

// whole has all keys looked at.
func (s *sweeper) whole(keys int) int {
	s.place, s.due = keys, 0
	return keys
}

// next returns the index of the next key.
func (s *sweeper) next(keys int) int {
	if s.place == 0 || s.place > keys {
		s.place = keys
	}
	s.place--
	return s.place
}
