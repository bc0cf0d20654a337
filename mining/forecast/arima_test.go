package forecast_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/forecast"
)

func logs(y []float64) []float64 {
	l := make([]float64, len(y))
	for i, v := range y {
		l[i] = math.Log(v)
	}
	return l
}

// The model of airlines by Box and Jenkins, as R and statsmodels have it (FACTS.md).
func TestAirlineModel(t *testing.T) {
	airline := func() *forecast.ARIMA {
		return forecast.NewARIMA(forecast.Order{D: 1, Q: 1}, forecast.Seasonal(12, forecast.Order{D: 1, Q: 1}))
	}
	y := passengers(t)
	m := airline()
	require.NoError(t, m.Fit(logs(y)))
	ma, sma := m.MA()
	require.InDelta(t, -0.40183, ma[0], 2e-4)
	require.InDelta(t, -0.55694, sma[0], 2e-4)
	require.InDelta(t, 0.001348, m.Variance(), 1e-6)
	require.InDelta(t, 244.70, m.LogLikelihood(), 0.005)
	require.InDelta(t, -483.40, m.AIC(), 0.01)
	require.Equal(t, "ARIMA(0,1,1)(0,1,1)[12]", m.String())

	m = airline()
	require.NoError(t, m.Fit(logs(y[:120])))
	sum := 0.0
	for i, v := range m.Forecast(24) {
		sum += math.Abs(math.Exp(v) - y[120+i])
	}
	require.InDelta(t, 39.45, sum/24, 0.02)
}

// The form of each and its error two years ahead are R's (FACTS.md).
func TestAutoARIMA(t *testing.T) {
	y := passengers(t)
	m, err := forecast.AutoARIMA(y[:120], 12)
	require.NoError(t, err)
	require.Equal(t, "ARIMA(1,1,0)(0,1,0)[12]", m.String())
	require.InDelta(t, 68.5773, meanError(m.Forecast(24), y[120:]), 1e-3)
	m, err = forecast.AutoARIMA(logs(y), 12)
	require.NoError(t, err)
	require.Equal(t, "ARIMA(0,1,1)(0,1,1)[12]", m.String())
}

func meanError(f, y []float64) (sum float64) {
	for i, v := range f {
		sum += math.Abs(v - y[i])
	}
	return sum / float64(len(f))
}

// STL and ETS of the logarithms is the best of FACTS.md for the passengers: a mean error of 21.7240.
func TestAdjustedLogs(t *testing.T) {
	y := passengers(t)
	m := forecast.NewLogged(forecast.NewAdjusted(12, forecast.NewETS(1), forecast.SeasonWindow(11)))
	require.NoError(t, m.Fit(y[:120]))
	got := meanError(m.Forecast(24), y[120:])
	t.Log(got)
	require.Less(t, got, 23.0)
}

// FACTS.md has R's and statsmodels' figures.
func TestOfStationarity(t *testing.T) {
	y := passengers(t)
	got, err := forecast.LjungBox(y, 12, 0)
	require.NoError(t, err)
	require.InDelta(t, 1036.4819, got.Statistic, 5e-5)
	got, err = forecast.ADF(y, false, -1)
	require.NoError(t, err)
	require.InDelta(t, 0.815369, got.Statistic, 5e-7)
	require.InDelta(t, 0.99188, got.P, 5e-6)
	require.Equal(t, []int{13, 130}, []int{got.Lags, got.N})
	got, err = forecast.KPSS(y, false, 4)
	require.NoError(t, err)
	require.Equal(t, 0.01, got.P)
	for _, f := range []func() error{
		func() error { _, err := forecast.LjungBox(y, 0, 0); return err },
		func() error { _, err := forecast.LjungBox(y, 3, 3); return err },
		func() error { _, err := forecast.LjungBox([]float64{1, 1, 1, 1, 1}, 2, 0); return err },
		func() error { _, err := forecast.ADF(y[:5], false, 0); return err },
		func() error { _, err := forecast.ADF(y[:20], false, 12); return err },
		func() error { _, err := forecast.ADF([]float64{1, 1, 1, 1, 1, 1, 1, 1, 1}, true, 0); return err },
		func() error { _, err := forecast.KPSS([]float64{1, 1, 1, 1, 1, 1}, false, 0); return err },
		func() error { _, err := forecast.KPSS(y, false, 144); return err },
		func() error { _, err := forecast.STL(y, 1); return err },
		func() error { _, err := forecast.STL(y[:20], 12); return err },
		func() error { _, err := forecast.STL(y, 12, forecast.TrendWindow(5)); return err },
	} {
		require.Error(t, f())
	}
	require.Panics(t, func() { forecast.SeasonWindow(4) })
	require.Panics(t, func() { forecast.TrendWindow(2) })
}

