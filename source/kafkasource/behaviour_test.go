package kafkasource_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet-go/freshet/internal/kafkatest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/kafkasource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/window"
)

// numbers gathers what a run gives, while it runs.
type numbers struct {
	mu  sync.Mutex
	all []int
}

func (n *numbers) sink() stream.Sink[order] {
	return sink.Func(func(_ context.Context, e stream.Event[order]) error {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.all = append(n.all, e.Value.Number)
		return nil
	})
}

func (n *numbers) list() []int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]int(nil), n.all...)
}

// has waits until so many have come.
func (n *numbers) has(t *testing.T, count int) {
	t.Helper()
	require.Eventually(t, func() bool { return len(n.list()) >= count }, 20*time.Second, 5*time.Millisecond, "%d have come", count)
}

// started runs a source until stop is called, which returns what Run did.
func started(t *testing.T, src stream.Source[order], opts ...stream.RunOption) (*numbers, func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	n, result := &numbers{}, make(chan error, 1)
	p := stream.New("behaviour")
	p.From(src, stream.Name("in")).To(n.sink())
	go func() { result <- p.Run(ctx, opts...) }()
	t.Cleanup(cancel)
	return n, func() error {
		cancel()
		return <-result
	}
}

// whole runs a bounded source.
func whole(t *testing.T, src stream.Source[order], opts ...stream.RunOption) ([]int, error) {
	t.Helper()
	n := &numbers{}
	p := stream.New("behaviour")
	p.From(src, stream.Name("in")).To(n.sink())
	err := p.Run(t.Context(), opts...)
	return n.list(), err
}

func to(n int) (all []int) {
	for i := range n {
		all = append(all, i)
	}
	return all
}

func TestStarts(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(1, "orders"))
	fill(t, client, "orders", 0, orders(0, 10))
	admin := kadm.NewClient(kafkatest.NewClient(t, client...))
	offsets := kadm.Offsets{}
	offsets.AddOffset("orders", 0, 6, -1)
	require.NoError(t, admin.CommitAllOffsets(t.Context(), "others", offsets))
	for name, c := range map[string]struct {
		opt  kafkasource.Option
		want int
	}{
		"time":         {kafkasource.FromTime(time.Unix(3, 1)), 4},
		"after all":    {kafkasource.FromTime(time.Unix(3000, 0)), 10},
		"end":          {kafkasource.FromEnd(), 10},
		"offsets":      {kafkasource.FromOffsets(map[string]map[int32]int64{"orders": {0: 8}}), 8},
		"committed":    {kafkasource.FromCommitted("others"), 6},
		"nothing said": {kafkasource.FromCommitted("nobody"), 0},
	} {
		got, err := whole(t, kafkasource.Topics(client, []string{"orders"}, values(), c.opt, kafkasource.Bounded()))
		require.NoError(t, err, name)
		require.Equal(t, to(10)[c.want:], append([]int{}, got...), name)
	}
}

// What is committed to a group lies behind the checkpoints, and is no more than for others to see.
func TestCommitTo(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(2, "orders"))
	fill(t, client, "orders", 0, orders(0, 10))
	fill(t, client, "orders", 1, orders(10, 13))
	store := checkpoint.Dir(t.TempDir())
	src := kafkasource.Topics(client, []string{"orders"}, values(), kafkasource.CommitTo("books"), kafkasource.Bounded())
	got, err := whole(t, src, stream.Checkpoints(store, time.Hour))
	require.NoError(t, err)
	require.Len(t, got, 13)
	committed, err := kadm.NewClient(kafkatest.NewClient(t, client...)).FetchOffsets(t.Context(), "books")
	require.NoError(t, err)
	first, _ := committed.Lookup("orders", 0)
	second, _ := committed.Lookup("orders", 1)
	require.EqualValues(t, 10, first.At)
	require.EqualValues(t, 3, second.At)
	require.Zero(t, src.Stats().Uncommitted)
}

