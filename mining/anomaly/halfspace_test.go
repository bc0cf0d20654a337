package anomaly

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
)

// A counted is half-space trees by their definition: masses by tree and cell, and a walk for each score and each event that is learnt.
type counted struct {
	of        *HalfSpaceTrees // whose cuts these are
	now, last []map[int]int
	n         int
	full      bool
}

// path calls visit for each cell on the way of an event, until it returns false.
func (d *counted) path(tree int, x []float64, visit func(cell, depth int) bool) {
	for cell, depth := 0, 0; visit(cell, depth) && depth < d.of.height; depth++ {
		c := d.of.cells[tree*d.of.nodes()+cell]
		right := x[c.Feature] >= c.Threshold
		if !mining.Known(x[c.Feature]) {
			right = d.now[tree][2*cell+2] > d.now[tree][2*cell+1]
		}
		cell = 2*cell + 1
		if right {
			cell++
		}
	}
}

func (d *counted) learn(x []float64) {
	for t := range d.now {
		var way []int
		d.path(t, x, func(cell, _ int) bool { way = append(way, cell); return true })
		for _, cell := range way {
			d.now[t][cell]++
		}
	}
	if d.n++; d.n == d.of.size {
		d.n, d.full = 0, true
		for t := range d.now {
			d.last[t], d.now[t] = d.now[t], map[int]int{}
		}
	}
}

func (d *counted) score(x []float64) float64 {
	if !d.full {
		return 0
	}
	sum := 0.0
	for t := range d.last {
		d.path(t, x, func(cell, depth int) bool {
			sum += float64(d.last[t][cell]) * math.Ldexp(1, depth)
			return 10*d.last[t][cell] >= d.of.size
		})
	}
	return 1 - sum/(float64(len(d.last))*float64(d.of.size)*(math.Ldexp(2, d.of.height)-1))
}

// FuzzHalfSpaceTrees: a Learn that follows a Score of the same event, which does not walk again, of another event, of several, or of none
// does what the definition does, to the bit.
func FuzzHalfSpaceTrees(f *testing.F) {
	for seed := range uint64(40) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 0))
		features := 1 + r.IntN(12)
		h := NewHalfSpaceTrees(Unit(features), Seed(seed), Trees(1+r.IntN(4)), Height(1+r.IntN(7)), Window(1+r.IntN(60)))
		d := &counted{of: h, now: make([]map[int]int, h.trees), last: make([]map[int]int, h.trees)}
		for i := range d.now {
			d.now[i], d.last[i] = map[int]int{}, map[int]int{}
		}
		var x mining.Vector
		event := make([]float64, features)
		for range 300 {
			if r.IntN(10) > 0 {
				x.Reset()
				for range r.IntN(features + 1) {
					x.Append([]float64{r.Float64(), r.NormFloat64(), 0, math.Copysign(0, -1), math.NaN(), math.Inf(-1)}[r.IntN(6)])
				}
				if r.IntN(3) == 0 {
					x.Put(r.IntN(features), r.Float64())
				}
				x.Expand(event)
			}
			if r.IntN(4) > 0 {
				require.Equal(t, math.Float64bits(d.score(event)), math.Float64bits(h.Score(x)))
			}
			if r.IntN(50) == 0 {
				b, err := h.AppendBinary(nil)
				require.NoError(t, err)
				require.NoError(t, h.UnmarshalBinary(b))
			}
			if r.IntN(4) > 0 {
				d.learn(event)
				h.Learn(x)
			}
		}
	})
}