func TestARIMAEdges(t *testing.T) {
	y := passengers(t)[:60]
	m := forecast.NewARIMA(forecast.Order{P: 1}, forecast.Constant())
	require.Panics(t, func() { m.Forecast(1) })
	require.ErrorIs(t, m.Fit(y[:3]), forecast.ErrShort)
	require.ErrorContains(t, m.FitWith(y, [][]float64{{1}}), "1 rows of regressors for 60 values")
	rows := make([][]float64, len(y))
	for i := range rows {
		rows[i] = []float64{7}
	}
	require.ErrorContains(t, m.FitWith(y, rows), "says what others say")
	rows[3] = []float64{math.NaN()}
	require.ErrorContains(t, m.FitWith(y, rows), "regressor 0 of value 3 is NaN")
	rows[3] = []float64{1, 2}
	require.ErrorContains(t, m.FitWith(y, rows), "row 3 of the regressors has 2, and the first 1")
	require.NoError(t, m.Fit([]float64{5, 5, 5, 5, 5, 5}), "nothing changes")
	require.InDeltaSlice(t, []float64{5, 5}, m.Forecast(2), 1e-9)
	for i := range rows {
		rows[i] = []float64{float64(i % 5)}
	}
	require.NoError(t, m.FitWith(y, rows))
	require.Panics(t, func() { m.Forecast(1) })
	require.Panics(t, func() { m.ForecastWith([][]float64{{1, 2}}) })
	require.Len(t, m.ForecastWith([][]float64{{1}, {2}}), 2)
	for _, f := range []func(){
		func() { forecast.NewARIMA(forecast.Order{P: -1}) },
		func() { forecast.NewARIMA(forecast.Order{D: 2}, forecast.Constant()) },
		func() { forecast.Seasonal(1, forecast.Order{}) },
		func() { m.Interval(1, 0.5) },
	} {
		require.Panics(t, f)
	}
	kept, err := m.AppendBinary(nil)
	require.NoError(t, err)
	var again forecast.ARIMA
	require.NoError(t, again.UnmarshalBinary(kept))
	require.Equal(t, m.ForecastWith(rows[:4]), again.ForecastWith(rows[:4]))
	require.Equal(t, m.AICc(), again.AICc())
	for i := range kept {
		damaged := append([]byte(nil), kept...)
		damaged[i] ^= 0x40
		require.Error(t, again.UnmarshalBinary(damaged), "byte %d", i)
	}
	auto, err := forecast.AutoARIMAWith(y, 12, rows)
	require.NoError(t, err)
	require.Len(t, auto.ForecastWith(rows[:2]), 2)
	_, err = forecast.AutoARIMA(y[:3], 12)
	require.ErrorIs(t, err, forecast.ErrShort)
	// Of a series that is shifted and stretched the forecasts are shifted and stretched.
	stretched := make([]float64, len(y))
	for i, v := range y {
		stretched[i] = 1e6 + 1000*v
	}
	a, b := forecast.NewARIMA(forecast.Order{P: 1, D: 1, Q: 1}), forecast.NewARIMA(forecast.Order{P: 1, D: 1, Q: 1})
	require.NoError(t, a.Fit(y))
	require.NoError(t, b.Fit(stretched))
	for h, f := range a.Forecast(5) {
		require.InEpsilon(t, 1e6+1000*f, b.Forecast(5)[h], 1e-4)
	}
}

// Of each twentieth series of M3, or fewer.
func TestAutoARIMAOnM3(t *testing.T) {
	every := 60
	switch {
	case raced:
		every = 1000
	case *coverage:
		every = 20
	}
	var some []m3
	for i, s := range competition(t) {
		if i%every == 0 {
			some = append(some, s)
		}
	}
	got := smape(t, some, func(s m3) []float64 {
		m, err := forecast.AutoARIMA(s.train, s.frequency)
		require.NoError(t, err, "series %s", s.id)
		return m.Forecast(len(s.test))
	})
	naive := smape(t, some, func(s m3) []float64 {
		m := forecast.NewSeasonalNaive(s.frequency)
		require.NoError(t, m.Fit(s.train))
		return m.Forecast(len(s.test))
	})
	t.Log(got["all"], naive["all"])
	if !raced {
		require.Less(t, got["all"], 0.95*naive["all"])
	}
}
