package forecast_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/forecast"
	"github.com/freshet-go/freshet/mining/internal/shopdata"
)

// passengers returns the monthly airline passengers from 1949 to 1960.
func passengers(t testing.TB) (y []float64) {
	shopdata.Lines(t, "air_passengers.csv", func(r []string) { y = append(y, numbers(t, r[len(r)-1])...) })
	require.Len(t, y, 144)
	return y
}

func mae(test, f []float64) (sum float64) {
	for i, v := range test {
		sum += math.Abs(v-f[i]) / float64(len(test))
	}
	return sum
}

// What R's forecast 8.20 and statsmodels 0.13.5 reach on the passengers (FACTS.md): 10 years known, 2 to come.
func TestPassengers(t *testing.T) {
	y := passengers(t)
	train, test := y[:120], y[120:]
	for _, want := range []struct {
		name  string
		model forecast.Model
		mae   float64
	}{
		{"naive", forecast.NewNaive(), 115.2500}, {"seasonal naive", forecast.NewSeasonalNaive(12), 71.2500},
		{"drift", forecast.NewDrift(), 91.6155}, {"mean", forecast.NewMean(), 206.3417},
	} {
		require.NoError(t, want.model.Fit(train))
		require.InDelta(t, want.mae, mae(test, want.model.Forecast(24)), 5e-5, want.name)
	}
	theta := forecast.NewTheta(12)
	require.NoError(t, theta.Fit(train))
	require.InDelta(t, 63.2152, mae(test, theta.Forecast(24)), 0.01)

	ets := forecast.NewETS(12)
	require.NoError(t, ets.Fit(train))
	t.Logf("%v, AICc %.3f, MAE %.3f", ets, ets.AICc(), mae(test, ets.Forecast(24)))
	require.LessOrEqual(t, ets.AICc(), 1117.222+0.01, "R finds ETS(M,Ad,M) with that")
	for seasonal, sse := range map[forecast.Component]float64{forecast.Multiplicative: 10764.2449, forecast.Additive: 16477.3} {
		m := forecast.NewHoltWinters(12, seasonal)
		require.NoError(t, m.Fit(train))
		t.Logf("%v: SSE %.3f, MAE %.3f", m, m.SSE(), mae(test, m.Forecast(24)))
		require.LessOrEqual(t, m.SSE(), 1.001*sse)
	}
}

func TestDecompose(t *testing.T) {
	y := passengers(t)
	d, err := forecast.Decompose(y, 12, true)
	require.NoError(t, err)
	for i, want := range []float64{.910230, .883625, 1.007366, .975906, .981378, 1.112776, 1.226556, 1.219911, 1.060492, .921757, .801178, .898824} {
		require.InDelta(t, want, d.Indices[i], 5e-7)
	}
	for i := 6; i < 138; i++ {
		require.InDelta(t, y[i], d.Trend[i]*d.Seasonal[i]*d.Rest[i], 1e-9)
	}
	for i, want := range []float64{1, .948047, .875575, .806681, .752625, .713770} {
		require.InDelta(t, want, forecast.Autocorrelations(y, 5)[i], 5e-7)
	}
	for i, want := range []float64{.948047, -.229422, .038148} {
		require.InDelta(t, want, forecast.PartialAutocorrelations(y, 3)[i], 5e-7)
	}
	flat := slices.Repeat([]float64{5}, 30)
	require.True(t, math.IsNaN(forecast.Autocorrelations(flat, 1)[1]))
	d, err = forecast.Decompose(flat, 7, false)
	require.NoError(t, err)
	for _, s := range d.Indices {
		require.InDelta(t, 0, s, 1e-12)
	}
	_, err = forecast.Decompose(y[:20], 12, false)
	require.ErrorIs(t, err, forecast.ErrShort)
	_, err = forecast.Decompose(y, 1, false)
	require.Error(t, err)
	_, err = forecast.Decompose(make([]float64, 30), 7, true)
	require.ErrorContains(t, err, "above 0")
}

