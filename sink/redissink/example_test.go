package redissink_test

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/sink/redissink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
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

// write runs a pipeline from values into a sink.
func write[T any](sink stream.Sink[T], values ...T) {
	p := stream.New("example")
	p.From(source.Slice(values)).To(sink, stream.Name("to redis"))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
}

type Total struct {
	Shop  string `redis:"shop" json:"shop"`
	Cents int64  `redis:"cents" json:"cents"`
}

func (t Total) Key() string { return "total:" + t.Shop }

func ExampleHashes() {
	client, stop := inProcess()
	defer stop()
	write(redissink.Hashes(client, Total.Key, redissink.Tags[Total]()), Total{"north", 500}, Total{"north", 750})

	fmt.Println(client.HGetAll(context.Background(), "total:north").Val())
	// Output:
	// map[cents:750 shop:north]
}

// Strings with a codec for JSON are documents.
func ExampleStrings() {
	client, stop := inProcess()
	defer stop()
	write(redissink.Strings(client, Total.Key, codec.JSON[Total](), redissink.Expire(time.Hour)), Total{"north", 500})

	fmt.Println(client.Get(context.Background(), "total:north").Val())
	// Output:
	// {"shop":"north","cents":500}
}

func ExampleStreams() {
	client, stop := inProcess()
	defer stop()
	all := func(Total) string { return "totals" }
	write(redissink.Streams(client, all, redissink.Tags[Total](), redissink.MaxLen(1_000_000)), Total{"north", 500})

	for _, m := range client.XRange(context.Background(), "totals", "-", "+").Val() {
		fmt.Println(m.Values)
	}
	// Output:
	// map[cents:500 shop:north]
}

func ExampleLists() {
	client, stop := inProcess()
	defer stop()
	write(redissink.Lists(client, func(string) string { return "jobs" }, codec.JSON[string]()), "pack", "ship")

	fmt.Println(client.LRange(context.Background(), "jobs", 0, -1).Val())
	// Output:
	// ["pack" "ship"]
}

func ExampleChannels() {
	client, stop := inProcess()
	defer stop()
	ctx := context.Background()
	listener := client.Subscribe(ctx, "jobs")
	defer listener.Close()
	listener.Receive(ctx) // it is subscribed
	write(redissink.Channels(client, func(string) string { return "jobs" }, codec.JSON[string]()), "pack")

	m, _ := listener.ReceiveMessage(ctx)
	fmt.Println(m.Payload)
	// Output:
	// "pack"
}

type Top struct {
	Board string
	Sold  map[string]float64
}

func (t Top) Key() string                         { return "top:" + t.Board }
func (t Top) Members() iter.Seq2[string, float64] { return maps.All(t.Sold) }

// A board is replaced as a whole.
func ExampleBoards() {
	client, stop := inProcess()
	defer stop()
	write(redissink.Boards(client, Top.Key, Top.Members),
		Top{"lamps", map[string]float64{"Aurora": 4, "Nox": 9}},
		Top{"lamps", map[string]float64{"Aurora": 11, "Lux": 3}})

	fmt.Println(client.ZRevRangeWithScores(context.Background(), "top:lamps", 0, -1).Val())
	// Output:
	// [{11 Aurora} {3 Lux}]
}

func ExampleChanges() {
	client, stop := inProcess()
	defer stop()
	north, south := Total{"north", 500}, Total{"south", 100}
	write(redissink.Changes(redissink.Hashes(client, Total.Key, redissink.Tags[Total]())),
		stream.Change[Total]{Kind: stream.Insert, After: north},
		stream.Change[Total]{Kind: stream.Insert, After: south},
		stream.Change[Total]{Kind: stream.Delete, Before: north, HasBefore: true})

	fmt.Println(client.Keys(context.Background(), "*").Val())
	// Output:
	// [total:south]
}

// Counters that count each sale once, however often the run is killed.
func ExampleExactlyOnce() {
	client, stop := inProcess()
	defer stop()
	count := redissink.Commands(client, func(t Total, do func(name, key string, args ...any)) {
		do("HINCRBY", "revenue", t.Shop, t.Cents)
	})
	p := stream.New("sales")
	p.From(source.Slice([]Total{{"north", 500}, {"south", 100}, {"north", 250}})).
		To(redissink.ExactlyOnce(count), stream.Name("revenue"))
	if err := p.Run(context.Background(), stream.Checkpoints(checkpoint.Memory(), time.Second)); err != nil {
		fmt.Println(err)
	}
	fmt.Println(client.HGetAll(context.Background(), "revenue").Val())
	// Output:
	// map[north:750 south:100]
}

func ExampleCommands() {
	client, stop := inProcess()
	defer stop()
	write(redissink.Commands(client, func(t Total, do func(name, key string, args ...any)) {
		do("PFADD", "shops", t.Shop)
		do("EXPIRE", "shops", 3600)
	}), Total{"north", 500}, Total{"south", 100}, Total{"north", 1})

	fmt.Println(client.PFCount(context.Background(), "shops").Val(), "shops")
	// Output:
	// 2 shops
}
