package kafkatest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet-go/freshet/internal/kafkatest"
	"github.com/freshet-go/freshet/sink/kafkasink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A pipeline that has ended goes on where it was when the broker has forgotten its transactions, as it does after a week.
func TestForgotten(t *testing.T) {
	b := kafkatest.Start(t, nil, "transactional.id.expiration.ms=1000", "transaction.remove.expired.transaction.cleanup.interval.ms=100")
	kafkatest.Create(t, b.Client(t), "rests", 1)
	store := checkpoint.Dir(t.TempDir())
	run := func() error {
		client := []kgo.Opt{kgo.SeedBrokers(b.Addr)}
		p := stream.New("rests")
		p.From(source.Slice([]sale{{1, 2}, {3, 4}})).To(kafkasink.ExactlyOnce(kafkasink.Topic(client, "rests", kafkasink.Values(sales()))), stream.Name("out"))
		return p.Run(t.Context(), stream.Checkpoints(store, time.Hour))
	}
	require.NoError(t, run())
	admin := kadm.NewClient(b.Client(t))
	require.Eventually(t, func() bool {
		list, err := admin.ListTransactions(t.Context(), nil, nil)
		return err == nil && len(list) == 0
	}, 30*time.Second, 50*time.Millisecond, "the broker forgets nothing")
	require.NoError(t, run())
	require.Equal(t, map[int64]int{1: 1, 3: 1}, committed(t, b, "rests"))
}
