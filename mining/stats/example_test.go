package stats_test

import (
	"fmt"
	"math"
	"time"

	"github.com/freshet-go/freshet/mining/stats"
	"github.com/freshet-go/freshet/window"
)

// An Order is one of a shop.
type Order struct {
	Amount float64
	Items  int
	Paid   string
}

func (o Order) amount() float64 { return o.Amount }
func (o Order) items() float64  { return float64(o.Items) }

var orders = []Order{{12, 1, "card"}, {30, 2, "card"}, {18, 1, "cash"}, {95, 7, "card"}, {25, 2, "card"}}

// aggregate is what a window does.
func aggregate[T, A, R any](agg window.Aggregator[T, A, R], values []T) R {
	acc := agg.New()
	for _, v := range values {
		acc = agg.Add(acc, v)
	}
	return agg.Result(acc)
}

func ExampleDescribe() {
	s := aggregate(stats.Describe(Order.amount), orders)
	fmt.Println(s.Count(), s.Min(), s.Max(), s.Mean())
	fmt.Printf("%.1f ± %.1f, skewness %.2f\n", s.Mean(), s.StdErr(), s.Skewness())
	// Output:
	// 5 12 95 36
	// 36.0 ± 15.1, skewness 1.35
}

func ExampleSummary() {
	monday, tuesday := stats.Of(3, 5, 4), stats.Of(8, 10)
	monday.Merge(tuesday)
	fmt.Printf("%+v\n", monday.Describe())
	// Output: {Count:5 Min:3 Max:10 Mean:6 Variance:6.8 Skewness:0.40604028821331367 Kurtosis:-1.3996539792387543}
}

func ExampleOfMoments() {
	s := stats.OfMoments(window.Moments{N: 4, Mean: 10, Squares: 12})
	fmt.Println(s.Mean(), s.SampleVariance(), s.StdErr())
	// Output: 10 4 1
}

func ExampleRelate() {
	j := aggregate(stats.Relate(Order.items, Order.amount), orders)
	slope, intercept := j.Line()
	fmt.Printf("correlation %.3f, amount = %.1f·items + %.1f\n", j.Correlation(), slope, intercept)
	// Output: correlation 0.997, amount = 13.4·items + 1.2
}

func ExampleJoint() {
	var j stats.Joint
	j.Add(1, 10)
	j.Add(2, 30)
	j.Add(3, 20)
	fmt.Println(j.Covariance(), j.Correlation())
	// Output: 3.3333333333333335 0.5
}

func ExampleFaded() {
	load := stats.NewFaded(time.Minute)
	at := func(d time.Duration) window.Time { return window.Time(d) }
	load.Add(at(0), 10)
	load.Add(at(time.Minute), 40) // the 10 has half its weight now
	fmt.Println(load.Mean(), load.Weight())
	load.Add(at(30*time.Second), 40) // late, but in its place
	fmt.Printf("%.2f %.2f\n", load.Mean(), load.Weight())
	// Output:
	// 30 1.5
	// 33.20 2.21
}

func ExampleNewFadedCount() {
	f := stats.NewFadedCount(stats.HalfLife(0.5)) // of two numbers, the older counts half
	f.Add(0, 10)
	f.Add(0, 40)
	fmt.Println(f.Mean())
	// Output: 30
}

func ExampleHalfLife() {
	fmt.Printf("%.3f\n", stats.HalfLife(0.1))
	// Output: 6.579
}

func ExampleFadedBy() {
	f := aggregate(stats.FadedBy(time.Hour, Order.amount), orders) // all at one time
	fmt.Println(f.Mean())
	// Output: 36
}

func ExampleRolling() {
	last := stats.NewRolling(3, stats.Ordered())
	for _, v := range []float64{9, 2, 7, 4} {
		last.Add(0, v)
		fmt.Println(last.Min(), last.Median(), last.Max())
	}
	// Output:
	// 9 9 9
	// 2 5.5 9
	// 2 7 9
	// 2 4 7
}

func ExampleNewRollingTime() {
	r := stats.NewRollingTime(10*time.Second, 1000)
	for i, v := range []float64{100, 1, 2, 3} {
		r.Add(window.Time(i)*window.Time(5*time.Second), v)
	}
	fmt.Println(r.Count(), r.Mean()) // of (5 s, 15 s]
	// Output: 2 2.5
}

func ExampleHistogram() {
	h := stats.NewHistogram(0, 10, 20, 50)
	for _, o := range orders {
		h.Add(o.Amount)
	}
	fmt.Println(h.Counts(), h.Above(), h.Quantile(0.5))
	// Output: [0 2 2] 1 27.5
}

