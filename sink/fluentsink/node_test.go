package fluentsink_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/forwardtest"
	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/fluentsink"
	"github.com/freshet-go/freshet/stream"
)

// A nodeServer is the server of @fluent-org/logger, which others wrote: testdata/serve.js.
type nodeServer struct {
	t       *testing.T
	port    int
	file    string // of what it has taken
	options string
	faults  string
	process *servertest.Process
}

func startNode(t *testing.T, options, faults string) *nodeServer {
	t.Helper()
	s := &nodeServer{t: t, port: servertest.FreePort(t), file: filepath.Join(t.TempDir(), "taken"), options: options, faults: faults}
	s.start()
	return s
}

// start starts it, at the same port and with the same file as before.
func (s *nodeServer) start() {
	s.t.Helper()
	folder := os.Getenv("FRESHET_NODE")
	if folder == "" {
		servertest.Missing(s.t, "@fluent-org/logger", "npm install @fluent-org/logger@1.0.10 in a folder, which FRESHET_NODE names")
	}
	program := servertest.Program(s.t, "node", "apt-get install nodejs")
	s.process = servertest.Start(s.t, exec.Command(program, "testdata/serve.js", filepath.Join(folder, "node_modules"), fmt.Sprint(s.port), s.file, s.options, s.faults))
	s.process.Until("listens", func() bool { return strings.Contains(s.process.Output(), "port ") })
}

func (s *nodeServer) addr() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

// conns is how many connections it has had since it was started.
func (s *nodeServer) conns() int { return strings.Count(s.process.Output(), "connection ") }

// taken returns the events that it has given out, in their order.
func (s *nodeServer) taken() (events []forwardtest.Numbered) {
	s.t.Helper()
	b, err := os.ReadFile(s.file)
	require.NoError(s.t, err)
	for lines := bufio.NewScanner(bytes.NewReader(b)); lines.Scan(); {
		var e struct {
			Tag            string
			Seconds, Nanos int64
			N              int
			Text           string
		}
		require.NoError(s.t, json.Unmarshal(lines.Bytes(), &e))
		events = append(events, forwardtest.Numbered{Tag: e.Tag, At: time.Unix(e.Seconds, e.Nanos), N: e.N, Text: e.Text})
	}
	return events
}

func numbered(n int) (events []forwardtest.Numbered) {
	for i := range n {
		events = append(events, forwardtest.Numbered{N: i, Text: fmt.Sprintf("event %d", i), At: time.Unix(int64(i)+1, 7)})
	}
	return events
}

const (
	nodeKey   = `"security": {"serverHostname": "node", "sharedKey": "secret"}`
	nodeUsers = `"security": {"serverHostname": "node", "sharedKey": "secret", "authorize": true, "userDict": {"ann": "pw"}}`
)

// TestNodeServer forwards to it in each way that both know: everything is taken once, in its order.
func TestNodeServer(t *testing.T) {
	ca := servertest.NewAuthority(t)
	cert, key := ca.Write(ca.Signs("node", time.Now().Add(time.Hour)))
	secure := fmt.Sprintf(`"tlsOptions": {"cert": %q, "key": %q}`, cert, key)
	overTLS := fluentsink.TLS(&tls.Config{RootCAs: ca.Pool()})
	for name, c := range map[string]struct {
		options string
		opts    []fluentsink.Option
	}{
		"plain":                {`{}`, nil},
		"gzip":                 {`{}`, []fluentsink.Option{fluentsink.Gzip()}},
		"key":                  {`{` + nodeKey + `}`, []fluentsink.Option{fluentsink.SharedKey("secret")}},
		"key and user":         {`{` + nodeUsers + `}`, []fluentsink.Option{fluentsink.SharedKey("secret"), fluentsink.User("ann", "pw")}},
		"TLS":                  {`{` + secure + `}`, []fluentsink.Option{overTLS}},
		"TLS, key, user, gzip": {`{` + secure + `,` + nodeUsers + `}`, []fluentsink.Option{overTLS, fluentsink.SharedKey("secret"), fluentsink.User("ann", "pw"), fluentsink.Gzip()}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const n = 500
			s := startNode(t, c.options, `{}`)
			p := stream.New("forward")
			p.From(given(numbered(n))).To(fluentsink.New[forwardtest.Numbered](s.addr(), "t", append(c.opts, fluentsink.ChunkSize(1000), fluentsink.InFlight(3))...))
			require.NoError(t, p.Run(t.Context(), stream.BatchSize(50)))
			got := s.taken()
			forwardtest.Once(t, "t", n, got)
			for i, e := range got {
				require.Equal(t, i, e.N, "in order")
				require.Equal(t, 7, e.At.Nanosecond())
			}
			require.Equal(t, 1, s.conns())
		})
	}
}

