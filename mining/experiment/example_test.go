package experiment_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/freshet-go/freshet/mining/experiment"
	"github.com/freshet-go/freshet/mining/stats"
)

// Of a shop, the old checkout and the new one.
var (
	old   = experiment.Rate{Successes: 120, Trials: 2400}
	fresh = experiment.Rate{Successes: 156, Trials: 2400}
)

var (
	before = []float64{12.1, 9.8, 11.4, 10.7, 13.2, 8.9, 10.1, 12.8}
	after  = []float64{11.0, 9.9, 10.1, 10.6, 12.4, 8.1, 9.4, 11.9}
)

func ExampleProportions() {
	z := experiment.Proportions(fresh, old, experiment.TwoSided)
	d := experiment.Newcombe(fresh, old, 0.95)
	fmt.Printf("z %.3f, P %.4f: the new one is better by %.2f to %.2f points\n", z.Statistic, z.P, 100*d.Low, 100*d.High)
	// Output: z 2.232, P 0.0256: the new one is better by 0.18 to 2.83 points
}

func ExampleNewcombe() {
	fmt.Printf("%.4f\n", experiment.Newcombe(experiment.Rate{Successes: 9, Trials: 10}, experiment.Rate{Successes: 3, Trials: 10}, 0.95))
	// Output: {0.1705 0.8090}
}

func ExampleRate() {
	var monday experiment.Rate
	monday.Add(true)
	monday.Add(false)
	monday.Merge(experiment.Rate{Successes: 4, Trials: 8}) // of another shard
	fmt.Println(monday, monday.Value())
	// Output: {5 10} 0.5
}

func ExampleRate_Wilson() {
	fmt.Printf("%.4f\n", old.Wilson(0.95))
	// Output: {0.0420 0.0595}
}

func ExampleRate_ClopperPearson() {
	fmt.Printf("%.4f\n", old.ClopperPearson(0.95))
	// Output: {0.0416 0.0595}
}

func ExampleConversion() {
	bought := experiment.Conversion(func(amount float64) bool { return amount > 0 })
	acc := bought.New()
	for _, amount := range []float64{0, 19.9, 0, 0} {
		acc = bought.Add(acc, amount)
	}
	fmt.Println(bought.Result(acc))
	// Output: {1 4}
}

func ExampleBinomial() {
	heads := experiment.Rate{Successes: 9, Trials: 10}
	fmt.Printf("%.4f\n", experiment.Binomial(heads, 0.5, experiment.TwoSided).P)
	// Output: 0.0215
}

func ExampleWelch() {
	m := experiment.Welch(stats.Of(before...), stats.Of(after...), experiment.TwoSided)
	fmt.Printf("%.3f ± %.3f, t %.3f, df %.1f, P %.3f, %.2f\n", m.Difference, m.StdErr, m.Statistic, m.DF, m.P, m.Interval(0.95))
	// Output: 0.700 ± 0.724, t 0.967, df 13.9, P 0.350, {-0.85 2.25}
}

func ExampleStudent() {
	m := experiment.Student(stats.Of(before...), stats.Of(after...), experiment.Greater)
	fmt.Printf("%.4f\n", m.P)
	// Output: 0.1750
}

func ExamplePaired() {
	// The same eight shops before and after: what differs between shops is gone.
	m := experiment.Paired(before, after, experiment.TwoSided)
	fmt.Printf("P %.4f, %.2f\n", m.P, m.Interval(0.95))
	// Output: P 0.0042, {0.30 1.10}
}

func ExampleOneSample() {
	m := experiment.OneSample(stats.Of(before...), 10, experiment.TwoSided)
	fmt.Printf("%.4f\n", m.P)
	// Output: 0.0739
}

func ExampleCorrelation() {
	r := stats.Pearson(before, after)
	t := experiment.Correlation(r, int64(len(before)), experiment.TwoSided)
	fmt.Printf("r %.3f, P %.5f\n", r, t.P)
	// Output: r 0.951, P 0.00029
}

func ExampleCuped() {
	random := rand.New(rand.NewPCG(1, 2))
	var a, b stats.Joint // what a user spent before, and in the experiment
	for i := range 1000 {
		habit := 50 + 20*random.NormFloat64()
		spent := habit + 5*random.NormFloat64()
		if i%2 == 0 {
			a.Add(habit, spent)
		} else {
			b.Add(habit, spent+1)
		}
	}
	plain := experiment.Welch(a.Y(), b.Y(), experiment.TwoSided)
	m, reduction := experiment.Cuped(a, b, experiment.TwoSided)
	fmt.Println(plain.P < 0.05, m.P < 0.05, reduction > 0.9)
	// Output: false true true
}

