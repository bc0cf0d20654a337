package window_test

import (
	"fmt"
	"testing"

	"github.com/freshet-go/freshet/window"
)

// A takings is what the benchmarks make of a window: ten aggregates of its orders.
type takings struct {
	Orders, Revenue, Least, Most int64
	Units, Fewest, Largest       int
	Mean, Spread, Weight         float64
}

func tenFields() window.Aggregator[Order, window.Fields, takings] {
	return window.Struct(
		window.Field(window.Count[Order](), func(t *takings, n int64) { t.Orders = n }),
		window.Field(window.Sum(Order.cents), func(t *takings, n int64) { t.Revenue = n }),
		window.Field(window.Min(Order.cents), func(t *takings, n int64) { t.Least = n }),
		window.Field(window.Max(Order.cents), func(t *takings, n int64) { t.Most = n }),
		window.Field(window.Sum(Order.units), func(t *takings, n int) { t.Units = n }),
		window.Field(window.Min(Order.units), func(t *takings, n int) { t.Fewest = n }),
		window.Field(window.Max(Order.units), func(t *takings, n int) { t.Largest = n }),
		window.Field(window.Mean(Order.cents), func(t *takings, m float64) { t.Mean = m }),
		window.Field(window.Variance(Order.cents), func(t *takings, m window.Moments) { t.Spread = m.StdDev() }),
		window.Field(window.SumFloat(Order.weight), func(t *takings, m float64) { t.Weight = m }),
	)
}

// BenchmarkTenAggregates adds orders to ten aggregates, in the two ways that there are and in
// a loop by hand, on one accumulator and on many.
func BenchmarkTenAggregates(b *testing.B) {
	many := make([]Order, 1024)
	for i := range many {
		many[i] = Order{Product: "tea", Units: i%7 + 1, Cents: int64(i * 37 % 1009), Weight: float64(i%13) / 10}
	}
	for _, keys := range []int{1, 1024} {
		b.Run(fmt.Sprintf("struct/keys=%d", keys), func(b *testing.B) { added(b, tenFields(), many, keys) })
		nested(b, many, keys)
		b.Run(fmt.Sprintf("loop/keys=%d", keys), func(b *testing.B) { looped(b, many, keys) })
	}
}

// added adds all orders to accumulators in turn.
func added[A any](b *testing.B, agg window.Aggregator[Order, A, takings], orders []Order, keys int) {
	accs := make([]A, keys)
	for i := range accs {
		accs[i] = agg.New()
	}
	b.ReportAllocs()
	for b.Loop() {
		for i := range orders {
			acc := &accs[i%keys]
			*acc = agg.Add(*acc, orders[i])
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(orders)), "ns/event")
	if agg.Result(accs[0]).Orders == 0 {
		b.Fatal("nothing was added")
	}
}

// nested is the same with Both inside of Both.
func nested(b *testing.B, orders []Order, keys int) {
	both := window.Both(window.Count[Order](), window.Both(window.Sum(Order.cents), window.Both(window.Min(Order.cents), window.Both(window.Max(Order.cents),
		window.Both(window.Sum(Order.units), window.Both(window.Min(Order.units), window.Both(window.Max(Order.units),
			window.Both(window.Mean(Order.cents), window.Both(window.Variance(Order.cents), window.SumFloat(Order.weight),
				func(m window.Moments, w float64) takings { return takings{Spread: m.StdDev(), Weight: w} }),
				func(m float64, t takings) takings { t.Mean = m; return t }),
			func(n int, t takings) takings { t.Largest = n; return t }),
			func(n int, t takings) takings { t.Fewest = n; return t }),
			func(n int, t takings) takings { t.Units = n; return t }),
		func(n int64, t takings) takings { t.Most = n; return t }),
		func(n int64, t takings) takings { t.Least = n; return t }),
		func(n int64, t takings) takings { t.Revenue = n; return t }),
		func(n int64, t takings) takings { t.Orders = n; return t })
	b.Run(fmt.Sprintf("both/keys=%d", keys), func(b *testing.B) { added(b, both, orders, keys) })
}

// A tally is what a loop by hand keeps.
type tally struct {
	orders, revenue, least, most, units, fewest, largest int64
	total, lost, mean, squares, weight, lostWeight       float64
}

func looped(b *testing.B, orders []Order, keys int) {
	all := make([]tally, keys)
	b.ReportAllocs()
	for b.Loop() {
		for i := range orders {
			o, t := &orders[i], &all[i%keys]
			t.orders++
			t.revenue += o.Cents
			t.units += int64(o.Units)
			if t.orders == 1 {
				t.least, t.most, t.fewest, t.largest = o.Cents, o.Cents, int64(o.Units), int64(o.Units)
			}
			t.least, t.most = min(t.least, o.Cents), max(t.most, o.Cents)
			t.fewest, t.largest = min(t.fewest, int64(o.Units)), max(t.largest, int64(o.Units))
			compensate(&t.total, &t.lost, float64(o.Cents))
			compensate(&t.weight, &t.lostWeight, o.Weight)
			d := float64(o.Cents) - t.mean
			t.mean += d / float64(t.orders)
			t.squares += d * (float64(o.Cents) - t.mean)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(orders)), "ns/event")
}

func compensate(sum, lost *float64, v float64) {
	t := *sum + v
	if max(*sum, -*sum) >= max(v, -v) {
		*lost += *sum - t + v
	} else {
		*lost += v - t + *sum
	}
	*sum = t
}