// TestNodeServerRefuses has it refuse a key and a password. They are not tried again.
func TestNodeServerRefuses(t *testing.T) {
	s := startNode(t, `{`+nodeUsers+`}`, `{}`)
	for says, opts := range map[string][]fluentsink.Option{
		"shared key mismatch":        {fluentsink.SharedKey("guess"), fluentsink.User("ann", "pw")},
		"username/password mismatch": {fluentsink.SharedKey("secret"), fluentsink.User("ann", "guess")},
		"it wants a shared key":      nil,
	} {
		err := forward(t, fluentsink.New[forwardtest.Numbered](s.addr(), "t", opts...), numbered(1)...)
		var failed *sink.WriteError
		require.ErrorAs(t, err, &failed)
		require.ErrorContains(t, err, "the server refuses")
		require.ErrorContains(t, err, says)
	}
	require.Empty(t, s.taken())
}

// TestNodeServerFaults has the first connections go wrong: nothing is lost, and it is said in the log. What was
// taken, and not acknowledged, is taken again.
func TestNodeServerFaults(t *testing.T) {
	for kind, conns := range map[string]int{
		"silent": 3, "another": 3, "half": 3, "hangs up": 3, "in the midst": 3,
		"forgets one": 2, // the second has nothing but this one
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			const n = 500
			s := startNode(t, `{`+nodeKey+`}`, fmt.Sprintf(`{"kind": %q, "conns": 2, "after": 5000}`, kind))
			var log bytes.Buffer
			p := stream.New("forward")
			p.From(given(numbered(n))).To(fluentsink.New[forwardtest.Numbered](s.addr(), "t",
				fluentsink.SharedKey("secret"), fluentsink.ChunkSize(1000), fluentsink.InFlight(4), fluentsink.AckTimeout(700*time.Millisecond)))
			require.NoError(t, p.Run(t.Context(), stream.BatchSize(50), stream.Logger(slog.New(slog.NewTextHandler(&log, nil)))))
			twice := forwardtest.AtLeastOnce(t, "t", n, s.taken())
			require.True(t, twice > 0 || kind == "in the midst")
			require.GreaterOrEqual(t, s.conns(), conns) // a busy machine may have others time out
			require.Contains(t, log.String(), "it is tried again")
		})
	}
}

// TestNodeServerRestarts stops it, and kills it, in the middle, and starts it again a while later.
func TestNodeServerRestarts(t *testing.T) {
	const n, part, batch = 400, 80, 7
	s := startNode(t, `{`+nodeKey+`}`, `{}`)
	gate := make(chan struct{}) // in front of each part but the first
	done := make(chan error, 1)
	go func() {
		p := stream.New("forward")
		p.From(given(numbered(n))).
			TryMap(func(ctx context.Context, e forwardtest.Numbered) (forwardtest.Numbered, error) {
				if e.N > 0 && e.N%part == 0 {
					select {
					case gate <- struct{}{}:
					case <-ctx.Done():
						return e, ctx.Err()
					}
				}
				return e, nil
			}).
			To(fluentsink.New[forwardtest.Numbered](s.addr(), "t", fluentsink.SharedKey("secret"), fluentsink.InFlight(2)))
		done <- p.Run(t.Context(), stream.BatchSize(batch))
	}()
	goOn := func() {
		t.Helper()
		select {
		case <-gate:
		case err := <-done:
			t.Fatalf("the run has ended: %v", err)
		case <-time.After(20 * time.Second):
			t.Fatal("the run stands still")
		}
	}
	for life := 1; life < n/part; life++ {
		s.process.Until("has taken what comes before the gate", func() bool { return highest(s.taken()) >= life*part-batch })
		if life%2 == 0 {
			goOn() // it goes away while they come
		}
		if life > 2 {
			s.process.Kill()
		} else {
			s.process.Stop()
		}
		if life%2 == 1 {
			goOn() // nobody is there
		}
		s.start()
	}
	require.NoError(t, <-done)
	t.Logf("%d of %d were taken twice", forwardtest.AtLeastOnce(t, "t", n, s.taken()), n)
}

func highest(events []forwardtest.Numbered) int {
	most := -1
	for _, e := range events {
		most = max(most, e.N)
	}
	return most
}
