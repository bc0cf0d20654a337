package drift_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/drift"
	"github.com/freshet-go/freshet/mining/miningtest"
)

// reference is a sample of the normal distribution.
func reference(n int) []float64 {
	r, xs := rand.New(rand.NewPCG(7, 7)), make([]float64, n)
	for i := range xs {
		xs[i] = r.NormFloat64()
	}
	return xs
}

// check checks a detector as a model: what it answers is whether it detects a value, on a copy.
func check[D drift.Detector](t *testing.T, build func() D, state func(D) []float64) {
	t.Helper()
	miningtest.Check(t, miningtest.Model[D]{
		New:      build,
		Features: 1,
		Learn: func(d D, x mining.Vector, y float64) {
			if mining.Known(y) {
				d.Add(x.At(0))
			}
		},
		Answer: func(d D, x mining.Vector, to []float64) []float64 {
			copied := build()
			b, err := d.AppendBinary(nil)
			require.NoError(t, err)
			require.NoError(t, copied.UnmarshalBinary(b))
			for range 3 {
				to = append(to, drift.Bit(copied.Add(x.At(0))))
			}
			return append(to, state(copied)...)
		},
		Bytes: 8 << 10,
	})
}

func nothing[D any](D) []float64 { return nil }

func TestPromises(t *testing.T) {
	check(t, func() *drift.ADWIN { return drift.NewADWIN(drift.Clock(4)) }, func(a *drift.ADWIN) []float64 {
		return []float64{a.Mean(), a.Variance(), float64(a.Width()), float64(a.Detections())}
	})
	check(t, func() *drift.ADWIN { return drift.NewADWIN(drift.Keep()) }, func(a *drift.ADWIN) []float64 { return []float64{a.Mean(), a.Variance()} })
	check(t, func() *drift.PageHinkley { return drift.NewPageHinkley(drift.Threshold(5)) }, func(p *drift.PageHinkley) []float64 { return []float64{p.Mean()} })
	check(t, func() *drift.DDM { return drift.NewDDM() }, func(d *drift.DDM) []float64 { return []float64{d.Rate()} })
	check(t, func() *drift.EDDM { return drift.NewEDDM() }, nothing)
	check(t, func() *drift.HDDMA { return drift.NewHDDMA(drift.Side(drift.Both)) }, nothing)
	check(t, func() *drift.HDDMW { return drift.NewHDDMW(drift.Side(drift.Both)) }, nothing)
	check(t, func() *drift.KSWIN { return drift.NewKSWIN(drift.Seed(3)) }, nothing)
	check(t, func() *drift.Stability { return drift.NewStability(reference(1000), 10, drift.Window(300)) }, func(s *drift.Stability) []float64 { return []float64{s.Index()} })
}

// TestNothingIsAllocated for a value, once a detector is warm.
func TestNothingIsAllocated(t *testing.T) {
	if underRace {
		return // the race detector allocates; CI runs this without it, too
	}
	for _, d := range []drift.Detector{drift.NewADWIN(), drift.NewPageHinkley(), drift.NewDDM(), drift.NewEDDM(), drift.NewHDDMA(), drift.NewHDDMW(), drift.NewKSWIN(), drift.NewStability(reference(1000), 10)} {
		r := rand.New(rand.NewPCG(1, 1))
		add := func() {
			for range 1000 {
				d.Add(drift.Bit(r.Float64() < 0.3))
			}
		}
		for range 100 {
			add()
		}
		assert.Zero(t, testing.AllocsPerRun(20, add), "%T", d)
	}
}

