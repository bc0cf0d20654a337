package kafkatest_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet-go/freshet/internal/door/doortest"
	"github.com/freshet-go/freshet/internal/kafkatest"
	"github.com/freshet-go/freshet/sink/kafkasink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

// An engine that runs writers and committers apart, and is killed again and again, goes on with other numbers of instances: each record is there once for those who read what is committed, and no
// transaction is left open that would hold them up.
func TestOtherEngine(t *testing.T) {
	b := kafkatest.Shared(t)
	for seed := range uint64(4) {
		rng := rand.New(rand.NewPCG(seed, 11))
		topic := fmt.Sprint("engine", seed)
		kafkatest.Create(t, b.Client(t), topic, 2)
		parts := make([][]sale, 1+rng.IntN(3))
		n := int64(0)
		for i := range parts {
			for range 100 + rng.IntN(400) {
				parts[i] = append(parts[i], sale{n, n % 100})
				n++
			}
		}
		doortest.Disturb(t, func() any {
			p := stream.New(topic)
			p.From(source.Slice(parts...)).Rebalance().
				To(kafkasink.ExactlyOnce(kafkasink.Topic([]kgo.Opt{kgo.SeedBrokers(b.Addr)}, topic, kafkasink.Values(sales()))), stream.Name("out"))
			return p
		}, rng)
		admin := kadm.NewClient(b.Client(t))
		require.Eventually(t, func() bool {
			stable, err := admin.ListCommittedOffsets(t.Context(), topic)
			require.NoError(t, err)
			ends, err := admin.ListEndOffsets(t.Context(), topic)
			require.NoError(t, err)
			same := true
			ends.Each(func(end kadm.ListedOffset) {
				o, _ := stable.Lookup(topic, end.Partition)
				same = same && o.Offset == end.Offset
			})
			return same
		}, 10*time.Second, 20*time.Millisecond, "a transaction is open")
		times := committed(t, b, topic)
		require.Len(t, times, int(n), "seed %d", seed)
		for number, times := range times {
			require.Equal(t, 1, times, "seed %d, sale %d", seed, number)
		}
	}
}
