package forecast_test

import (
	"testing"

	"github.com/freshet-go/freshet/mining/forecast"
)

func BenchmarkETS(b *testing.B) {
	all := competition(b)
	for name, i := range map[string]int{"yearly": 0, "quarterly": 700, "monthly": 2000} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := forecast.NewETS(all[i].frequency).Fit(all[i].train); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
