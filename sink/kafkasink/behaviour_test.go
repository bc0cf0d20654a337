package kafkasink_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/freshet-go/freshet/internal/kafkatest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/kafkasink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
)

func run(t *testing.T, to stream.Sink[order], list []stream.Event[order], opts ...stream.Option) error {
	t.Helper()
	var values []order
	for _, e := range list {
		values = append(values, e.Value)
	}
	p := stream.New("behaviour")
	p.From(source.Slice(values)).
		EventTime(func(o order) time.Time { return time.Unix(int64(o.Number), 0) }, stream.Disorder(time.Hour)).
		To(to, opts...)
	return p.Run(t.Context(), stream.BatchSize(4))
}

// A record has the key, the event time, and what Func sets.
func TestRecords(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(3, "orders"))
	require.NoError(t, run(t, kafkasink.Topic(client, "orders", keyed()), events(30)))
	parts := map[string]int32{}
	for _, r := range records(t, client, "orders") {
		o := parsed(t, []*kgo.Record{r})[0]
		require.Equal(t, o.Shop, string(r.Key))
		require.EqualValues(t, o.Number, r.Timestamp.Unix())
		if p, ok := parts[o.Shop]; ok {
			require.Equal(t, p, r.Partition, "records of one key are in one partition")
		}
		parts[o.Shop] = r.Partition
	}
	byHand := kafkasink.Func(func(o order, r *kgo.Record) error {
		r.Topic, r.Partition = "others", int32(o.Number%3)
		r.Key, r.Headers = []byte(o.Shop), []kgo.RecordHeader{{Key: "number", Value: fmt.Append(nil, o.Number)}}
		return nil // a tombstone
	})
	_, client = fake(t, kfake.SeedTopics(3, "others"))
	require.NoError(t, run(t, kafkasink.Topic(append(client, kgo.RecordPartitioner(kgo.ManualPartitioner())), "orders", byHand), events(9)))
	list := records(t, client, "others")
	require.Len(t, list, 9)
	for _, r := range list {
		require.Nil(t, r.Value)
		require.Equal(t, fmt.Sprint(r.Offset*3+int64(r.Partition)), string(r.Headers[0].Value))
	}
}

// A value of no bytes is no tombstone.
func TestEmptyValue(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(1, "orders"))
	p := stream.New("empty")
	p.From(source.Slice([]string{""})).To(kafkasink.Topic(client, "orders", kafkasink.Values[string](raw{})))
	require.NoError(t, p.Run(t.Context()))
	list := records(t, client, "orders")
	require.Len(t, list, 1)
	require.NotNil(t, list[0].Value)
	require.Nil(t, list[0].Key)
}

// raw is a codec of strings as they are.
type raw struct{}

func (raw) Decode(m []byte, v *string) error            { *v = string(m); return nil }
func (raw) Append(dst []byte, v string) ([]byte, error) { return append(dst, v...), nil }

// What is too long for a batch is a failure of its event; the others are written.
func TestTooLong(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(1, "orders"))
	list := events(9)
	list[4].Value.Shop = strings.Repeat("x", 2000)
	var failed stream.Failures[order]
	for name, wrap := range map[string]func(*kafkasink.Sink[order]) stream.Sink[order]{
		"at least once": func(s *kafkasink.Sink[order]) stream.Sink[order] { return s },
		"exactly once":  func(s *kafkasink.Sink[order]) stream.Sink[order] { return kafkasink.ExactlyOnce(s) },
	} {
		to := wrap(kafkasink.Topic(append(client, kgo.ProducerBatchMaxBytes(1024)), "orders", keyed()))
		err := run(t, to, list)
		require.ErrorIs(t, err, kerr.MessageTooLarge, name)
		got := sink.Collect[stream.Failed[order]]()
		var values []order
		for _, e := range list {
			values = append(values, e.Value)
		}
		p := stream.New("long")
		failed = stream.Failures[order]{}
		p.From(source.Slice(values)).To(to, stream.Divert(&failed))
		failed.Stream().To(got)
		require.NoError(t, p.Run(t.Context()), name)
		require.Len(t, got.Values(), 1, name)
	}
}