// TestFalseAlarms simulates streams that do not change, and holds the detectors that promise a rate to it.
func TestFalseAlarms(t *testing.T) {
	const length = 5000
	streams := 60
	if underRace {
		streams = 10
	}
	for _, x := range []struct {
		name  string
		new   func(seed uint64) drift.Detector
		every int     // values between two tests
		most  float64 // false alarms of a test
	}{
		{"ADWIN 0.002", func(uint64) drift.Detector { return drift.NewADWIN() }, 32, 0.002},
		{"ADWIN 0.05", func(uint64) drift.Detector { return drift.NewADWIN(drift.Delta(0.05)) }, 32, 0.05},
		{"HDDMA 0.001", func(uint64) drift.Detector { return drift.NewHDDMA() }, 1, 0.001},
		{"HDDMW 0.001", func(uint64) drift.Detector { return drift.NewHDDMW() }, 1, 0.001},
		{"KSWIN 0.005", func(s uint64) drift.Detector { return drift.NewKSWIN(drift.Seed(s)) }, 1, 0.005},
		// No rate is promised: these are what was seen, and a little.
		{"PageHinkley", func(uint64) drift.Detector { return drift.NewPageHinkley() }, 1, 0.0001},
		{"DDM", func(uint64) drift.Detector { return drift.NewDDM() }, 1, 0.002},
		{"EDDM", func(uint64) drift.Detector { return drift.NewEDDM() }, 1, 0.01},
		{"Stability", func(uint64) drift.Detector { return drift.NewStability(uniform(10000, 99), 10) }, 100, 0.0001},
	} {
		for what, draw := range map[string]func(r *rand.Rand) float64{
			"errors":  func(r *rand.Rand) float64 { return drift.Bit(r.Float64() < 0.2) },
			"uniform": func(r *rand.Rand) float64 { return r.Float64() },
		} {
			switch x.name {
			case "DDM", "EDDM":
				if what != "errors" {
					continue
				}
			case "KSWIN 0.005", "Stability":
				if what != "uniform" {
					continue
				}
			}
			alarms, with := 0, 0
			for s := range streams {
				d, r, before := x.new(uint64(s)), rand.New(rand.NewPCG(uint64(s), 5)), alarms
				for range length {
					if d.Add(draw(r)) {
						alarms++
					}
				}
				if alarms > before {
					with++
				}
			}
			tests := float64(streams * length / x.every)
			rate := float64(alarms) / tests
			t.Logf("%s, %s: %d alarms in %.0f tests (%.6f, promised %.4f); %d of %d streams of %d values", x.name, what, alarms, tests, rate, x.most, with, streams, length)
			assert.LessOrEqual(t, rate, x.most, "%s, %s", x.name, what)
		}
	}
}

func uniform(n int, seed uint64) []float64 {
	r, xs := rand.New(rand.NewPCG(seed, 7)), make([]float64, n)
	for i := range xs {
		xs[i] = r.Float64()
	}
	return xs
}

// TestDetects has changes that each detector has to see within so many values.
func TestDetects(t *testing.T) {
	for name, x := range map[string]struct {
		new    func() drift.Detector
		before func(r *rand.Rand) float64
		after  func(r *rand.Rand) float64
		within int
	}{
		"ADWIN":       {func() drift.Detector { return drift.NewADWIN() }, bit(0.2), bit(0.4), 400},
		"HDDMA":       {func() drift.Detector { return drift.NewHDDMA() }, bit(0.2), bit(0.4), 400},
		"HDDMW":       {func() drift.Detector { return drift.NewHDDMW() }, bit(0.2), bit(0.6), 400},
		"DDM":         {func() drift.Detector { return drift.NewDDM() }, bit(0.2), bit(0.4), 1200},
		"EDDM":        {func() drift.Detector { return drift.NewEDDM() }, bit(0.1), bit(0.6), 1500},
		"PageHinkley": {func() drift.Detector { return drift.NewPageHinkley() }, bit(0.2), bit(0.6), 400},
		"KSWIN, of a variance": {func() drift.Detector { return drift.NewKSWIN() }, (*rand.Rand).NormFloat64,
			func(r *rand.Rand) float64 { return 8 * r.NormFloat64() }, 400},
		"Stability, of missing values": {func() drift.Detector { return drift.NewStability(uniform(1000, 1), 10) }, (*rand.Rand).Float64,
			func(r *rand.Rand) float64 {
				if r.IntN(2) == 0 {
					return math.NaN()
				}
				return r.Float64()
			}, 1000},
	} {
		seen := 0
		for s := range 20 {
			d, r := x.new(), rand.New(rand.NewPCG(uint64(s), 9))
			for range 1500 {
				d.Add(x.before(r))
			}
			for range x.within {
				if d.Add(x.after(r)) {
					seen++
					break
				}
			}
		}
		assert.GreaterOrEqual(t, seen, 19, name)
	}
}

