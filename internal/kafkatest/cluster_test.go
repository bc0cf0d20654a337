package kafkatest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet-go/freshet/internal/kafkatest"
	"github.com/freshet-go/freshet/sink/kafkasink"
	"github.com/freshet-go/freshet/source/kafkasource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// Of three brokers the one that coordinates transactions is killed while a run goes on. It leads a part of what is read and of what is written, too.
// With -brokers 2 and 3 it comes back, and the ones that lead what is read, and what is written, are killed, too; with more each is restarted properly, one
// behind the other, again and again. The run does not end by it, and each record is there once.
//
//	go test ./internal/kafkatest -run TestCluster -long -brokers 5 -timeout 30m
func TestCluster(t *testing.T) {
	if !*long {
		return // three JVMs start
	}
	c := kafkatest.StartCluster(t, 3)
	client := c.Client(t)
	kafkatest.Create(t, client, "in", 3)
	kafkatest.Create(t, client, "out", 3)
	opts := []kgo.Opt{
		kgo.SeedBrokers(strings.Split(c.Seeds(), ",")...), kgo.FetchMaxWait(50 * time.Millisecond), kgo.ProducerLinger(time.Millisecond),
		kgo.MetadataMinAge(100 * time.Millisecond), // how soon it looks for a leader that has moved
	}
	key := func(dst []byte, s sale) []byte { return strconv.AppendInt(dst, s.Number%50, 10) }
	p := stream.New("cluster")
	p.From(kafkasource.Topics(opts, []string{"in"}, kafkasource.Values(sales())), stream.Name("in")).Rebalance().
		To(kafkasink.ExactlyOnce(kafkasink.Topic(opts, "out", kafkasink.Keyed(key, sales()))), stream.Name("out"))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		ended <- p.Run(ctx, stream.Checkpoints(checkpoint.Memory(), 100*time.Millisecond), stream.Shards(2), stream.Logger(slog.New(slog.DiscardHandler)))
	}()
	n, begun := 0, time.Now()
	// put writes records to all partitions.
	put := func() {
		t.Helper()
		var records []*kgo.Record
		for range 300 {
			value, _ := json.Marshal(sale{int64(n), int64(n % 100)})
			records = append(records, &kgo.Record{Topic: "in", Key: strconv.AppendInt(nil, int64(n), 10), Value: value})
			n++
		}
		require.NoError(t, client.ProduceSync(t.Context(), records...).FirstErr())
	}
	// copied waits until all that was put is there.
	copied := func(when string) {
		t.Helper()
		for deadline := time.Now().Add(2 * time.Minute); len(committed(t, c, "out")) < n; time.Sleep(100 * time.Millisecond) {
			if len(ended) > 0 {
				t.Fatalf("%s the run ends: %v", when, <-ended)
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s there are %d sales of %d in two minutes", when, len(committed(t, c, "out")), n)
			}
		}
		t.Logf("%s: %v", when, time.Since(begun))
	}
	put()
	copied("at first")
	for i, topic := range []string{"__transaction_state", "in", "out"} {
		leader := c.Leader(t, client, topic, 0)
		put()
		leader.Kill() // in the midst of copying
		c.Moved(t, client, leader)
		put()
		copied("with the leader of " + topic + " away")
		if *brokers == i+1 {
			break // to start another JVM takes longer than all that
		}
		leader.Again(t)
		c.InSync(t, client)
	}
	for round := range max(0, *brokers-3) {
		for i, b := range c.Brokers {
			put()
			b.Stop(t)
			b.Again(t)
			put()
			copied(fmt.Sprintf("with broker %d restarted for the %d. time", i+1, round+1))
			c.InSync(t, client)
		}
	}
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
	got := committed(t, c, "out")
	require.Len(t, got, n)
	for number, times := range got {
		require.Equal(t, 1, times, "sale %d", number)
	}
}
