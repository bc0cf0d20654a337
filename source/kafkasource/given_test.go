package kafkasource_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/freshet-go/freshet/internal/kafkatest"
	"github.com/freshet-go/freshet/source/kafkasource"
	"github.com/freshet-go/freshet/stream"
)

// member is one whose checkpoints are taken by a test.
type member struct {
	t       *testing.T
	added   chan stream.Reader[order]
	removed chan string
	stop    func()
}

// joined has a source join its group.
func joined(t *testing.T, src *kafkasource.Source[order]) *member {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	m := &member{t: t, added: make(chan stream.Reader[order], 10), removed: make(chan string, 10)}
	c := &stream.SourceContext{Context: ctx, Name: "in", Now: time.Now}
	_, err := src.Open(c)
	require.NoError(t, err)
	watch := stream.Watched[order](c)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = watch(ctx, stream.Watcher[order]{ // it ends when it is told to
			Add:    func(r stream.Reader[order]) error { m.added <- r; return nil },
			Remove: func(name string) error { m.removed <- name; return nil },
			Ready:  func(...string) {},
		})
	}()
	m.stop = func() {
		cancel()
		<-ended
	}
	t.Cleanup(m.stop)
	return m
}

// gets waits for a partition to be given to the member.
func (m *member) gets() stream.Reader[order] {
	m.t.Helper()
	select {
	case r := <-m.added:
		m.t.Cleanup(func() { _ = r.Close() })
		return r
	case <-time.After(20 * time.Second):
		m.t.Fatal("no partition is given")
		return nil
	}
}

// gives waits for a partition to be taken from the member.
func (m *member) gives() string {
	m.t.Helper()
	select {
	case name := <-m.removed:
		return name
	case <-time.After(20 * time.Second):
		m.t.Fatal("no partition is taken")
		return ""
	}
}

// reads reads as many records, and returns the first one's number and the place behind the last.
func (m *member) reads(r stream.Reader[order], n int) (first int, place string) {
	m.t.Helper()
	var all []int
	for deadline := time.Now().Add(20 * time.Second); len(all) < n; time.Sleep(time.Millisecond) {
		in := stream.NewIntake[order](n - len(all))
		if err := r.Read(m.t.Context(), in); err != nil && !errors.Is(err, stream.ErrNothing) {
			m.t.Fatal(err)
		}
		for _, v := range in.Batch().All() {
			all = append(all, v.Number)
		}
		if time.Now().After(deadline) {
			m.t.Fatalf("there are %d records", len(all))
		}
	}
	return all[0], r.Offset()
}

func commit(t *testing.T, r stream.Reader[order], place string) {
	t.Helper()
	require.NoError(t, r.(stream.Acknowledger).Commit(t.Context(), place))
}

// books are the offsets that are committed to the brokers, "orders-0 at 10", in their order.
type books struct {
	mu  sync.Mutex
	all []string
}

func booksOf(cluster *kfake.Cluster) *books {
	b := &books{}
	cluster.ControlKey(8, func(r kmsgRequest) (kmsgResponse, error, bool) { // OffsetCommit
		cluster.KeepControl()
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, topic := range r.(*kmsg.OffsetCommitRequest).Topics {
			for _, p := range topic.Partitions {
				b.all = append(b.all, fmt.Sprintf("orders-%d at %d", p.Partition, p.Offset))
			}
		}
		return nil, nil, false
	})
	return b
}

func (b *books) list() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.all...)
}

func (b *books) has(t *testing.T, what string) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.Contains(fmt.Sprint(b.list()), what) }, 20*time.Second, 5*time.Millisecond, what)
}

// A member has to give a partition away before a checkpoint has what it has read of it. When that is durable, the partition is another
// member's, which has committed more.
func TestGivenAwayBeforeACheckpoint(t *testing.T) {
	cluster, client := fake(t, kfake.SeedTopics(2, "orders"))
	client = append(client, kgo.HeartbeatInterval(50*time.Millisecond), kgo.RebalanceTimeout(3*time.Second))
	fill(t, client, "orders", 0, orders(0, 20))
	fill(t, client, "orders", 1, orders(0, 20))
	src := func() *kafkasource.Source[order] {
		return kafkasource.Topics(client, []string{"orders"}, values(), kafkasource.Group("books"))
	}
	books := booksOf(cluster)
	a := joined(t, src())
	readers := map[string]stream.Reader[order]{}
	places := map[string]string{}
	for range 2 {
		r := a.gets()
		readers[r.Partition()] = r
		_, places[r.Partition()] = a.reads(r, 10)
	}
	b := joined(t, src())
	given := a.gives() // and the checkpoint takes its time
	kept := map[string]string{"orders-0": "orders-1", "orders-1": "orders-0"}[given]
	r := b.gets()
	require.Equal(t, given, r.Partition())
	first, place := b.reads(r, 20)
	require.Zero(t, first)
	commit(t, r, place)
	books.has(t, given+" at 20")
	commit(t, readers[given], places[given])
	commit(t, readers[kept], places[kept])
	require.NoError(t, readers[given].Close())
	books.has(t, kept+" at 10")
	require.NotContains(t, books.list(), given+" at 10")
}

