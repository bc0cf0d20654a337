package experiment

import (
	"math"

	"github.com/freshet-go/freshet/mining/stats"
)

// Means is the result of a test of means.
type Means struct {
	Test
	Difference float64 // of the means, the first less the second: NaN where one has none
	StdErr     float64 // of the difference
}

// Interval returns the interval of the difference. It is everything where there are too few values.
func (m Means) Interval(level float64) Interval {
	inside(level, "Means.Interval", "level")
	if m.DF == 0 {
		return everything
	}
	half := studentQuantile((1-level)/2, m.DF) * m.StdErr
	return Interval{m.Difference - half, m.Difference + half}
}

// means finishes a test whose statistic is the difference over its standard error. What is beyond
// float64 is a Test of nothing. A difference without
// any variance is certain: its statistic is infinite, and P is 0 or 1.
func means(d, se, df float64, alt Alternative) Means {
	if !(se < math.Inf(1)) || math.IsNaN(d) || math.IsInf(d, 0) {
		return Means{nothing, d, se}
	}
	m := Means{Test{P: 1, DF: df}, d, se}
	switch {
	case se > 0 || d != 0:
		m.Statistic = d / se
		m.P = alt.p(studentSF(-m.Statistic, df), studentSF(m.Statistic, df))
	case alt != TwoSided:
		m.P = 0.5 // as of any statistic of 0
	}
	return m
}

// Welch tests whether the means of two samples differ, without assuming that their variances are equal:
// Welch, "The generalization of 'Student's' problem when several different population variances are
// involved", Biometrika 34, 1947. Each sample needs two values. Weights are taken to be 1.
func Welch(a, b stats.Summary, alt Alternative) Means {
	alt.need("Welch")
	na, nb := float64(a.Count()), float64(b.Count())
	d := a.Mean() - b.Mean()
	if na < 2 || nb < 2 {
		return Means{nothing, d, math.NaN()}
	}
	va, vb := a.SampleVariance()/na, b.SampleVariance()/nb
	df := na + nb - 2
	if v := va + vb; v > 0 {
		// Over v first, so that squares do not underflow.
		df = 1 / ((va/v)*(va/v)/(na-1) + (vb/v)*(vb/v)/(nb-1))
	}
	return means(d, math.Sqrt(va+vb), df, alt)
}

// Student tests whether the means of two samples differ, if their variances are equal: Student, "The
// probable error of a mean", Biometrika 6, 1908. The samples need three values together, and one each.
// Weights are taken to be 1.
func Student(a, b stats.Summary, alt Alternative) Means {
	alt.need("Student")
	na, nb := float64(a.Count()), float64(b.Count())
	d := a.Mean() - b.Mean()
	if na < 1 || nb < 1 || na+nb < 3 {
		return Means{nothing, d, math.NaN()}
	}
	ma, mb := a.Moments(), b.Moments()
	pooled := (ma.Squares + mb.Squares) / (na + nb - 2)
	return means(d, math.Sqrt(pooled*(1/na+1/nb)), na+nb-2, alt)
}

// OneSample tests whether the mean of a sample of two or more is mu. Weights are taken to be 1.
func OneSample(a stats.Summary, mu float64, alt Alternative) Means {
	alt.need("OneSample")
	d := a.Mean() - mu
	if a.Count() < 2 {
		return Means{nothing, d, math.NaN()}
	}
	return means(d, math.Sqrt(a.SampleVariance()/float64(a.Count())), float64(a.Count()-1), alt)
}

// Paired tests whether the mean of the differences of pairs is 0. Pairs with a NaN or an infinity are
// left out. In a stream, add the differences to a Summary, and ask OneSample. It panics if the lengths
// differ.
func Paired(a, b []float64, alt Alternative) Means {
	if len(a) != len(b) {
		panic("experiment: Paired: the lengths differ")
	}
	var s stats.Summary
	for i := range a {
		s.Add(a[i] - b[i])
	}
	return OneSample(s, 0, alt)
}

// Correlation tests whether a coefficient of correlation of n pairs, Pearson's of two numbers that are
// normal or many, is 0: by t = r·√((n-2)/(1-r²)). Greater is that it is above 0. Of fewer than three
// pairs, or where r is NaN, it is a Test of nothing: P = 1. It panics if r is not from -1 to 1.
func Correlation(r float64, n int64, alt Alternative) Test {
	alt.need("Correlation")
	switch {
	case math.Abs(r) > 1:
		panic("experiment: Correlation: r is from -1 to 1")
	case n < 3 || math.IsNaN(r):
		return nothing
	}
	df := float64(n - 2)
	t := r * math.Sqrt(df/((1-r)*(1+r)))
	return Test{t, alt.p(studentSF(-t, df), studentSF(t, df)), df}
}

// Cuped tests whether the means of two arms differ, less what a number known before the experiment
// predicts of them: of each Joint, X is that number and Y the outcome. It is Welch's test of y - θ(x -
// mean of x), where θ is the slope of y over x within the arms: Deng, Xu, Kohavi and Walker, "Improving
// the sensitivity of online controlled experiments by utilizing pre-experiment data", WSDM 2013. The
// variance falls by the square of the correlation. x must not depend on the arm.
//
// Reduction is the part of the variance of the difference that is gone. Where x does not vary it is
// Welch's test of y.
func Cuped(a, b stats.Joint, alt Alternative) (m Means, reduction float64) {
	xa, xb, ya, yb := a.X(), b.X(), a.Y(), b.Y()
	plain := Welch(ya, yb, alt)
	if a.Count() < 2 || b.Count() < 2 {
		return plain, 0
	}
	na, nb := float64(a.Count()), float64(b.Count())
	ca, cb := a.Covariance()*na, b.Covariance()*nb
	squares := xa.Moments().Squares + xb.Moments().Squares
	if !(squares > 0) || math.IsInf(squares, 1) {
		return plain, 0
	}
	theta := (ca + cb) / squares
	adjusted := func(x, y stats.Summary, covariance float64) stats.Summary {
		m := y.Moments()
		m.Squares = max(0, m.Squares-2*theta*covariance+theta*theta*x.Moments().Squares)
		m.Mean = 0
		return stats.OfMoments(m)
	}
	m = Welch(adjusted(xa, ya, ca), adjusted(xb, yb, cb), alt)
	m = means((ya.Mean()-yb.Mean())-theta*(xa.Mean()-xb.Mean()), m.StdErr, m.DF, alt)
	if plain.StdErr > 0 {
		reduction = 1 - m.StdErr*m.StdErr/(plain.StdErr*plain.StdErr)
	}
	return m, reduction
}
