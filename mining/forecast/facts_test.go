package forecast_test

import (
	"flag"
	"math"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/forecast"
	"github.com/freshet-go/freshet/mining/internal/shopdata"
)

// A series of the M3 competition.
type m3 struct {
	id, kind    string
	frequency   int
	train, test []float64
}

func numbers(t testing.TB, s string) (all []float64) {
	for _, f := range strings.Fields(s) {
		v, err := strconv.ParseFloat(f, 64)
		require.NoError(t, err)
		all = append(all, v)
	}
	return all
}

func competition(t testing.TB) (all []m3) {
	shopdata.Lines(t, "m3.csv.gz", func(r []string) {
		frequency, err := strconv.Atoi(r[3])
		require.NoError(t, err)
		all = append(all, m3{strings.Clone(r[0]), strings.Clone(r[1]), frequency, numbers(t, r[6]), numbers(t, r[7])})
	})
	require.Len(t, all, 3003)
	return all
}

// smape returns the pooled sMAPE of all values of all series, and by period of the series.
func smape(t testing.TB, all []m3, model func(s m3) []float64) map[string]float64 {
	var mutex sync.Mutex
	sum, n := map[string]float64{}, map[string]float64{}
	work := make(chan m3)
	var wait sync.WaitGroup
	for range 2 {
		wait.Go(func() {
			for s := range work {
				f := model(s)
				mutex.Lock()
				for i, v := range s.test {
					e := 200 * math.Abs(v-f[i]) / (math.Abs(v) + math.Abs(f[i]))
					for _, k := range []string{"all", s.kind} {
						sum[k] += e
						n[k]++
					}
				}
				mutex.Unlock()
			}
		})
	}
	for _, s := range all {
		work <- s
	}
	close(work)
	wait.Wait()
	for k := range sum {
		sum[k] /= n[k]
	}
	return sum
}

func fit(t testing.TB, m forecast.Model, s m3) []float64 {
	if err := m.Fit(s.train); err != nil {
		t.Errorf("%s: %v", s.id, err)
		return make([]float64, len(s.test))
	}
	return m.Forecast(len(s.test))
}

func TestM3(t *testing.T) {
	all := competition(t)
	exact := smape(t, all, func(s m3) []float64 { return fit(t, forecast.NewNaive(), s) })
	require.InDelta(t, 16.5820, exact["all"], 5e-5)
	exact = smape(t, all, func(s m3) []float64 { return fit(t, forecast.NewSeasonalNaive(s.frequency), s) })
	require.InDelta(t, 15.8823, exact["all"], 5e-5)
	if raced { // CI runs the rest without the race detector
		return
	}
	var mutex sync.Mutex
	forecasts := map[string][]float64{} // of Theta, to be combined with ETS
	theta := smape(t, all, func(s m3) []float64 {
		f := fit(t, forecast.NewTheta(s.frequency), s)
		mutex.Lock()
		defer mutex.Unlock()
		forecasts[s.id] = f
		return f
	})
	t.Logf("Theta %v", theta)
	require.LessOrEqual(t, theta["all"], 13.2)
	ets := smape(t, all, func(s m3) []float64 {
		f := fit(t, forecast.NewETS(s.frequency), s)
		mutex.Lock()
		defer mutex.Unlock()
		mean := make([]float64, len(f))
		for i, v := range f {
			mean[i] = (v + forecasts[s.id][i]) / 2
		}
		forecasts[s.id] = mean
		return f
	})
	t.Logf("ETS %v", ets)
	require.LessOrEqual(t, ets["all"], 13.5)
	damped := smape(t, all, func(s m3) []float64 {
		y, indices := forecast.Deseasonalize(s.train, s.frequency)
		m := forecast.NewDampedHolt()
		if err := m.Fit(y); err != nil {
			t.Errorf("%s: %v", s.id, err)
		}
		f := m.Forecast(len(s.test))
		for i := range f {
			f[i] *= indices[i%len(indices)]
		}
		return f
	})
	t.Logf("damped, with the season of Naive 2: %v", damped)
	require.LessOrEqual(t, damped["all"], 13.8)
	combined := smape(t, all, func(s m3) []float64 {
		mutex.Lock()
		defer mutex.Unlock()
		return forecasts[s.id]
	})
	t.Logf("mean of Theta and ETS: %v", combined)
	require.LessOrEqual(t, combined["all"], 13.0)
}

var coverage = flag.Bool("coverage", false, "how many of the M3's values are within intervals, which takes minutes")

// Coverage logs how often the truth is within intervals: less often than they say, as they take the model for true.
func TestCoverage(t *testing.T) {
	all := competition(t)
	if !*coverage {
		all = all[:30]
	}
	for name, build := range map[string]func(s m3) forecast.Model{
		"Theta":          func(s m3) forecast.Model { return forecast.NewTheta(s.frequency) },
		"ETS":            func(s m3) forecast.Model { return forecast.NewETS(s.frequency) },
		"seasonal naive": func(s m3) forecast.Model { return forecast.NewSeasonalNaive(s.frequency) },
	} {
		for _, level := range []float64{0.8, 0.95} {
			n, held := 0.0, 0.0
			for _, s := range all {
				m := build(s)
				require.NoError(t, m.Fit(s.train))
				low, high := m.Interval(len(s.test), level)
				for i, v := range s.test {
					n++
					if low[i] <= v && v <= high[i] {
						held++
					}
				}
			}
			t.Logf("%s: %.1f %% within %v", name, 100*held/n, level)
			require.Greater(t, held/n, level-0.35)
		}
	}
}
