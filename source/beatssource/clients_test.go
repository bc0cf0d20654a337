package beatssource_test

import (
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/source/beatssource"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream"
)

// Clients that others wrote, in Python and JavaScript.

func python(t *testing.T, script string, args ...string) *exec.Cmd {
	dir := os.Getenv("FRESHET_PYTHON")
	if _, err := os.Stat(filepath.Join(dir, "pylogbeat.py")); dir == "" || err != nil {
		servertest.Missing(t, "pylogbeat", "pip install --target DIR pylogbeat==2.1.0; export FRESHET_PYTHON=DIR")
	}
	cmd := exec.Command(servertest.Program(t, "python3", "apt-get install python3"), append([]string{filepath.Join("testdata", script)}, args...)...)
	cmd.Env = append(os.Environ(), "PYTHONPATH="+dir, "PYTHONDONTWRITEBYTECODE=1")
	return cmd
}

func node(t *testing.T, module, script string, args ...string) *exec.Cmd {
	dir := os.Getenv("FRESHET_NODE")
	if _, err := os.Stat(filepath.Join(dir, "node_modules", module)); dir == "" || err != nil {
		servertest.Missing(t, module, "npm install --prefix DIR lumberjack-protocol@1.0.7 lumberjack-client@1.0.3; export FRESHET_NODE=DIR")
	}
	cmd := exec.Command(servertest.Program(t, "node", "apt-get install nodejs"), append([]string{filepath.Join("testdata", script)}, args...)...)
	cmd.Env = append(os.Environ(), "NODE_PATH="+filepath.Join(dir, "node_modules"))
	return cmd
}

// pylogbeat counts its events on from window to window, and waits until the last is acknowledged.
func TestPython(t *testing.T) {
	r := start(t, pushsource.Server{}, beatssource.KeepAlive(time.Millisecond))
	_, port := split(t, r.addr)
	servertest.Start(t, python(t, "send.py", port, "3000", "270")).Wait(2 * time.Minute)
	exactly(t, 3000, r.ends())
	require.EqualValues(t, 12, r.src.Stats().Acked)
}

func TestPythonTLS(t *testing.T) {
	shop, other := servertest.NewAuthority(t), servertest.NewAuthority(t)
	r := start(t, pushsource.Server{TLS: shop.Server()})
	_, port := split(t, r.addr)
	root, _ := shop.Write(shop.Certificate())
	later := time.Now().Add(time.Hour)

	cert, key := other.Write(other.Signs("another's", later))
	out, err := python(t, "send.py", port, "100", "100", root, cert, key).CombinedOutput()
	require.Error(t, err, "%s", out)

	cert, key = shop.Write(shop.Signs("web-1", later))
	servertest.Start(t, python(t, "send.py", port, "1000", "300", root, cert, key)).Wait(2 * time.Minute)
	exactly(t, 1000, r.ends())
	require.EqualValues(t, 1, r.src.Stats().Failed)
}

// lumberjack-client speaks version 2, compressed by pako, and does not look at acknowledgements.
func TestNode(t *testing.T) {
	r := start(t, pushsource.Server{})
	_, port := split(t, r.addr)
	p := servertest.Start(t, node(t, "lumberjack-client", "send.js", port, "2000"))
	r.until("all have come", func(s pushsource.Stats) bool { return s.Events == 2000 })
	p.Stop()
	exactly(t, 2000, r.ends())
}

// lumberjack-protocol speaks version 1, over TLS: it is hung up on, and the log says
// what to do about it.
func TestNodeVersion1(t *testing.T) {
	shop := servertest.NewAuthority(t)
	conf := shop.Server()
	conf.ClientAuth = 0
	var log logged
	r := start(t, pushsource.Server{TLS: conf}, log.to())
	_, port := split(t, r.addr)
	p := servertest.Start(t, node(t, "lumberjack-protocol", "send1.js", port))
	r.until("it is refused", func(s pushsource.Stats) bool { return s.Failed > 0 })
	p.Until("hears of its end", func() bool { return p.Output() != "" })
	p.Stop()
	require.Empty(t, r.ends())
	require.Contains(t, log.String(), "version 1 of Lumberjack")
	require.Contains(t, log.String(), "json_lines")
}

func split(t *testing.T, addr string) (host, port string) {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	require.NoError(t, err)
	return host, port
}

// logged is what a run has logged.
type logged struct {
	mu sync.Mutex
	strings.Builder
}

func (l *logged) to() stream.RunOption { return stream.Logger(slog.New(slog.NewTextHandler(l, nil))) }

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Builder.Write(b)
}
