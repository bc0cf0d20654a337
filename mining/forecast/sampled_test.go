package forecast_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/forecast"
	"github.com/freshet-go/freshet/mining/internal/oracle"
)

func samplers() map[string]forecast.Sampler {
	return map[string]forecast.Sampler{
		"mean": forecast.NewMean().(forecast.Sampler), "naive": forecast.NewNaive().(forecast.Sampler),
		"seasonal naive": forecast.NewSeasonalNaive(4).(forecast.Sampler), "drift": forecast.NewDrift().(forecast.Sampler),
		"ETS": forecast.NewETS(4), "Theta": forecast.NewTheta(4),
		"ARIMA":    forecast.NewARIMA(forecast.Order{P: 1, D: 1}, forecast.Constant()),
		"Adjusted": forecast.NewAdjusted(4, forecast.NewSES()), "Logged": forecast.NewLogged(forecast.NewHolt()),
	}
}

// The middle of what models draw is what they foresee, and the width about what they say of it.
func TestSamples(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	y := drawn(random, 120, 4)
	for name, m := range samplers() {
		require.Panics(t, func() { m.Sample(1, random) }, name)
		require.NoError(t, m.Fit(y), name)
		b := forecast.NewBootstrap(m, 4000, 1)
		low, high := b.Interval(5, 0.8)
		own, top := m.Interval(5, 0.8)
		for h, f := range m.Forecast(5) {
			require.InDelta(t, f, (low[h]+high[h])/2, 0.25*(top[h]-own[h]), "%s, step %d", name, h)
			if name != "drift" { // whose own interval holds that of its slope, too
				require.InEpsilon(t, top[h]-own[h], high[h]-low[h], 0.2, "%s, step %d", name, h)
			}
		}
		again, _ := b.Interval(5, 0.8)
		require.Equal(t, low, again, name)
		require.Equal(t, m.Forecast(3), b.Forecast(3))
	}
}

// What futures of ETS hold of M3: less than they say, as its own intervals do.
func TestBootstrapCoverage(t *testing.T) {
	held, n := map[float64]float64{}, 0.0
	every := 20
	if raced {
		every = 600
	}
	for i, s := range competition(t) {
		if i%every != 0 {
			continue
		}
		m := forecast.NewBootstrap(forecast.NewETS(s.frequency), 1000, 1)
		require.NoError(t, m.Fit(s.train))
		n += float64(len(s.test))
		for _, level := range []float64{0.8, 0.95} {
			low, high := m.Interval(len(s.test), level)
			for h, v := range s.test {
				if low[h] <= v && v <= high[h] {
					held[level]++
				}
			}
		}
	}
	t.Logf("%.1f and %.1f %% of %.0f values", 100*held[0.8]/n, 100*held[0.95]/n, n)
	if !raced {
		require.InDelta(t, 0.75, held[0.8]/n, 0.08)
		require.InDelta(t, 0.90, held[0.95]/n, 0.06)
	}
}

func TestBootstrapEdges(t *testing.T) {
	conformal := forecast.NewConformal(func() forecast.Model { return forecast.NewNaive() }, 2, 2)
	require.PanicsWithValue(t, "forecast: *forecast.Conformal is no Sampler: use a Conformal, which takes any model", func() { forecast.NewBootstrap(conformal, 100, 1) })
	require.Panics(t, func() { forecast.NewBootstrap(forecast.NewSES(), 1, 1) })
	m := forecast.NewSES()
	b := forecast.NewBootstrap(m, 100, 1)
	require.NoError(t, b.Fit([]float64{5, 5, 5, 5, 5}))
	low, high := b.Interval(2, 0.9)
	require.InDeltaSlice(t, low, high, 1e-9)
	require.Panics(t, func() { b.Interval(1, 1) })
	require.Panics(t, func() { forecast.NewAdjusted(1, m) })
	require.Panics(t, func() { forecast.NewLogged(nil) })
	require.ErrorContains(t, forecast.NewLogged(m).Fit([]float64{1, 2, 0, 3}), "value 2 of the series is 0")
	require.ErrorIs(t, forecast.NewAdjusted(4, m).Fit([]float64{1, 2, 3}), forecast.ErrShort)
}

func TestColumns(t *testing.T) {
	for _, d := range []time.Time{
		time.Date(1961, 4, 2, 0, 0, 0, 0, time.UTC), time.Date(2000, 4, 23, 0, 0, 0, 0, time.UTC), time.Date(2024, 3, 31, 0, 0, 0, 0, time.UTC),
		time.Date(2025, 4, 20, 0, 0, 0, 0, time.UTC), time.Date(2026, 4, 5, 0, 0, 0, 0, time.UTC), time.Date(2038, 4, 25, 0, 0, 0, 0, time.UTC), time.Date(2285, 3, 22, 0, 0, 0, 0, time.UTC),
	} {
		require.Equal(t, d, forecast.Easter(d.Year()))
	}
	day := func(m time.Month, d int) time.Time { return time.Date(2026, m, d, 13, 0, 0, 0, time.Local) }
	rows := forecast.Columns([]time.Time{day(4, 3), day(4, 4), day(12, 25)},
		forecast.FromEaster(-2), forecast.OnWeekday(time.Saturday), forecast.EachYear(time.December, 25), forecast.OnDates(day(4, 4)))
	require.Equal(t, [][]float64{{1, 0, 0, 0}, {0, 1, 0, 1}, {0, 0, 1, 0}}, rows)
	waves := forecast.Fourier(4, 2, 1, 2)
	require.InDeltaSlice(t, []float64{0, 1, -1}, waves[0], 1e-12)
	require.InDeltaSlice(t, []float64{-1, 0, 1}, waves[1], 1e-12)
	require.Panics(t, func() { forecast.Fourier(4, 3, 0, 1) })
	require.Equal(t, [][]float64{{1, 2}}, forecast.Beside([][]float64{{1}}, [][]float64{{2}}))
	require.Panics(t, func() { forecast.Beside([][]float64{{1}}, nil) })
}