// Brokers that do not answer end the run, with the cause.
func TestAway(t *testing.T) {
	cluster, client := fake(t, kfake.SeedTopics(1, "orders"))
	cluster.ControlKey(0, func(kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		return nil, errors.New("cut off"), true
	})
	err := run(t, kafkasink.Topic(client, "orders", keyed(), kafkasink.RetryFor(time.Second)), events(5))
	require.ErrorContains(t, err, "no record was acknowledged")
	_, ok := errors.AsType[*kafkasink.WriteError](err)
	require.True(t, ok)
	require.ErrorContains(t, run(t, kafkasink.Topic(append(client, kgo.TransactionalID("mine")), "orders", keyed()), events(1)), "TransactionalID")
}

// history opens the parts of a sink by hand, as a run does.
type history struct {
	t    *testing.T
	sink stream.TransactionalSink[order]
}

func (h history) context(name string) *stream.SinkContext {
	return &stream.SinkContext{Context: h.t.Context(), Pipeline: "history", Name: name, Count: 1, Transactional: true, Checkpoint: func() {}}
}

func (h history) committer() stream.Committer {
	h.t.Helper()
	m, err := h.sink.OpenCommitter(h.context("out"))
	require.NoError(h.t, err)
	h.t.Cleanup(func() { _ = m.Close() })
	return m
}

// prepared writes some events and prepares them.
func (h history) prepared(list []stream.Event[order]) []byte {
	h.t.Helper()
	w, err := h.sink.Open(h.context("out"))
	require.NoError(h.t, err)
	h.t.Cleanup(func() { _ = w.Close() })
	in := stream.NewIntake[order](len(list))
	for _, e := range list {
		in.AppendAt(e.Value, e.Time)
	}
	require.NoError(h.t, w.Write(h.t.Context(), in.Batch()))
	data, err := w.(stream.Preparer).Prepare(h.t.Context())
	require.NoError(h.t, err)
	return data
}

func exactly(client []kgo.Opt, opts ...kafkasink.Option) stream.TransactionalSink[order] {
	return kafkasink.ExactlyOnce(kafkasink.Topic(client, "orders", keyed(), opts...))
}

// A run that was taken for dead can neither write nor commit any more.
func TestFenced(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(1, "orders"))
	one := history{t, exactly(client)}
	m := one.committer()
	require.NoError(t, m.Abort(t.Context(), 0))
	data := one.prepared(events(3))

	other := history{t, exactly(client)}.committer()
	require.NoError(t, other.Abort(t.Context(), 0))

	err := m.Commit(t.Context(), 1, [][]byte{data})
	require.ErrorIs(t, err, checkpoint.ErrLocked)
	fenced, ok := errors.AsType[*kafkasink.FencedError](err)
	require.True(t, ok, "%v", err)
	require.Contains(t, fenced.Error(), `key "freshet/history//out"`)
	require.Empty(t, records(t, client, "orders"))
}

// timeOut has the brokers abort what is open by the first id of a sink, as they do at the timeout: in a new epoch.
func timeOut(t *testing.T, client []kgo.Opt) {
	t.Helper()
	c := kafkatest.NewClient(t, client...)
	list, err := kadm.NewClient(c).ListTransactions(t.Context(), nil, nil)
	require.NoError(t, err)
	for _, tx := range list.Sorted() {
		r := kmsg.NewPtrInitProducerIDRequest()
		r.TransactionalID, r.TransactionTimeoutMillis, r.ProducerID, r.ProducerEpoch = &tx.TxnID, 60000, -1, -1
		if strings.HasSuffix(tx.TxnID, "/0") {
			_, err := r.RequestWith(t.Context(), c)
			require.NoError(t, err)
		}
	}
}

// A transaction that the brokers have aborted is said to be lost, and not passed over.
func TestTimedOut(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(1, "orders"))
	h := history{t, exactly(client)}
	require.NoError(t, h.committer().Abort(t.Context(), 0))
	data := h.prepared(events(3))
	timeOut(t, client)
	err := history{t, exactly(client)}.committer().Commit(t.Context(), 7, [][]byte{data})
	lost, ok := errors.AsType[*kafkasink.LostTransactionError](err)
	require.True(t, ok, "%v", err)
	require.EqualValues(t, 7, lost.Checkpoint)
	require.ErrorContains(t, err, "TransactionTimeout")
}

