package tree

import "math"

// An event is the one whose answer a model was asked for last. Who tests and then trains asks for an event and has it learnt at once: then what
// was found for the answer is not computed again. A zero event is none.
type event struct {
	x     []float64
	there bool
}

func (e *event) keep(x []float64) { e.x, e.there = append(e.x[:0], x...), true }

// forget is called as soon as the model learns something: its answers are others then.
func (e *event) forget() { e.there = false }

// is reports whether x is that event, to the bit.
func (e *event) is(x []float64) bool {
	if !e.there || len(x) != len(e.x) {
		return false
	}
	for i, v := range e.x {
		if math.Float64bits(v) != math.Float64bits(x[i]) {
			return false
		}
	}
	return true
}

// said is what naive Bayes said at the leaf of the event that was asked for: the class. A leaf that was not asked is at -1.
type said struct {
	at    int32
	class int
}
