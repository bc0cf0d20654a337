package behaviour

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// A Lifetime is the time until something happened to somebody, or for how long it has not happened yet.
type Lifetime struct {
	Time     float64 // from the beginning, in any one unit; 0 or more
	Happened bool    // false: it has not happened up to Time
}

// A SurvivalPoint is the curve from a time on.
type SurvivalPoint struct {
	Time      float64
	AtRisk    int     // to whom it had not happened before, and who were still watched
	Happened  int     // at that time
	Survival  float64 // the share to whom it has not happened, this time included
	Low, High float64 // the bounds between which the survival is with the confidence asked for
}

// KaplanMeier returns the share to whom it has not happened, as steps at each time at which it happened to somebody. Bounds are by the
// logarithm of the cumulative hazard, with Greenwood's variance, and NaN where the survival is 1 or 0. Those who were watched up to
// a time were at risk at that time. It is Kaplan and Meier, "Nonparametric Estimation from Incomplete Observations", JASA 53, 1958;
// bounds: Kalbfleisch and Prentice, 1980. It panics if confidence is not between 0 and 1, or a time is negative or NaN.
func KaplanMeier(lifetimes []Lifetime, confidence float64) []SurvivalPoint {
	if !(confidence > 0 && confidence < 1) {
		panic(fmt.Sprintf("behaviour: KaplanMeier with a confidence of %v: want between 0 and 1", confidence))
	}
	z := distuv.UnitNormal.Quantile(0.5 + confidence/2)
	var points []SurvivalPoint
	survival, greenwood := 1.0, 0.0
	for _, s := range risks(lifetimes) {
		if s.happened == 0 {
			continue
		}
		d, n := float64(s.happened), float64(s.atRisk)
		survival *= 1 - d/n
		greenwood += d / (n * (n - d))
		p := SurvivalPoint{s.time, s.atRisk, s.happened, survival, nan, nan}
		if survival > 0 && survival < 1 {
			v := math.Log(-math.Log(survival))
			se := math.Sqrt(greenwood) / math.Abs(math.Log(survival))
			p.Low, p.High = math.Exp(-math.Exp(v+z*se)), math.Exp(-math.Exp(v-z*se))
		}
		points = append(points, p)
	}
	return points
}

// A risk is what happened at a time.
type risk struct {
	time             float64
	atRisk, happened int
}

// risks returns a risk for each time of lifetimes, ascending.
func risks(lifetimes []Lifetime) (all []risk) {
	sorted := slices.Clone(lifetimes)
	for i, l := range sorted {
		if !(l.Time >= 0) {
			panic(fmt.Sprintf("behaviour: the time of lifetime %d is %v: want 0 or more", i, l.Time))
		}
	}
	slices.SortFunc(sorted, func(a, b Lifetime) int { return cmp.Compare(a.Time, b.Time) })
	for i, l := range sorted {
		if len(all) == 0 || all[len(all)-1].time != l.Time {
			all = append(all, risk{time: l.Time, atRisk: len(sorted) - i})
		}
		if l.Happened {
			all[len(all)-1].happened++
		}
	}
	return all
}

// Median returns the first time at which the survival is 0.5 or less, and +Inf if it never is.
func Median(points []SurvivalPoint) float64 { return Quantile(points, 0.5) }

// Quantile returns the first time at which the survival is p or less, and +Inf if it never is.
func Quantile(points []SurvivalPoint, p float64) float64 {
	for _, x := range points {
		if x.Survival <= p+1e-12 { // the product of many steps is off by a last digit
			return x.Time
		}
	}
	return math.Inf(1)
}

// SurvivalAt returns the survival at a time: 1 before the first step.
func SurvivalAt(points []SurvivalPoint, time float64) float64 {
	survival := 1.0
	for _, x := range points {
		if x.Time > time {
			break
		}
		survival = x.Survival
	}
	return survival
}

// LogRank tests whether it happens to two groups at the same rate, all the time. It returns the statistic, which has a chi-square
// distribution with one degree of freedom, and the p-value: NaN where nothing happened that can tell the groups
// apart. It is Mantel, "Evaluation of survival data and two new rank order statistics", 1966.
func LogRank(a, b []Lifetime) (statistic, p float64) {
	ra := risks(a)
	var observed, expected, variance float64
	for _, s := range risks(slices.Concat(a, b)) {
		na, da := at(ra, s.time)
		n, d := float64(s.atRisk), float64(s.happened)
		observed += float64(da)
		expected += d * float64(na) / n
		if s.atRisk > 1 {
			variance += d * (float64(na) / n) * (1 - float64(na)/n) * (n - d) / (n - 1)
		}
	}
	statistic = (observed - expected) * (observed - expected) / variance
	if math.IsNaN(statistic) {
		return nan, nan
	}
	return statistic, distuv.ChiSquared{K: 1}.Survival(statistic)
}

// at returns how many of a group were at risk at a time, and to how many it happened.
func at(group []risk, time float64) (atRisk, happened int) {
	i, found := slices.BinarySearchFunc(group, time, func(r risk, t float64) int { return cmp.Compare(r.time, t) })
	if i == len(group) {
		return 0, 0
	}
	if found {
		happened = group[i].happened
	}
	return group[i].atRisk, happened
}
