package forecast

import (
	"fmt"
	"math"
)

// A Decomposition is a series taken apart. Added up, or multiplied, the parts are the series again.
type Decomposition struct {
	Trend    []float64 // NaN for half a season at both ends, where the average has no values
	Seasonal []float64
	Rest     []float64
	// Indices are the figures of the season, for the places of the season from the first value on. They add up to 0, or their mean is 1.
	Indices []float64
}

// Decompose takes a series apart in the classical way: the trend is a centred moving average of a season, and the season's figures
// are means of what is left, of the same place of the season: Macaulay, "The Smoothing of Time Series", 1931. Multiplicative has the season
// multiply the trend: for values that are positive. It takes two seasons, and a season of at least 2.
func Decompose(y []float64, m int, multiplicative bool) (*Decomposition, error) {
	if season(m, "Decompose") < 2 {
		return nil, fmt.Errorf("forecast: Decompose: a season of 1 is none")
	}
	if err := check(y, 2*m, "Decompose"); err != nil {
		return nil, err
	}
	d := &Decomposition{Trend: average(y, m), Indices: make([]float64, m)}
	count := make([]float64, m)
	for i, v := range y {
		t := d.Trend[i]
		if t != t {
			continue
		}
		if multiplicative {
			if v /= t; v-v != 0 {
				return nil, fmt.Errorf("forecast: Decompose: the trend at value %d is %v: a multiplicative season is of values above 0", i, t)
			}
		} else {
			v -= t
		}
		d.Indices[i%m] += v
		count[i%m]++
	}
	for s := range d.Indices {
		d.Indices[s] /= count[s]
	}
	center := mean(d.Indices)
	for s := range d.Indices {
		if multiplicative {
			d.Indices[s] /= center
		} else {
			d.Indices[s] -= center
		}
	}
	for i, v := range y {
		s := d.Indices[i%m]
		d.Seasonal = append(d.Seasonal, s)
		if multiplicative {
			d.Rest = append(d.Rest, v/d.Trend[i]/s)
		} else {
			d.Rest = append(d.Rest, v-d.Trend[i]-s)
		}
	}
	return d, nil
}

// average returns the centred moving average of m values: of an even number, the two at the ends count half.
func average(y []float64, m int) []float64 {
	half := m / 2
	trend := unknown(len(y))
	for i := half; i+half < len(y); i++ {
		sum := 0.0
		for j := i - half; j <= i+half; j++ {
			w := 1.0
			if m%2 == 0 && (j == i-half || j == i+half) {
				w = 0.5
			}
			sum += w * y[j]
		}
		trend[i] = sum / float64(m)
	}
	return trend
}

// Autocorrelations returns how a series correlates with itself 0, 1, ..., most values before. Of a series that does not change
// they are NaN, but for the first, which is 1.
func Autocorrelations(y []float64, most int) []float64 {
	center, all := mean(y), 0.0
	for _, v := range y {
		all += (v - center) * (v - center)
	}
	r := make([]float64, most+1)
	for lag := range r {
		sum := 0.0
		for i := lag; i < len(y); i++ {
			sum += (y[i] - center) * (y[i-lag] - center)
		}
		r[lag] = sum / all
	}
	if most >= 0 {
		r[0] = 1
	}
	return r
}

// PartialAutocorrelations returns the correlations with 1, ..., most values before that shorter ones do not explain, by
// the recursion of Durbin and Levinson.
func PartialAutocorrelations(y []float64, most int) []float64 {
	r := Autocorrelations(y, most)
	partial := make([]float64, most)
	var phi []float64
	for k := 1; k <= most; k++ {
		a, b := r[k], 1.0
		for j, p := range phi {
			a -= p * r[k-1-j]
			b -= p * r[j+1]
		}
		last := a / b
		next := make([]float64, k)
		for j, p := range phi {
			next[j] = p - last*phi[len(phi)-1-j]
		}
		next[k-1] = last
		phi = next
		partial[k-1] = last
	}
	return partial
}

// isSeasonal is the test of the M3's Theta method, with a level of 90 %: is the correlation with the value of a season before
// more than chance would make it?
func isSeasonal(y []float64, m int) bool {
	if m < 2 || len(y) <= 2*m {
		return false
	}
	r := Autocorrelations(y, m)
	sum := 1.0
	for _, x := range r[1:m] {
		sum += 2 * x * x
	}
	return math.Abs(r[m])/math.Sqrt(sum/float64(len(y))) > 1.6448536269514722
}