func FuzzDecompose(f *testing.F) {
	f.Add(uint64(1), uint8(7), uint8(30), false)
	f.Add(uint64(2), uint8(12), uint8(24), true)
	f.Fuzz(func(t *testing.T, seed uint64, m, n uint8, multiplicative bool) {
		if m < 2 || int(n) < 2*int(m) {
			return
		}
		random := rand.New(rand.NewPCG(seed, 0))
		y := make([]float64, n)
		for i := range y {
			y[i] = 1 + 100*random.Float64()
		}
		d, err := forecast.Decompose(y, int(m), multiplicative)
		require.NoError(t, err)
		sum := 0.0
		for _, s := range d.Indices {
			sum += s
		}
		if multiplicative {
			sum -= float64(m)
		}
		require.InDelta(t, 0, sum, 1e-6)
		known := 0
		for i := range y {
			if math.IsNaN(d.Trend[i]) {
				continue
			}
			known++
			whole := d.Trend[i] + d.Seasonal[i] + d.Rest[i]
			if multiplicative {
				whole = d.Trend[i] * d.Seasonal[i] * d.Rest[i]
			}
			require.InDelta(t, y[i], whole, 1e-9*y[i])
		}
		require.Equal(t, int(n)-2*(int(m)/2), known)
	})
}

// A series that a model makes is foreseen by it: to the last digit where nothing is drawn.
func TestKnownSeries(t *testing.T) {
	line, wave := make([]float64, 60), make([]float64, 60)
	for i := range line {
		line[i] = 10 + 2*float64(i)
		wave[i] = (50 + float64(i)) * []float64{0.5, 1, 1.5, 1}[i%4]
	}
	for name, m := range map[string]forecast.Model{"drift": forecast.NewDrift(), "Holt": forecast.NewHolt(), "ETS": forecast.NewETS(1)} {
		require.NoError(t, m.Fit(line))
		for h, v := range m.Forecast(5) {
			require.InDelta(t, 10+2*float64(60+h), v, 0.01, name)
		}
	}
	for name, m := range map[string]forecast.Model{"Holt-Winters": forecast.NewHoltWinters(4, forecast.Multiplicative), "ETS": forecast.NewETS(4)} {
		require.NoError(t, m.Fit(wave))
		for h, v := range m.Forecast(8) {
			require.InEpsilon(t, (110+float64(h))*[]float64{0.5, 1, 1.5, 1}[h%4], v, 0.01, name)
		}
	}
}

func models() map[string]func() forecast.Model {
	return map[string]func() forecast.Model{
		"mean": forecast.NewMean, "naive": forecast.NewNaive, "drift": forecast.NewDrift,
		"seasonal naive": func() forecast.Model { return forecast.NewSeasonalNaive(4) },
		"theta":          func() forecast.Model { return forecast.NewTheta(4) },
		"SES":            func() forecast.Model { return forecast.NewSES() },
		"Holt":           func() forecast.Model { return forecast.NewHolt() },
		"damped":         func() forecast.Model { return forecast.NewDampedHolt() },
		"Holt-Winters":   func() forecast.Model { return forecast.NewHoltWinters(4, forecast.Additive) },
		"ETS":            func() forecast.Model { return forecast.NewETS(4) },
	}
}

// Every model: short, constant, huge, negative series; the same for the same; nothing kept; an error changes nothing.
func TestPromises(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	y := make([]float64, 40)
	for i := range y {
		y[i] = 100 + 10*math.Sin(float64(i)*math.Pi/2) + 5*random.NormFloat64()
	}
	for name, build := range models() {
		m := build()
		require.Panics(t, func() { m.Forecast(1) }, name)
		for _, bad := range [][]float64{nil, {1}, append(slices.Clone(y), math.NaN()), append(slices.Clone(y), math.Inf(1))} {
			require.Error(t, m.Fit(bad), name)
		}
		require.ErrorIs(t, m.Fit([]float64{1}), forecast.ErrShort, name)
		own := slices.Clone(y)
		require.NoError(t, m.Fit(own), name)
		want := m.Forecast(9)
		clear(own)
		require.Equal(t, want, m.Forecast(9), name)
		require.Error(t, m.Fit([]float64{1, math.NaN(), 3, 4, 5, 6}))
		require.Equal(t, want, m.Forecast(9), "%s: an error leaves it as it was", name)
		again := build()
		require.NoError(t, again.Fit(y))
		require.Equal(t, want, again.Forecast(9), name)
		require.Len(t, m.Residuals(), 40, name)
		require.Empty(t, m.Forecast(0))
		low, high := m.Interval(9, 0.9)
		inner, outer := m.Interval(9, 0.5)
		for h := range want {
			require.Less(t, low[h], inner[h], name)
			require.Less(t, outer[h], high[h], name)
			require.True(t, low[h] < want[h] && want[h] < high[h], name)
		}
		require.Panics(t, func() { m.Interval(1, 1) }, name)
		for what, series := range map[string][]float64{
			"constant": slices.Repeat([]float64{7}, 40), "zero": make([]float64, 40), "huge": scaled(y, 1e150), "tiny": scaled(y, 1e-150),
			"negative": scaled(y, -1), "short": y[:9],
		} {
			if what == "short" && name == "Holt-Winters" {
				continue
			}
			m := build()
			require.NoError(t, m.Fit(series), "%s %s", name, what)
			for _, v := range m.Forecast(5) {
				require.False(t, math.IsNaN(v) || math.IsInf(v, 0), "%s %s: %v", name, what, v)
			}
		}
	}
}

