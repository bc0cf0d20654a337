package hdfstest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/freshet-go/freshet/internal/freeport"
	"github.com/freshet-go/freshet/internal/javaserver"
	"github.com/freshet-go/freshet/internal/minihdfs"
	"github.com/freshet-go/freshet/internal/minihttpfs"
	"github.com/freshet-go/freshet/internal/servertest"
)

// A Gateway is an HttpFS in front of a cluster, in a process of its own.
type Gateway struct {
	Addr string // host:port

	folder, dir string
	settings    minihttpfs.Settings
	server      *javaserver.Server
}

var gateway *Gateway // that of shared

// SharedGateway returns the gateway to the shared cluster. It ends with the binary. A test that kills it starts it again.
func SharedGateway(t testing.TB) *Gateway {
	t.Helper()
	c := Shared(t)
	mu.Lock()
	defer mu.Unlock()
	if gateway == nil {
		gateway = newGateway(t, c, lasting(t), nil)
	}
	return gateway
}

// StartGateway starts a gateway to a cluster with further settings, which ends with the test. Dir is its own.
func StartGateway(t testing.TB, c *minihdfs.Cluster, dir string, settings minihttpfs.Settings) *Gateway {
	t.Helper()
	g := newGateway(t, c, dir, settings)
	t.Cleanup(g.Kill)
	return g
}

func newGateway(t testing.TB, c *minihdfs.Cluster, dir string, settings minihttpfs.Settings) *Gateway {
	t.Helper()
	ports, err := freeport.Find(1)
	if err != nil {
		t.Fatal(err)
	}
	all := minihttpfs.Settings{
		"fs.defaultFS":    "hdfs://" + c.RPC[0],
		"dfs.replication": "1", // of three, it would look for DataNodes that are not there whenever it appends
		"dfs.client.block.write.locateFollowingBlock.initial.delay.ms": "5",
	}
	if len(c.RPC) == 2 {
		for name, value := range map[string]string{
			"fs.defaultFS":                            "hdfs://shop",
			"dfs.nameservices":                        "shop",
			"dfs.ha.namenodes.shop":                   "nn1,nn2",
			"dfs.namenode.rpc-address.shop.nn1":       c.RPC[0],
			"dfs.namenode.rpc-address.shop.nn2":       c.RPC[1],
			"dfs.client.failover.proxy.provider.shop": "org.apache.hadoop.hdfs.server.namenode.ha.ConfiguredFailoverProxyProvider",
			"dfs.client.failover.sleep.base.millis":   "50",
			"dfs.client.failover.sleep.max.millis":    "500",
		} {
			all[name] = value
		}
	}
	for name, value := range settings {
		all[name] = value
	}
	g := &Gateway{Addr: fmt.Sprint("127.0.0.1:", ports[0]), folder: servertest.Java(t, "internal/minihttpfs/testdata/java"), dir: dir, settings: all}
	g.Again(t)
	return g
}

// Kill ends the gateway at once, as a crash would.
func (g *Gateway) Kill() { g.server.Kill() }

// Again starts a gateway that has ended, at its address.
func (g *Gateway) Again(t testing.TB) {
	t.Helper()
	server, err := minihttpfs.Start(context.Background(), g.folder, g.dir, g.Addr, g.settings)
	if err != nil {
		t.Fatal(err)
	}
	g.server = server
	if strings.Contains(server.Output(), "Failed startup") { // it serves nothing then, and says so nowhere else
		server.Kill()
		t.Fatal(server.Output())
	}
}
