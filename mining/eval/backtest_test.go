package eval_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/eval"
)

// seer notes what it is shown, and answers the index of each value.
type seer struct {
	shown [][]float64
	err   error
}

func (s *seer) Fit(history []float64) error {
	s.shown = append(s.shown, append([]float64(nil), history...))
	return s.err
}

func (s *seer) Forecast(horizon int) []float64 {
	last := s.shown[len(s.shown)-1]
	to := make([]float64, horizon)
	for h := range to {
		to[h] = last[len(last)-1] + float64(h+1)
	}
	return to
}

func TestBacktest(t *testing.T) {
	series := []float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	b := eval.NewBacktest(1, 2, eval.Gap(1), eval.Stride(2), eval.Sliding(3))
	s := new(seer)
	r := b.Enter("seer", s)
	require.NoError(t, b.Run(series, 2))
	require.Equal(t, [][]float64{{0, 1}, {1, 2, 3}, {3, 4, 5}}, s.shown, "an origin at 8 has no horizon left")
	require.Zero(t, r.Errors.MAE())
	require.Equal(t, 3, r.Origins)
	last := b.Results()[1]
	require.Equal(t, 2.5, last.Errors.MAE(), "two and three ahead")
	require.Equal(t, []float64{2, 3}, []float64{last.Steps[0].MAE(), last.Steps[1].MAE()})
	require.Equal(t, 2.5, last.MASE())
	require.Zero(t, b.Results()[2].Errors.MAE(), "drift")

	expanding := eval.NewBacktest(1, 1)
	s = new(seer)
	expanding.Enter("seer", s)
	require.NoError(t, expanding.Run(series, 8))
	require.Equal(t, [][]float64{series[:8], series[:9]}, s.shown)

	s.err = errors.New("too few")
	require.EqualError(t, expanding.Run(series, 8), "eval: backtest of seer, fitted to 8 values before 8: too few")
	none := eval.NewBacktest(1, 20)
	require.NoError(t, none.Run(series, 1))
	allNaN(t, none.Results()[0].MASE(), none.Results()[0].Errors.MAE())
}