// The answer to a commit gets lost, of the note as of the transaction: both are sent again, and each record is there once.
func TestLostAnswers(t *testing.T) {
	cluster, client := fake(t, kfake.SeedTopics(1, "orders"))
	for _, key := range []int16{0, 26} { // Produce, EndTxn
		n := 0
		cluster.ControlKey(key, func(kmsg.Request) (kmsg.Response, error, bool) {
			cluster.KeepControl()
			if n++; n%3 == 2 {
				return nil, errors.New("cut off"), true
			}
			return nil, nil, false
		})
	}
	values := make([]order, 400)
	for i := range values {
		values[i] = order{i, fmt.Sprint("s", i%5)}
	}
	p := stream.New("answers")
	p.From(source.Slice(values)).Tap(func(o order) {
		if o.Number%20 == 0 {
			time.Sleep(5 * time.Millisecond) // for several checkpoints
		}
	}).To(exactly(client))
	require.NoError(t, p.Run(t.Context(), stream.Checkpoints(checkpoint.Dir(t.TempDir()), 20*time.Millisecond), stream.BatchSize(8)))
	times := map[int]int{}
	for _, o := range parsed(t, records(t, client, "orders")) {
		times[o.Number]++
	}
	for i := range values {
		require.Equal(t, 1, times[i], "order %d", i)
	}
}

// Ids of transactions are used again, so that the brokers need not remember many.
func TestIDsAreFew(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(1, "orders"))
	p := stream.New("few")
	p.From(source.Generate(200, func(i int64) order { return order{int(i), "s"} }, source.Rate(400))).To(exactly(client))
	require.NoError(t, p.Run(t.Context(), stream.Checkpoints(checkpoint.Dir(t.TempDir()), 20*time.Millisecond), stream.Shards(1)))
	list, err := kadm.NewClient(kafkatest.NewClient(t, client...)).ListTransactions(t.Context(), nil, nil)
	require.NoError(t, err)
	require.LessOrEqual(t, len(list), 5, "%v", list.Sorted())
	require.Len(t, records(t, client, "orders"), 200)
}

// A savepoint that is older than what was committed is refused.
func TestCommitTopic(t *testing.T) {
	cluster, client := fake(t, kfake.SeedTopics(1, "orders"))
	h := history{t, exactly(client, kafkasink.CommitTopic("books"), kafkasink.Member("one"))}
	m := h.committer()
	require.NoError(t, m.Abort(t.Context(), 0))
	require.NoError(t, m.Commit(t.Context(), 3, [][]byte{h.prepared(events(2))}))
	require.NoError(t, m.Commit(t.Context(), 4, nil))
	other := history{t, exactly(client, kafkasink.CommitTopic("books"), kafkasink.Member("one"))}.committer()
	id, err := other.Committed(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 4, id)
	id, err = history{t, exactly(client, kafkasink.CommitTopic("books"), kafkasink.Member("two"))}.committer().Committed(t.Context())
	require.NoError(t, err)
	require.Zero(t, id)
	require.Equal(t, "compact", *cluster.TopicInfo("books").Configs["cleanup.policy"])
}

// What a new client notes first can be read by the next one. It is written as soon as the client knows the topic, which is when franz-go
// would abort it and say that it is committed.
func TestFirstNote(t *testing.T) {
	_, client := fake(t)
	for i := range int64(60) {
		m, err := exactly(client).OpenCommitter(history{t: t}.context("out"))
		require.NoError(t, err)
		last, err := m.Committed(t.Context())
		require.NoError(t, err)
		require.Equal(t, i, last)
		require.NoError(t, m.Commit(t.Context(), i+1, nil))
		require.NoError(t, m.Close())
	}
}

func TestPanics(t *testing.T) {
	for name, f := range map[string]func(){
		"topic":    func() { kafkasink.Topic(nil, "", keyed()) },
		"encoding": func() { kafkasink.Topic(nil, "a", kafkasink.Encoding[order]{}) },
		"option":   func() { kafkasink.Topic(nil, "a", keyed(), nil) },
		"client's": func() { kafkasink.Topic([]kgo.Opt{nil}, "a", keyed()) },
		"sink":     func() { kafkasink.ExactlyOnce[order](nil) },
		"timeout":  func() { kafkasink.TransactionTimeout(0) },
		"retry":    func() { kafkasink.RetryFor(-1) },
		"commits":  func() { kafkasink.CommitTopic("") },
		"values":   func() { kafkasink.Values[order](nil) },
		"key":      func() { kafkasink.Keyed(nil, codec.Message(codec.JSON[order]())) },
		"func":     func() { kafkasink.Func[order](nil) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if r := recover(); r == nil || !strings.HasPrefix(fmt.Sprint(r), "kafkasink: ") {
					t.Errorf("it panics with %v", r)
				}
			}()
			f()
		})
	}
}
