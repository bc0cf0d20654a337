package redistest

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// A Cluster is of masters without replicas.
type Cluster struct {
	t       testing.TB
	Servers []*Server
}

// StartCluster starts n servers, three at least, that share the slots.
func StartCluster(t testing.TB, n int) *Cluster {
	t.Helper()
	c := &Cluster{t: t}
	args := []string{"--cluster", "create"}
	for range n {
		s := Start(t, "--cluster-enabled", "yes", "--cluster-node-timeout", "5000")
		c.Servers = append(c.Servers, s)
		args = append(args, s.Addr)
	}
	c.Servers[0].CLI(append(args, "--cluster-yes")...)
	for _, s := range c.Servers {
		s.process.Until("knows the cluster", func() bool { return strings.Contains(s.CLI("cluster", "info"), "cluster_state:ok") })
	}
	return c
}

// Client returns a client that is closed with the test.
func (c *Cluster) Client() *redis.ClusterClient {
	o := &redis.ClusterOptions{}
	for _, s := range c.Servers {
		o.Addrs = append(o.Addrs, s.Addr)
	}
	return Closed(c.t, redis.NewClusterClient(o))
}

// id returns what a server calls itself.
func (c *Cluster) id(i int) string { return strings.TrimSpace(c.Servers[i].CLI("cluster", "myid")) }

// Reshard moves so many slots from one server to another.
func (c *Cluster) Reshard(from, to, slots int) {
	c.t.Helper()
	start := time.Now()
	c.Servers[0].CLI("--cluster", "reshard", c.Servers[0].Addr, "--cluster-from", c.id(from), "--cluster-to", c.id(to),
		"--cluster-slots", strconv.Itoa(slots), "--cluster-yes")
	c.t.Logf("%d slots were moved in %v", slots, time.Since(start).Round(time.Millisecond))
}
