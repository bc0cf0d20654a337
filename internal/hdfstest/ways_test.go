package hdfstest_test

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/hdfstest"
	"github.com/freshet-go/freshet/internal/minihdfs"
	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/stream/filesystem/filesystemtest"
	"github.com/freshet-go/freshet/stream/filesystem/hdfsfs"
	"github.com/freshet-go/freshet/stream/filesystem/webhdfsfs"
)

func TestMain(m *testing.M) {
	if len(os.Getenv(childVariable)) > 0 {
		child()
		return
	}
	code := m.Run()
	hdfstest.End()
	os.Exit(code)
}

// A way is one of the ways to HDFS. Without patience nothing is repeated.
type way struct {
	name string
	as   func(t testing.TB, c *minihdfs.Cluster, at, user string, patience time.Duration) filesystem.Truncater
}

// dir returns a directory as most tests use it.
func (w way) dir(t testing.TB, c *minihdfs.Cluster, at string) filesystem.Truncater {
	return w.as(t, c, at, "", time.Minute)
}

var ways = []way{
	{"native", func(t testing.TB, c *minihdfs.Cluster, at, user string, patience time.Duration) filesystem.Truncater {
		// Without a pool of connections, as suites count goroutines, of which each connection has one. With one is pooled.
		client := hdfsfs.New(c.RPC, hdfsfs.Idle(0), hdfsfs.User(user), hdfsfs.Patience(patience), hdfsfs.Timeout(10*time.Second))
		t.Cleanup(func() { client.Close() })
		return client.Dir(at)
	}},
	{"web", func(_ testing.TB, c *minihdfs.Cluster, at, user string, patience time.Duration) filesystem.Truncater {
		own := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		return webhdfsfs.New(web(c), webhdfsfs.HTTP(own), webhdfsfs.User(user), webhdfsfs.Patience(patience), webhdfsfs.Timeout(10*time.Second)).Dir(at)
	}},
	{"gateway", func(t testing.TB, c *minihdfs.Cluster, at, user string, patience time.Duration) filesystem.Truncater {
		own := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		return webhdfsfs.New([]string{"http://" + gateway(t)}, webhdfsfs.HttpFS(), webhdfsfs.HTTP(own), webhdfsfs.User(user), webhdfsfs.Patience(patience), webhdfsfs.Timeout(30*time.Second)).Dir(at)
	}},
}

// gatewayAddr is where the gateway of the process that has started this one is.
var gatewayAddr string

func gateway(t testing.TB) string {
	if gatewayAddr != "" {
		return gatewayAddr
	}
	return hdfstest.SharedGateway(t).Addr
}

func web(c *minihdfs.Cluster) (all []string) {
	for _, a := range c.HTTP {
		all = append(all, "http://"+a)
	}
	return all
}

// eachWay runs a test for each way.
func eachWay(t *testing.T, f func(t *testing.T, w way)) {
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) { f(t, w) })
	}
}

var long = flag.Bool("long", false, "run each test for each way to HDFS")

// mainWay runs a test that takes long for one way, and with -long for the others, too: what all do alike is package hdfsdir.
func mainWay(t *testing.T, name string, f func(t *testing.T, w way)) {
	for _, w := range ways {
		if w.name == name || *long {
			t.Run(w.name, func(t *testing.T) { f(t, w) })
		}
	}
}

// withoutGateway runs a test for each way but that through a gateway, and with -long for that, too.
func withoutGateway(t *testing.T, f func(t *testing.T, w way)) {
	for _, w := range ways {
		if w.name != "gateway" || *long {
			t.Run(w.name, func(t *testing.T) { f(t, w) })
		}
	}
}

var dirs atomic.Int64

// fresh returns a path at which nothing is.
func fresh() string { return fmt.Sprint("/test/", dirs.Add(1)) }

func TestFileSystem(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		many := 120 // three lists
		if w.name == "gateway" && !*long {
			many = 60 // two: each file takes it as long as three of the others'
		}
		filesystemtest.Suite{
			System: func(t testing.TB) func() filesystem.Writable {
				at := fresh()
				return func() filesystem.Writable {
					if w.name == "native" {
						return pooled(t, hdfstest.Shared(t), at)
					}
					return w.dir(t, hdfstest.Shared(t), at)
				}
			},
			Away: func(t testing.TB) filesystem.Writable { return w.dir(t, hdfstest.Shared(t), "/none/at/all") },
			Many: many,
		}.Run(t)
	})
}

// write makes a file.
func write(t testing.TB, system filesystem.Writable, name, text string) {
	t.Helper()
	require.NoError(t, system.Mkdir(t.Context(), "."))
	f, err := system.Create(t.Context(), name)
	require.NoError(t, err)
	require.NoError(t, f.Write(t.Context(), []byte(text)))
	require.NoError(t, f.Sync(t.Context()))
	require.NoError(t, f.Close(t.Context()))
}

// read returns what a file holds from a byte on.
func read(t testing.TB, system filesystem.Readable, name string, at int64) string {
	t.Helper()
	r, _, err := system.Open(t.Context(), name, at)
	require.NoError(t, err)
	data, err := io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	return string(data)
}

// shown returns the lines of all files that have got their names, sorted.
func shown(t testing.TB, system filesystem.Readable) []string {
	t.Helper()
	all := []string{}
	for info, err := range system.List(t.Context(), ".") {
		require.NoError(t, err)
		if !info.Dir && !strings.HasPrefix(info.Name, ".") {
			text := strings.TrimSuffix(read(t, system, info.Name, 0), "\n")
			all = append(all, strings.Split(text, "\n")...)
		}
	}
	slices.Sort(all)
	return all
}

// lines returns n lines, from a number on.
func lines(from, n int) (text string, all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf("line %06d", from+i))
	}
	return strings.Join(all, "\n") + "\n", all
}

// soon waits for what HDFS needs seconds for.
func soon(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("in 30 s it does not: %s", what)
		}
	}
}
