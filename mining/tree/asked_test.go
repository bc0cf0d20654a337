package tree

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
)

// TestAsked: what an answer leaves for the Learn behind it changes nothing. The twin is saved and restored in between, and so has nothing left of it.
func TestAsked(t *testing.T) {
	type trained interface {
		mining.Saved
		mining.WeightedLearner
	}
	ask := func(m trained, x mining.Vector) []float64 {
		if c, ok := m.(mining.Classifier); ok {
			return c.Probabilities(x, nil)
		}
		return []float64{m.(mining.Regressor).Predict(x)}
	}
	for name, build := range map[string]func() trained{
		"hoeffding": func() trained { return NewHoeffding(3, 3, Grace(30), Delta(0.1), Nominal(2)) },
		"model":     func() trained { return NewHoeffding(3, 3, Grace(30), Delta(0.1), Answer(Model)) },
		"forest":    func() trained { return NewForest(3, 3, Trees(3), Drift(0.3, 0.2)) },
		"names":     func() trained { return NewForest(3, 3, Trees(3), Nominal(2)) },
		"regressor": func() trained { return NewRegressor(3, Grace(30), Delta(0.1), Nominal(2)) },
	} {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(7, 0))
			m, twin := build(), build()
			x := mining.Dense(0, 0, 0)
			for range 800 { // each restores what has grown until then
				if r.IntN(8) > 0 {
					x = mining.Dense(r.NormFloat64(), r.NormFloat64(), float64(r.IntN(4)))
				}
				if r.IntN(30) == 0 {
					x.Value[r.IntN(3)] = mining.Missing
				}
				for range r.IntN(3) {
					require.Equal(t, ask(twin, x), ask(m, x))
				}
				b, err := twin.AppendBinary(nil)
				require.NoError(t, err)
				require.NoError(t, twin.UnmarshalBinary(b))
				if r.IntN(8) > 0 {
					y, w := 0.0, float64(1+r.IntN(3))
					if x.Value[0] > 0 || x.Value[2] == 1 {
						y = float64(1 + r.IntN(2))
					}
					m.LearnWeighted(x, y, w)
					twin.LearnWeighted(x, y, w)
				}
			}
			a, err := m.AppendBinary(nil)
			require.NoError(t, err)
			b, err := twin.AppendBinary(nil)
			require.NoError(t, err)
			require.Equal(t, b, a)
		})
	}
}

// FuzzAbout holds the gains that sort out the best splits to the error that they promise, and the search for a group of values to a loop.
func FuzzAbout(f *testing.F) {
	for seed := range uint64(100) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 0))
		classes := 2 + r.IntN(4)
		s := of(1, forestName, nil)
		for range 100 {
			branches, before := make([]float64, 2*classes), make([]float64, classes)
			scale := math.Exp(40 * r.NormFloat64())
			for i := range branches {
				if r.IntN(4) > 0 {
					branches[i] = scale * math.Exp(5*r.NormFloat64())
				}
				before[i%classes] += branches[i]
			}
			if !s.counts(classes, branches) {
				continue
			}
			h := s.before(before)
			require.InDelta(t, s.merit(h, classes, branches), s.about(h, classes, branches), aboutError/2)
			x := math.Exp(100 * r.NormFloat64())
			require.InDelta(t, math.Log2(x)-3.5e-7, aboutLog2(x), 3.6e-7)
		}
		var g groups
		for range r.IntN(70) {
			g.all = append(g.all, group{at: float64(len(g.all) + r.IntN(2))})
		}
		for v := -1.0; v < 72; v += 0.5 {
			below := 0
			for below < len(g.all) && g.all[below].at < v {
				below++
			}
			require.Equal(t, below, g.find(v))
		}
	})
}
