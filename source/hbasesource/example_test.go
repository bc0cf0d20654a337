package hbasesource_test

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
)

type Profile struct {
	Customer string                       `hbase:"@row"`
	Name     string                       `hbase:"d:name"`
	Orders   int64                        `hbase:"d:orders,bytes"`
	Prices   []hbasesource.Version[int64] `hbase:"d:price,versions bytes"`
	Carts    map[string]int               `hbase:"c:*"`
	At       time.Time                    `hbase:"@time"`
}

// inProcess returns the gateway of an HBase that lives in this process, in place of your own, with some profiles.
func inProcess() (gateway string, stop func()) {
	g := hbasetest.NewGateway()
	g.Create("profiles", []string{"d", "c"}, "m")
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	p := stream.New("fill")
	p.From(source.Slice([]Profile{
		{Customer: "zoe", Name: "Zoe", Orders: 2, At: at},
		{Customer: "ann", Name: "Ann", Orders: 7, Carts: map[string]int{"tea": 2, "cup": 1}, At: at.Add(time.Minute)},
		{Customer: "bob", Name: "Bob", Orders: 1, At: at},
	})).To(hbasesink.Puts(http.DefaultClient, g.URL, "profiles", func(p Profile) string { return p.Customer }))
	if err := p.Run(context.Background()); err != nil {
		panic(err)
	}
	return g.URL, g.Close
}

// Rows of a part of a table.
func ExampleTable() {
	gateway, stop := inProcess()
	defer stop()

	p := stream.New("profiles")
	p.From(hbasesource.Table[Profile](http.DefaultClient, gateway, "profiles", hbasesource.Range("a", "c"))).
		Map(func(p Profile) string {
			return fmt.Sprint(p.Name, " ", p.Orders, " ", p.Carts, " ", p.At.Format("15:04"))
		}).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Ann 7 map[cup:1 tea:2] 12:01
	// Bob 1 map[] 12:00
}

// What is there, and then what changes; here until the first change has come.
func ExamplePoll() {
	gateway, stop := inProcess()
	defer stop()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()

	changed := func() {
		p := stream.New("change")
		p.From(source.Slice([]Profile{{Customer: "bob", Name: "Robert", Orders: 2, At: time.Now()}})).
			To(hbasesink.Puts(http.DefaultClient, gateway, "profiles", func(p Profile) string { return p.Customer }))
		if err := p.Run(ctx); err != nil {
			fmt.Println(err)
		}
	}
	p := stream.New("poll")
	n := 0
	p.From(hbasesource.Poll[Profile](http.DefaultClient, gateway, "profiles", hbasesource.Every(10*time.Millisecond))).
		Tap(func(p Profile) {
			fmt.Println(p.Name, p.Orders)
			switch n++; n {
			case 3:
				go changed()
			case 4:
				cancel()
			}
		}).To(sink.Discard[Profile]())
	if err := p.Run(ctx); err != nil && ctx.Err() == nil {
		fmt.Println(err)
	}
	// Output:
	// Ann 7
	// Bob 1
	// Zoe 2
	// Robert 2
}

// Orders with the profiles of their customers. A row is asked for once a minute at most.
func ExampleLookup() {
	gateway, stop := inProcess()
	defer stop()

	type order struct {
		Customer string
		Cents    int
	}
	profiles := hbasesource.Lookup[string, Profile](http.DefaultClient, gateway, "profiles", func(id string) string { return id })
	p := stream.New("orders")
	p.From(source.Slice([]order{{"ann", 500}, {"bob", 250}, {"ann", 100}})).
		KeyBy(func(o order) string { return o.Customer }).
		Lookup(profiles, func(o order, p Profile) string { return fmt.Sprint(p.Name, " pays ", o.Cents) }, stream.CacheResults(10_000, time.Minute)).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Ann pays 500
	// Bob pays 250
	// Ann pays 100
}

// Keys that were salted are read by salt, and without it.
func ExampleUnsalted() {
	fmt.Println(hbasesource.Unsalted(hbasesink.Salted("order-17", 16)))
	// Output: order-17
}
