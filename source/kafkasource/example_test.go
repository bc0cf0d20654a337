package kafkasource_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/kafkasource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/window"
)

// exampleBrokers starts brokers in the process that have a topic of sales.
func exampleBrokers() (client []kgo.Opt, end func()) {
	brokers, err := kfake.NewCluster(kfake.SeedTopics(1, "sales"))
	if err != nil {
		log.Fatal(err)
	}
	client = []kgo.Opt{kgo.SeedBrokers(brokers.ListenAddrs()...)}
	c, err := kgo.NewClient(client...)
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	for i, text := range []string{`{"shop":"north","cents":250}`, `{"shop":"south","cents":400}`, "", `{"shop":"north","cents":100}`} {
		r := &kgo.Record{Topic: "sales", Key: fmt.Append(nil, i%2), Value: []byte(text), Timestamp: time.Date(2026, 11, 29, 9, 20*i, 0, 0, time.UTC)}
		if text == "" {
			r.Value = nil // a tombstone
		}
		if err := c.ProduceSync(context.Background(), r).FirstErr(); err != nil {
			log.Fatal(err)
		}
	}
	return client, brokers.Close
}

type sale struct {
	Shop  string `json:"shop"`
	Cents int64  `json:"cents"`
}

// What each shop has sold in an hour, by the timestamps of the records.
func Example() {
	client, end := exampleBrokers()
	defer end()
	p := stream.New("hours")
	p.From(kafkasource.Topics(client, []string{"sales"}, kafkasource.Values(codec.Message(codec.JSON[sale]())),
		kafkasource.Timestamps(time.Minute), kafkasource.Bounded()), stream.SkipFailures()).
		KeyBy(func(s sale) string { return s.Shop }).
		Window(window.Tumbling(time.Hour)).
		Aggregate(window.Sum(func(s sale) int64 { return s.Cents })).
		To(sink.Func(func(_ context.Context, e stream.Event[stream.Pane[string, int64]]) error {
			fmt.Println(e.Value.Start.Format("15:04"), e.Value.Key, e.Value.Value)
			return nil
		}))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	// Unordered output:
	// 09:00 south 400
	// 09:00 north 250
	// 10:00 north 100
}

// Keys, headers and tombstones.
func ExampleMessages() {
	client, end := exampleBrokers()
	defer end()
	p := stream.New("messages")
	p.From(kafkasource.Topics(client, []string{"sales"}, kafkasource.Messages(codec.Message(codec.JSON[sale]())), kafkasource.Bounded())).
		To(sink.Func(func(_ context.Context, e stream.Event[kafkasource.Message[sale]]) error {
			m := e.Value
			fmt.Printf("%s-%d offset %d key %s: deleted %t, %+v\n", m.Topic, m.Partition, m.Offset, m.Key, m.Deleted, m.Value)
			return nil
		}))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// sales-0 offset 0 key 0: deleted false, {Shop:north Cents:250}
	// sales-0 offset 1 key 1: deleted false, {Shop:south Cents:400}
	// sales-0 offset 2 key 0: deleted true, {Shop: Cents:0}
	// sales-0 offset 3 key 1: deleted false, {Shop:north Cents:100}
}

// A function that makes values of records.
func ExampleFunc() {
	client, end := exampleBrokers()
	defer end()
	bytes := kafkasource.Func(func(r *kgo.Record, n *int) error {
		if r.Value == nil {
			return codec.ErrSkip
		}
		*n = len(r.Value)
		return nil
	})
	sizes := sink.Collect[int]()
	p := stream.New("sizes")
	p.From(kafkasource.Matching(client, "sal.*", bytes, kafkasource.Bounded())).To(sizes)
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	fmt.Println(sizes.Values())
	// Output: [28 28 28]
}
