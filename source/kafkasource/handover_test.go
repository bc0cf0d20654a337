package kafkasource_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/freshet-go/freshet/source/kafkasource"
)

// heldUp holds up the first poll that has taken records from the client's buffer.
type heldUp struct {
	once    sync.Once
	polled  chan struct{} // closed when there is one
	release chan struct{}
}

func (h *heldUp) OnFetchRecordUnbuffered(_ *kgo.Record, polled bool) {
	if polled {
		h.once.Do(func() {
			close(h.polled)
			<-h.release
		})
	}
}

// A poll is held up while its partition is taken away and given again: its records are not the new partition's, which reads them anew.
func TestPollHeldUp(t *testing.T) {
	cluster, client := fake(t, kfake.SeedTopics(1, "orders"))
	fill(t, client, "orders", 0, orders(0, 10))
	h := &heldUp{polled: make(chan struct{}), release: make(chan struct{})}
	given := make(chan struct{}, 100)
	cluster.ControlKey(14, func(kmsgRequest) (kmsgResponse, error, bool) { // SyncGroup, by whose answer partitions are given
		cluster.KeepControl()
		given <- struct{}{}
		return nil, nil, false
	})
	opts := append(slices.Clone(client), kgo.WithHooks(h), kgo.HeartbeatInterval(20*time.Millisecond), kgo.Balancers(kgo.RangeBalancer()))
	n, stop := started(t, kafkasource.Topics(opts, []string{"orders"}, values(), kafkasource.Group("books")))
	soon := func(what string, c <-chan struct{}) {
		t.Helper()
		select {
		case <-c:
		case <-time.After(20 * time.Second):
			t.Fatal("after 20 s not: " + what)
		}
	}
	soon("records are polled", h.polled)
	soon("the partition is given", given)
	cluster.ControlKey(12, func(r kmsgRequest) (kmsgResponse, error, bool) { // Heartbeat, once
		answer := r.ResponseKind().(*kmsg.HeartbeatResponse)
		answer.ErrorCode = kerr.RebalanceInProgress.Code
		return answer, nil, true
	})
	soon("the partition is given again", given)
	time.Sleep(300 * time.Millisecond) // for the new partition to be read, if nobody waits for the poll
	close(h.release)
	n.has(t, 10)
	fill(t, client, "orders", 0, orders(10, 12))
	require.Eventually(t, func() bool { return slices.Contains(n.list(), 11) }, 20*time.Second, 5*time.Millisecond)
	require.ErrorIs(t, stop(), context.Canceled)
	require.ElementsMatch(t, to(12), n.list())
}
