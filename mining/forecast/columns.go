package forecast

import (
	"fmt"
	"math"
	"time"
)

// A Column is a regressor that is known for each day: a function of it.
type Column func(day time.Time) float64

// Columns returns the regressors of each day, a row a day, for [ARIMA.FitWith] and [ARIMA.ForecastWith].
func Columns(days []time.Time, columns ...Column) [][]float64 {
	rows := make([][]float64, len(days))
	for i, d := range days {
		for _, c := range columns {
			rows[i] = append(rows[i], c(d))
		}
	}
	return rows
}

// OnWeekday is 1 on a day of the week, and 0 on others. Of the seven leave one out: together they say what the mean says.
func OnWeekday(w time.Weekday) Column {
	return func(day time.Time) float64 { return one(day.Weekday() == w) }
}

// OnDates is 1 on some dates: the shop's holidays, a sale. Only year, month and day count, those that each time has in its own zone.
func OnDates(dates ...time.Time) Column {
	type date struct {
		year, day int
	}
	all := map[date]bool{}
	for _, d := range dates {
		all[date{d.Year(), d.YearDay()}] = true
	}
	return func(day time.Time) float64 { return one(all[date{day.Year(), day.YearDay()}]) }
}

// EachYear is 1 on a day of every year: Christmas.
func EachYear(m time.Month, day int) Column {
	return func(d time.Time) float64 { return one(d.Month() == m && d.Day() == day) }
}

// FromEaster is 1 so many days after Easter Sunday, or before, where days is below 0: -2 is Good Friday.
func FromEaster(days int) Column {
	return func(day time.Time) float64 {
		y, m, d := Easter(day.Year()).AddDate(0, 0, days).Date()
		return one(day.Year() == y && day.Month() == m && day.Day() == d)
	}
}

// Easter returns the Easter Sunday of a Gregorian year, at midnight UTC: the rule of "Nature", April 20, 1876.
func Easter(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	h := (19*a + b - b/4 - (b-(b+8)/25+1)/3 + 15) % 30
	l := (32 + 2*(b%4) + 2*(c/4) - h - c%4) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return time.Date(year, time.Month(n/31), n%31+1, 0, 0, 0, 0, time.UTC)
}

func one(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// Fourier returns regressors for a season that is long or no whole number, 365.25 days: of n values from place from on, a row each, pairs of a
// sine and a cosine of 1, 2, ... waves in a season. It panics unless there are at least 1 pair and two values in its shortest wave.
func Fourier(season float64, pairs, from, n int) [][]float64 {
	if pairs < 1 || !(float64(2*pairs) <= season) {
		panic(fmt.Sprintf("forecast: Fourier with %d pairs in a season of %v: want from 1 to half of it", pairs, season))
	}
	rows := make([][]float64, n)
	for i := range rows {
		for k := 1; k <= pairs; k++ {
			sin, cos := math.Sincos(2 * math.Pi * float64(k) * float64(from+i) / season)
			if rows[i] = append(rows[i], cos); float64(2*k) != season { // whose sine is 0 everywhere
				rows[i] = append(rows[i], sin)
			}
		}
	}
	return rows
}

// Beside puts rows of regressors beside each other. It panics if they are not as many.
func Beside(a, b [][]float64) [][]float64 {
	if len(a) != len(b) {
		panic(fmt.Sprintf("forecast: Beside of %d rows and %d", len(a), len(b)))
	}
	rows := make([][]float64, len(a))
	for i := range rows {
		rows[i] = append(append(rows[i], a[i]...), b[i]...)
	}
	return rows
}
