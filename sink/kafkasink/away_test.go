package kafkasink_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet-go/freshet/internal/kafkatest"
	"github.com/freshet-go/freshet/sink/kafkasink"
	"github.com/freshet-go/freshet/stream"
)

// awayFrom returns a writer whose committer is in another process, as it is another value of the sink to it.
func awayFrom(t *testing.T, client []kgo.Opt, opts ...kafkasink.Option) (history, stream.Writer[order]) {
	t.Helper()
	h := history{t, exactly(client, opts...)}
	return h, h.writer()
}

func idOf(t *testing.T, data []byte) string {
	t.Helper()
	var p struct{ ID string }
	require.NoError(t, json.Unmarshal(data, &p))
	return p.ID
}

func open(t *testing.T, client []kgo.Opt) (ids []string) {
	t.Helper()
	list, err := kadm.NewClient(kafkatest.NewClient(t, client...)).ListTransactions(t.Context(), nil, []string{"Ongoing"})
	require.NoError(t, err)
	for _, x := range list.Sorted() {
		ids = append(ids, x.TxnID)
	}
	return ids
}

// A writer that knows of its committer only what that has noted uses three ids in turn, each again when it is noted that its transaction is committed, and not before.
func TestAwayInTurn(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(1, "orders"))
	m := history{t, exactly(client)}.committer()
	require.NoError(t, m.Abort(t.Context(), 0))
	h, w := awayFrom(t, client)
	var ids []string
	prepare := func() []byte {
		require.NoError(t, h.write(w, events(2)))
		require.NoError(t, w.Flush(t.Context()))
		data, err := w.(stream.Preparer).Prepare(t.Context())
		require.NoError(t, err)
		ids = append(ids, idOf(t, data))
		return data
	}
	// Another engine may take checkpoints while it has not said of those before that they are durable.
	var waiting [][]byte
	for range 3 {
		waiting = append(waiting, prepare())
	}
	require.Len(t, open(t, client), 3)
	for i, data := range waiting {
		require.NoError(t, m.Commit(t.Context(), int64(i+1), [][]byte{data}))
	}
	for id := int64(4); id < 30; id++ {
		require.NoError(t, m.Commit(t.Context(), id, [][]byte{prepare()}))
	}
	require.Len(t, records(t, client, "orders"), 2*29)
	require.Empty(t, open(t, client))
	different := map[string]bool{}
	for i, id := range ids {
		different[id] = true
		require.NotContains(t, ids[max(0, i-2):i], id, "the last two may have to be committed again")
	}
	require.LessOrEqual(t, len(different), 6, "an answer that none is free is kept for a second: %v", ids)
	require.Len(t, ids, 29)
}

// The committer dies behind a commit, before it can note that. The next one commits again, which is no commit of what has begun meanwhile.
func TestAwayCommitsAgain(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(1, "orders"))
	m := history{t, exactly(client)}.committer()
	require.NoError(t, m.Abort(t.Context(), 0))
	h, w := awayFrom(t, client)
	first := [][]byte{h.prepare(w, events(2))}
	require.NoError(t, m.Commit(t.Context(), 1, first))
	require.NoError(t, h.write(w, events(3)))
	require.NoError(t, w.Flush(t.Context()))
	require.NoError(t, h.write(w, events(3))) // of whatever was begun ahead

	next := history{t, exactly(client)}.committer()
	require.NoError(t, next.Commit(t.Context(), 1, first))
	require.NoError(t, next.Abort(t.Context(), 1))
	require.Empty(t, open(t, client))
	require.Len(t, records(t, client, "orders"), 2)
}

// On real brokers, as those of the tests take a record of a fenced producer for the beginning of a transaction, and forget what timeout an id was taken with.
func TestAwayFromRealBrokers(t *testing.T) {
	b := kafkatest.Start(t, nil)
	client := []kgo.Opt{kgo.SeedBrokers(b.Addr), kgo.FetchMaxWait(10 * time.Millisecond), kgo.ProducerLinger(0)}
	kafkatest.Create(t, b.Client(t), "orders", 1)
	t.Run("taken for dead, with a transaction", func(t *testing.T) { takenForDead(t, client, 2, 1) })
	t.Run("taken for dead, with none yet", func(t *testing.T) { takenForDead(t, client, 0, 2) })
	t.Run("leaves something", func(t *testing.T) { leavesSomething(t, client) })
}

