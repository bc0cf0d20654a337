package kafkasink_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/freshet-go/freshet/internal/kafkatest"
	"github.com/freshet-go/freshet/sink/kafkasink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

func (h history) writer() stream.Writer[order] {
	h.t.Helper()
	w, err := h.sink.Open(h.context("out"))
	require.NoError(h.t, err)
	h.t.Cleanup(func() { _ = w.Close() })
	return w
}

func (h history) write(w stream.Writer[order], list []stream.Event[order]) error {
	in := stream.NewIntake[order](len(list))
	for _, e := range list {
		in.AppendAt(e.Value, e.Time)
	}
	return w.Write(h.t.Context(), in.Batch())
}

// prepare writes some events and prepares them.
func (h history) prepare(w stream.Writer[order], list []stream.Event[order]) []byte {
	h.t.Helper()
	require.NoError(h.t, h.write(w, list))
	data, err := w.(stream.Preparer).Prepare(h.t.Context())
	require.NoError(h.t, err)
	return data
}

// isFenced checks that an error is of a run that was taken over from, which Restarts does not begin again.
func isFenced(t *testing.T, err error) {
	t.Helper()
	require.ErrorIs(t, err, checkpoint.ErrLocked)
	require.ErrorContains(t, err, "another run has taken over")
}

// A run that was held up while another one took over begins no transaction, which would abort that of the other one by the same id.
func TestHeldUp(t *testing.T) {
	for name, c := range map[string]struct{ committed []int64 }{
		"by an id that it has not used yet": {},
		"by an id that it uses again":       {[]int64{1, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			_, client := fake(t, kfake.SeedTopics(1, "orders"))
			one := history{t, exactly(client)}
			m := one.committer()
			require.NoError(t, m.Abort(t.Context(), 0))
			w := one.writer()
			for _, id := range c.committed {
				require.NoError(t, m.Commit(t.Context(), id, [][]byte{one.prepare(w, events(2))}))
			}
			begun := int64(len(c.committed))
			seen := len(records(t, client, "orders"))
			if begun == 0 {
				one.prepare(w, events(2)) // its first id is in use
			}

			two := history{t, exactly(client)}
			other := two.committer()
			require.NoError(t, other.Abort(t.Context(), begun))
			v := two.writer()
			promised := [][]byte{two.prepare(v, events(3)), two.prepare(v, events(3))}

			isFenced(t, one.write(w, events(1)))
			require.NoError(t, other.Commit(t.Context(), begun+1, promised))
			require.Len(t, records(t, client, "orders"), seen+6)
		})
	}
}

// A run that is taken over from in the midst of a transaction is told why it cannot write.
func TestTakenOverInTheMidst(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(1, "orders"))
	one := history{t, exactly(client)}
	require.NoError(t, one.committer().Abort(t.Context(), 0))
	w := one.writer()
	require.NoError(t, one.write(w, events(2)))
	require.NoError(t, w.Flush(t.Context()))
	require.NoError(t, history{t, exactly(client)}.committer().Abort(t.Context(), 0))
	err := one.write(w, events(2))
	if err == nil {
		err = w.Flush(t.Context())
	}
	isFenced(t, err)
}

// A pipeline that has ended, and rests until the brokers have forgotten its transactions, goes on where it was.
func TestRestsForLong(t *testing.T) {
	cluster, client := fake(t, kfake.SeedTopics(1, "orders"))
	store := checkpoint.Dir(t.TempDir())
	list := []order{{1, "a"}, {2, "b"}, {3, "c"}}
	run := func() error {
		p := stream.New("rests")
		p.From(source.Slice(list)).To(exactly(client), stream.Name("out"))
		return p.Run(t.Context(), stream.Checkpoints(store, time.Hour))
	}
	require.NoError(t, run())
	cluster.ControlKey(26, func(r kmsg.Request) (kmsg.Response, error, bool) { // EndTxn
		cluster.KeepControl()
		if strings.HasSuffix(r.(*kmsg.EndTxnRequest).TransactionalID, "/commits") {
			return nil, nil, false
		}
		answer := r.ResponseKind().(*kmsg.EndTxnResponse)
		answer.ErrorCode = kerr.InvalidProducerIDMapping.Code
		return answer, nil, true
	})
	require.NoError(t, run())
	require.Equal(t, list, parsed(t, records(t, client, "orders")))
}