func TestMessages(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(1, "orders"))
	c := kafkatest.NewClient(t, client...)
	at := time.UnixMilli(1700000000123)
	require.NoError(t, c.ProduceSync(t.Context(),
		&kgo.Record{Topic: "orders", Key: []byte("k"), Value: []byte(`{"number":7}`), Timestamp: at, Headers: []kgo.RecordHeader{{Key: "trace", Value: []byte("1")}}},
		&kgo.Record{Topic: "orders", Key: []byte("k"), Timestamp: at}).FirstErr())
	got := sink.Collect[kafkasource.Message[order]]()
	p := stream.New("messages")
	p.From(kafkasource.Topics(client, []string{"orders"}, kafkasource.Messages(codec.Message(codec.JSON[order]())), kafkasource.Bounded())).To(got)
	require.NoError(t, p.Run(t.Context()))
	require.Equal(t, []kafkasource.Message[order]{
		{Topic: "orders", Offset: 0, Time: at.UTC(), Key: []byte("k"), Headers: []kafkasource.Header{{Name: "trace", Value: []byte("1")}}, Value: order{Number: 7}},
		{Topic: "orders", Offset: 1, Time: at.UTC(), Key: []byte("k"), Deleted: true},
	}, got.Values())
}

// Timestamps are event times, and each partition has a watermark. One that nobody writes to is not waited for with Idle.
func TestTimestamps(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(2, "orders"))
	fill(t, client, "orders", 0, orders(0, 130))
	var mu sync.Mutex
	var counts []int64
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	p := stream.New("timestamps")
	p.From(kafkasource.Topics(client, []string{"orders"}, values(), kafkasource.Timestamps(0)), stream.Idle(200*time.Millisecond)).
		Window(window.Tumbling(time.Minute)).Count().
		To(sink.Func(func(_ context.Context, n stream.Event[stream.Pane[stream.NoKey, int64]]) error {
			mu.Lock()
			defer mu.Unlock()
			if counts = append(counts, n.Value.Value); len(counts) == 2 {
				cancel()
			}
			return nil
		}))
	var going sync.WaitGroup
	going.Go(func() { // so that only the other partition is silent
		for i := 130; ctx.Err() == nil; i++ {
			time.Sleep(50 * time.Millisecond)
			fill(t, client, "orders", 0, orders(i, i+1))
		}
	})
	require.ErrorIs(t, p.Run(ctx), context.Canceled)
	going.Wait()
	require.Equal(t, []int64{60, 60}, counts[:2])
}

// What retention has deleted before it was read is an error, or counted.
func TestLostToRetention(t *testing.T) {
	cluster, client := fake(t, kfake.SeedTopics(1, "orders"))
	fill(t, client, "orders", 0, orders(0, 10))
	store := checkpoint.Dir(t.TempDir())
	src := func(opts ...kafkasource.Option) *kafkasource.Source[order] {
		return kafkasource.Topics(client, []string{"orders"}, values(), append(opts, kafkasource.Bounded())...)
	}
	got, err := whole(t, src(), stream.Checkpoints(store, time.Hour))
	require.NoError(t, err)
	require.Equal(t, to(10), got)
	fill(t, client, "orders", 0, orders(10, 20))
	require.NoError(t, cluster.DeleteRecords("orders", 0, 15))

	_, err = whole(t, src(), stream.Checkpoints(store, time.Hour))
	lost, ok := errors.AsType[*kafkasource.LostError](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, kafkasource.LostError{Partition: "orders-0", Offset: 10, Lost: 5, Err: kafkasource.ErrOutOfRange}, *lost)

	counting := src(kafkasource.CountLoss())
	got, err = whole(t, counting, stream.Checkpoints(store, time.Hour))
	require.NoError(t, err)
	require.Equal(t, to(20)[15:], got)
	require.EqualValues(t, 5, counting.Stats().Lost)

	got, err = whole(t, src(), stream.Checkpoints(store, time.Hour))
	require.NoError(t, err, "it is not lost twice")
	require.Empty(t, got)

	fill(t, client, "orders", 0, orders(20, 25))
	require.NoError(t, cluster.DeleteRecords("orders", 0, 25)) // and nothing is left
	counting = src(kafkasource.CountLoss())
	got, err = whole(t, counting, stream.Checkpoints(store, time.Hour))
	require.NoError(t, err)
	require.Empty(t, got)
	require.EqualValues(t, 5, counting.Stats().Lost)
}