// A writer that was taken for dead, and is at work for a run that another one has taken over from, writes nothing any more that anybody has to wait for, and takes nothing from the writers of the other one.
func takenForDead(t *testing.T, client []kgo.Opt, begun int, checkpoint int64) {
	before := len(records(t, client, "orders"))
	require.NoError(t, history{t, exactly(client)}.committer().Abort(t.Context(), 0))
	one, w := awayFrom(t, client)
	if begun > 0 {
		require.NoError(t, one.write(w, events(begun)))
		require.NoError(t, w.Flush(t.Context()))
	}
	m := history{t, exactly(client)}.committer()
	require.NoError(t, m.Abort(t.Context(), 0))
	require.Empty(t, open(t, client))
	two, v := awayFrom(t, client)
	promised := [][]byte{two.prepare(v, events(3))}
	err := one.write(w, events(2))
	if err == nil {
		err = w.Flush(t.Context())
	}
	isFenced(t, err)
	require.NoError(t, w.Close())
	require.NoError(t, m.Commit(t.Context(), checkpoint, promised))
	require.Len(t, records(t, client, "orders"), before+3)
	require.Empty(t, open(t, client))
}

// What a process has left open that was killed is aborted by the next committer, also that of an instance which is not there any more; and ids that nobody uses again are taken once, and not by each
// run, or the brokers would never forget them.
func leavesSomething(t *testing.T, client []kgo.Opt) {
	before := len(records(t, client, "orders"))
	require.NoError(t, history{t, exactly(client)}.committer().Abort(t.Context(), 0))
	h := history{t, exactly(client)}
	c := h.context("out")
	c.Instance, c.Count = 6, 7
	w, err := h.sink.Open(c)
	require.NoError(t, err)
	defer w.Close()
	require.NoError(t, h.write(w, events(2)))
	require.NoError(t, w.Flush(t.Context()))
	left := open(t, client)
	require.Len(t, left, 1)
	epoch := func() int16 {
		x, err := kadm.NewClient(kafkatest.NewClient(t, client...)).DescribeTransactions(t.Context(), left[0])
		require.NoError(t, err)
		return x[left[0]].ProducerEpoch
	}
	first, taken := epoch(), int16(0)
	for range 3 {
		require.NoError(t, history{t, exactly(client)}.committer().Abort(t.Context(), 0))
		require.Empty(t, open(t, client))
		if taken == 0 {
			taken = epoch()
		}
		require.Greater(t, taken, first, "it is aborted")
		require.Equal(t, taken, epoch(), "it is taken once")
	}
	require.Len(t, records(t, client, "orders"), before)
}

// A writer that is opened before any committer has nothing to go by.
func TestAwayBeforeItsCommitter(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(1, "orders", "freshet-commits"))
	_, err := exactly(client).Open(history{t, nil}.context("out"))
	require.ErrorContains(t, err, "it was opened before its committer")
}

// A transaction of another pipeline's note is open, as its process has died in the midst of it: a writer goes on meanwhile, and takes a new id.
func TestAwayBehindAnothersNote(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(1, "orders"))
	m := history{t, exactly(client)}.committer()
	require.NoError(t, m.Abort(t.Context(), 0))
	h, w := awayFrom(t, client, kafkasink.RetryFor(time.Minute))
	require.NoError(t, m.Commit(t.Context(), 1, [][]byte{h.prepare(w, events(2))}))
	other := kafkatest.NewClient(t, append(client, kgo.TransactionalID("another"), kgo.TransactionTimeout(2*time.Second))...)
	require.NoError(t, other.BeginTransaction())
	require.NoError(t, other.ProduceSync(t.Context(), &kgo.Record{Topic: "freshet-commits", Key: []byte("another"), Value: []byte("{}")}).FirstErr())
	last := [][]byte{h.prepare(w, events(2))}
	require.NoError(t, m.Commit(t.Context(), 2, last))
	require.Len(t, records(t, client, "orders"), 4)
}

// A TransactionTimeout that the brokers do not allow is said to be one.
func TestAwayForTooLong(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(1, "orders"))
	require.NoError(t, history{t, exactly(client)}.committer().Abort(t.Context(), 0))
	h, w := awayFrom(t, client, kafkasink.TransactionTimeout(time.Hour))
	require.ErrorContains(t, h.write(w, events(1)), "TransactionTimeout is 1h0m0s, and the brokers allow transaction.max.timeout.ms")
}
