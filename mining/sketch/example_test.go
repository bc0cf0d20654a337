package sketch_test

import (
	"fmt"
	"time"

	"github.com/freshet-go/freshet/mining/sketch"
	"github.com/freshet-go/freshet/window"
)

type Visit struct {
	User    string
	Page    string
	Seconds float64
}

func (v Visit) UserName() string  { return v.User }
func (v Visit) PageName() string  { return v.Page }
func (v Visit) Duration() float64 { return v.Seconds }

// visits are 30,000 of 5,000 users.
func visits() []Visit {
	pages := []string{"/", "/", "/", "/", "/cart", "/cart", "/pay", "/help"}
	all := make([]Visit, 30_000)
	for i := range all {
		all[i] = Visit{fmt.Sprint("user", i*7919%5000), pages[i%8], float64(1 + i%600)}
	}
	return all
}

// of aggregates by hand what Aggregate does in a pipeline.
func of[T, A, R any](agg window.Aggregator[T, A, R], values []T) R {
	acc := agg.New()
	for _, v := range values {
		acc = agg.Add(acc, v)
	}
	return agg.Result(acc)
}

func ExampleDistinct() {
	fmt.Println(of(sketch.Distinct(Visit.UserName), visits()))
	// Output: 4960 (4804 to 5126)
}

func ExampleSet() {
	all := visits()
	morning, evening := of(sketch.Set(Visit.UserName), all[:2000]), of(sketch.Set(Visit.UserName), all[1000:3000])
	fmt.Println("one or the other:", morning.Union(evening).Estimate())
	fmt.Println("both:", morning.Intersection(evening).Estimate())
	fmt.Println("in the morning only:", morning.Difference(evening).Estimate())
	fmt.Printf("Jaccard: %.2f\n", morning.Jaccard(evening).Value)
	// Output:
	// one or the other: 3000 (3000 to 3000)
	// both: 1000 (1000 to 1000)
	// in the morning only: 1000 (1000 to 1000)
	// Jaccard: 0.33
}

func ExampleTopK() {
	for _, page := range of(sketch.TopK(Visit.PageName, 2), visits()) {
		fmt.Println(page.Key, page.Low, page.High)
	}
	// Output:
	// / 15000 15000
	// /cart 7500 7500
}

func ExampleFrequency() {
	pages := of(sketch.Frequency(Visit.PageName), visits())
	fmt.Println(pages.Count(sketch.Hash("/cart")), "of", pages.Total())
	// Output: 7500 of 30000
}

func ExampleMembership() {
	users := of(sketch.Membership(Visit.UserName, 10_000, 0.01), visits())
	fmt.Println(users.Has(sketch.Hash("user17")), users.Has(sketch.Hash("nobody")))
	// Output: true false
}

func ExampleQuantiles() {
	fmt.Printf("%.0f\n", of(sketch.Quantiles(Visit.Duration, 0.5, 0.99, 1), visits()))
	// Output: [302 596 600]
}

func ExampleRanks() {
	fmt.Println(of(sketch.Ranks(Visit.Duration, []float64{0, 0.5, 1}), visits()))
	// Output: [1 301 600]
}

func ExampleSample() {
	some := sketch.NewReservoir[string](3, sketch.Seed(1))
	for _, v := range visits() {
		some.Add(v.User)
	}
	fmt.Println(some.Values(), "of", some.N())
	// Output: [user3136 user827 user2510] of 30000
}

func ExampleSampleBy() {
	long := sketch.NewReservoir[float64](3, sketch.Seed(1))
	for _, v := range visits() {
		long.AddWeighted(v.Seconds, v.Seconds)
	}
	fmt.Println(long.Values())
	// Output: [345 134 598]
}

// In a pipeline the sample is that of positions: any number of shards gives the same one.
func ExampleSampleRecent() {
	agg := sketch.SampleRecent[int](time.Minute, 3)
	acc, at := agg.New(), agg.(window.Stamped[int, *sketch.Reservoir[int]])
	for minute := range 600 {
		acc = at.AddAt(acc, minute, window.Position{Time: window.Time(time.Duration(minute) * time.Minute), Seq: uint64(minute)})
	}
	fmt.Println(agg.Result(acc))
	// Output: [596 599 598]
}
