package kafkasource_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet-go/freshet/internal/kafkatest"
	"github.com/freshet-go/freshet/source/kafkasource"
	"github.com/freshet-go/freshet/source/sourcetest"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

type order struct {
	Number int    `json:"number"`
	Shop   string `json:"shop"`
}

func orders(from, to int) (all []order) {
	for i := from; i < to; i++ {
		all = append(all, order{i, fmt.Sprint("s", i%7)})
	}
	return all
}

// fake starts a cluster of brokers in the process.
func fake(t testing.TB, opts ...kfake.Opt) (*kfake.Cluster, []kgo.Opt) {
	t.Helper()
	c, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, []kgo.Opt{kgo.SeedBrokers(c.ListenAddrs()...), kgo.FetchMaxWait(10 * time.Millisecond)}
}

// fill appends orders to a partition, with timestamps a second apart.
func fill(t testing.TB, client []kgo.Opt, topic string, partition int32, all []order) {
	t.Helper()
	c := kafkatest.NewClient(t, append([]kgo.Opt{kgo.RecordPartitioner(kgo.ManualPartitioner())}, client...)...)
	var records []*kgo.Record
	for _, o := range all {
		value, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, &kgo.Record{Topic: topic, Partition: partition, Key: []byte(o.Shop), Value: value, Timestamp: time.Unix(int64(o.Number), 0)})
	}
	if err := c.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	c.Close()
}

func values() kafkasource.Decoding[order] {
	return kafkasource.Values(codec.Message(codec.JSON[order]()))
}

func TestSuite(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(3, "orders", "faulty"))
	all := orders(0, 20)
	fill(t, client, "orders", 0, all[:12])
	fill(t, client, "orders", 2, all[12:])
	fill(t, client, "faulty", 1, all[:5])
	bad := kafkatest.NewClient(t, append([]kgo.Opt{kgo.RecordPartitioner(kgo.ManualPartitioner())}, client...)...)
	for _, value := range [][]byte{[]byte("{"), nil} {
		if err := bad.ProduceSync(t.Context(), &kgo.Record{Topic: "faulty", Partition: 1, Key: []byte("x"), Value: value}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	bad.Close()
	fill(t, client, "faulty", 1, all[5:9])
	source := func(opts ...kafkasource.Option) func(testing.TB) stream.Source[order] {
		return func(testing.TB) stream.Source[order] {
			return kafkasource.Topics(client, []string{"orders"}, values(), opts...)
		}
	}
	suite := sourcetest.Suite[order]{
		Source: source(), Want: all, Endless: true, RealTime: true,
		Faulty: func(testing.TB) stream.Source[order] {
			return kafkasource.Topics(client, []string{"faulty"}, values(), kafkasource.Bounded())
		},
		FaultyWant: all[:9], Faults: []string{"faulty-1 offset 5", "faulty-1 offset 6"},
	}
	suite.Run(t)
	suite.Source = source(kafkasource.Timestamps(time.Minute), kafkasource.CommitTo("books"))
	t.Run("timestamps", suite.Run)
	suite.Source, suite.Endless = source(kafkasource.Bounded()), false
	t.Run("bounded", suite.Run)
	n := 0
	suite.Source, suite.Endless = func(testing.TB) stream.Source[order] {
		n++
		return kafkasource.Topics(client, []string{"orders"}, values(), kafkasource.Group(fmt.Sprint("group", n)))
	}, true
	t.Run("group", suite.Run)
}