// A committer of which nothing was asked, as of a run that is refused, notes nothing: it would take over from the run that is at work.
func TestCloseTakesNothing(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(1, "orders"))
	h := history{t, exactly(client)}
	m := h.committer()
	require.NoError(t, m.Abort(t.Context(), 0))
	refused, err := exactly(client).OpenCommitter(h.context("out"))
	require.NoError(t, err)
	_, err = refused.Committed(t.Context())
	require.NoError(t, err)
	require.NoError(t, refused.Close())
	require.NoError(t, m.Commit(t.Context(), 1, [][]byte{h.prepared(events(2))}))
	require.Len(t, records(t, client, "orders"), 2)
}

// One value in two To is two sinks, each of which uses its few ids again.
func TestOneValueTwice(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(1, "orders"))
	to := exactly(client)
	p := stream.New("twice")
	in := p.From(source.Generate(200, func(i int64) order { return order{int(i), "s"} }, source.Rate(400)))
	in.To(to, stream.Name("first"))
	in.To(to, stream.Name("second"))
	require.NoError(t, p.Run(t.Context(), stream.Checkpoints(checkpoint.Dir(t.TempDir()), 20*time.Millisecond), stream.Shards(1)))
	times := map[int]int{}
	for _, o := range parsed(t, records(t, client, "orders")) {
		times[o.Number]++
	}
	require.Len(t, times, 200)
	for i, n := range times {
		require.Equal(t, 2, n, "order %d", i)
	}
	list, err := kadm.NewClient(kafkatest.NewClient(t, client...)).ListTransactions(t.Context(), nil, nil)
	require.NoError(t, err)
	require.LessOrEqual(t, len(list), 10, "%v", list.Sorted())
}

// Notes in several partitions have no order: such a topic is refused, and at once.
func TestCommitTopicOfSeveralPartitions(t *testing.T) {
	cluster, client := fake(t, kfake.SeedTopics(1, "orders"))
	require.NoError(t, cluster.CreateTopic("books", 3, nil))
	begun := time.Now()
	_, err := history{t, exactly(client, kafkasink.CommitTopic("books"))}.committer().Committed(t.Context())
	require.ErrorContains(t, err, "topic books: it has 3: the topic of commits has to have one partition")
	require.Less(t, time.Since(begun), 20*time.Second)
}

// A run is held up after it has noted that it commits a checkpoint, and before it ends the transaction. Another one takes over, which commits the
// same: the first one has lost nothing, but is not the last any more.
func TestFencedInCommit(t *testing.T) {
	cluster, client := fake(t, kfake.SeedTopics(1, "orders"))
	one := history{t, exactly(client)}
	m := one.committer()
	require.NoError(t, m.Abort(t.Context(), 0))
	promised := [][]byte{one.prepared(events(3))}
	taken := make(chan struct{})
	held := 0
	cluster.ControlKey(26, func(r kmsg.Request) (kmsg.Response, error, bool) { // EndTxn
		cluster.KeepControl()
		if strings.HasSuffix(r.(*kmsg.EndTxnRequest).TransactionalID, "/commits") {
			return nil, nil, false
		}
		if held++; held > 1 {
			return nil, nil, false
		}
		go func() {
			defer close(taken)
			other := history{t, exactly(client)}.committer()
			if err := other.Commit(t.Context(), 1, promised); err != nil {
				t.Error(err)
			}
			if err := other.Abort(t.Context(), 1); err != nil {
				t.Error(err)
			}
		}()
		cluster.SleepControl(func() { <-taken })
		return nil, nil, false
	})
	isFenced(t, m.Commit(t.Context(), 1, promised))
	require.Len(t, records(t, client, "orders"), 3)
}
