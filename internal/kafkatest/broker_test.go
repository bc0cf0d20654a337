package kafkatest_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet-go/freshet/internal/kafkatest"
	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/kafkasink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/kafkasource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// add writes the sales from number from on to a partition.
func add(t *testing.T, b *kafkatest.Broker, topic string, partition int32, from, to int64) {
	t.Helper()
	c := b.Client(t, kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.UnknownTopicRetries(-1))
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for i := from; i < to; i++ {
		value, _ := json.Marshal(sale{Number: i})
		require.NoError(t, c.ProduceSync(ctx, &kgo.Record{Topic: topic, Partition: partition, Value: value}).FirstErr())
	}
}

// Partitions are added, and a topic is deleted and made again, while a run reads all of it, or as the member of a group.
func TestTopicsComeAndGo(t *testing.T) {
	b := kafkatest.Shared(t)
	for _, group := range []bool{false, true} {
		t.Run(fmt.Sprintf("group=%t", group), func(t *testing.T) {
			topic := fmt.Sprintf("coming.%t", group)
			c := b.Client(t)
			admin := kadm.NewClient(c)
			kafkatest.Create(t, c, topic, 1)
			add(t, b, topic, 0, 0, 3)
			opts := []kafkasource.Option{kafkasource.CountLoss(), kafkasource.AllowMissing(), kafkasource.Refresh(100 * time.Millisecond)}
			if group {
				opts = append(opts, kafkasource.Group(topic))
			}
			client := []kgo.Opt{kgo.SeedBrokers(b.Addr), kgo.FetchMaxWait(50 * time.Millisecond), kgo.HeartbeatInterval(100 * time.Millisecond)}
			src := kafkasource.Topics(client, []string{topic}, kafkasource.Values(sales()), opts...)
			got := sink.Collect[sale]()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			p := stream.New(topic)
			p.From(src).To(got)
			result := make(chan error, 1)
			go func() {
				result <- p.Run(ctx, stream.Checkpoints(checkpoint.Dir(t.TempDir()), 100*time.Millisecond))
			}()
			has := func(n int64) {
				t.Helper()
				for deadline := time.Now().Add(30 * time.Second); src.Stats().Read < n; time.Sleep(5 * time.Millisecond) {
					if len(result) > 0 {
						t.Fatal(<-result)
					}
					if time.Now().After(deadline) {
						t.Fatalf("%+v, want %d", src.Stats(), n)
					}
				}
			}
			has(3)
			_, err := admin.CreatePartitions(t.Context(), 1, topic)
			require.NoError(t, err)
			add(t, b, topic, 1, 3, 6)
			has(6)
			_, err = admin.DeleteTopic(t.Context(), topic)
			require.NoError(t, err)
			time.Sleep(300 * time.Millisecond) // for the broker to have forgotten it
			kafkatest.Create(t, c, topic, 1)
			add(t, b, topic, 0, 6, 9)
			has(9)
			cancel()
			require.ErrorIs(t, <-result, context.Canceled)
			require.EqualValues(t, 9, src.Stats().Read)
		})
	}
}

// Certificates of both sides are asked for; one that is not trusted ends the run at once.
func TestTLS(t *testing.T) {
	b := kafkatest.Shared(t)
	kafkatest.Create(t, b.Client(t), "secret", 1)
	client := func(c *tls.Config) []kgo.Opt { return []kgo.Opt{kgo.SeedBrokers(b.Secure), kgo.DialTLSConfig(c)} }
	good := client(&tls.Config{RootCAs: b.Authority.Pool(), Certificates: []tls.Certificate{b.Authority.Signs("client", time.Now().Add(time.Hour))}})
	p := stream.New("tls")
	p.From(source.Slice([]sale{{1, 2}, {3, 4}})).To(kafkasink.ExactlyOnce(kafkasink.Topic(good, "secret", kafkasink.Values(sales()))))
	require.NoError(t, p.Run(t.Context(), stream.Checkpoints(checkpoint.Dir(t.TempDir()), time.Second)))
	read := func(client []kgo.Opt) ([]sale, error) {
		got := sink.Collect[sale]()
		p := stream.New("tls")
		p.From(kafkasource.Topics(client, []string{"secret"}, kafkasource.Values(sales()), kafkasource.Bounded())).To(got)
		err := p.Run(t.Context())
		return got.Values(), err
	}
	got, err := read(good)
	require.NoError(t, err)
	require.ElementsMatch(t, []sale{{1, 2}, {3, 4}}, got)
	for name, bad := range map[string]*tls.Config{
		"the broker is not trusted":  {RootCAs: servertest.NewAuthority(t).Pool(), Certificates: []tls.Certificate{b.Authority.Signs("client", time.Now().Add(time.Hour))}},
		"the client shows nothing":   {RootCAs: b.Authority.Pool()},
		"the client's is of another": {RootCAs: b.Authority.Pool(), Certificates: []tls.Certificate{servertest.NewAuthority(t).Signs("client", time.Now().Add(time.Hour))}},
	} {
		begun := time.Now()
		_, err := read(client(bad))
		require.ErrorContains(t, err, "tls: ", name)
		require.Less(t, time.Since(begun), 20*time.Second, name)
		t.Logf("%s: %v", name, err)
	}
}

// A transaction that is not committed in time is aborted by the broker, and said to be lost.
func TestTimedOut(t *testing.T) {
	b := kafkatest.Shared(t)
	kafkatest.Create(t, b.Client(t), "late", 1)
	client := []kgo.Opt{kgo.SeedBrokers(b.Addr)}
	s := kafkasink.ExactlyOnce(kafkasink.Topic(client, "late", kafkasink.Values(sales()), kafkasink.TransactionTimeout(5*time.Second)))
	c := &stream.SinkContext{Context: t.Context(), Pipeline: "late", Name: "out", Count: 1, Transactional: true}
	m, err := s.OpenCommitter(c)
	require.NoError(t, err)
	defer m.Close()
	require.NoError(t, m.Abort(t.Context(), 0))
	w, err := s.Open(c)
	require.NoError(t, err)
	defer w.Close()
	in := stream.NewIntake[sale](1)
	in.Append(sale{1, 2})
	require.NoError(t, w.Write(t.Context(), in.Batch()))
	data, err := w.(stream.Preparer).Prepare(t.Context())
	require.NoError(t, err)
	admin := kadm.NewClient(b.Client(t))
	require.Eventually(t, func() bool {
		list, err := admin.ListTransactions(t.Context(), nil, []string{"CompleteAbort"})
		return err == nil && strings.Contains(fmt.Sprint(list.Sorted()), "freshet/late//out/0/0")
	}, time.Minute, 50*time.Millisecond, "the broker does not abort it")
	err = m.Commit(t.Context(), 1, [][]byte{data})
	require.ErrorContains(t, err, "TransactionTimeout")
	require.Empty(t, committed(t, b, "late"))
}
