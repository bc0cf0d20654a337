package kafkatest_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet-go/freshet/internal/kafkatest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/kafkasource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A member is a run that reads for a group.
type member struct {
	src    *kafkasource.Source[sale]
	cancel context.CancelFunc
	result chan error

	mu  sync.Mutex
	got []int64
}

func join(t *testing.T, b *kafkatest.Broker, topic string) *member {
	t.Helper()
	client := []kgo.Opt{kgo.SeedBrokers(b.Addr), kgo.FetchMaxWait(50 * time.Millisecond), kgo.HeartbeatInterval(50 * time.Millisecond)}
	m := &member{src: kafkasource.Topics(client, []string{topic}, kafkasource.Values(sales()), kafkasource.Group(topic)), result: make(chan error, 1)}
	p := stream.New(topic)
	p.From(m.src).To(sink.Func(func(_ context.Context, e stream.Event[sale]) error {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.got = append(m.got, e.Value.Number)
		return nil
	}))
	ctx, cancel := context.WithCancel(t.Context())
	m.cancel = cancel
	t.Cleanup(cancel)
	store := checkpoint.Dir(t.TempDir())
	go func() {
		m.result <- p.Run(ctx, stream.Checkpoints(store, 30*time.Millisecond), stream.Logger(slog.New(slog.DiscardHandler)))
	}()
	return m
}

func (m *member) list() []int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]int64(nil), m.got...)
}

func (m *member) leave(t *testing.T) {
	t.Helper()
	m.cancel()
	require.ErrorIs(t, <-m.result, context.Canceled)
}

// Partitions move between members of a group that come and go while records are written, and each record is read once. Package kafkasource has
// the same against brokers in the process.
//
//	go test ./internal/kafkatest -run TestGroupMoves -long
func TestGroupMoves(t *testing.T) {
	if !*long {
		return
	}
	b := kafkatest.Shared(t)
	kafkatest.Create(t, b.Client(t), "moving", 4)
	var want, have []int64
	more := func() {
		t.Helper()
		for partition := range int32(4) {
			next := int64(len(want))
			add(t, b, "moving", partition, next, next+5)
			for i := range int64(5) {
				want = append(want, next+i)
			}
		}
	}
	read := func(members ...*member) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
			all := append([]int64(nil), have...)
			for _, m := range members {
				all = append(all, m.list()...)
				if len(m.result) > 0 {
					t.Fatal(<-m.result)
				}
			}
			if len(all) >= len(want) {
				require.ElementsMatch(t, want, all)
				return
			}
			require.True(t, time.Now().Before(deadline), "%d of %d", len(all), len(want))
		}
	}
	assigned := func(m *member, n int64) {
		t.Helper()
		require.Eventually(t, func() bool { return m.src.Stats().Assigned == n }, time.Minute, 5*time.Millisecond, "%d partitions", n)
	}
	more()
	one := join(t, b, "moving")
	read(one)
	two := join(t, b, "moving")
	more() // while they move
	assigned(one, 2)
	assigned(two, 2)
	more()
	read(one, two)
	one.leave(t)
	have = one.list()
	more()
	assigned(two, 4)
	three := join(t, b, "moving")
	more()
	assigned(three, 2)
	read(two, three)
	two.leave(t)
	three.leave(t)
	have = append(have, append(two.list(), three.list()...)...)
	require.ElementsMatch(t, want, have)
	require.Zero(t, one.src.Stats().Repeated+two.src.Stats().Repeated+three.src.Stats().Repeated)
	require.NotEmpty(t, two.list())
}
