package drift_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/freshet-go/freshet/mining/drift"
)

// FuzzADWIN holds the window's summary to the values that are in it.
func FuzzADWIN(f *testing.F) {
	f.Add(uint64(1), 3, 0.01, false)
	f.Add(uint64(2), 1, 0.5, true)
	f.Add(uint64(3), 32, 0.002, false)
	f.Fuzz(func(t *testing.T, seed uint64, clock int, delta float64, keep bool) {
		if !(delta > 0 && delta < 1) || clock < 1 {
			return
		}
		opts := []drift.Option{drift.Clock(clock%64 + 1), drift.Delta(delta)}
		if keep {
			opts = append(opts, drift.Keep())
		}
		a, r := drift.NewADWIN(opts...), rand.New(rand.NewPCG(seed, 0))
		var all []float64
		mean := 0.0
		for i := range 600 {
			if r.IntN(150) == 0 {
				mean = r.NormFloat64() * 10
			}
			x := mean + r.NormFloat64()
			all = append(all, x)
			a.Add(x)
			window := all[len(all)-int(a.Width()):]
			m, v := 0.0, 0.0
			for _, x := range window {
				m += x / float64(len(window))
			}
			for _, x := range window {
				v += (x - m) * (x - m) / float64(len(window))
			}
			if math.Abs(a.Mean()-m) > 1e-9*(1+math.Abs(m)) || math.Abs(a.Variance()-v) > 1e-6*(1+v) {
				t.Fatalf("after %d values: mean %v, variance %v of the last %d; they have %v and %v", i+1, a.Mean(), a.Variance(), len(window), m, v)
			}
		}
	})
}

// FuzzRead has a detector read any bytes.
func FuzzRead(f *testing.F) {
	for _, d := range []drift.Detector{drift.NewADWIN(), drift.NewKSWIN(), drift.NewDDM()} {
		for i := range 300 {
			d.Add(float64(i % 7))
		}
		b, _ := d.AppendBinary(nil)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, d := range []drift.Detector{drift.NewADWIN(), drift.NewPageHinkley(), drift.NewDDM(), drift.NewEDDM(), drift.NewHDDMA(), drift.NewHDDMW(), drift.NewKSWIN(), drift.NewStability([]float64{1, 2}, 2)} {
			if d.UnmarshalBinary(b) == nil {
				for i := range 50 {
					d.Add(float64(i))
				}
			}
		}
	})
}