// Partitions are added, and a topic is deleted and made again, while a run lasts.
func TestTopicsComeAndGo(t *testing.T) {
	cluster, client := fake(t, kfake.SeedTopics(1, "orders.a"))
	fill(t, client, "orders.a", 0, orders(0, 5))
	src := kafkasource.Matching(client, `orders\..*`, values(), kafkasource.CountLoss(), kafkasource.Refresh(20*time.Millisecond))
	n, stop := started(t, src, stream.Checkpoints(checkpoint.Dir(t.TempDir()), 50*time.Millisecond))
	n.has(t, 5)
	admin := kadm.NewClient(kafkatest.NewClient(t, client...))
	_, err := admin.CreatePartitions(t.Context(), 1, "orders.a")
	require.NoError(t, err)
	fill(t, client, "orders.a", 1, orders(5, 8))
	n.has(t, 8)
	require.NoError(t, cluster.CreateTopic("orders.b", 1, nil))
	require.NoError(t, cluster.CreateTopic("others", 1, nil))
	fill(t, client, "others", 0, orders(100, 101))
	fill(t, client, "orders.b", 0, orders(8, 10))
	n.has(t, 10)
	require.NoError(t, cluster.DeleteTopic("orders.a"))
	require.NoError(t, cluster.CreateTopic("orders.a", 1, nil))
	fill(t, client, "orders.a", 0, orders(10, 12))
	n.has(t, 12)
	fill(t, client, "orders.a", 0, orders(12, 14))
	n.has(t, 14)
	require.ErrorIs(t, stop(), context.Canceled)
	require.ElementsMatch(t, to(14), n.list())
	require.EqualValues(t, 14, src.Stats().Read)
	require.Zero(t, src.Stats().Assigned)
}

// Without CountLoss a topic that is deleted, or made again, ends the run, also where nobody was there to see it.
func TestReplacedTopic(t *testing.T) {
	cluster, client := fake(t, kfake.SeedTopics(1, "orders"))
	fill(t, client, "orders", 0, orders(0, 5))
	store := checkpoint.Dir(t.TempDir())
	src := kafkasource.Topics(client, []string{"orders"}, values(), kafkasource.Refresh(20*time.Millisecond))
	n, stop := started(t, src, stream.Checkpoints(store, time.Hour))
	n.has(t, 5)
	require.ErrorIs(t, stop(), context.Canceled)
	require.NoError(t, cluster.DeleteTopic("orders"))
	_, err := whole(t, src, stream.Checkpoints(store, time.Hour))
	require.ErrorIs(t, err, kafkasource.ErrDeleted)
	require.NoError(t, cluster.CreateTopic("orders", 1, nil))
	fill(t, client, "orders", 0, orders(0, 9))
	_, err = whole(t, src, stream.Checkpoints(store, time.Hour))
	require.ErrorIs(t, err, kafkasource.ErrReplaced)
	require.ErrorContains(t, err, "orders-0 at offset 5")

	n, _ = started(t, src)
	n.has(t, 9)
	result := make(chan error, 1)
	p := stream.New("again")
	read := &numbers{}
	p.From(src).To(read.sink())
	go func() { result <- p.Run(t.Context()) }()
	read.has(t, 9)
	require.NoError(t, cluster.DeleteTopic("orders"))
	select {
	case err := <-result:
		require.ErrorIs(t, err, kafkasource.ErrDeleted)
	case <-time.After(20 * time.Second):
		t.Fatal("nobody notices that the topic is gone")
	}
}