func ExampleBinned() {
	h := aggregate(stats.Binned(Order.amount, stats.Growing(1, 100, 2)...), orders)
	fmt.Println(h.Counts())
	// Output: [0 5]
}

func ExampleEven() {
	fmt.Println(stats.Even(0, 1, 4))
	// Output: [0 0.25 0.5 0.75 1]
}

func ExampleGrowing() {
	fmt.Printf("%.0f\n", stats.Growing(1, 1000, 3))
	// Output: [1 10 100 1000]
}

func ExampleQuantile() {
	values := []float64{1, 2, 3, 10}
	fmt.Println(stats.Quantile(values, 0.9, stats.Linear), stats.Quantile(values, 0.9, stats.InvertedCDF))
	// Output: 7.900000000000001 10
}

func ExampleQuantiles() {
	fmt.Println(stats.Quantiles([]float64{1, 2, 3, 10}, stats.Weibull, 0.25, 0.5, 0.75))
	// Output: [1.25 2.5 8.25]
}

func ExampleMedian() {
	fmt.Println(stats.Median([]float64{7, 1, 3}))
	// Output: 3
}

func ExampleMAD() {
	fmt.Println(stats.MAD([]float64{1, 2, 3, 4, 1000}))
	// Output: 1
}

func ExampleWeightedQuantile() {
	fmt.Println(stats.WeightedQuantile([]float64{1, 2, 3}, []float64{1, 1, 8}, 0.5))
	// Output: 3
}

func ExampleRanks() {
	fmt.Println(stats.Ranks([]float64{20, 10, 20, 5}))
	// Output: [3.5 2 3.5 1]
}

func ExamplePearson() {
	fmt.Println(stats.Pearson([]float64{1, 2, 3}, []float64{10, 30, 20}))
	// Output: 0.5
}

func ExampleSpearman() {
	fmt.Println(stats.Spearman([]float64{1, 2, 3, 4}, []float64{1, 100, 1000, 1e6}))
	// Output: 1
}

func ExampleKendall() {
	fmt.Printf("%.3f\n", stats.Kendall([]float64{1, 2, 3, 4}, []float64{1, 3, 2, 4}))
	// Output: 0.667
}

func ExampleEntropy() {
	fmt.Println(stats.Entropy([]float64{5, 5, 5, 5}) / math.Ln2)
	// Output: 2
}

func ExampleDivergence() {
	fmt.Printf("%.4f\n", stats.Divergence([]float64{3, 1}, []float64{1, 1}))
	// Output: 0.1308
}

func ExampleJensenShannon() {
	fmt.Printf("%.4f\n", stats.JensenShannon([]float64{1, 0}, []float64{0, 1}))
	// Output: 0.6931
}

func ExampleVariety() {
	fmt.Printf("%.4f\n", aggregate(stats.Variety(func(o Order) string { return o.Paid }), orders))
	// Output: 0.5004
}

func ExampleFadedEntropy() {
	e := stats.NewFadedEntropy(4, 100)
	for i := range 5000 {
		if i < 4000 {
			e.Add(i % 4) // users come from everywhere
		} else {
			e.Add(2) // and then from one place
		}
		if i == 3999 || i == 4999 {
			fmt.Printf("%.3f\n", e.Entropy())
		}
	}
	// Output:
	// 1.386
	// 0.007
}

func ExampleOf() {
	s := stats.Of(1, 2, math.NaN(), 6)
	fmt.Println(s.Count(), s.Missing(), s.Mean())
	// Output: 3 1 3
}

func ExampleDescription() {
	describe := window.Then(stats.Describe(Order.amount), func(s stats.Summary) stats.Description { return s.Describe() })
	d := aggregate(describe, orders) // what goes to a sink
	fmt.Println(d.Count, d.Max)
	// Output: 5 95
}

func ExampleDefinition() {
	for _, by := range []stats.Definition{stats.Linear, stats.Weibull, stats.MedianUnbiased} {
		fmt.Printf("%.3f ", stats.Quantile([]float64{1, 2, 4, 8, 16}, 0.9, by))
	}
	// Output: 12.800 16.000 16.000
}

func ExampleOrdered() {
	r := stats.NewRolling(1000, stats.Ordered()) // as the median is asked for after every number
	for v := range 3000 {
		r.Add(0, float64(v))
	}
	fmt.Println(r.Median(), r.Quantile(0.99))
	// Output: 2499.5 2989.01
}