func scaled(y []float64, by float64) (s []float64) {
	for _, v := range y {
		s = append(s, v*by)
	}
	return s
}

// What residuals say is what one-step forecasts of a model with the same parameters miss by: those of naive ones by definition.
func TestResiduals(t *testing.T) {
	y := passengers(t)
	m := forecast.NewSeasonalNaive(12)
	require.NoError(t, m.Fit(y))
	for i, r := range m.Residuals() {
		if i < 12 {
			require.True(t, math.IsNaN(r))
		} else {
			require.Equal(t, y[i]-y[i-12], r)
		}
	}
	e := forecast.NewETS(12)
	require.NoError(t, e.Fit(y))
	sum := 0.0
	for _, r := range e.Residuals() {
		sum += r * r
	}
	require.InEpsilon(t, sum, e.SSE(), 1e-9)
	th := forecast.NewTheta(12)
	require.NoError(t, th.Fit(y))
	sum = 0
	for _, r := range th.Residuals()[1:] {
		sum += r * r
	}
	require.Less(t, math.Sqrt(sum/143), 20.0)
}

func TestETSSaved(t *testing.T) {
	e := forecast.NewETS(12)
	y := passengers(t)
	for range 2 {
		b, err := e.AppendBinary(nil)
		require.NoError(t, err)
		restored := new(forecast.ETS)
		require.Error(t, restored.UnmarshalBinary(b[:len(b)-1]))
		require.NoError(t, restored.UnmarshalBinary(b))
		again, err := restored.AppendBinary(nil)
		require.NoError(t, err)
		require.True(t, bytes.Equal(b, again))
		require.NoError(t, e.Fit(y))
		require.NoError(t, restored.Fit(y))
		require.Equal(t, e.Forecast(30), restored.Forecast(30))
		low, high := e.Interval(3, 0.8)
		l, h := restored.Interval(3, 0.8)
		require.Equal(t, low, l)
		require.Equal(t, high, h)
	}
}

func TestMistakes(t *testing.T) {
	for _, f := range []func(){
		func() { forecast.NewSeasonalNaive(0) }, func() { forecast.NewETS(0) }, func() { forecast.NewTheta(-1) },
		func() { forecast.NewETS(1, forecast.Kind('X', forecast.None, forecast.None)) },
		func() { forecast.NewETS(1, forecast.Kind(forecast.Additive, forecast.None, forecast.Additive)) },
		func() { forecast.NewETS(1, forecast.Damped()) },
		func() {
			forecast.NewETS(4, forecast.Kind(forecast.Additive, forecast.None, forecast.None), forecast.Damped())
		},
	} {
		require.Panics(t, f)
	}
}

// Long seasons are seasons, too; and what cannot be fitted says why.
func TestFound(t *testing.T) {
	y := make([]float64, 5*30)
	for i := range y {
		y[i] = 1000 + 500*math.Sin(2*math.Pi*float64(i)/30)
	}
	m := forecast.NewETS(30)
	require.NoError(t, m.Fit(y))
	for h, v := range m.Forecast(30) {
		require.InDelta(t, y[h], v, 10)
	}
	mult := forecast.NewHoltWinters(4, forecast.Multiplicative)
	err := mult.Fit(make([]float64, 16))
	require.ErrorContains(t, err, "the least is 0")
	require.NotErrorIs(t, err, forecast.ErrShort)
	require.ErrorIs(t, mult.Fit([]float64{1, 2, 3, 4, 5}), forecast.ErrShort)
	require.PanicsWithValue(t, "forecast: Theta is asked before Fit", func() { forecast.NewTheta(1).Interval(1, 0.5) })
}
