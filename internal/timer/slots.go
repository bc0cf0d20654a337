package timer

// slots says which slots of a slab are taken: those below used but for the
// free ones.
type slots struct {
	used uint32
	free []uint32
}

// take returns a free slot, the one that was given back last if there is one:
// its memory is likely at hand.
func (s *slots) take() uint32 {
	if n := len(s.free); n > 0 {
		slot := s.free[n-1]
		s.free = s.free[:n-1]
		return slot
	}
	s.used++
	return s.used - 1
}

func (s *slots) give(slot uint32) { s.free = append(s.free, slot) }

// A move takes the value of one slot to another, which is free.
type move struct{ from, to uint32 }

// sparse reports whether so few slots are taken, n, that the values have to move
// together. At least three slots have been given back for each value then, so
// that moving costs each pop no more than a constant.
func (s *slots) sparse(n int) bool { return int(s.used) > 4*n+4*chunk }

// gather gives the entries of a calendar the slots from 0 on, and returns how
// their values have to move.
func (s *slots) gather(c *calendar) []move {
	n := uint32(c.n)
	var moves []move
	for _, slot := range s.free {
		if slot < n {
			moves = append(moves, move{to: slot})
		}
	}
	i := 0
	for part := range c.parts {
		for k := range part {
			if e := &part[k]; e.slot >= n {
				moves[i].from, e.slot = e.slot, moves[i].to
				i++
			}
		}
	}
	*s = slots{used: n}
	return moves
}
