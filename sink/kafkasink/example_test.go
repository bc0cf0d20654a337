package kafkasink_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet-go/freshet/sink/kafkasink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
)

// show prints the records of a topic that are committed.
func show(client []kgo.Opt, topic string, n int) {
	c, err := kgo.NewClient(append(client, kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()))...)
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for n > 0 && ctx.Err() == nil {
		for r := range c.PollFetches(ctx).RecordsAll() {
			fmt.Printf("%s: %s\n", r.Key, r.Value)
			n--
		}
	}
}

type sale struct {
	Shop  string `json:"shop"`
	Cents int64  `json:"cents"`
}

func shopOf(dst []byte, s sale) []byte { return append(dst, s.Shop...) }

// Records with keys, each at least once.
func ExampleTopic() {
	brokers, err := kfake.NewCluster(kfake.SeedTopics(1, "sales"))
	if err != nil {
		log.Fatal(err)
	}
	defer brokers.Close()
	client := []kgo.Opt{kgo.SeedBrokers(brokers.ListenAddrs()...)}
	p := stream.New("sales")
	p.From(source.Slice([]sale{{"north", 250}, {"south", 400}})).
		To(kafkasink.Topic(client, "sales", kafkasink.Keyed(shopOf, codec.Message(codec.JSON[sale]()))))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	show(client, "sales", 2)
	// Output:
	// north: {"shop":"north","cents":250}
	// south: {"shop":"south","cents":400}
}

// Records that those who read what is committed see exactly once.
func ExampleExactlyOnce() {
	brokers, err := kfake.NewCluster(kfake.SeedTopics(1, "sales"))
	if err != nil {
		log.Fatal(err)
	}
	defer brokers.Close()
	dir, err := os.MkdirTemp("", "sales")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	client := []kgo.Opt{kgo.SeedBrokers(brokers.ListenAddrs()...)}
	p := stream.New("sales")
	p.From(source.Slice([]sale{{"north", 250}, {"south", 400}})).
		To(kafkasink.ExactlyOnce(kafkasink.Topic(client, "sales", kafkasink.Keyed(shopOf, codec.Message(codec.JSON[sale]())))))
	if err := p.Run(context.Background(), stream.Shards(1), stream.Checkpoints(checkpoint.Dir(dir), time.Second)); err != nil {
		fmt.Println(err)
	}
	show(client, "sales", 2)
	// Output:
	// north: {"shop":"north","cents":250}
	// south: {"shop":"south","cents":400}
}

// A function that makes records of events: here one that deletes what is under a key.
func ExampleFunc() {
	brokers, err := kfake.NewCluster(kfake.SeedTopics(1, "shops"))
	if err != nil {
		log.Fatal(err)
	}
	defer brokers.Close()
	client := []kgo.Opt{kgo.SeedBrokers(brokers.ListenAddrs()...)}
	closed := kafkasink.Func(func(shop string, r *kgo.Record) error {
		r.Key = []byte(shop)
		return nil
	})
	p := stream.New("shops")
	p.From(source.Slice([]string{"north"})).To(kafkasink.Topic(client, "shops", closed))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	show(client, "shops", 1)
	// Output: north:
}
