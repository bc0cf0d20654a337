// Package kafkatest has tests of connectors run against a real Kafka broker, which is private to
// a test binary.
package kafkatest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet-go/freshet/internal/javaserver"
	"github.com/freshet-go/freshet/internal/servertest"
)

// A Broker is a Kafka broker that is its own controller (KRaft), in a directory of its own.
type Broker struct {
	Addr   string // host:port of the plain listener
	Secure string // host:port of the one with TLS, which wants certificates of Authority; "" without
	Login  string // host:port of the one with TLS on which clients log in, as User; "" without Authority

	Authority *servertest.Authority

	folder, dir string
	server      *javaserver.Server
}

// User and Password are those of who may log in by PLAIN. By SCRAM he may when he was added, see AddUser.
const User, Password = "shop", "hunter2"

// Start starts a broker that ends with the test. What is more in its server.properties are lines like
// "transaction.max.timeout.ms=5000". With an authority there is a listener with TLS that asks for its certificates.
func Start(t testing.TB, authority *servertest.Authority, properties ...string) *Broker {
	t.Helper()
	b, err := start(t, authority, t.TempDir(), properties)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		b.server.Kill()
		if t.Failed() {
			t.Logf("the broker printed:\n%s", b.server.Output())
		}
	})
	return b
}

func start(t testing.TB, authority *servertest.Authority, dir string, properties []string) (*Broker, error) {
	t.Helper()
	b := &Broker{Authority: authority, folder: servertest.Java(t, "internal/kafkatest/testdata/java"), dir: dir}
	b.Addr = fmt.Sprintf("127.0.0.1:%d", freePort(t))
	controller := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	listeners, protocols := "PLAINTEXT://"+b.Addr, "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT"
	if authority != nil {
		b.Secure, b.Login = fmt.Sprintf("127.0.0.1:%d", freePort(t)), fmt.Sprintf("127.0.0.1:%d", freePort(t))
		listeners += ",SSL://" + b.Secure + ",LOGIN://" + b.Login
		protocols += ",SSL:SSL,LOGIN:SASL_SSL"
		keys, trust, err := stores(authority, dir)
		if err != nil {
			return nil, err
		}
		const module = "org.apache.kafka.common.security."
		properties = append(properties, "ssl.client.auth=required", "listener.name.login.ssl.client.auth=none",
			"sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
			"listener.name.login.plain.sasl.jaas.config="+module+"plain.PlainLoginModule required user_"+User+"=\""+Password+"\";",
			"listener.name.login.scram-sha-256.sasl.jaas.config="+module+"scram.ScramLoginModule required;",
			"listener.name.login.scram-sha-512.sasl.jaas.config="+module+"scram.ScramLoginModule required;",
			"ssl.keystore.type=PEM", "ssl.keystore.location="+keys, "ssl.truststore.type=PEM", "ssl.truststore.location="+trust)
	}
	lines := append([]string{
		"process.roles=broker,controller", "node.id=1",
		"controller.quorum.voters=1@" + controller, "controller.listener.names=CONTROLLER",
		"listeners=" + listeners + ",CONTROLLER://" + controller, "advertised.listeners=" + listeners,
		"listener.security.protocol.map=" + protocols,
		"log.dirs=" + filepath.Join(dir, "data"),
		"num.partitions=1", "auto.create.topics.enable=false",
		"offsets.topic.num.partitions=1", "offsets.topic.replication.factor=1",
		"transaction.state.log.num.partitions=1", "transaction.state.log.replication.factor=1", "transaction.state.log.min.isr=1",
		"broker.session.timeout.ms=3000", "broker.heartbeat.interval.ms=500", // a killed one comes back when its session is over
		"share.coordinator.state.topic.replication.factor=1", "share.coordinator.state.topic.min.isr=1",
		"group.initial.rebalance.delay.ms=0", "group.min.session.timeout.ms=1000",
		"log.cleaner.dedupe.buffer.size=4194304",
		"num.network.threads=1", "num.io.threads=2", "num.recovery.threads.per.data.dir=1",
		"transaction.abort.timed.out.transaction.cleanup.interval.ms=200",
	}, properties...)
	err := os.WriteFile(filepath.Join(dir, "server.properties"), []byte(strings.Join(lines, "\n")+"\n"), 0o600)
	if err != nil {
		return nil, err
	}
	return b, b.start()
}

// freePort returns a port that the system does not give to clients by itself: while the broker is away, one that connects to it again
// and again would come to have the broker's port, and keep it.
func freePort(t testing.TB) int {
	t.Helper()
	for range 1000 {
		port := 20000 + rand.IntN(12000)
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

// stores writes what the broker shows, and whom it trusts.
func stores(authority *servertest.Authority, dir string) (keys, trust string, err error) {
	cert, key := authority.Write(authority.Signs("broker", time.Now().Add(time.Hour)))
	ca, _ := authority.Write(authority.Certificate())
	keys, trust = filepath.Join(dir, "broker.pem"), filepath.Join(dir, "trusted.pem") // the authority's own files go with its test
	for to, from := range map[string][]string{keys: {key, cert}, trust: {ca}} {
		var all []byte
		for _, name := range from {
			text, err := os.ReadFile(name)
			if err != nil {
				return "", "", err
			}
			all = append(all, text...)
		}
		if err := os.WriteFile(to, all, 0o600); err != nil {
			return "", "", err
		}
	}
	return keys, trust, nil
}

func (b *Broker) start() error {
	server, err := javaserver.Start(context.Background(), b.folder, "Broker", b.dir, "-Xmx384m")
	if err == nil {
		b.server = server
	}
	return err
}

// Kill ends the broker at once, as a crash would.
func (b *Broker) Kill() { b.server.Kill() }

// Stop ends the broker properly.
func (b *Broker) Stop(t testing.TB) {
	t.Helper()
	if err := b.server.Do("stop"); err != nil {
		t.Fatal(err)
	}
	b.server.Kill()
}

// Again starts a broker that has ended, where it was and with what it had.
func (b *Broker) Again(t testing.TB) {
	t.Helper()
	if err := b.start(); err != nil {
		t.Fatal(err)
	}
}

// Client returns a client that is closed with the test.
func (b *Broker) Client(t testing.TB, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	return NewClient(t, append([]kgo.Opt{kgo.SeedBrokers(b.Addr)}, opts...)...)
}

// AddUser has User log in by SCRAM.
func (b *Broker) AddUser(t testing.TB) {
	t.Helper()
	admin := kadm.NewClient(b.Client(t))
	for _, m := range []kadm.ScramMechanism{kadm.ScramSha256, kadm.ScramSha512} { // a request may name a user once
		altered, err := admin.AlterUserSCRAMs(t.Context(), nil, []kadm.UpsertSCRAM{{User: User, Mechanism: m, Iterations: 4096, Password: Password}})
		if err == nil {
			err = altered.Error()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// NewClient returns a client that is closed with the test.
func NewClient(t testing.TB, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	c, err := kgo.NewClient(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// Create makes a topic, and waits until the broker leads all of its partitions.
func Create(t testing.TB, c *kgo.Client, topic string, partitions int32) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if _, err := kadm.NewClient(c).CreateTopic(ctx, partitions, 1, nil, topic); err != nil {
		t.Fatal(err)
	}
	for {
		ends, err := kadm.NewClient(c).ListEndOffsets(ctx, topic)
		if err == nil && ends.Error() == nil && len(ends[topic]) == int(partitions) {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("topic %s is not there: %v", topic, err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
