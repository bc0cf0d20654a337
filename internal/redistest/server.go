// Package redistest starts Redis servers for tests, alone, in Sentinel's care and as a
// cluster, and puts faults between them and their clients.
package redistest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/servertest"
)

const install = "apt-get install redis-server redis-sentinel"

// A Server is a redis-server of a test.
type Server struct {
	t       testing.TB
	Addr    string
	Port    int
	dir     string
	args    []string
	cli     []string // of redis-cli
	process *servertest.Process
}

// Start starts a server that ends with the test. Args are as on its command line.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	s := &Server{t: t, Port: servertest.FreePort(t), dir: t.TempDir()}
	s.Addr = "127.0.0.1:" + strconv.Itoa(s.Port)
	s.args = append([]string{
		"--port", strconv.Itoa(s.Port), "--bind", "127.0.0.1", "--dir", s.dir, "--save", "", "--appendfsync", "no", "--loglevel", "warning",
	}, args...)
	s.Again()
	return s
}

// StartTLS starts a server that speaks TLS alone, and asks clients for certificates.
func StartTLS(t testing.TB, a *servertest.Authority) *Server {
	t.Helper()
	until := time.Now().Add(time.Hour)
	cert, key := a.Write(a.Signs("redis", until))
	ca, _ := a.Write(a.Certificate())
	own, ownKey := a.Write(a.Signs("redis-cli", until))
	port := servertest.FreePort(t)
	s := &Server{t: t, Port: port, Addr: "127.0.0.1:" + strconv.Itoa(port), dir: t.TempDir()}
	s.cli = []string{"--tls", "--cacert", ca, "--cert", own, "--key", ownKey}
	s.args = []string{
		"--port", "0", "--tls-port", strconv.Itoa(port), "--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", ca, "--tls-auth-clients", "yes",
		"--bind", "127.0.0.1", "--dir", s.dir, "--save", "", "--loglevel", "warning",
	}
	s.Again()
	return s
}

// Again starts the server once more, with what it had on its disk.
func (s *Server) Again() {
	s.t.Helper()
	s.process = servertest.Start(s.t, exec.Command(servertest.Program(s.t, "redis-server", install), s.args...))
	s.process.Listens(s.Addr)
}

// Kill kills the server.
func (s *Server) Kill() { s.process.Kill() }

// Process is the program.
func (s *Server) Process() *servertest.Process { return s.process }

// Client returns a client that is closed with the test.
func (s *Server) Client(opts ...func(*redis.Options)) *redis.Client {
	o := &redis.Options{Addr: s.Addr}
	for _, f := range opts {
		f(o)
	}
	return Closed(s.t, redis.NewClient(o))
}

// Closed closes a client with the test.
func Closed[C interface{ Close() error }](t testing.TB, c C) C {
	t.Cleanup(func() { _ = c.Close() }) // the server may be gone
	return c
}

// CLI runs redis-cli.
func (s *Server) CLI(args ...string) string {
	s.t.Helper()
	return servertest.Output(s.t, servertest.Program(s.t, "redis-cli", install), slices.Concat([]string{"-p", strconv.Itoa(s.Port)}, s.cli, args)...)
}

// Sentinel starts a sentinel that looks after a server and its replicas, under the name "shop".
func Sentinel(t testing.TB, master *Server) (addr string) {
	t.Helper()
	port := servertest.FreePort(t)
	conf := filepath.Join(t.TempDir(), "sentinel.conf")
	text := fmt.Sprintf(`port %d
bind 127.0.0.1
sentinel monitor shop 127.0.0.1 %d 1
sentinel down-after-milliseconds shop 500
sentinel failover-timeout shop 3000
`, port, master.Port)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	addr = "127.0.0.1:" + strconv.Itoa(port)
	servertest.Start(t, exec.Command(servertest.Program(t, "redis-sentinel", install), conf)).Listens(addr)
	return addr
}
