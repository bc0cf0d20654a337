package streamtest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

type sale struct {
	shop  string
	cents int64
	at    time.Time
}

func (s sale) shopOf() string      { return s.shop }
func (s sale) centsOf() int64      { return s.cents }
func (s sale) madeAt() time.Time   { return s.at }
func minute(n int) time.Time       { return time.Date(2026, 11, 27, 9, n, 0, 0, time.UTC) }
func example() testing.TB          { return exampleTest{} }
func sell(n int, cents int64) sale { return sale{"oslo", cents, minute(n)} }

// takings is what is tested.
func takings(sales stream.Stream[sale]) stream.Stream[stream.Pane[string, int64]] {
	return sales.
		EventTime(sale.madeAt, stream.Disorder(time.Minute)).
		KeyBy(sale.shopOf).
		Window(window.Tumbling(10 * time.Minute)).
		Aggregate(window.Sum(sale.centsOf))
}

func ExampleStart() {
	t := example() // in a test, its *testing.T

	sales := streamtest.NewInput[sale]()
	p := stream.New("takings")
	sums := streamtest.Collect(takings(p.From(sales)))
	d := streamtest.Start(t, p)

	sales.Push(sell(1, 100), sell(9, 200), sell(10, 400))
	d.Settle()
	fmt.Println("before the watermark:", len(sums.Take()))

	sales.Push(sell(11, 800)) // an event of 9:11 may be followed by one of 9:10
	d.Settle()
	for _, s := range sums.Take() {
		fmt.Println("until", s.End.Format("15:04"), s.Value)
	}

	sales.End()
	d.Settle()
	for _, s := range sums.Take() {
		fmt.Println("until", s.End.Format("15:04"), s.Value)
	}
	// Output:
	// before the watermark: 0
	// until 09:10 300
	// until 09:20 1200
}

// The clock stands still until the test moves it.
func ExampleDriver_Advance() {
	t := example() // in a test, its *testing.T

	type visit struct{}
	seen := func(c *stream.KeyContext[string, visit, string], _ string) error {
		c.SetClockTimer(c.Now().Add(time.Minute))
		return nil
	}
	silent := func(c *stream.KeyContext[string, visit, string]) error {
		c.Emit(c.Key() + " is silent")
		return nil
	}
	pings := streamtest.NewInput[string]()
	p := stream.New("silence")
	alarms := streamtest.Collect(p.From(pings).KeyBy(func(host string) string { return host }).Process(seen, silent))
	d := streamtest.Start(t, p)

	pings.Push("web-1")
	d.Settle()
	d.Advance(59 * time.Second)
	fmt.Println(alarms.Take())
	d.Advance(time.Second)
	fmt.Println(alarms.Take())
	// Output:
	// []
	// [web-1 is silent]
}

// An exampleTest stands in for the *testing.T of a test.
type exampleTest struct{ testing.TB }

func (exampleTest) Helper()                        {}
func (exampleTest) Cleanup(func())                 {}
func (exampleTest) Fatalf(format string, a ...any) { panic(fmt.Sprintf(format, a...)) }
