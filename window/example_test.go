package window_test

import (
	"fmt"
	"time"

	"github.com/freshet-go/freshet/window"
)

// An Order is what the examples aggregate.
type Order struct {
	At      int64 // event time
	Product string
	Units   int
	Cents   int64
	Weight  float64 // kg
}

func (o Order) product() string { return o.Product }
func (o Order) units() int      { return o.Units }
func (o Order) cents() int64    { return o.Cents }
func (o Order) weight() float64 { return o.Weight }

// orders are in the order of their arrival.
var orders = []Order{
	{At: 3, Product: "tea", Units: 2, Cents: 900, Weight: 0.2},
	{At: 1, Product: "rice", Units: 1, Cents: 250, Weight: 1},
	{At: 4, Product: "tea", Units: 1, Cents: 450, Weight: 0.1},
	{At: 2, Product: "salt", Units: 5, Cents: 500, Weight: 2.5},
}

// over does what the runtime does for one window in one shard.
func over[A, R any](agg window.Aggregator[Order, A, R]) R {
	acc := agg.New()
	stamped, _ := agg.(window.Stamped[Order, A])
	for i, o := range orders {
		if stamped != nil {
			acc = stamped.AddAt(acc, o, window.Position{Time: window.Time(o.At), Seq: uint64(i)})
		} else {
			acc = agg.Add(acc, o)
		}
	}
	return agg.Result(acc)
}

func ExampleCount() {
	fmt.Println(over(window.Count[Order]()))
	// Output: 4
}

func ExampleSum() {
	fmt.Println(over(window.Sum(Order.cents)))
	// Output: 2100
}

func ExampleSumFloat() {
	fmt.Println(over(window.SumFloat(Order.weight)))
	// Output: 3.8
}

func ExampleMean() {
	fmt.Println(over(window.Mean(Order.cents)))
	// Output: 525
}

func ExampleVariance() {
	m := over(window.Variance(Order.units))
	fmt.Printf("%d orders of %.2f ± %.2f units\n", m.N, m.Mean, m.StdDev())
	// Output: 4 orders of 2.25 ± 1.64 units
}

func ExampleMin() {
	fmt.Println(over(window.Min(Order.cents)))
	// Output: 250
}

func ExampleMax() {
	fmt.Println(over(window.Max(Order.product)))
	// Output: tea
}

func ExampleFirst() {
	fmt.Println(over(window.First[Order]()).Product)
	// Output: rice
}

func ExampleLast() {
	fmt.Println(over(window.Last[Order]()).Cents)
	// Output: 450
}

func ExampleTop() {
	for _, o := range over(window.Top(2, func(a, b Order) int { return int(a.Cents - b.Cents) })) {
		fmt.Println(o.Product, o.Cents)
	}
	// Output:
	// tea 900
	// salt 500
}

func ExampleTopK() {
	fmt.Println(over(window.TopK(2, Order.product, Order.units)))
	// Output: [{salt 5} {tea 3}]
}

func ExampleCollect() {
	for _, o := range over(window.Collect[Order]()) {
		fmt.Print(o.Product, " ")
	}
	// Output: rice salt tea tea
}

// What SQL says as SELECT count(*), sum(cents), avg(cents), max(units).
func ExampleStruct() {
	type takings struct {
		Orders, Cents int64
		Mean          float64
		Units         int
	}
	fmt.Printf("%+v\n", over(window.Struct(
		window.Field(window.Count[Order](), func(t *takings, n int64) { t.Orders = n }),
		window.Field(window.Sum(Order.cents), func(t *takings, n int64) { t.Cents = n }),
		window.Field(window.Mean(Order.cents), func(t *takings, m float64) { t.Mean = m }),
		window.Field(window.Max(Order.units), func(t *takings, n int) { t.Units = n }),
	)))
	// Output: {Orders:4 Cents:2100 Mean:525 Units:5}
}

func ExampleDistinct() {
	fmt.Println(over(window.Distinct(Order.product)))
	// Output: 3
}

func ExampleReduce() {
	dearer := func(a, b Order) Order {
		if a.Cents*int64(b.Units) >= b.Cents*int64(a.Units) {
			return a
		}
		return b
	}
	fmt.Println(over(window.Reduce(dearer)).Product)
	// Output: tea
}

// The greatest sum that divides each price.
func ExampleMapReduce() {
	divisor := func(a, b int64) int64 {
		for b != 0 {
			a, b = b, a%b
		}
		return a
	}
	fmt.Println(over(window.MapReduce(Order.cents, divisor)))
	// Output: 50
}

func ExampleFold() {
	receipt := window.Fold(func() string { return "sold:" }, func(text string, o Order) string { return text + " " + o.Product })
	fmt.Println(over(receipt))
	// Output: sold: rice salt tea tea
}

func ExampleOf() {
	// Which products were sold, as bits: a set of at most three.
	bit := map[string]uint8{"rice": 1, "salt": 2, "tea": 4}
	sold := window.Of(
		func() uint8 { return 0 },
		func(acc uint8, o Order) uint8 { return acc | bit[o.Product] },
		func(a, b uint8) uint8 { return a | b },
		func(acc uint8) string { return fmt.Sprintf("%03b", acc) },
	)
	fmt.Println(over(sold))
	// Output: 111
}

func ExampleThen() {
	euros := window.Then(window.Sum(Order.cents), func(cents int64) string {
		return fmt.Sprintf("€%d.%02d", cents/100, cents%100)
	})
	fmt.Println(over(euros))
	// Output: €21.00
}

func ExampleWhere() {
	tea := func(o Order) bool { return o.Product == "tea" }
	fmt.Println(over(window.Where(tea, window.Sum(Order.units))))
	// Output: 3
}

func ExampleBoth() {
	perUnit := window.Both(window.Sum(Order.cents), window.Sum(Order.units), func(cents int64, units int) string {
		return fmt.Sprintf("%d cents a unit", cents/int64(units))
	})
	fmt.Println(over(perUnit))
	// Output: 233 cents a unit
}

func ExampleTumbling() {
	days := window.Tumbling(24*time.Hour, window.Offset(6*time.Hour))
	t, _ := window.At(time.Date(1969, 12, 31, 3, 0, 0, 0, time.UTC))
	for w := range days.Windows(t) {
		fmt.Println(w)
	}
	// Output: [1969-12-30T06:00:00Z, 1969-12-31T06:00:00Z)
}

func ExampleSliding() {
	s := window.Sliding(time.Minute, 30*time.Second)
	for w := range s.Windows(0) {
		fmt.Println(w)
	}
	// Output:
	// [1969-12-31T23:59:30Z, 1970-01-01T00:00:30Z)
	// [1970-01-01T00:00:00Z, 1970-01-01T00:01:00Z)
}

func ExampleCumulating() {
	s := window.Cumulating(3*time.Hour, time.Hour)
	for w := range s.Windows(window.Time(90 * time.Minute)) {
		fmt.Println(w)
	}
	// Output:
	// [1970-01-01T00:00:00Z, 1970-01-01T02:00:00Z)
	// [1970-01-01T00:00:00Z, 1970-01-01T03:00:00Z)
}
