package kafkasink_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/freshet-go/freshet/internal/door/doortest"
	"github.com/freshet-go/freshet/sink/kafkasink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

// In another engine, where writers and committers are apart, each record is there once for who reads what is committed, though jobs are killed and go on with other numbers of instances, and committers are not always
// told that a checkpoint is durable.
func TestOtherEngine(t *testing.T) {
	cluster, client := fake(t, kfake.SeedTopics(1, "none"))
	for seed := range uint64(8) {
		rng := rand.New(rand.NewPCG(seed, 5))
		topic := fmt.Sprint("orders", seed)
		require.NoError(t, cluster.CreateTopic(topic, 1, nil))
		parts := make([][]order, 1+rng.IntN(3))
		n := 0
		for i := range parts {
			for range rng.IntN(120) {
				parts[i] = append(parts[i], order{n, "s"})
				n++
			}
		}
		doortest.Disturb(t, func() any {
			p := stream.New(topic)
			p.From(source.Slice(parts...)).Rebalance().To(kafkasink.ExactlyOnce(kafkasink.Topic(client, topic, keyed())), stream.Name("out"))
			return p
		}, rng)
		times := map[int]int{}
		for _, o := range parsed(t, records(t, client, topic)) {
			times[o.Number]++
		}
		require.Len(t, times, n, "seed %d", seed)
		for i, times := range times {
			require.Equal(t, 1, times, "seed %d, order %d", seed, i)
		}
		require.Equal(t, cluster.PartitionInfo(topic, 0).HighWatermark, cluster.PartitionInfo(topic, 0).LastStableOffset, "no transaction is left open")
	}
}
