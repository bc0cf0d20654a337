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

// byHand are the parts of a sink that is exactly once, opened as a run does.
type byHand struct {
	t *testing.T
	stream.Committer
	stream.Writer[sale]
}

func open(t *testing.T, b *kafkatest.Broker, topic string, begins int64) byHand {
	t.Helper()
	s := kafkasink.ExactlyOnce(kafkasink.Topic([]kgo.Opt{kgo.SeedBrokers(b.Addr)}, topic, kafkasink.Values(sales())))
	c := &stream.SinkContext{Context: t.Context(), Pipeline: topic, Name: "out", Count: 1, Transactional: true}
	m, err := s.OpenCommitter(c)
	require.NoError(t, err)
	t.Cleanup(func() { _ = m.Close() })
	require.NoError(t, m.Abort(t.Context(), begins))
	w, err := s.Open(c)
	require.NoError(t, err)
	t.Cleanup(func() { _ = w.Close() })
	return byHand{t, m, w}
}

func (h byHand) write(number int64) error {
	in := stream.NewIntake[sale](1)
	in.Append(sale{number, 1})
	return h.Write(h.t.Context(), in.Batch())
}

// prepare writes a sale and prepares it.
func (h byHand) prepare(number int64) [][]byte {
	h.t.Helper()
	require.NoError(h.t, h.write(number))
	data, err := h.Writer.(stream.Preparer).Prepare(h.t.Context())
	require.NoError(h.t, err)
	return [][]byte{data}
}

// The broker forgets transactions that are done, as it does after a week.
func TestForgotten(t *testing.T) {
	b := kafkatest.Start(t, nil, "transactional.id.expiration.ms=3000", "transaction.remove.expired.transaction.cleanup.interval.ms=100")
	admin := kadm.NewClient(b.Client(t))
	forgotten := func(t *testing.T) {
		t.Helper()
		require.Eventually(t, func() bool {
			list, err := admin.ListTransactions(t.Context(), []int64{}, []string{"CompleteCommit", "CompleteAbort", "Empty"})
			return err == nil && len(list) == 0
		}, time.Minute, 50*time.Millisecond, "the broker forgets nothing")
	}

	t.Run("a pipeline that has ended goes on", func(t *testing.T) {
		kafkatest.Create(t, b.Client(t), "rests", 1)
		store := checkpoint.Dir(t.TempDir())
		run := func() error {
			client := []kgo.Opt{kgo.SeedBrokers(b.Addr)}
			p := stream.New("rests")
			p.From(source.Slice([]sale{{1, 2}, {3, 4}})).To(kafkasink.ExactlyOnce(kafkasink.Topic(client, "rests", kafkasink.Values(sales()))), stream.Name("out"))
			return p.Run(t.Context(), stream.Checkpoints(store, time.Hour))
		}
		require.NoError(t, run())
		forgotten(t)
		require.NoError(t, run())
		require.Equal(t, map[int64]int{1: 1, 3: 1}, committed(t, b, "rests"))
	})

	// A run writes nothing for so long, and goes on. Then it sleeps for so long while another one takes over: it may do nothing any more, and takes
	// nothing from the other one.
	t.Run("a run that is quiet or sleeps", func(t *testing.T) {
		kafkatest.Create(t, b.Client(t), "quiet", 1)
		one := open(t, b, "quiet", 0)
		require.NoError(t, one.Commit(t.Context(), 1, one.prepare(1)))
		forgotten(t)
		require.NoError(t, one.Commit(t.Context(), 2, one.prepare(2)))
		forgotten(t)
		two := open(t, b, "quiet", 2)
		promised := two.prepare(3)
		require.ErrorIs(t, one.write(4), checkpoint.ErrLocked)
		require.ErrorIs(t, one.Commit(t.Context(), 3, nil), checkpoint.ErrLocked)
		require.NoError(t, two.Commit(t.Context(), 3, promised))
		forgotten(t)
		require.ErrorIs(t, one.write(4), checkpoint.ErrLocked)
		require.NoError(t, two.Commit(t.Context(), 4, two.prepare(4)))
		require.Equal(t, map[int64]int{1: 1, 2: 1, 3: 1, 4: 1}, committed(t, b, "quiet"))
	})
}
