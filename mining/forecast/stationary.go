package forecast

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
)

// A Test is what a test of a series says.
type Test struct {
	Statistic float64
	P         float64 // how often chance alone makes such a statistic, where what is tested holds
	Lags      int
	N         int // how many values were used
}

// LjungBox tests whether a series, of residuals as a rule, has no correlation with its last lags values: Ljung and Box, Biometrika 65,
// 1978. parameters is how many were fitted to have the residuals: 0 for a series itself. A small P says that something is left in them. Values that are
// NaN at the beginning, of which a model says nothing, are left out.
func LjungBox(residuals []float64, lags, parameters int) (Test, error) {
	for len(residuals) > 0 && residuals[0] != residuals[0] {
		residuals = residuals[1:]
	}
	if lags < 1 || parameters < 0 || parameters >= lags {
		return Test{}, fmt.Errorf("forecast: LjungBox with %d lags and %d parameters: want at least 1 lag, and more of them than parameters", lags, parameters)
	}
	if err := check(residuals, lags+2, "LjungBox"); err != nil {
		return Test{}, err
	}
	n := float64(len(residuals))
	sum := 0.0
	for k, r := range Autocorrelations(residuals, lags) {
		if k > 0 {
			sum += r * r / (n - float64(k))
		}
	}
	t := Test{Statistic: n * (n + 2) * sum, Lags: lags, N: len(residuals)}
	if t.Statistic != t.Statistic {
		return Test{}, fmt.Errorf("forecast: LjungBox: the series does not change")
	}
	t.P = distuv.ChiSquared{K: float64(lags - parameters)}.Survival(t.Statistic)
	return t, nil
}

// KPSS tests whether a series keeps to a level, or where trend is true to a line: Kwiatkowski, Phillips, Schmidt and Shin, Journal of Econometrics 54,
// 1992. A small P says that it wanders: difference it. The long-run variance is Newey and West's over lags; below 0 they are chosen by the data, by Hobijn,
// Franses and Ooms, 1998. P is interpolated in the paper's table, which reaches from 0.01 to 0.1: what is beyond is one of the two.
func KPSS(y []float64, trend bool, lags int) (Test, error) {
	if err := check(y, 4, "KPSS"); err != nil {
		return Test{}, err
	}
	rest := make([]float64, len(y))
	start, slope := mean(y), 0.0
	table := [4]float64{0.347, 0.463, 0.574, 0.739}
	if trend {
		start, slope = line(y)
		table = [4]float64{0.119, 0.146, 0.176, 0.216}
	}
	for i, v := range y {
		rest[i] = v - start - slope*float64(i)
	}
	n := len(rest)
	if lags < 0 {
		lags = min(bandwidth(rest), n-1)
	}
	if lags >= n {
		return Test{}, fmt.Errorf("forecast: KPSS with %d lags of %d values", lags, n)
	}
	squares, sum := 0.0, 0.0
	for _, r := range rest {
		sum += r
		squares += sum * sum
	}
	long := product(rest, 0)
	for k := 1; k <= lags; k++ {
		long += 2 * product(rest, k) * (1 - float64(k)/float64(lags+1))
	}
	t := Test{Statistic: squares / float64(n) / long, Lags: lags, N: n}
	if t.Statistic != t.Statistic {
		return Test{}, fmt.Errorf("forecast: KPSS: nothing of the series is left beside its level or line")
	}
	t.P = interpolated(t.Statistic, table, [4]float64{0.1, 0.05, 0.025, 0.01})
	return t, nil
}

// product returns the sum of products of values that are k apart.
func product(y []float64, k int) float64 {
	sum := 0.0
	for i := k; i < len(y); i++ {
		sum += y[i] * y[i-k]
	}
	return sum
}

// bandwidth is the number of lags of Hobijn, Franses and Ooms.
func bandwidth(rest []float64) int {
	n := float64(len(rest))
	most := int(math.Pow(n, 2./9))
	s0, s1 := product(rest, 0)/n, 0.0
	for k := 1; k <= most; k++ {
		p := product(rest, k) / (n / 2)
		s0 += p
		s1 += float64(k) * p
	}
	ratio := s1 / s0
	return int(1.1447 * math.Pow(ratio*ratio, 1./3) * math.Pow(n, 1./3))
}

