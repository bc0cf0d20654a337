package fluentsource_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/fluent/fluent-logger-golang/fluent"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/forwardtest"
	"github.com/freshet-go/freshet/internal/javaserver"
	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/source/fluentsource"
	"github.com/freshet-go/freshet/source/pushsource"
)

const clientEvents = 120

// A client is one that others wrote.
type client struct {
	tag   string
	acks  bool // it waits for acknowledgements
	again again
	send  sender
}

// again is what a client does with what is not acknowledged.
type again int

const (
	never again = iota
	sameID
	otherID // it cannot be known again
)

// A sender looks for its client, which may skip the test, and returns what sends n numbered events, with a
// pause behind each ten, and returns when it has done what it can.
type sender func(t *testing.T) func(sent)

type sent struct {
	port, n int
	pause   time.Duration
}

var clients = map[string]client{
	"fluent-logger-golang":        {"go.events", false, never, logger(fluent.Config{})},
	"fluent-logger-golang, ack":   {"go.events", true, sameID, logger(fluent.Config{RequestAck: true, SubSecondPrecision: true, ReadTimeout: 2 * time.Second})},
	"python3-fluent-logger":       {"python.events", false, never, python("second")},
	"python3-fluent-logger, nano": {"python.events", false, never, python("nano")},
	"npm, Message":                {"node.events", false, never, node(`{"eventMode": "Message"}`)},
	"npm, Message, ack":           {"node.events", true, never, node(`{"eventMode": "Message", "ack": {"ackTimeout": 5000}}`)},
	"npm, Forward, ack":           {"node.events", true, otherID, node(`{"eventMode": "Forward", "ack": {"ackTimeout": 1000}, "eventRetry": {"attempts": 100, "delay": 20, "minDelay": 20, "maxDelay": 100}}`)},
	"npm, PackedForward, ack":     {"node.events", true, never, node(`{"eventMode": "PackedForward", "ack": {"ackTimeout": 5000}}`)},
	"npm, Compressed, ack":        {"node.events", true, never, node(`{"eventMode": "CompressedPackedForward", "ack": {"ackTimeout": 5000}, "milliseconds": true}`)},
	"org.fluentd:fluent-logger":   {"java.events", false, never, java("logger")},
	"org.komamitsu:fluency, ack":  {"java.events", true, sameID, java("fluency-ack")},
}

// TestClients has each of them send without trouble.
func TestClients(t *testing.T) {
	for name, c := range clients {
		t.Run(name, func(t *testing.T) {
			send := c.send(t)
			t.Parallel()
			r := forwardtest.Start[forwardtest.Numbered](t, pushsource.Server{AckWithin: time.Millisecond}, nil)
			send(sent{port: r.Port, n: clientEvents})
			r.Has(clientEvents)
			forwardtest.Once(t, c.tag, clientEvents, r.End())
			stats := r.Source.Stats()
			require.Zero(t, stats.Failed)
			require.Equal(t, c.acks, stats.Acked > 0)
			t.Logf("%d events in %d messages of %d connections, %d acknowledged", stats.Events, stats.Parcels, stats.Accepted, stats.Acked)
		})
	}
}

// TestRestarts has the server go away in the middle, and those send that send again what was
// not acknowledged.
func TestRestarts(t *testing.T) {
	for name, c := range clients {
		if c.again == never {
			continue
		}
		t.Run(name, func(t *testing.T) {
			send := c.send(t)
			t.Parallel()
			const n = 100
			got := forwardtest.Restarts(t, 4, func(port int) { send(sent{port: port, n: n, pause: 60 * time.Millisecond}) })
			twice := forwardtest.AtLeastOnce(t, c.tag, n, got)
			if c.again == sameID {
				require.Zero(t, twice, "twice")
			}
		})
	}
}

// TestSecureClients has those that can show that they know a key.
func TestSecureClients(t *testing.T) {
	security := []fluentsource.Option{fluentsource.SharedKey("secret"), fluentsource.Hostname("server")}
	users := append(security, fluentsource.User("ann", "pw"))
	for name, c := range map[string]struct {
		opts []fluentsource.Option
		send sender
	}{
		"npm":       {security, node(`{"eventMode": "Forward", "ack": {"ackTimeout": 5000}, "security": {"clientHostname": "client", "sharedKey": "secret"}}`)},
		"npm, user": {users, node(`{"eventMode": "Message", "ack": {"ackTimeout": 5000}, "security": {"clientHostname": "client", "sharedKey": "secret", "username": "ann", "password": "pw"}}`)},
	} {
		t.Run(name, func(t *testing.T) {
			send := c.send(t)
			t.Parallel()
			r := forwardtest.Start[forwardtest.Numbered](t, pushsource.Server{AckWithin: time.Millisecond}, c.opts)
			send(sent{port: r.Port, n: clientEvents})
			r.Has(clientEvents)
			forwardtest.Once(t, "node.events", clientEvents, r.End())
			require.Zero(t, r.Source.Stats().Failed)
		})
	}
}