// A group hands its partitions to another run, and back, and each record is read once.
func TestGroupMoves(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(4, "orders"))
	client = append(client, kgo.HeartbeatInterval(50*time.Millisecond))
	src := func() *kafkasource.Source[order] {
		return kafkasource.Topics(client, []string{"orders"}, values(), kafkasource.Group("books"))
	}
	next := 0
	more := func() {
		for p := range int32(4) {
			fill(t, client, "orders", p, orders(next, next+5))
			next += 5
		}
	}
	more()
	one, two := src(), src()
	first, stopFirst := started(t, one, stream.Checkpoints(checkpoint.Dir(t.TempDir()), 30*time.Millisecond))
	first.has(t, 20)
	second, stopSecond := started(t, two, stream.Checkpoints(checkpoint.Dir(t.TempDir()), 30*time.Millisecond))
	require.Eventually(t, func() bool { return one.Stats().Assigned == 2 && two.Stats().Assigned == 2 }, 20*time.Second, 10*time.Millisecond)
	more()
	all := func() []int { return append(first.list(), second.list()...) }
	require.Eventually(t, func() bool { return len(all()) >= 40 }, 20*time.Second, 10*time.Millisecond)
	require.Len(t, second.list(), 10)
	require.ErrorIs(t, stopFirst(), context.Canceled)
	more()
	require.Eventually(t, func() bool { return len(all()) >= 60 }, 20*time.Second, 10*time.Millisecond)
	require.ErrorIs(t, stopSecond(), context.Canceled)
	require.ElementsMatch(t, to(60), all())
	require.Zero(t, one.Stats().Repeated+two.Stats().Repeated)
}

// A member that comes back goes on from its own checkpoint, though that could not be committed.
func TestGroupComesBack(t *testing.T) {
	cluster, client := fake(t, kfake.SeedTopics(1, "orders"))
	fill(t, client, "orders", 0, orders(0, 10))
	store := checkpoint.Dir(t.TempDir())
	cluster.ControlKey(8, func(kreq kmsgRequest) (kmsgResponse, error, bool) { // OffsetCommit
		cluster.KeepControl()
		return nil, errors.New("cut off"), true
	})
	src := kafkasource.Topics(append(client, kgo.RequestRetries(1), kgo.RebalanceTimeout(time.Second)), []string{"orders"}, values(), kafkasource.Group("books"))
	n, stop := started(t, src, stream.Checkpoints(store, 20*time.Millisecond))
	n.has(t, 10)
	require.Eventually(t, func() bool { return src.Stats().Uncommitted > 0 }, 20*time.Second, 5*time.Millisecond)
	require.ErrorIs(t, stop(), context.Canceled)
	fill(t, client, "orders", 0, orders(10, 12))
	n, stop = started(t, src, stream.Checkpoints(store, 20*time.Millisecond))
	n.has(t, 2)
	require.ErrorIs(t, stop(), context.Canceled)
	require.Equal(t, []int{10, 11}, n.list())
}

// Backpressure: what waits for a slow pipeline is bounded.
func TestBackpressure(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(2, "orders"))
	fill(t, client, "orders", 0, orders(0, 3000))
	fill(t, client, "orders", 1, orders(3000, 6000))
	got := &numbers{}
	p := stream.New("slow")
	p.From(kafkasource.Topics(append(client, kgo.FetchMaxPartitionBytes(4<<10)), []string{"orders"}, values(), kafkasource.Bounded(), kafkasource.Buffer(50))).
		Tap(func(o order) {
			if o.Number%500 == 0 {
				time.Sleep(30 * time.Millisecond) // longer than a poll waits before it pauses
			}
		}).To(got.sink())
	require.NoError(t, p.Run(t.Context(), stream.Shards(1)))
	require.ElementsMatch(t, to(6000), got.list())
}

