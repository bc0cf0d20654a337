package panes

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/keyhash"
	"github.com/freshet-go/freshet/window"
)

// Windows of several slices have the sums of all their keys, where these are more than are
// looked up at once.
func TestWindowsOfManyKeys(t *testing.T) {
	type pane struct {
		end window.Time
		key int64
	}
	for name, spec := range map[string]window.Spec{
		"sliding":    window.Sliding(3*time.Second, time.Second),
		"cumulating": window.Cumulating(3*time.Second, time.Second),
	} {
		for _, subtracts := range []bool{false, true} {
			got, want := map[pane]int64{}, map[pane]int64{}
			kind := &Kind[int64, int64]{Ops: Ops[int64]{
				New:   func() int64 { return 0 },
				Merge: func(a, b int64) int64 { return a + b },
			}}
			if subtracts {
				kind.Sub = func(a, b int64) int64 { return a - b }
			}
			twice := 0
			kind.Emit = func(p *Pane[int64, int64]) {
				at := pane{p.Window.End, p.Key}
				if _, is := got[at]; is {
					twice++
				}
				got[at] = p.Acc
			}
			kind.AddsUp()
			store := NewSliced(spec, kind, func(t window.Time) window.Time { return t })
			r := rand.New(rand.NewPCG(1, 2))
			for second := range int64(8) {
				at := window.UnixMilli(second*1000 + 500)
				keys, terms, hashes := make([]int64, 3000), make([]int64, 3000), make([]uint64, 3000)
				for i := range keys {
					keys[i], terms[i] = r.Int64N(4000), 1+r.Int64N(100)
					hashes[i] = keyhash.Integer(uint64(keys[i]))
					for w := range spec.Windows(at) {
						want[pane{w.End, keys[i]}] += terms[i]
					}
				}
				kind.CellsOf(store.At(at)).AddUp(hashes, keys, nil, terms)
				store.Advance(at)
			}
			store.Advance(window.UnixMilli(1_000_000))
			require.Zero(t, twice)
			require.Equal(t, len(want), len(got), name)
			for at, sum := range want {
				if got[at] != sum {
					require.Equal(t, sum, got[at], "%s: %v", name, at)
				}
			}
		}
	}
}