func ExampleChiSquare() {
	table := [][]float64{{120, 2280}, {156, 2244}}
	t := experiment.ChiSquare(table, false)
	fmt.Printf("%.4f, df %v, P %.4f; Yates %.4f\n", t.Statistic, t.DF, t.P, experiment.ChiSquare(table, true).Statistic)
	// Output: 4.9821, df 1, P 0.0256; Yates 4.7092
}

func ExampleSampleRatio() {
	t := experiment.SampleRatio([]int64{50_320, 49_680})
	fmt.Printf("%.3f, P %.4f\n", t.Statistic, t.P)
	// Output: 4.096, P 0.0430
}

func ExampleFisher() {
	t := experiment.Fisher(experiment.Rate{Successes: 3, Trials: 4}, experiment.Rate{Successes: 1, Trials: 4}, experiment.Greater)
	fmt.Printf("odds %v, P %.4f\n", t.Statistic, t.P) // the lady tasting tea
	// Output: odds 9, P 0.2429
}

func ExampleMcNemar() {
	// 12 cases were right by the first model only, 3 by the second only.
	fmt.Printf("%.4f\n", experiment.McNemar(12, 3).P)
	// Output: 0.0352
}

func ExampleMcNemarChiSquare() {
	fmt.Printf("%.4f\n", experiment.McNemarChiSquare(120, 80, true).P)
	// Output: 0.0058
}

func ExampleMannWhitney() {
	t := experiment.MannWhitney(before, after, experiment.TwoSided)
	fmt.Printf("U %v, P %.4f\n", t.Statistic, t.P)
	// Output: U 40.5, P 0.4005
}

func ExampleWilcoxon() {
	t := experiment.Wilcoxon(before, after, experiment.TwoSided, experiment.Exact())
	fmt.Printf("W %v, P %.4f\n", t.Statistic, t.P)
	// Output: W 34.5, P 0.0234
}

func ExampleKolmogorovSmirnov() {
	t := experiment.KolmogorovSmirnov(before, after, experiment.TwoSided)
	fmt.Printf("D %v, P %.4f\n", t.Statistic, t.P)
	// Output: D 0.25, P 0.9801
}

func ExampleKolmogorovSmirnovAsymptotic() {
	t := experiment.KolmogorovSmirnovAsymptotic(before, after, experiment.TwoSided)
	fmt.Printf("%.4f\n", t.P)
	// Output: 0.9639
}

func ExampleBenjaminiHochberg() {
	fmt.Printf("%.4f\n", experiment.BenjaminiHochberg(.001, .008, .039, .041, .042))
	// Output: [0.0050 0.0200 0.0420 0.0420 0.0420]
}

func ExampleBenjaminiYekutieli() {
	fmt.Printf("%.4f\n", experiment.BenjaminiYekutieli(.001, .008, .039))
	// Output: [0.0055 0.0220 0.0715]
}

func ExampleHolm() {
	fmt.Printf("%.3f\n", experiment.Holm(.001, .008, .039))
	// Output: [0.003 0.016 0.039]
}

func ExampleDesign() {
	d := experiment.Design{Power: 0.9}
	fmt.Printf("%.0f visitors in each arm, to find 6 %% where it was 5 %%\n", d.Proportions(0.05, 0.06))
	fmt.Printf("%.0f users in each arm, to find a tenth of a standard deviation\n", d.Means(0.1))
	fmt.Printf("with 500, the power is %.2f\n", d.PowerOfMeans(0.1, 500))
	fmt.Printf("with 500, %.3f standard deviations are found\n", d.DetectableMeans(500))
	// Output:
	// 10920 visitors in each arm, to find 6 % where it was 5 %
	// 2102 users in each arm, to find a tenth of a standard deviation
	// with 500, the power is 0.35
	// with 500, 0.205 standard deviations are found
}

func ExampleEffect() {
	fmt.Printf("%.4f\n", experiment.Effect(0.06, 0.05))
	// Output: 0.0439
}

func ExampleBootstrap() {
	b := experiment.Bootstrap(before, stats.Median)
	i := b.BCa(0.95)
	fmt.Println(b.Estimate, i.Low < b.Estimate && b.Estimate < i.High)
	// Output: 11.05 true
}

func ExampleBootstrapDifference() {
	b := experiment.BootstrapDifference(before, after, stats.Median, experiment.Draws(2000), experiment.Seed(7))
	fmt.Printf("%.2f, %v\n", b.Estimate, b.Percentile(0.95).Contains(0))
	// Output: 0.70, true
}

