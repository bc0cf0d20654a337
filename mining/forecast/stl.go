package forecast

import (
	"fmt"
	"math"
	"slices"
)

// An STLOption sets how an STL smooths.
type STLOption func(*stl)

// SeasonWindow sets how many seasons the figure of a place of the season is smoothed over: an odd number from 3 on. The default is 7.
// Seven is about the least that is useful; more seasons let the season change less.
func SeasonWindow(seasons int) STLOption {
	if seasons < 3 || seasons%2 == 0 {
		panic(fmt.Sprintf("forecast: SeasonWindow(%d): want an odd number from 3 on", seasons))
	}
	return func(s *stl) { s.seasonal, s.periodic = seasons, false }
}

// Periodic has the season be the same all the time: each place of it has the mean of all of its values.
func Periodic() STLOption { return func(s *stl) { s.periodic = true } }

// TrendWindow sets how many values the trend is smoothed over: an odd number above the season. The default is the least odd number from
// 1.5 m / (1 - 1.5 / w) on, with a season of m and a [SeasonWindow] of w.
func TrendWindow(values int) STLOption {
	if values < 3 || values%2 == 0 {
		panic(fmt.Sprintf("forecast: TrendWindow(%d): want an odd number from 3 on", values))
	}
	return func(s *stl) { s.trend = values }
}

// Robust has values that are far from trend and season count less for them, so that they go to the rest.
func Robust() STLOption { return func(s *stl) { s.robust = true } }

// STL takes a series apart into a trend and a season, both of which may change with time, and a rest. Added up they are the series; for a
// season that multiplies give the logarithms. It is Cleveland, Cleveland, McRae and Terpenning, "STL: A Seasonal-Trend Decomposition Procedure Based on
// Loess", Journal of Official Statistics 6, 1990, with straight lines for all three smoothings, 5 rounds, and when it is robust
// 2 rounds in each of 16. Indices are those of the season that comes last. It takes two seasons, each of at least 2 values, and time in proportion
// to the values times the window.
func STL(y []float64, m int, opts ...STLOption) (*Decomposition, error) {
	if season(m, "STL") < 2 {
		return nil, fmt.Errorf("forecast: STL: a season of 1 is none")
	}
	if err := check(y, 2*m, "STL"); err != nil {
		return nil, err
	}
	s := &stl{m: m, seasonal: 7}
	for _, o := range opts {
		o(s)
	}
	if s.trend == 0 {
		width := float64(s.seasonal)
		if s.periodic {
			width = float64(10*len(y) + 1)
		}
		s.trend = odd(int(math.Ceil(1.5 * float64(m) / (1 - 1.5/width))))
	}
	if s.trend <= m {
		return nil, fmt.Errorf("forecast: STL: a TrendWindow of %d is not above the season of %d", s.trend, m)
	}
	return s.decompose(y), nil
}

// odd returns the least odd number from n on.
func odd(n int) int { return n | 1 }

// A stl takes one series apart.
type stl struct {
	m, seasonal, trend int
	periodic, robust   bool
	weights            []float64 // of the values: nil while all count the same
}

func (s *stl) decompose(y []float64) *Decomposition {
	n := len(y)
	d := &Decomposition{Trend: make([]float64, n), Seasonal: make([]float64, n), Rest: make([]float64, n)}
	inner, outer := 5, 0
	if s.robust {
		inner, outer = 2, 15
	}
	for round := 0; ; round++ {
		for range inner {
			s.step(y, d)
		}
		for i, v := range y {
			d.Rest[i] = v - d.Trend[i] - d.Seasonal[i]
		}
		if round == outer {
			break
		}
		s.weights = bisquare(d.Rest)
	}
	if s.periodic {
		s.steady(y, d)
	}
	for i := range s.m {
		d.Indices = append(d.Indices, d.Seasonal[lastOf(i, n, s.m)])
	}
	return d
}

// lastOf returns the last of n places that is i from the beginning, by seasons of m.
func lastOf(i, n, m int) int { return i + (n-1-i)/m*m }

