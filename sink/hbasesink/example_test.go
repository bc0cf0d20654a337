package hbasesink_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/freshet-go/freshet/internal/hbasetest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/hbasesink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/hbasesource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/window"
)

// inProcess returns the gateway of an HBase that lives in this process, in place of your own.
func inProcess() (gateway string, stop func()) {
	g := hbasetest.NewGateway()
	g.Create("totals", []string{"d"})
	return g.URL, g.Close
}

type Total struct {
	Shop  string    `hbase:"@row"`
	Cents int       `hbase:"d:cents"`
	Note  *string   `hbase:"d:note"`
	At    time.Time `hbase:"@time"`
}

func (t Total) Key() string { return t.Shop }

// show prints the rows of the table.
func show(gateway string) {
	p := stream.New("show")
	p.From(hbasesource.Table[Total](http.DefaultClient, gateway, "totals")).
		Map(func(t Total) string { return fmt.Sprint(t.Shop, " ", t.Cents, " at ", t.At.Format("15:04")) }).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
}

// The totals of minutes, each with the end of its minute as its time: a replay writes the same cells.
func ExamplePuts() {
	gateway, stop := inProcess()
	defer stop()
	type sale struct {
		Shop  string
		Cents int
		At    time.Time
	}
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	p := stream.New("totals")
	p.From(source.Slice([]sale{{"north", 500, noon}, {"south", 100, noon}, {"north", 250, noon.Add(30 * time.Second)}})).
		EventTime(func(s sale) time.Time { return s.At }).
		KeyBy(func(s sale) string { return s.Shop }).
		Window(window.Tumbling(time.Minute)).
		Aggregate(window.Sum(func(s sale) int { return s.Cents })).
		Map(func(p stream.Pane[string, int]) Total { return Total{Shop: p.Key, Cents: p.Value, At: p.End} }).
		To(hbasesink.Puts(http.DefaultClient, gateway, "totals", Total.Key))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	show(gateway)
	// Output:
	// north 750 at 12:01
	// south 100 at 12:01
}

// A table that follows the changes of another.
func ExampleChanges() {
	gateway, stop := inProcess()
	defer stop()
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	north, south := Total{Shop: "north", Cents: 500, At: noon}, Total{Shop: "south", Cents: 100, At: noon}
	more := Total{Shop: "north", Cents: 750, At: noon.Add(time.Minute)}
	p := stream.New("changes")
	p.From(source.Slice([]stream.Change[Total]{
		{Kind: stream.Insert, After: north},
		{Kind: stream.Insert, After: south},
		{Kind: stream.Update, After: more, Before: north, HasBefore: true},
		{Kind: stream.Delete, Before: south, HasBefore: true},
	})).To(hbasesink.Changes(http.DefaultClient, gateway, "totals", Total.Key))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	show(gateway)
	// Output:
	// north 750 at 12:01
}

// Rows that are there are left as they are.
func ExampleCheckAndPuts() {
	gateway, stop := inProcess()
	defer stop()
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	p := stream.New("insert")
	p.From(source.Slice([]Total{{Shop: "north", Cents: 500, At: noon}, {Shop: "north", Cents: 1, At: noon.Add(time.Minute)}})).
		To(hbasesink.CheckAndPuts(http.DefaultClient, gateway, "totals", Total.Key, func(Total) hbasesink.Check {
			return hbasesink.Check{Column: "d:cents"} // there has to be none
		}), stream.SkipFailures(), stream.Name("totals"))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	s, _ := p.Stats().Operator("totals")
	fmt.Println(s.Failed, "is there already")
	show(gateway)
	// Output:
	// 1 is there already
	// north 500 at 12:00
}

// Keys for a table that is split at 1, 2 and 3: days that ascend do not all go to one region.
func ExampleSalted() {
	for _, day := range []string{"2026-03-01", "2026-03-02", "2026-03-03"} {
		fmt.Printf("%q\n", hbasesink.Salted(day, 4))
	}
	// Output:
	// "\x012026-03-01"
	// "\x002026-03-02"
	// "\x032026-03-03"
}

func ExampleReversed() {
	for n := 1998; n <= 2001; n++ {
		fmt.Println(hbasesink.Reversed(fmt.Sprint(n)))
	}
	// Output:
	// 8991
	// 9991
	// 0002
	// 1002
}

func ExampleNewestFirst() {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	fmt.Println("north"+hbasesink.NewestFirst(noon.Add(time.Minute)) < "north"+hbasesink.NewestFirst(noon))
	// Output: true
}
