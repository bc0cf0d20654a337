package forecast_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/forecast"
	"github.com/freshet-go/freshet/mining/internal/oracle"
)

func BenchmarkETS(b *testing.B) {
	all := competition(b)
	for name, i := range map[string]int{"yearly": 0, "quarterly": 700, "monthly": 2000} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				require.NoError(b, forecast.NewETS(all[i].frequency).Fit(all[i].train))
			}
		})
	}
}

func BenchmarkARIMA(b *testing.B) {
	y := logs(passengers(b))
	for b.Loop() {
		m := forecast.NewARIMA(forecast.Order{D: 1, Q: 1}, forecast.Seasonal(12, forecast.Order{D: 1, Q: 1}))
		require.NoError(b, m.Fit(y))
	}
}

// BenchmarkM3 fits Theta and the ETS of the least AICc to M3's series, each tenth with -short, on one goroutine, and has statsforecast do the
// same on one thread.
func BenchmarkM3(b *testing.B) {
	type asked struct {
		Y    []float64
		M, H int
	}
	var all []asked
	for i, s := range competition(b) {
		if !testing.Short() || i%10 == 0 {
			all = append(all, asked{s.train, s.frequency, len(s.test)})
		}
	}
	var theirs struct{ Seconds float64 }
	if os.Getenv("FRESHET_ORACLE") != "" && !raced {
		oracle.Ask(b, "testdata/clock.py", map[string]any{"Series": all}, &theirs)
	}
	for b.Loop() {
		begin := time.Now()
		for _, s := range all {
			theta, ets := forecast.NewTheta(s.M), forecast.NewETS(s.M)
			require.NoError(b, theta.Fit(s.Y))
			theta.Forecast(s.H)
			require.NoError(b, ets.Fit(s.Y))
			ets.Forecast(s.H)
		}
		b.ReportMetric(time.Since(begin).Seconds(), "s")
	}
	if theirs.Seconds > 0 {
		b.ReportMetric(theirs.Seconds, "statsforecast-s")
	}
}
