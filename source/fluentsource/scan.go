package fluentsource

// A scan finds the end of values whose bytes come bit by bit. It looks at each byte
// once, and takes no more memory than the depth allows, whatever is announced.
type scan struct {
	depth   int      // most levels
	open    []uint64 // values that are left at each level
	body    uint64   // bytes that are left of the value before
	pending uint64   // the sum of open
}

// begin has the scan end behind n values.
func (s *scan) begin(n uint64) {
	s.open, s.body, s.pending = append(s.open[:0], n), 0, n
}

// more goes on in b, and returns how many bytes of it are understood. Those left are to be
// there again, with more behind them.
func (s *scan) more(b []byte) (n int, done bool, err error) {
	for {
		if s.body > 0 {
			step := min(s.body, uint64(len(b)-n))
			n += int(step)
			if s.body -= step; s.body > 0 {
				return n, false, nil
			}
		}
		for last := len(s.open) - 1; s.open[last] == 0; last-- {
			if last == 0 {
				return n, true, nil
			}
			s.open = s.open[:last]
		}
		if n == len(b) {
			return n, false, nil
		}
		size, items, nests, err := head(b[n:])
		if err == errShort {
			return n, false, nil
		}
		if err != nil {
			return n, false, err
		}
		s.open[len(s.open)-1]--
		s.pending--
		s.body = size
		if nests {
			if len(s.open) > s.depth {
				return n, false, depthError(s.depth)
			}
			s.open = append(s.open, items)
			s.pending += items
		}
	}
}

// least returns how many bytes have to follow those that are understood.
func (s *scan) least() uint64 { return s.body + s.pending }
