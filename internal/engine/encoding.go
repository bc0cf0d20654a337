package engine

import (
	"iter"
	"runtime"
	"sync"

	"github.com/freshet-go/freshet/internal/state"
)

// An encodedState is the state of an instance as bytes.
type encodedState struct {
	of     operatorState
	saved  *state.Saving
	pieces []changedPiece
	err    error
}

// encoders is how many states are encoded at once: on half of the processors, as the stream flows on meanwhile.
func encoders() int { return max(1, runtime.GOMAXPROCS(0)/2) }

// encoded gives states in their order, each as bytes, and has its pieces compared with those before. Some are encoded ahead, each by a goroutine that has
// ended when the loop has: what lies in memory as bytes are as many as are encoded at once, and the one that the loop has.
func encoded(states []operatorState, atOnce int, compare func(operatorState, *state.Saving) []changedPiece) iter.Seq[encodedState] {
	return func(yield func(encodedState) bool) {
		var working sync.WaitGroup
		defer working.Wait()
		ahead := make(chan chan encodedState, atOnce) // in their order
		begin := func(s operatorState) {
			one := make(chan encodedState, 1)
			ahead <- one
			working.Go(func() {
				is := encodedState{of: s}
				if is.saved, is.err = s.encode(); is.err == nil {
					is.pieces = compare(s, is.saved)
				}
				one <- is
			})
		}
		for len(states) > 0 || len(ahead) > 0 {
			for len(states) > 0 && len(ahead) < atOnce {
				begin(states[0])
				states = states[1:]
			}
			if s := <-<-ahead; !yield(s) {
				return
			}
		}
	}
}