// Faults of brokers that pass are not seen; those that do not end the run with their cause.
func TestFaults(t *testing.T) {
	cluster, client := fake(t, kfake.NumBrokers(2), kfake.SeedTopics(2, "orders"))
	fill(t, client, "orders", 0, orders(0, 50))
	fill(t, client, "orders", 1, orders(50, 100))
	src := kafkasource.Topics(append(client, kgo.FetchMaxPartitionBytes(256)), []string{"orders"}, values(), kafkasource.Bounded())
	fetches := 0
	cluster.ControlKey(1, func(kmsgRequest) (kmsgResponse, error, bool) {
		cluster.KeepControl()
		if fetches++; fetches%4 == 2 {
			return nil, errors.New("cut off"), true
		}
		if fetches%7 == 3 {
			cluster.ShufflePartitionLeaders()
		}
		return nil, nil, false
	})
	got, err := whole(t, src)
	require.NoError(t, err)
	require.ElementsMatch(t, to(100), got)

	_, err = whole(t, kafkasource.Topics(client, []string{"ordres"}, values()))
	require.ErrorIs(t, err, kerr.UnknownTopicOrPartition)
	require.ErrorContains(t, err, "AllowMissing")
	_, err = whole(t, kafkasource.Topics([]kgo.Opt{kgo.SeedBrokers("127.0.0.1:1")}, []string{"orders"}, values(), kafkasource.RetryFor(0)))
	require.ErrorContains(t, err, "kgo.SeedBrokers")
	_, err = whole(t, kafkasource.Topics(append(client, kgo.ConsumerGroup("x")), []string{"orders"}, values()))
	require.ErrorContains(t, err, "the option Group")
}

// A run whose brokers have all gone says so.
func TestBrokersGone(t *testing.T) {
	cluster, client := fake(t, kfake.SeedTopics(1, "orders"))
	fill(t, client, "orders", 0, orders(0, 3))
	n := &numbers{}
	p := stream.New("gone")
	p.From(kafkasource.Topics(client, []string{"orders"}, values(), kafkasource.Refresh(20*time.Millisecond), kafkasource.RetryFor(200*time.Millisecond))).To(n.sink())
	result := make(chan error, 1)
	go func() { result <- p.Run(t.Context(), stream.Logger(slog.New(slog.DiscardHandler))) }()
	n.has(t, 3)
	cluster.Close()
	select {
	case err := <-result:
		_, ok := errors.AsType[*kafkasource.ReadError](err)
		require.True(t, ok, "%v", err)
	case <-time.After(20 * time.Second):
		t.Fatal("the run goes on without brokers")
	}
}

func TestPanics(t *testing.T) {
	for name, f := range map[string]func(){
		"no topics":  func() { kafkasource.Topics(nil, nil, values()) },
		"twice":      func() { kafkasource.Topics(nil, []string{"a", "a"}, values()) },
		"expression": func() { kafkasource.Matching(nil, "(", values()) },
		"decoding":   func() { kafkasource.Topics(nil, []string{"a"}, kafkasource.Decoding[order]{}) },
		"group":      func() { kafkasource.Group("") },
		"both": func() {
			kafkasource.Topics(nil, []string{"a"}, values(), kafkasource.Group("g"), kafkasource.Bounded())
		},
		"offsets": func() {
			kafkasource.FromOffsets(map[string]map[int32]int64{"a": {0: -1}})
		},
		"buffer":       func() { kafkasource.Buffer(0) },
		"disorder":     func() { kafkasource.Timestamps(-1) },
		"refresh":      func() { kafkasource.Refresh(0) },
		"retry":        func() { kafkasource.RetryFor(-1) },
		"nil option":   func() { kafkasource.Topics(nil, []string{"a"}, values(), nil) },
		"nil client's": func() { kafkasource.Topics([]kgo.Opt{nil}, []string{"a"}, values()) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if r := recover(); r == nil || !strings.HasPrefix(fmt.Sprint(r), "kafkasource: ") {
					t.Errorf("it panics with %v", r)
				}
			}()
			f()
		})
	}
}
