package kafkatest

import (
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/freshet-go/freshet/internal/servertest"
)

// shared is the broker of a test binary.
var shared struct {
	mu     sync.Mutex
	broker *Broker
	err    error
	dir    string
}

// Shared returns a broker that all tests of a binary use, with a listener with TLS. Its TestMain has to be [Main].
func Shared(t testing.TB) *Broker {
	t.Helper()
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.broker == nil && shared.err == nil {
		servertest.Java(t, "internal/minikafka/testdata/java") // skips without
		if shared.dir, shared.err = os.MkdirTemp("", "kafkatest"); shared.err == nil {
			shared.broker, shared.err = start(t, servertest.NewAuthority(t), shared.dir, nil)
		}
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.broker
}

// Main runs the tests, and ends the shared broker.
func Main(m *testing.M) {
	code := m.Run()
	if shared.broker != nil {
		if code != 0 {
			fmt.Fprintln(os.Stderr, "the broker printed:", shared.broker.server.Output())
		}
		shared.broker.Kill()
	}
	if shared.dir != "" {
		_ = os.RemoveAll(shared.dir) // it is temporary anyway
	}
	os.Exit(code)
}
