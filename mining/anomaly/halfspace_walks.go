package anomaly

import "math"

// walks are the ways of one event through all half-space trees. All trees are walked at once, a level at a time, so that no
// walk waits for another's memory.
type walks struct {
	trees, nodes int
	// at is the cell of each tree at each depth, depth after depth.
	at []int32
	// of is the event. It is empty if there is none, or if its ways may be others by now.
	of []float64
}

func newWalks(trees, height, features int) walks {
	w := walks{trees: trees, nodes: 2<<height - 1, at: make([]int32, trees*(height+1))}
	for t := range trees {
		w.at[t] = int32(t * w.nodes)
	}
	// To compare an event of more features takes longer than to walk.
	if features <= trees*height {
		w.of = make([]float64, 0, features)
	}
	return w
}

// are reports whether these are the ways of an event.
func (w *walks) are(v []float64) bool {
	if len(w.of) != len(v) {
		return false
	}
	for i, x := range w.of {
		if math.Float64bits(x) != math.Float64bits(v[i]) {
			return false
		}
	}
	return true
}

// ends returns the cells where the ways end.
func (w *walks) ends() []int32 { return w.at[len(w.at)-w.trees:] }

// walk finds the ways of an event.
func (w *walks) walk(cells []cell, v []float64) {
	at := w.at[:w.trees]
	for next := w.at[w.trees:]; len(next) > 0; next = next[w.trees:] {
		to := next[:len(at)]
		left := int32(1) // the left child of cell i of a tree is 2i + left
		for t, i := range at {
			c := &cells[i]
			x := v[c.Feature]
			right := int32(0)
			if !(x < c.Threshold) {
				right = 1
			}
			child := 2*i + left
			if x-x != 0 { // not known
				right = 0
				if cells[child].Now < cells[child+1].Now {
					right = 1
				}
			}
			to[t] = child + right
			left -= int32(w.nodes)
		}
		at = to
	}
	w.of = append(w.of[:0], v[:min(len(v), cap(w.of))]...)
}
