package kafkasink_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet-go/freshet/internal/kafkatest"
	"github.com/freshet-go/freshet/sink/kafkasink"
	"github.com/freshet-go/freshet/sink/sinktest"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

type order struct {
	Number int    `json:"number"`
	Shop   string `json:"shop"`
}

func events(n int) (all []stream.Event[order]) {
	for i := range n {
		all = append(all, stream.Event[order]{Value: order{i, fmt.Sprint("s", i%5)}, Time: stream.Time(i) * stream.Time(time.Second)})
	}
	return all
}

func keyed() kafkasink.Encoding[order] {
	return kafkasink.Keyed(func(dst []byte, o order) []byte { return append(dst, o.Shop...) }, codec.Message(codec.JSON[order]()))
}

// fake starts a cluster of brokers in the process.
func fake(t testing.TB, opts ...kfake.Opt) (*kfake.Cluster, []kgo.Opt) {
	t.Helper()
	c, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, []kgo.Opt{kgo.SeedBrokers(c.ListenAddrs()...), kgo.FetchMaxWait(10 * time.Millisecond), kgo.ProducerLinger(0)}
}

// records returns what is committed of a topic.
func records(t testing.TB, client []kgo.Opt, topic string) (all []*kgo.Record) {
	t.Helper()
	c := kafkatest.NewClient(t, append(append([]kgo.Opt{}, client...), kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords())...)
	defer c.Close()
	ends, err := kadm.NewClient(c).ListCommittedOffsets(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	left := map[int32]int64{}
	ends.Each(func(o kadm.ListedOffset) {
		if o.Offset > 0 {
			left[o.Partition] = o.Offset
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for len(left) > 0 {
		fetches := c.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		for r := range fetches.RecordsAll() {
			if r.Offset+1 >= left[r.Partition] {
				delete(left, r.Partition)
			}
			if !r.Attrs.IsControl() {
				all = append(all, r)
			}
		}
	}
	return all
}

func parsed(t testing.TB, list []*kgo.Record) (all []order) {
	t.Helper()
	for _, r := range list {
		var o order
		if err := json.Unmarshal(r.Value, &o); err != nil {
			t.Error(err)
		}
		all = append(all, o)
	}
	return all
}

// committed reads a topic of one partition when more of it can be read than when it was read last.
func committed(t testing.TB, cluster *kfake.Cluster, client []kgo.Opt, topic string) func() []order {
	var all []order
	var end int64
	return func() []order {
		if stable := cluster.PartitionInfo(topic, 0).LastStableOffset; stable != end {
			all, end = parsed(t, records(t, client, topic)), stable
		}
		return all
	}
}

func TestSuites(t *testing.T) {
	cluster, client := fake(t)
	n := 0
	topic := func(t testing.TB) string {
		n++
		name := fmt.Sprint("orders", n)
		if err := cluster.CreateTopic(name, 1, nil); err != nil {
			t.Fatal(err)
		}
		return name
	}
	suite := sinktest.Suite[order]{
		Events: events(30), RealTime: true,
		Sink: func(t testing.TB) (stream.Sink[order], func() []order) {
			name := topic(t)
			return kafkasink.Topic(client, name, keyed()), committed(t, cluster, client, name)
		},
		Broken: func(t testing.TB) stream.Sink[order] {
			return kafkasink.Topic(client, "there is none", keyed(), kafkasink.RetryFor(0))
		},
	}
	t.Run("at least once", suite.Run)
	suite.Sink = func(t testing.TB) (stream.Sink[order], func() []order) {
		name := topic(t)
		sink := kafkasink.ExactlyOnce(kafkasink.Topic(client, name, keyed(), kafkasink.Member(name)))
		return sink, committed(t, cluster, client, name)
	}
	t.Run("exactly once", suite.Run)
}