func bit(p float64) func(*rand.Rand) float64 {
	return func(r *rand.Rand) float64 { return drift.Bit(r.Float64() < p) }
}

func TestPopulationStability(t *testing.T) {
	assert.Zero(t, drift.PopulationStability([]float64{5, 5}, []float64{5, 5}))
	// (9.5/20 - 10.5/20)... by hand: shares (10.5, 30.5)/41 and (30.5, 10.5)/41.
	assert.InDelta(t, 2*(20.0/41)*math.Log(30.5/10.5), drift.PopulationStability([]float64{10, 30}, []float64{30, 10}), 1e-15)
	assert.True(t, mining.Known(drift.PopulationStability([]float64{0, 0, 7}, []float64{0, 9, 0})))
	assert.Zero(t, drift.PopulationStability(nil, nil))
	assert.Panics(t, func() { drift.PopulationStability([]float64{1}, []float64{1, 2}) })
	assert.Panics(t, func() { drift.PopulationStability([]float64{-1}, []float64{1}) })
	// On average (bins-1)(1/n+1/m) where nothing changed.
	sum := 0.0
	for s := range 200 {
		d := drift.NewStability(uniform(2000, uint64(s)), 10, drift.Window(1000), drift.Clock(1000))
		for _, x := range uniform(1000, uint64(s)+1e6) {
			d.Add(x)
		}
		sum += d.Index() / 200
	}
	assert.InEpsilon(t, 9*(1.0/2000+1.0/1000), sum, 0.15)
}

// TestKeep goes on with the newer part of the window.
func TestKeep(t *testing.T) {
	for _, keep := range []bool{false, true} {
		a := drift.NewADWIN()
		if keep {
			a = drift.NewADWIN(drift.Keep())
		}
		for i := range 4000 {
			if a.Add(drift.Bit(i >= 2000)) {
				break
			}
		}
		assert.Less(t, a.Width(), int64(600))
		width := a.Width()
		a.Add(1)
		if keep {
			assert.Equal(t, width+1, a.Width())
			assert.Greater(t, a.Mean(), 0.0)
		} else {
			assert.Equal(t, int64(1), a.Width())
		}
	}
}

func TestMistakes(t *testing.T) {
	for what, mistake := range map[string]func(){
		"takes no option":            func() { drift.NewDDM(drift.Clock(3)) },
		"Delta is between":           func() { drift.NewADWIN(drift.Delta(1)) },
		"Clock, Least and Buckets":   func() { drift.NewADWIN(drift.Clock(0)) },
		"Threshold":                  func() { drift.NewPageHinkley(drift.Threshold(math.NaN())) },
		"at most half":               func() { drift.NewKSWIN(drift.Recent(51)) },
		"no known value":             func() { drift.NewStability([]float64{math.NaN()}, 10) },
		"between 2 and 1000 bins":    func() { drift.NewStability([]float64{1}, 1) },
		"WarnAt is no less":          func() { drift.NewEDDM(drift.WarnAt(0.5)) },
		"Side is Up or Both":         func() { drift.NewHDDMA(drift.Side(drift.Down)) },
		"Fading are between 0 and 1": func() { drift.NewHDDMW(drift.Fading(1)) },
	} {
		func() {
			defer func() { assert.Contains(t, recover(), what) }()
			mistake()
		}()
	}
}