// steady has each place of the season be the mean of its values.
func (s *stl) steady(y []float64, d *Decomposition) {
	for i := range s.m {
		sum, count := 0.0, 0
		for k := i; k < len(y); k += s.m {
			sum += d.Seasonal[k]
			count++
		}
		for k := i; k < len(y); k += s.m {
			d.Seasonal[k] = sum / float64(count)
			d.Rest[k] = y[k] - d.Trend[k] - d.Seasonal[k]
		}
	}
}

// step finds season and trend once more, from the trend before.
func (s *stl) step(y []float64, d *Decomposition) {
	n, m := len(y), s.m
	detrended := make([]float64, n)
	for i, v := range y {
		detrended[i] = v - d.Trend[i]
	}
	cycles := s.cycles(detrended) // a season longer at both ends
	low := moving(moving(moving(cycles, m), m), 3)
	low = (&loess{window: odd(m + 1), degree: 1}).smooth(low)
	deseasoned := make([]float64, n)
	for i, v := range y {
		d.Seasonal[i] = cycles[m+i] - low[i]
		deseasoned[i] = v - d.Seasonal[i]
	}
	copy(d.Trend, (&loess{window: s.trend, degree: 1, weights: s.weights}).smooth(deseasoned))
}

// cycles smooths the values of each place of the season, and says what they were a season before the first and are one behind the last.
func (s *stl) cycles(y []float64) []float64 {
	n, m := len(y), s.m
	all := make([]float64, n+2*m)
	for i := range m {
		var values, weights []float64
		for k := i; k < n; k += m {
			values = append(values, y[k])
			if s.weights != nil {
				weights = append(weights, s.weights[k])
			}
		}
		l := &loess{window: s.seasonal, degree: 1, weights: weights}
		if s.periodic {
			l.window, l.degree = 10*n+1, 0
		}
		k := len(values)
		smooth := l.smooth(values)
		first, ok := l.at(values, 0, 1, min(l.window, k))
		if !ok {
			first = smooth[0]
		}
		last, ok := l.at(values, k+1, max(1, k-l.window+1), k)
		if !ok {
			last = smooth[k-1]
		}
		all[i], all[(k+1)*m+i] = first, last
		for j, v := range smooth {
			all[(j+1)*m+i] = v
		}
	}
	return all
}

// moving returns the means of width values in a row.
func moving(y []float64, width int) []float64 {
	means := make([]float64, len(y)-width+1)
	sum := 0.0
	for _, v := range y[:width] {
		sum += v
	}
	means[0] = sum / float64(width)
	for i := range means[1:] {
		sum = sum - y[i] + y[i+width]
		means[i+1] = sum / float64(width)
	}
	return means
}

// bisquare returns how much each value counts by its rest: 1 for none, 0 beyond six medians of them.
func bisquare(rest []float64) []float64 {
	w := make([]float64, len(rest))
	for i, r := range rest {
		w[i] = math.Abs(r)
	}
	sorted := slices.Sorted(slices.Values(w))
	n := len(sorted)
	far := 3 * (sorted[n/2] + sorted[(n-1)/2])
	for i, r := range w {
		switch {
		case r <= 0.001*far:
			w[i] = 1
		case r <= 0.999*far:
			u := 1 - r/far*r/far
			w[i] = u * u
		default:
			w[i] = 0
		}
	}
	return w
}

// Strength returns how much of what the trend leaves is the season's, and of what the season leaves is the trend's: from 0 to 1. Wang, Smith and
// Hyndman, Data Mining and Knowledge Discovery 13, 2006. Half a season at the ends of a [Decompose] is left out.
func (d *Decomposition) Strength() (trend, season float64) {
	var rest, withTrend, withSeason []float64
	for i, r := range d.Rest {
		if t := d.Trend[i]; t == t {
			rest, withTrend, withSeason = append(rest, r), append(withTrend, r+t), append(withSeason, r+d.Seasonal[i])
		}
	}
	of := func(all []float64) float64 {
		if v := variance(all); v > 0 {
			return max(0, 1-variance(rest)/v)
		}
		return 0
	}
	return of(withTrend), of(withSeason)
}

func variance(y []float64) float64 {
	center, sum := mean(y), 0.0
	for _, v := range y {
		sum += (v - center) * (v - center)
	}
	return sum / float64(len(y)-1)
}