// TestClientsOverTLS has those that can.
func TestClientsOverTLS(t *testing.T) {
	server, _ := forwardtest.Certificate(t)
	for name, c := range map[string]client{
		"fluent-logger-golang": {tag: "go.events", send: logger(fluent.Config{FluentNetwork: "tls", TlsInsecureSkipVerify: true, RequestAck: true})},
		"npm":                  {tag: "node.events", send: node(`{"eventMode": "PackedForward", "ack": {"ackTimeout": 5000}, "socket": {"tls": {}}}`)},
		"fluency":              {tag: "java.events", send: java("fluency-tls")},
	} {
		t.Run(name, func(t *testing.T) {
			send := c.send(t)
			t.Parallel()
			r := forwardtest.Start[forwardtest.Numbered](t, pushsource.Server{TLS: server, AckWithin: time.Millisecond}, nil)
			send(sent{port: r.Port, n: clientEvents})
			r.Has(clientEvents)
			forwardtest.Once(t, c.tag, clientEvents, r.End())
		})
	}
}

// logger sends by fluent-logger-golang.
func logger(conf fluent.Config) sender {
	return func(t *testing.T) func(sent) {
		return func(r sent) {
			conf := conf
			conf.FluentHost, conf.FluentPort = "127.0.0.1", r.port
			conf.RetryWait, conf.MaxRetryWait, conf.MaxRetry = 20, 100, 1000
			l, err := fluent.New(conf)
			require.NoError(t, err)
			defer l.Close()
			for i := range r.n {
				require.NoError(t, l.PostWithTime("go.events", time.Unix(int64(i)+1, 5), map[string]any{"n": i, "text": fmt.Sprintf("event %d", i)}))
				pause(i, r)
			}
		}
	}
}

func pause(i int, r sent) {
	if i%10 == 0 {
		time.Sleep(r.pause)
	}
}

func python(precision string) sender {
	return func(t *testing.T) func(sent) {
		const install = "apt-get install python3-fluent-logger"
		python := "/usr/bin/python3" // Debian's packages are not for another
		if exec.Command(python, "-c", "import fluent.sender").Run() != nil {
			servertest.Missing(t, "python3-fluent-logger", install)
		}
		return func(r sent) {
			servertest.Output(t, python, "testdata/send.py", fmt.Sprint(r.port), fmt.Sprint(r.n), fmt.Sprint(r.pause.Milliseconds()), precision)
		}
	}
}

func node(options string) sender {
	return func(t *testing.T) func(sent) {
		const install = "npm install @fluent-org/logger@1.0.10 in a folder, which FRESHET_NODE names"
		folder := os.Getenv("FRESHET_NODE")
		if folder == "" {
			servertest.Missing(t, "@fluent-org/logger", install)
		}
		program := servertest.Program(t, "node", "apt-get install nodejs")
		return func(r sent) {
			servertest.Output(t, program, "testdata/send.js", filepath.Join(folder, "node_modules"), fmt.Sprint(r.port), fmt.Sprint(r.n), fmt.Sprint(r.pause.Milliseconds()), options)
		}
	}
}

func java(kind string) sender {
	return func(t *testing.T) func(sent) {
		path, err := javaserver.Classpath(servertest.Java(t, "source/fluentsource/testdata/java"))
		if err != nil {
			t.Fatal(err)
		}
		program := servertest.Program(t, "java", "apt-get install default-jdk-headless")
		return func(r sent) {
			servertest.Output(t, program, "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", path, "Send", kind, fmt.Sprint(r.port), fmt.Sprint(r.n), fmt.Sprint(r.pause.Milliseconds()))
		}
	}
}

// TestUnixSocket has a client come by a socket in the file system.
func TestUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "forward.sock")
	r := forwardtest.Start[forwardtest.Numbered](t, pushsource.Server{Addr: "unix:" + path, AckWithin: time.Millisecond}, nil)
	logger(fluent.Config{FluentNetwork: "unix", FluentSocketPath: path, RequestAck: true})(t)(sent{n: 20})
	forwardtest.Once(t, "go.events", 20, r.End())
}

// TestHeartbeat asks by UDP whether the server is alive.
func TestHeartbeat(t *testing.T) {
	r := forwardtest.Start[forwardtest.Numbered](t, pushsource.Server{}, []fluentsource.Option{fluentsource.Heartbeat()})
	c, err := net.Dial("udp", r.Addr)
	require.NoError(t, err)
	defer c.Close()
	_, err = c.Write([]byte{0})
	require.NoError(t, err)
	require.NoError(t, c.SetReadDeadline(time.Now().Add(5*time.Second)))
	answer := make([]byte, 10)
	n, err := c.Read(answer)
	require.NoError(t, err)
	require.Equal(t, []byte{0}, answer[:n])
	r.End()
}
