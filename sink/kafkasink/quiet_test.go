package kafkasink_test

import (
	"context"
	"strings"
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

// aWeekPasses has the brokers forget the transactions that are done.
func aWeekPasses(t *testing.T, client []kgo.Opt) {
	t.Helper()
	admin := kadm.NewClient(kafkatest.NewClient(t, client...))
	expire := func(ms string) {
		answers, err := admin.AlterBrokerConfigs(t.Context(), []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "transactional.id.expiration.ms", Value: &ms}})
		require.NoError(t, err)
		for _, a := range answers {
			require.NoError(t, a.Err)
		}
	}
	expire("1")
	require.Eventually(t, func() bool {
		list, err := admin.ListTransactions(t.Context(), nil, nil)
		return err == nil && len(list) == 0
	}, 20*time.Second, 5*time.Millisecond)
	expire("604800000")
}

// A run that writes nothing until the brokers have forgotten its transactions, as after a week, goes on, and the next one knows what it has done.
func TestQuiet(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(1, "orders"))
	one := history{t, exactly(client)}
	m, err := one.sink.OpenCommitter(one.context("out"))
	require.NoError(t, err)
	require.NoError(t, m.Abort(t.Context(), 0))
	w := one.writer()
	require.NoError(t, m.Commit(t.Context(), 1, [][]byte{one.prepare(w, events(2))}))
	aWeekPasses(t, client)
	last := [][]byte{one.prepare(w, events(3))}
	require.NoError(t, m.Commit(t.Context(), 2, last))
	aWeekPasses(t, client)
	require.NoError(t, m.Close())
	require.NoError(t, history{t, exactly(client)}.committer().Commit(t.Context(), 2, last))
	require.Len(t, records(t, client, "orders"), 5)
}

// A run that is killed in a quiet time, and begun again when the brokers have forgotten its transactions, has noted that they are committed.
func TestKilledInAQuietTime(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(1, "orders"))
	one := history{t, exactly(client, kafkasink.TransactionTimeout(4*time.Second))}
	m := one.committer()
	require.NoError(t, m.Abort(t.Context(), 0))
	last := [][]byte{one.prepared(events(2))}
	require.NoError(t, m.Commit(t.Context(), 1, last))
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		notes := records(t, client, "freshet-commits")
		if strings.Contains(string(notes[len(notes)-1].Value), `"done":1`) {
			break
		}
		require.True(t, time.Now().Before(deadline), "it is not noted")
	}
	aWeekPasses(t, client)
	two := history{t, exactly(client)}.committer()
	require.NoError(t, two.Commit(t.Context(), 1, last))
	require.Len(t, records(t, client, "orders"), 2)
}

// A transaction that the brokers have aborted is not promised: nothing tells the client so.
func TestNotPromised(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(1, "orders"))
	h := history{t, exactly(client)}
	require.NoError(t, h.committer().Abort(t.Context(), 0))
	w := h.writer()
	require.NoError(t, h.write(w, events(3)))
	require.NoError(t, w.Flush(t.Context()))
	timeOut(t, client)
	require.NoError(t, w.Flush(t.Context())) // as a checkpoint begins with it
	_, err := w.(stream.Preparer).Prepare(t.Context())
	require.ErrorContains(t, err, "TransactionTimeout, which is 15m")
}

// A topic is deleted and made again while a transaction is open: what it had of the transaction is gone, and is not promised.
func TestTopicMadeAgain(t *testing.T) {
	cluster, client := fake(t, kfake.SeedTopics(1, "orders"))
	h := history{t, exactly(client)}
	m := h.committer()
	require.NoError(t, m.Abort(t.Context(), 0))
	w := h.writer()
	require.NoError(t, m.Commit(t.Context(), 1, [][]byte{h.prepare(w, events(2))}))
	require.NoError(t, h.write(w, events(3)))
	require.NoError(t, w.Flush(t.Context()))
	require.NoError(t, cluster.DeleteTopic("orders"))
	require.NoError(t, cluster.CreateTopic("orders", 1, nil))
	require.NoError(t, w.Flush(t.Context())) // as a checkpoint begins with it
	_, err := w.(stream.Preparer).Prepare(t.Context())
	require.ErrorContains(t, err, "topic orders has been deleted, and another one of its name was made")
	again := history{t, exactly(client)}
	m = again.committer()
	require.NoError(t, m.Abort(t.Context(), 1))
	require.NoError(t, m.Commit(t.Context(), 2, [][]byte{again.prepared(events(3))}))
	require.Len(t, records(t, client, "orders"), 3)
}

// Where nothing is written any more, a checkpoint is asked for before the brokers abort what was.
func TestAsksForACheckpoint(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(1, "orders"))
	h := history{t, exactly(client, kafkasink.TransactionTimeout(2*time.Second))}
	require.NoError(t, h.committer().Abort(t.Context(), 0))
	asked := make(chan struct{}, 10)
	c := h.context("out")
	c.Checkpoint = func() { asked <- struct{}{} }
	w, err := h.sink.Open(c)
	require.NoError(t, err)
	defer w.Close()
	require.NoError(t, h.write(w, events(1)))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	select {
	case <-asked:
	case <-ctx.Done():
		t.Fatal("nobody asks")
	}
}
