// Package hbasetest has an HBase for tests: a real one, with ZooKeeper, a master, two region servers and
// the REST gateway in a process of its own, and a stand-in of the gateway in this one.
package hbasetest

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/freshet-go/freshet/internal/minihbase"
	"github.com/freshet-go/freshet/internal/servertest"
)

// A Server is an HBase that runs.
type Server struct {
	URL string // of its REST gateway
	t   testing.TB
	*running
}

type running struct {
	server *minihbase.Cluster
	dir    string
	tables int
	mu     sync.Mutex
}

// shared is the server of a test binary: it takes seconds to start.
var shared struct {
	once sync.Once
	*running
	err error
}

// Main runs the tests of a binary, and ends its server.
func Main(m *testing.M) int {
	defer func() {
		if shared.running != nil {
			shared.server.Kill()
			_ = os.RemoveAll(shared.dir) // it is a temporary one
		}
	}()
	return m.Run()
}

// Start returns the server of the test binary, which starts with the first test that wants it.
func Start(t testing.TB) *Server {
	t.Helper()
	folder := servertest.Java(t, "internal/minihbase/testdata/java")
	shared.once.Do(func() {
		dir, err := os.MkdirTemp("", "hbasetest")
		if err != nil {
			shared.err = err
			return
		}
		s, err := minihbase.Start(context.Background(), folder, dir)
		if err != nil {
			shared.err = err
			return
		}
		shared.running = &running{server: s, dir: dir}
	})
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return &Server{t: t, URL: shared.server.URL, running: shared.running}
}

// Do has the server do what a command says: see MiniHBase.java.
func (s *Server) Do(format string, args ...any) {
	s.t.Helper()
	if err := s.Try(format, args...); err != nil {
		s.t.Fatal(err)
	}
}

// Try is Do for what HBase may refuse: a region that has been split cannot be split again at once, nor be moved.
func (s *Server) Try(format string, args ...any) error {
	return s.server.Do(fmt.Sprintf(format, args...))
}

// Secure starts a gateway of the cluster that asks for tickets of Kerberos, and returns its address. Dir is that of
// kerberostest.Realm. It ends with the test.
func (s *Server) Secure(dir, realm string) string {
	s.t.Helper()
	addr := fmt.Sprint("localhost:", servertest.FreePort(s.t))
	g, err := s.server.StartSecureGateway(context.Background(), servertest.Java(s.t, "internal/minihbase/testdata/java"), dir, realm, addr)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(g.Kill)
	return "http://" + addr
}

// Table makes a table with the families a and b, of which a keeps three versions, split at keys, and returns its name.
func (s *Server) Table(splits ...string) string {
	s.t.Helper()
	s.mu.Lock()
	s.tables++
	name := fmt.Sprintf("t%d", s.tables)
	s.mu.Unlock()
	s.Do("create %s a:3,b:1 %s", name, strings.Join(splits, " "))
	return name
}