// statsforecast reaches no greater likelihood with the same form, and foresees the same.
func TestStatsforecastOracle(t *testing.T) {
	random := oracle.Random(t)
	type asked struct {
		Y      []float64
		M      int
		Form   string
		Damped bool
	}
	forms := map[string]*forecast.ETS{}
	var all []asked
	add := func(form string, damped bool, m int) {
		for range 4 {
			all = append(all, asked{drawn(random, 40+random.IntN(80), 4), m, form, damped})
		}
	}
	forms["ANN"], forms["AAN"], forms["ANA"] = forecast.NewSES(), forecast.NewHolt(), forecast.NewETS(4, forecast.Kind(forecast.Additive, forecast.None, forecast.Additive))
	forms["MNM"] = forecast.NewETS(4, forecast.Kind(forecast.Multiplicative, forecast.None, forecast.Multiplicative))
	add("ANN", false, 1)
	add("AAN", false, 1)
	add("ANA", false, 4)
	add("MNM", false, 4)
	var want struct {
		ETS []struct {
			Likelihood float64
			Mean       []float64
		}
		Theta [][]float64
	}
	oracle.Ask(t, "testdata/sums.py", map[string]any{"Series": all}, &want)
	near := 0
	for i, a := range all {
		m := forms[a.Form]
		require.NoError(t, m.Fit(a.Y))
		// Its likelihood leaves the constant out: -n/2 log SSE, as ours does for the AICc.
		k := map[string]float64{"ANN": 3, "AAN": 5, "ANA": 7, "MNM": 7}[a.Form]
		n := float64(len(a.Y))
		ours := k + k*(k+1)/(n-k-1) - m.AICc()/2
		require.GreaterOrEqual(t, ours, want.ETS[i].Likelihood-0.05-5e-3*math.Abs(want.ETS[i].Likelihood), "%s of series %d", a.Form, i)
		f := m.Forecast(6)
		spread := 0.0
		for h, v := range want.ETS[i].Mean {
			spread = max(spread, math.Abs(f[h]-v)/math.Abs(v))
		}
		if spread < 0.01 {
			near++
		}
		theta := forecast.NewTheta(1)
		require.NoError(t, theta.Fit(a.Y))
		for h, v := range theta.Forecast(6) {
			require.InEpsilon(t, want.Theta[i][h], v, 0.05, "Theta of series %d", i)
		}
	}
	require.Greater(t, near, 11)
}

func ExampleSTL() {
	d, err := forecast.STL(orders, 4, forecast.Periodic())
	if err != nil {
		fmt.Println(err)
		return
	}
	trend, season := d.Strength()
	fmt.Printf("trend %.2f, season %.2f, figures %.1f\n", trend, season, d.Indices)
	// Output:
	// trend 0.95, season 0.98, figures [-5.7 -2.1 -6.5 14.2]
}

func ExampleARIMA() {
	m := forecast.NewARIMA(forecast.Order{}, forecast.Seasonal(4, forecast.Order{D: 1}), forecast.Constant())
	if err := m.Fit(orders); err != nil {
		fmt.Println(err)
		return
	}
	low, high := m.Interval(2, 0.8)
	fmt.Println(m)
	for h, v := range m.Forecast(2) {
		fmt.Printf("%.1f, between %.1f and %.1f\n", v, low[h], high[h])
	}
	// Output:
	// ARIMA(0,0,0)(0,1,0)[4] with drift
	// 33.2, between 31.1 and 35.4
	// 39.2, between 37.1 and 41.4
}

func ExampleARIMA_FitWith() {
	// Orders of three weeks, with an advertisement on some days.
	day := time.Date(2026, time.March, 2, 0, 0, 0, 0, time.UTC)
	var days []time.Time
	var y []float64
	for i := range 21 {
		days = append(days, day.AddDate(0, 0, i))
		y = append(y, []float64{20, 21, 19, 22, 24, 35, 12}[i%7]+float64(i%2))
	}
	advertised := forecast.OnDates(days[3], days[9], days[16])
	y[3], y[9], y[16] = y[3]+15, y[9]+14, y[16]+16
	m := forecast.NewARIMA(forecast.Order{}, forecast.Seasonal(7, forecast.Order{D: 1}))
	if err := m.FitWith(y, forecast.Columns(days, advertised)); err != nil {
		fmt.Println(err)
		return
	}
	effect, errs := m.Coefficients()
	fmt.Printf("an advertisement brings %.0f orders, give or take %.0f\n", effect[0], errs[0])
	next := []time.Time{days[20].AddDate(0, 0, 1), days[20].AddDate(0, 0, 2)}
	with := forecast.Columns(next, forecast.OnDates(next[1]))
	fmt.Printf("%.0f\n", m.ForecastWith(with))
	// Output:
	// an advertisement brings 15 orders, give or take 1
	// [20 38]
}

func ExampleBootstrap() {
	m := forecast.NewBootstrap(forecast.NewSES(), 1000, 1)
	if err := m.Fit(orders); err != nil {
		fmt.Println(err)
		return
	}
	low, high := m.Interval(1, 0.8)
	fmt.Printf("%.0f, between %.0f and %.0f\n", m.Forecast(1)[0], low[0], high[0])
	// Output:
	// 37, between 29 and 56
}

func ExampleLjungBox() {
	t, err := forecast.LjungBox(orders, 4, 0)
	fmt.Printf("%.2f %v\n", t.P, err)
	// Output:
	// 0.10 <nil>
}
