package kafkasink_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/freshet-go/freshet/sink/kafkasink"
	"github.com/freshet-go/freshet/stream"
)

// asked counts how often the brokers are asked for a transaction that is not one of notes.
func asked(cluster *kfake.Cluster) *atomic.Int64 {
	var n atomic.Int64
	cluster.ControlKey(65, func(r kmsg.Request) (kmsg.Response, error, bool) { // DescribeTransactions
		cluster.KeepControl()
		for _, id := range r.(*kmsg.DescribeTransactionsRequest).TransactionalIDs {
			if !strings.HasSuffix(id, "/commits") {
				n.Add(1)
			}
		}
		return nil, nil, false
	})
	return &n
}

// lingering has records wait until they are flushed.
func lingering(client []kgo.Opt) []kgo.Opt { return append(client, kgo.ProducerLinger(time.Minute)) }

// While records are on their way it is asked whether the transaction is open, and not again behind them. Where none are, it is asked when it is promised.
func TestAskedWhileFlushing(t *testing.T) {
	cluster, client := fake(t, kfake.SeedTopics(1, "orders"))
	n := asked(cluster)
	h := history{t, exactly(lingering(client))}
	m := h.committer()
	require.NoError(t, m.Abort(t.Context(), 0))
	w, id := h.writer(), int64(0)
	count := func() (asked int64) {
		id++
		require.NoError(t, h.write(w, events(2)))
		require.NoError(t, w.Flush(t.Context()))
		require.NoError(t, w.Flush(t.Context())) // the transaction is open, and nothing on its way
		begun := n.Load()
		if id > 1 {
			require.NoError(t, h.write(w, events(1)))
			require.NoError(t, w.Flush(t.Context()))
		}
		data, err := w.(stream.Preparer).Prepare(t.Context())
		require.NoError(t, err)
		require.NoError(t, m.Commit(t.Context(), id, [][]byte{data}))
		return n.Load() - begun
	}
	require.Positive(t, count())
	for count() != 1 { // as where the machine stands still, and the answer is old
		require.Less(t, id, int64(50), "it is always asked again")
	}
	require.Len(t, records(t, client, "orders"), int(3*id-1))
}

// A transaction that is aborted while its last records wait is not promised, nor one of which it is long ago that somebody asked.
func TestAbortedWhileFlushing(t *testing.T) {
	for name, late := range map[string]bool{"before the last records": false, "long behind them": true} {
		t.Run(name, func(t *testing.T) {
			_, client := fake(t, kfake.SeedTopics(1, "orders"))
			h := history{t, exactly(lingering(client))}
			require.NoError(t, h.committer().Abort(t.Context(), 0))
			w := h.writer()
			require.NoError(t, h.write(w, events(3)))
			require.NoError(t, w.Flush(t.Context()))
			require.NoError(t, h.write(w, events(3)))
			var err error
			if late {
				require.NoError(t, w.Flush(t.Context()))
				time.Sleep(1100 * time.Millisecond) // an answer is good for a second
				timeOut(t, client)
			} else {
				timeOut(t, client)
				err = w.Flush(t.Context())
			}
			if err == nil {
				_, err = w.(stream.Preparer).Prepare(t.Context())
			}
			require.Error(t, err)
		})
	}
}

// turns makes three transactions, of which the third is written to before the second is committed, as in a run: Flush has the first id ready for the next one then.
func (h history) turns(m stream.Committer, w stream.Writer[order]) (third []byte) {
	h.t.Helper()
	require.NoError(h.t, m.Abort(h.t.Context(), 0))
	require.NoError(h.t, m.Commit(h.t.Context(), 1, [][]byte{h.prepare(w, events(1))}))
	second := h.prepare(w, events(1))
	require.NoError(h.t, h.write(w, events(1)))
	require.NoError(h.t, m.Commit(h.t.Context(), 2, [][]byte{second}))
	require.NoError(h.t, w.Flush(h.t.Context()))
	third, err := w.(stream.Preparer).Prepare(h.t.Context())
	require.NoError(h.t, err)
	return third
}

// The transaction that was begun ahead is one like others; where nothing is written any more, it is none to anybody.
func TestBegunAhead(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(1, "orders"))
	h := history{t, exactly(client)}
	m := h.committer()
	w := h.writer()
	require.NoError(t, m.Commit(t.Context(), 3, [][]byte{h.turns(m, w)}))
	fourth := h.prepare(w, events(2))
	require.Contains(t, string(fourth), `out/0/0"`)
	require.NoError(t, m.Commit(t.Context(), 4, [][]byte{fourth}))
	require.Len(t, records(t, client, "orders"), 5)

	_, client = fake(t, kfake.SeedTopics(1, "orders"))
	h = history{t, exactly(client)}
	m = h.committer()
	w = h.writer()
	third := [][]byte{h.turns(m, w)}
	require.NoError(t, w.Close())
	other := history{t, exactly(client)}.committer()
	require.NoError(t, other.Commit(t.Context(), 3, third))
	require.NoError(t, other.Abort(t.Context(), 3))
	require.Len(t, records(t, client, "orders"), 3)
}

// A run that is quiet until the brokers have forgotten the id that it has begun ahead takes it anew.
func TestQuietAhead(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(1, "orders"))
	h := history{t, exactly(client)}
	m, w := h.committer(), h.writer()
	require.NoError(t, m.Commit(t.Context(), 3, [][]byte{h.turns(m, w)}))
	aWeekPasses(t, client)
	kafkasink.LongAgo(w)
	require.NoError(t, m.Commit(t.Context(), 4, [][]byte{h.prepare(w, events(2))}))
	require.Len(t, records(t, client, "orders"), 5)
}

// A run that has begun a transaction ahead, and was taken over from, writes nothing to it.
func TestTakenOverAhead(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(1, "orders"))
	one := history{t, exactly(client)}
	m, w := one.committer(), one.writer()
	third := [][]byte{one.turns(m, w)}

	two := history{t, exactly(client)}
	other := two.committer()
	require.NoError(t, other.Commit(t.Context(), 3, third))
	require.NoError(t, other.Abort(t.Context(), 3))
	promised := [][]byte{two.prepare(two.writer(), events(3))}
	err := one.write(w, events(2))
	if err == nil {
		err = w.Flush(t.Context())
	}
	isFenced(t, err)
	require.NoError(t, other.Commit(t.Context(), 4, promised))
	require.Len(t, records(t, client, "orders"), 6)
}