func ExampleBelieve() {
	b := experiment.Believe(old, fresh, 1, 1)
	takeOld, takeNew := b.Loss()
	fmt.Printf("the new one is better with probability %.4f\n", b.Better())
	fmt.Printf("expected loss in points: keep the old %.3f, take the new %.4f\n", 100*takeOld, 100*takeNew)
	// Output:
	// the new one is better with probability 0.9871
	// expected loss in points: keep the old 1.502, take the new 0.0030
}

func ExampleSequential() {
	random := rand.New(rand.NewPCG(1, 2))
	s := experiment.NewSequential(0.02) // differences of about 2 points are hoped for
	for i := range 100_000 {
		arm, rate := i%2, 0.10+0.03*float64(i%2)
		bought := 0.0
		if random.Float64() < rate {
			bought = 1
		}
		s.Add(arm, bought)
		if s.Decided(0.05) { // after every visitor
			d := s.Interval(0.95)
			fmt.Println("decided, and the interval is below 0:", d.High < 0)
			return
		}
	}
	// Output: decided, and the interval is below 0: true
}

func ExampleSequential_Look() {
	// A pipeline counts each arm in shards, and looks each minute at what is merged.
	s := experiment.NewSequential(0.01)
	s.Look(old.Summary(), fresh.Summary())
	fmt.Printf("%.3f\n", s.P())
	// Output: 0.322
}

func ExampleGroup() {
	b := experiment.Group(experiment.OBrienFleming, 0.05, experiment.TwoSided, 0.25, 0.5, 0.75, 1)
	fmt.Printf("%.3f\n", b.Z)
	fmt.Println(b.Crossed(0, 2.5), b.Crossed(3, -2.1))
	// Output:
	// [4.049 2.863 2.337 2.024]
	// false true
}

func ExampleBounds_Drift() {
	b := experiment.Group(experiment.Pocock, 0.05, experiment.TwoSided, 0.25, 0.5, 0.75, 1)
	one := experiment.Group(experiment.Pocock, 0.05, experiment.TwoSided, 1)
	more := b.Drift(0.8) / one.Drift(0.8)
	fmt.Printf("%.3f times as many values at most\n", more*more)
	// Output: 1.202 times as many values at most
}

func ExampleAlternative() {
	for _, alt := range []experiment.Alternative{experiment.TwoSided, experiment.Less, experiment.Greater} {
		fmt.Printf("%.4f ", experiment.Proportions(fresh, old, alt).P)
	}
	// Output: 0.0256 0.9872 0.0128
}

func ExampleAsymptotic() {
	t := experiment.MannWhitney(before, after, experiment.TwoSided, experiment.Asymptotic(), experiment.NoContinuity())
	fmt.Printf("%.4f\n", t.P)
	// Output: 0.3717
}

func ExampleExact() {
	t := experiment.MannWhitney(before, after, experiment.TwoSided, experiment.Exact()) // with ties, too
	fmt.Printf("%.4f\n", t.P)
	// Output: 0.3975
}

func ExamplePratt() {
	a, b := []float64{3, 1, 4, 1, 5, 9}, []float64{3, 2, 2, 0, 1, 4} // the first two are equal
	fmt.Println(experiment.Wilcoxon(a, b, experiment.TwoSided).Statistic, experiment.Wilcoxon(a, b, experiment.TwoSided, experiment.Pratt()).Statistic)
	// Output: 13.5 17.5
}

func ExampleBurn() {
	// Of a conversion of 1 %, no verdict before each arm has had 2,000 visitors.
	s := experiment.NewSequential(0.002, experiment.Burn(2000))
	for i := range 2000 {
		s.Add(i%2, float64(i%2))
	}
	fmt.Println(s.P(), s.Interval(0.95))
	// Output: 1 {-Inf +Inf}
}

func ExampleBootstrapped() {
	b := experiment.Bootstrap([]float64{1, 2, 3, 4, 5}, stats.Median, experiment.Draws(1000), experiment.Seed(3))
	fmt.Println(len(b.Distribution), b.Percentile(0.95))
	// Output: 1000 {1 5}
}

func ExampleMeans() {
	m := experiment.Welch(stats.Of(before...), stats.Of(after...), experiment.Greater)
	fmt.Printf("P %.3f, 90 %%: %.2f\n", m.P, m.Interval(0.9))
	// Output: P 0.175, 90 %: {-0.58 1.98}
}

func ExampleShape() {
	for _, shape := range []experiment.Shape{experiment.OBrienFleming, experiment.Pocock, experiment.SpendOBrienFleming, experiment.SpendPocock} {
		fmt.Printf("%.3f\n", experiment.Group(shape, 0.05, experiment.TwoSided, 0.5, 1).Z)
	}
	// Output:
	// [2.797 1.977]
	// [2.178 2.178]
	// [2.963 1.969]
	// [2.157 2.201]
}
