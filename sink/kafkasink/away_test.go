package kafkasink_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

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
	require.LessOrEqual(t, len(different), 4, "%v", ids)
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

// A writer that was taken for dead, and is at work for a run that another one has taken over from, writes nothing any more that anybody has to wait for, and takes nothing from the writers of the other one.
func TestAwayTakenForDead(t *testing.T) {
	for name, begun := range map[string]int{"with a transaction": 2, "with none yet": 0} {
		t.Run(name, func(t *testing.T) {
			_, client := fake(t, kfake.SeedTopics(1, "orders"))
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
			require.NoError(t, m.Commit(t.Context(), 1, promised))
			require.Len(t, records(t, client, "orders"), 3)
			require.Empty(t, open(t, client))
		})
	}
}

// What a process has left open that was killed is aborted by the next committer, also that of an instance which is not there any more; and ids that nobody uses again are taken once, and not by each
// run, or the brokers would never forget them.
func TestAwayLeavesSomething(t *testing.T) {
	cluster, client := fake(t, kfake.SeedTopics(1, "orders"))
	require.NoError(t, history{t, exactly(client)}.committer().Abort(t.Context(), 0))
	h := history{t, exactly(client)}
	c := h.context("out")
	c.Instance, c.Count = 6, 7
	w, err := h.sink.Open(c)
	require.NoError(t, err)
	defer w.Close()
	require.NoError(t, h.write(w, events(2)))
	require.NoError(t, w.Flush(t.Context()))
	require.Len(t, open(t, client), 1)

	taken := 0
	cluster.ControlKey(22, func(r kmsg.Request) (kmsg.Response, error, bool) { // InitProducerID
		cluster.KeepControl()
		if id := r.(*kmsg.InitProducerIDRequest).TransactionalID; id != nil && !strings.HasSuffix(*id, "/commits") {
			taken++
		}
		return nil, nil, false
	})
	for range 3 {
		require.NoError(t, history{t, exactly(client)}.committer().Abort(t.Context(), 0))
		require.Empty(t, open(t, client))
		require.Equal(t, 1, taken)
	}
	require.Empty(t, records(t, client, "orders"))
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
