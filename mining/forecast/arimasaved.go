package forecast

import (
	"fmt"

	"github.com/freshet-go/freshet/mining/internal/saved"
)

type plainARIMA struct {
	Order, Seasonal      Order
	M                    int
	Constant             bool
	Free                 []float64
	Regressors           int
	Beta, Errors         []float64
	Y, Innovation        []float64
	Variance, Likelihood float64
	Used                 int
}

var kindARIMA = saved.As[plainARIMA]("forecast.ARIMA", 1)

// AppendBinary appends all that a holds.
func (a *ARIMA) AppendBinary(b []byte) ([]byte, error) {
	return kindARIMA.Append(b, &plainARIMA{a.order, a.seasonal, a.m, a.constant, a.free, a.regressors, a.beta, a.errors, a.y, a.innovation, a.sigma2, a.likelihood, a.used})
}

// UnmarshalBinary replaces all that a holds by what AppendBinary has appended.
func (a *ARIMA) UnmarshalBinary(data []byte) error {
	var p plainARIMA
	err := kindARIMA.Read(data, &p, func(p *plainARIMA) error {
		for _, o := range []Order{p.Order, p.Seasonal} {
			if min(o.P, o.D, o.Q) < 0 || max(o.P, o.Q) > 24 || o.D > 3 {
				return fmt.Errorf("an order of (%d, %d, %d)", o.P, o.D, o.Q)
			}
		}
		if p.M < 1 || p.Y != nil && (len(p.Free) != p.Order.P+p.Order.Q+p.Seasonal.P+p.Seasonal.Q ||
			len(p.Y)-len(p.Innovation) != p.Order.D+p.M*p.Seasonal.D || p.Used != len(p.Innovation) || p.Regressors < 0 || len(p.Beta) < p.Regressors) {
			return fmt.Errorf("%d parameters, %d values and %d errors do not go together", len(p.Free), len(p.Y), len(p.Innovation))
		}
		return nil
	})
	if err == nil {
		*a = ARIMA{order: p.Order, seasonal: p.Seasonal, m: p.M, constant: p.Constant, free: p.Free, regressors: p.Regressors, beta: p.Beta, errors: p.Errors,
			y: p.Y, innovation: p.Innovation, sigma2: p.Variance, likelihood: p.Likelihood, used: p.Used}
	}
	return err
}
