// Package hdfstest gives tests a real HDFS: one for all tests of a binary, or one of their own with settings
// that others would not bear.
package hdfstest

import (
	"context"
	"os"
	"sync"
	"testing"

	"github.com/freshet-go/freshet/internal/minihdfs"
	"github.com/freshet-go/freshet/internal/minihttpfs"
	"github.com/freshet-go/freshet/internal/servertest"
)

// quick are settings for small blocks and short lists, and for answers that come at once.
var quick = minihdfs.Settings{
	"dfs.blocksize":                   "1048576",
	"dfs.ls.limit":                    "50",
	"dfs.heartbeat.interval":          "1",
	"dfs.namenode.safemode.extension": "0",
	// WebHDFS writes by clients inside the DataNode, which otherwise wait 0.4 s for the end of each file.
	"dfs.client.block.write.locateFollowingBlock.initial.delay.ms": "5",
	// A gateway acts for its callers.
	"hadoop.proxyuser." + minihttpfs.User + ".hosts":  "127.0.0.1",
	"hadoop.proxyuser." + minihttpfs.User + ".groups": "*",
}

var (
	mu      sync.Mutex
	shared  *minihdfs.Cluster
	folders []string // in which it and its gateway have their files
)

// Shared returns the cluster of the test binary, with two NameNodes of which the first one is active. It ends with the binary,
// see End. A test that stops a part of it starts that again.
func Shared(t testing.TB) *minihdfs.Cluster {
	t.Helper()
	mu.Lock()
	defer mu.Unlock()
	if shared == nil {
		shared = start(t, lasting(t), minihdfs.Settings{minihdfs.Pair: ""})
	}
	return shared
}

// End ends the shared cluster, and removes its files. It is for TestMain; without it the cluster ends with the process.
func End() {
	mu.Lock()
	defer mu.Unlock()
	if gateway != nil {
		gateway.Kill()
	}
	if shared != nil {
		shared.Kill()
	}
	for _, dir := range folders {
		_ = os.RemoveAll(dir) // what is left is below the directory of temporary files
	}
}

// lasting returns a directory that is there until End. The caller holds mu.
func lasting(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "hdfstest")
	if err != nil {
		t.Fatal(err)
	}
	folders = append(folders, dir)
	return dir
}

// Start starts a cluster with further settings, which ends with the test. It keeps its files in dir, and finds those of its settings there.
func Start(t testing.TB, dir string, settings minihdfs.Settings) *minihdfs.Cluster {
	t.Helper()
	c := start(t, dir, settings)
	t.Cleanup(c.Kill)
	return c
}

func start(t testing.TB, dir string, settings minihdfs.Settings) *minihdfs.Cluster {
	t.Helper()
	all := minihdfs.Settings{}
	for _, s := range []minihdfs.Settings{quick, settings} {
		for name, value := range s {
			all[name] = value
		}
	}
	c, err := minihdfs.Start(context.Background(), servertest.Java(t, "internal/minihdfs/testdata/java"), dir, all)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Do sends a command to a cluster.
func Do(t testing.TB, c *minihdfs.Cluster, command string) {
	t.Helper()
	if err := c.Do(command); err != nil {
		t.Fatal(err)
	}
}
