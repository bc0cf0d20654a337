package engine

import (
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/state"
)

// States are encoded at once, no more of them than asked for, and come in their order.
func TestEncoded(t *testing.T) {
	for _, atOnce := range []int{1, 2, 3, 100} {
		synctest.Test(t, func(t *testing.T) {
			const n = 10
			var now, most, begun atomic.Int64
			var states []operatorState
			for i := range n {
				states = append(states, operatorState{watermark: Time(i), encode: func() (*state.Saving, error) {
					begun.Add(1)
					at := now.Add(1)
					for old := most.Load(); at > old && !most.CompareAndSwap(old, at); old = most.Load() {
					}
					time.Sleep(time.Duration(n-i) * time.Second) // those that begin first take longest
					now.Add(-1)
					return &state.Saving{Keys: int64(i)}, nil
				}})
			}
			compare := func(of operatorState, s *state.Saving) []changedPiece {
				now.Add(1)
				defer now.Add(-1)
				time.Sleep(time.Second)
				return []changedPiece{{write: []byte{byte(of.watermark), byte(s.Keys)}}}
			}
			var got []int64
			for s := range encoded(states, atOnce, compare) {
				require.NoError(t, s.err)
				require.EqualValues(t, s.of.watermark, s.saved.Keys)
				require.Equal(t, []changedPiece{{write: []byte{byte(s.saved.Keys), byte(s.saved.Keys)}}}, s.pieces)
				got = append(got, s.saved.Keys)
				require.LessOrEqual(t, begun.Load(), int64(len(got)+atOnce), "what is held as bytes")
			}
			require.Equal(t, []int64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, got)
			require.EqualValues(t, min(n, atOnce), most.Load())
		})
	}
}

// none compares nothing.
func none(operatorState, *state.Saving) []changedPiece { return nil }

// A loop that ends early leaves no goroutine, and begins no other.
func TestEncodedGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		var done, begun atomic.Int64
		var states []operatorState
		for i := range 9 {
			states = append(states, operatorState{encode: func() (*state.Saving, error) {
				begun.Add(1)
				defer done.Add(1)
				time.Sleep(time.Second)
				if i == 2 {
					return nil, broken
				}
				return &state.Saving{}, nil
			}})
		}
		seen := 0
		for s := range encoded(states, 4, none) {
			if seen++; s.err != nil {
				require.ErrorIs(t, s.err, broken)
				break
			}
		}
		require.Equal(t, 3, seen)
		require.EqualValues(t, 6, begun.Load())
		require.Equal(t, begun.Load(), done.Load())
		for range encoded(nil, 4, none) {
			t.Fatal("there is none")
		}
	})
}