// What a member has read until the group took it for dead is not committed once it has joined again.
func TestTakenForDead(t *testing.T) {
	cluster, client := fake(t, kfake.SeedTopics(1, "orders"))
	client = append(client, kgo.HeartbeatInterval(20*time.Millisecond), kgo.RebalanceTimeout(time.Second))
	fill(t, client, "orders", 0, orders(0, 20))
	books := booksOf(cluster)
	a := joined(t, kafkasource.Topics(client, []string{"orders"}, values(), kafkasource.Group("books")))
	r := a.gets()
	_, place := a.reads(r, 10)
	cluster.ControlKey(12, func(r kmsgRequest) (kmsgResponse, error, bool) { // Heartbeat, once
		answer := r.ResponseKind().(*kmsg.HeartbeatResponse)
		answer.ErrorCode = kerr.UnknownMemberID.Code
		return answer, nil, true
	})
	require.Equal(t, "orders-0", a.gives())
	commit(t, r, place)
	require.NoError(t, r.Close())
	r = a.gets()
	first, place := a.reads(r, 10)
	require.Equal(t, 10, first) // nobody else has committed since
	commit(t, r, place)
	books.has(t, "orders-0 at 20")
	require.Equal(t, []string{"orders-0 at 20"}, books.list())
}

// A member that begins at the end ends before it has committed anything. Who takes over begins where it did.
func TestFromEndInAGroup(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(1, "orders"))
	fill(t, client, "orders", 0, orders(0, 10))
	src := func() *kafkasource.Source[order] {
		return kafkasource.Topics(client, []string{"orders"}, values(), kafkasource.Group("books"), kafkasource.FromEnd())
	}
	a := joined(t, src())
	r := a.gets()
	a.stop()
	require.NoError(t, r.Close())
	fill(t, client, "orders", 0, orders(10, 15))
	b := joined(t, src())
	first, _ := b.reads(b.gets(), 5)
	require.Equal(t, 10, first)
}

// The last commit of a member that stops is tried again.
func TestLastCommitIsTriedAgain(t *testing.T) {
	cluster, client := fake(t, kfake.SeedTopics(1, "orders"))
	fill(t, client, "orders", 0, orders(0, 10))
	client = append(client, kgo.RequestRetries(0))
	a := joined(t, kafkasource.Topics(client, []string{"orders"}, values(), kafkasource.Group("books")))
	r := a.gets()
	_, place := a.reads(r, 10)
	a.stop()
	tries := 0
	cluster.ControlKey(8, func(kmsgRequest) (kmsgResponse, error, bool) { // OffsetCommit
		cluster.KeepControl()
		if tries++; tries <= 3 {
			return nil, errors.New("cut off"), true
		}
		return nil, nil, false
	})
	commit(t, r, place)
	require.NoError(t, r.Close())
	offsets, err := kadm.NewClient(kafkatest.NewClient(t, client...)).FetchOffsets(t.Context(), "books")
	require.NoError(t, err)
	at, _ := offsets.Lookup("orders", 0)
	require.EqualValues(t, 10, at.At)
}

// All that a bounded source has to read was aborted, and the mark that says so lies behind a transaction that is open: it is not waited for.
func TestBoundedBeforeAnOpenTransaction(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(1, "orders"))
	begin := func(id string, n int) *kgo.Client {
		c := kafkatest.NewClient(t, append([]kgo.Opt{kgo.TransactionalID(id), kgo.TransactionTimeout(5 * time.Minute)}, client...)...)
		require.NoError(t, c.BeginTransaction())
		for range n {
			require.NoError(t, c.ProduceSync(t.Context(), &kgo.Record{Topic: "orders", Value: []byte(`{}`)}).FirstErr())
		}
		require.Eventually(t, func() bool { // as the notes of kafkasink do
			leader, _, _ := c.PartitionLeader("orders", 0)
			return leader != -1
		}, 20*time.Second, time.Millisecond)
		return c
	}
	a := begin("a", 10)
	_ = begin("b", 1)
	require.NoError(t, a.EndTransaction(t.Context(), kgo.TryAbort))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	n := &numbers{}
	p := stream.New("behaviour")
	p.From(kafkasource.Topics(client, []string{"orders"}, values(), kafkasource.Bounded(), kafkasource.Refresh(20*time.Millisecond))).To(n.sink())
	require.NoError(t, p.Run(ctx))
	require.Empty(t, n.list())
}
