// Package kafkatest has tests of connectors run against a real Kafka broker, which is private to
// a test binary.
package kafkatest

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet-go/freshet/internal/javaserver"
	"github.com/freshet-go/freshet/internal/minikafka"
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
	b := &Broker{Authority: authority, folder: servertest.Java(t, "internal/minikafka/testdata/java"), dir: dir}
	var err error
	if b.Addr, err = minikafka.FreeAddr(); err != nil {
		return nil, err
	}
	listeners := []string{"PLAINTEXT://" + b.Addr}
	if authority != nil {
		if b.Secure, err = minikafka.FreeAddr(); err != nil {
			return nil, err
		}
		if b.Login, err = minikafka.FreeAddr(); err != nil {
			return nil, err
		}
		listeners = append(listeners, "SSL://"+b.Secure, "SASL_SSL://"+b.Login)
		keys, trust, err := stores(authority, dir)
		if err != nil {
			return nil, err
		}
		const module = "org.apache.kafka.common.security."
		properties = append(properties, "ssl.client.auth=required", "listener.name.sasl_ssl.ssl.client.auth=none",
			"sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
			"listener.name.sasl_ssl.plain.sasl.jaas.config="+module+"plain.PlainLoginModule required user_"+User+"=\""+Password+"\";",
			"listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config="+module+"scram.ScramLoginModule required;",
			"listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config="+module+"scram.ScramLoginModule required;",
			"ssl.keystore.type=PEM", "ssl.keystore.location="+keys, "ssl.truststore.type=PEM", "ssl.truststore.location="+trust)
	}
	if err := minikafka.Configure(dir, listeners, properties...); err != nil {
		return nil, err
	}
	return b, b.start()
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
	server, err := minikafka.Run(context.Background(), b.folder, b.dir)
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

// Seeds returns the address of the broker, as programs are given those of several.
func (b *Broker) Seeds() string { return b.Addr }

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

// Create makes a topic with as many replicas as there are brokers, and waits until all of its partitions are led. Records are kept however old they say they are: by default a broker
// deletes those of more than a week ago half a minute after its start.
func Create(t testing.TB, c *kgo.Client, topic string, partitions int32) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if _, err := kadm.NewClient(c).CreateTopic(ctx, partitions, -1, map[string]*string{"retention.ms": kadm.StringPtr("-1")}, topic); err != nil {
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
