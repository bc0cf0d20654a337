package kafkatest

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet-go/freshet/internal/minikafka"
	"github.com/freshet-go/freshet/internal/servertest"
)

// A Cluster is several brokers, each in a process and a directory of its own. Topics have a replica on each, and what is acknowledged is on all but one
// at least: one may be away.
type Cluster struct {
	Brokers []*Broker // that of node 1 first
}

// StartCluster starts n brokers that end with the test.
func StartCluster(t testing.TB, n int) *Cluster {
	t.Helper()
	c := &Cluster{}
	var controllers []string
	for range 2 * n {
		addr, err := minikafka.FreeAddr()
		if err != nil {
			t.Fatal(err)
		}
		if len(controllers) < n {
			controllers = append(controllers, addr)
			continue
		}
		c.Brokers = append(c.Brokers, &Broker{Addr: addr, folder: servertest.Java(t, "internal/minikafka/testdata/java"), dir: t.TempDir()})
	}
	failed := make([]error, n)
	var wg sync.WaitGroup
	for i, b := range c.Brokers {
		wg.Go(func() { // none is ready before most of them are there
			if failed[i] = minikafka.ConfigureOne(b.dir, i, controllers, []string{"PLAINTEXT://" + b.Addr}); failed[i] == nil {
				failed[i] = b.start()
			}
		})
	}
	wg.Wait()
	t.Cleanup(func() {
		for i, b := range c.Brokers {
			if b.server == nil {
				continue
			}
			b.Kill()
			if t.Failed() {
				t.Logf("broker %d printed:\n%s", i+1, b.server.Output())
			}
		}
	})
	for _, err := range failed {
		if err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// Seeds returns the addresses of all brokers, with commas between them.
func (c *Cluster) Seeds() string {
	var all []string
	for _, b := range c.Brokers {
		all = append(all, b.Addr)
	}
	return strings.Join(all, ",")
}

// Client returns a client that is closed with the test.
func (c *Cluster) Client(t testing.TB, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	return NewClient(t, append([]kgo.Opt{kgo.SeedBrokers(strings.Split(c.Seeds(), ",")...)}, opts...)...)
}

// Leader returns the broker that leads a partition.
func (c *Cluster) Leader(t testing.TB, client *kgo.Client, topic string, partition int32) *Broker {
	t.Helper()
	var found *Broker
	c.until(t, client, "be led", func(d kadm.TopicDetails) bool {
		leader := d[topic].Partitions[partition].Leader
		if leader > 0 {
			found = c.Brokers[leader-1]
		}
		return leader > 0
	})
	return found
}

// Moved waits until others lead all that a broker which has ended led.
func (c *Cluster) Moved(t testing.TB, client *kgo.Client, from *Broker) {
	t.Helper()
	c.until(t, client, "be led by others", func(all kadm.TopicDetails) bool {
		for _, topic := range all {
			for _, p := range topic.Partitions {
				if p.Leader <= 0 || c.Brokers[p.Leader-1] == from {
					return false
				}
			}
		}
		return len(all) > 0
	})
}

// InSync waits until each broker has all that the partitions of all topics have.
func (c *Cluster) InSync(t testing.TB, client *kgo.Client) {
	t.Helper()
	c.until(t, client, "be in sync", func(all kadm.TopicDetails) bool {
		for _, topic := range all {
			for _, p := range topic.Partitions {
				if p.Err != nil || len(p.ISR) < len(c.Brokers) {
					return false
				}
			}
		}
		return len(all) > 0
	})
}

// until waits until what is known of all topics is as holds wants it, a minute at most.
func (c *Cluster) until(t testing.TB, client *kgo.Client, what string, holds func(kadm.TopicDetails) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		m, err := kadm.NewClient(client).Metadata(ctx) // those of the brokers themselves among them
		if err == nil && holds(m.Topics) {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("topics do not come to %s in a minute: %v", what, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