func interpolated(x float64, at, p [4]float64) float64 {
	if x <= at[0] {
		return p[0]
	}
	for i := range at[1:] {
		if x <= at[i+1] {
			return p[i] + (p[i+1]-p[i])*(x-at[i])/(at[i+1]-at[i])
		}
	}
	return p[3]
}

// ADF tests whether a series wanders, that is has a unit root, beside a level, or where trend is true a line: Dickey and Fuller, JASA 74, 1979, augmented by
// differences before. A small P says that it does not. Below 0, lags are chosen by the AIC, up to 12 (n/100)^¼. P is MacKinnon's, "Approximate Asymptotic
// Distribution Functions for Unit-Root and Cointegration Tests", Journal of Business & Economic Statistics 12, 1994.
func ADF(y []float64, trend bool, lags int) (Test, error) {
	if err := check(y, 6, "ADF"); err != nil {
		return Test{}, err
	}
	n, level := len(y), 1
	if trend {
		level = 2
	}
	most := n/2 - level - 1
	if lags > most {
		return Test{}, fmt.Errorf("forecast: ADF with %d lags: %w: of %d values there can be %d", lags, ErrShort, n, most)
	}
	if lags < 0 {
		most = min(most, int(math.Ceil(12*math.Pow(float64(n)/100, 0.25))))
		best := math.Inf(1)
		for k := range most + 1 {
			_, squares := dickeyFuller(y, level, k, most)
			used := float64(n - 1 - most)
			aic := used*(math.Log(2*math.Pi*squares/used)+1) + 2*float64(level+1+k)
			if aic < best {
				best, lags = aic, k
			}
		}
		lags = max(lags, 0)
	}
	statistic, _ := dickeyFuller(y, level, lags, lags)
	if statistic != statistic {
		return Test{}, fmt.Errorf("forecast: ADF: the series is a line, or does not change")
	}
	return Test{statistic, mackinnon(statistic, trend), lags, n - 1 - lags}, nil
}

// dickeyFuller regresses differences on the value before, lags differences before, and 1 and t. It leaves the first skip differences out.
func dickeyFuller(y []float64, level, lags, skip int) (statistic, squares float64) {
	rows, columns := len(y)-1-skip, 1+lags+level
	x, z := mat.NewDense(rows, columns, nil), mat.NewVecDense(rows, nil)
	for r := range rows {
		i := r + skip + 1
		z.SetVec(r, y[i]-y[i-1])
		x.Set(r, 0, y[i-1])
		for k := 1; k <= lags; k++ {
			x.Set(r, k, y[i-k]-y[i-k-1])
		}
		x.Set(r, lags+1, 1)
		if level > 1 {
			x.Set(r, lags+2, float64(r+1))
		}
	}
	var qr mat.QR
	qr.Factorize(x)
	var beta mat.VecDense
	if qr.SolveVecTo(&beta, false, z) != nil {
		return math.NaN(), math.NaN()
	}
	var fit mat.VecDense
	fit.MulVec(x, &beta)
	for r := range rows {
		d := z.AtVec(r) - fit.AtVec(r)
		squares += d * d
	}
	// The variance of the first coefficient is that of the errors times the square of the first column of the inverse of R'.
	var r mat.Dense
	qr.RTo(&r)
	inverse, length := make([]float64, columns), 0.0
	for i := range inverse {
		if i == 0 {
			inverse[i] = 1
		}
		for j := range i {
			inverse[i] -= r.At(j, i) * inverse[j]
		}
		inverse[i] /= r.At(i, i)
		length += inverse[i] * inverse[i]
	}
	return beta.AtVec(0) / math.Sqrt(length*squares/float64(rows-columns)), squares
}

// mackinnon returns the chance of a statistic below that one: the paper's polynomials.
func mackinnon(statistic float64, trend bool) float64 {
	least, middle, most := -18.83, -1.61, 2.74
	small, large := [3]float64{2.1659, 1.4412, 0.038269}, [4]float64{1.7339, 0.93202, -0.12745, -0.010368}
	if trend {
		least, middle, most = -16.18, -2.89, 0.7
		small, large = [3]float64{3.2512, 1.6047, 0.049588}, [4]float64{2.5261, 0.61654, -0.37956, -0.060285}
	}
	t := statistic
	switch {
	case t > most:
		return 1
	case t < least:
		return 0
	case t <= middle:
		return normal.CDF(small[0] + t*(small[1]+t*small[2]))
	}
	return normal.CDF(large[0] + t*(large[1]+t*(large[2]+t*large[3])))
}
