package panes

import "github.com/freshet-go/freshet/window"

// A store that only gathers, in front of an exchange: what it holds is handed over, and another one merges and fires it.

// Take hands over the slices that end at or before wm, by ascending start,
// and forgets them. It is for a store that only gathers what another will
// merge.
func (s *Sliced) Take(wm window.Time, f func(*Slice)) {
	n := 0
	for n < len(s.slices) && s.slices[n].End <= wm {
		f(s.slices[n])
		n++
	}
	s.drop(n)
}

// Pass notes the watermark of a store that only gathers.
func (s *Sliced) Pass(wm window.Time) { s.now, s.fired = wm, wm }
