package redissource_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/redissource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/window"
)

// inProcess returns a client of a Redis that lives in this process, in place of your own.
func inProcess() (client *redis.Client, stop func()) {
	server, err := miniredis.Run()
	if err != nil {
		panic(err)
	}
	client = redis.NewClient(&redis.Options{Addr: server.Addr()})
	return client, func() { client.Close(); server.Close() }
}

type Sale struct {
	Shop  string    `redis:"shop"`
	Cents int       `redis:"cents"`
	At    time.Time `redis:"@time"`
}

// Revenue by minute, from a stream that is read by ids.
func ExampleStreams() {
	client, stop := inProcess()
	defer stop()
	ctx := context.Background()
	for id, cents := range []int{500, 250, 100} {
		client.XAdd(ctx, &redis.XAddArgs{Stream: "sales", ID: fmt.Sprint(1+id*30_000, "-0"), Values: []any{"shop", "north", "cents", cents}})
	}

	p := stream.New("revenue")
	p.From(redissource.Streams(client, []string{"sales"}, redissource.Tags[Sale](), redissource.Bounded())).
		EventTime(func(s Sale) time.Time { return s.At }).
		KeyBy(func(s Sale) string { return s.Shop }).
		Window(window.Tumbling(time.Minute)).
		Aggregate(window.Sum(func(s Sale) int { return s.Cents })).
		Map(func(p stream.Pane[string, int]) string {
			return fmt.Sprint(p.Start.UTC().Format("15:04"), " ", p.Key, " ", p.Value)
		}).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(ctx); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 00:00 north 750
	// 00:01 north 100
}

// A consumer of a group, which gets what has not been acknowledged.
func ExampleGroup() {
	client, stop := inProcess()
	defer stop()
	ctx := context.Background()
	client.XAdd(ctx, &redis.XAddArgs{Stream: "sales", Values: []any{"shop", "north", "cents", 500}})
	client.XAdd(ctx, &redis.XAddArgs{Stream: "sales", Values: []any{"shop", "south", "cents", "a few"}})

	var bad stream.Failures[[]byte]
	p := stream.New("sales")
	sales := p.From(redissource.Group(client, "books", "worker-1", []string{"sales"}, redissource.Tags[Sale](), redissource.Bounded()), stream.Divert(&bad))
	sales.Map(func(s Sale) string { return fmt.Sprint(s.Shop, " ", s.Cents) }).To(sink.Writer(os.Stdout, codec.Lines()))
	bad.Stream().Map(func(f stream.Failed[[]byte]) string { return "bad: " + string(f.Value) }).To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(ctx, stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	fmt.Println(client.XPending(ctx, "sales", "books").Val().Count, "pending")
	// Unordered output:
	// north 500
	// bad: shop="south" cents="a few"
	// 0 pending
}

// Jobs in a list, as JSON.
func ExampleLists() {
	client, stop := inProcess()
	defer stop()
	ctx := context.Background()
	client.RPush(ctx, "jobs", `"pack"`, `"ship"`)

	p := stream.New("jobs")
	p.From(redissource.Lists(client, "worker-1", []string{"jobs"}, codec.JSON[string](), redissource.Bounded())).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(ctx); err != nil {
		fmt.Println(err)
	}
	fmt.Println(client.LLen(ctx, "{jobs}:processing:worker-1").Val(), "left")
	// Output:
	// pack
	// ship
	// 0 left
}

// Messages of a channel, until there were enough.
func ExampleChannels() {
	client, stop := inProcess()
	defer stop()
	ctx, enough := context.WithCancel(context.Background())
	defer enough()
	go func() {
		for client.Publish(ctx, "prices", `1.25`).Val() == 0 { // until somebody listens
			time.Sleep(time.Millisecond)
		}
	}()

	p := stream.New("prices")
	p.From(redissource.Channels(client, []string{"prices"}, codec.JSON[float64]())).
		Map(func(m redissource.Message[float64]) string { enough(); return fmt.Sprint(m.Channel, " ", m.Value) }).
		To(sink.Writer(os.Stdout, codec.Lines()))
	_ = p.Run(ctx) // it says that ctx has ended
	// Output:
	// prices 1.25
}

type Cart struct {
	Key   string `redis:"@key"`
	Items int    `redis:"items"`
}

// Carts as they are now. Without Bounded, what becomes of them follows.
func ExampleHashes() {
	client, stop := inProcess()
	defer stop()
	ctx := context.Background()
	client.HSet(ctx, "cart:17", "items", 3, "seen", "today")

	p := stream.New("carts")
	p.From(redissource.Hashes(client, "cart:*", redissource.Tags[Cart](), redissource.Bounded())).
		Map(func(c stream.Change[Cart]) string { return fmt.Sprint(c.Kind, " ", c.After) }).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(ctx); err != nil {
		fmt.Println(err)
	}
	// Output:
	// read {cart:17 3}
}

type Product struct {
	Name string `redis:"name"`
}

// The product of each sale, with a cache of 10,000 products.
func ExampleLookupHash() {
	client, stop := inProcess()
	defer stop()
	ctx := context.Background()
	client.HSet(ctx, "product:7", "name", "Lamp")
	client.RPush(ctx, "sales", `7`, `7`)

	product := redissource.LookupHash(client, func(id int) string { return fmt.Sprint("product:", id) }, redissource.Tags[Product]())
	p := stream.New("names")
	p.From(redissource.Lists(client, "worker-1", []string{"sales"}, codec.JSON[int](), redissource.Bounded())).
		KeyBy(func(id int) int { return id }).
		Lookup(product, func(id int, x Product) string { return fmt.Sprint(id, " ", x.Name) }, stream.CacheResults(10_000, time.Minute)).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(ctx); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 7 Lamp
	// 7 Lamp
}
