// Package forecast says how a series goes on, and how sure that is.
//
// A series is a slice of values at equal distances: revenue by day, orders by month. A season is a number of values: 12 for months, 7 for
// days, 6 for the days of a shop that is closed on one. 1 is none.
//
// Each [Model] is fitted to a series and then forecasts, with intervals:
//
//	m := forecast.NewETS(12)
//	if err := m.Fit(revenue); err != nil {
//		return err
//	}
//	next := m.Forecast(3)
//	low, high := m.Interval(3, 0.8)
//
// [AutoARIMA] and [NewETS] choose a form by themselves. [NewAdjusted] takes a season out by [STL] first, and [NewLogged] forecasts rates of growth. What else a
// series depends on, days of the week, holidays, an advertisement, is a regressor of an [ARIMA]: see [Columns]. [Hierarchy] has forecasts of parts and
// wholes add up.
//
// Always have [NewSeasonalNaive] beside it, and judge both by eval.Backtest: on many real series nothing is better by much.
//
// A value that is NaN or infinite is an error of Fit, which leaves the model as it was: fill gaps first, in a way that suits them. One goroutine at a time uses a
// model. Nothing of a series is kept by reference.
package forecast
