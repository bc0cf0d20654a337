package kafkatest_test

import (
	"crypto/tls"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"github.com/freshet-go/freshet/internal/kafkatest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/kafkasink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/kafkasource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// logins are the ways to say who one is.
var logins = map[string]func(user, password string) sasl.Mechanism{
	"PLAIN": func(user, password string) sasl.Mechanism {
		return plain.Auth{User: user, Pass: password}.AsMechanism()
	},
	"SCRAM-SHA-256": func(user, password string) sasl.Mechanism {
		return scram.Auth{User: user, Pass: password}.AsSha256Mechanism()
	},
	"SCRAM-SHA-512": func(user, password string) sasl.Mechanism {
		return scram.Auth{User: user, Pass: password}.AsSha512Mechanism()
	},
}

// Whoever logs in, over TLS, writes exactly once and reads. A password that is wrong ends each run soon, and is in no error.
func TestLogin(t *testing.T) {
	b := kafkatest.Shared(t)
	b.AddUser(t)
	for name, login := range logins {
		t.Run(name, func(t *testing.T) {
			topic := "login." + name
			kafkatest.Create(t, b.Client(t), topic, 1)
			client := func(user, password string) []kgo.Opt {
				return []kgo.Opt{kgo.SeedBrokers(b.Login), kgo.DialTLSConfig(&tls.Config{RootCAs: b.Authority.Pool()}), kgo.SASL(login(user, password))}
			}
			write := func(client []kgo.Opt, wrap func(*kafkasink.Sink[sale]) stream.Sink[sale]) error {
				p := stream.New(topic)
				p.From(source.Slice([]sale{{1, 2}, {3, 4}})).To(wrap(kafkasink.Topic(client, topic, kafkasink.Values(sales()))))
				return p.Run(t.Context(), stream.Checkpoints(checkpoint.Dir(t.TempDir()), time.Second))
			}
			read := func(client []kgo.Opt, opts ...kafkasource.Option) ([]sale, error) {
				got := sink.Collect[sale]()
				p := stream.New(topic)
				p.From(kafkasource.Topics(client, []string{topic}, kafkasource.Values(sales()), opts...)).To(got)
				err := p.Run(t.Context())
				return got.Values(), err
			}
			once := func(s *kafkasink.Sink[sale]) stream.Sink[sale] { return kafkasink.ExactlyOnce(s) }
			plainly := func(s *kafkasink.Sink[sale]) stream.Sink[sale] { return s }
			good := client(kafkatest.User, kafkatest.Password)
			require.NoError(t, write(good, once))
			got, err := read(good, kafkasource.Bounded())
			require.NoError(t, err)
			require.ElementsMatch(t, []sale{{1, 2}, {3, 4}}, got)

			for what, bad := range map[string][]kgo.Opt{
				"password": client(kafkatest.User, "hunter3"), "user": client("nobody", "hunter3"),
			} {
				for way, run := range map[string]func() error{
					"read":  func() error { _, err := read(bad, kafkasource.Bounded()); return err },
					"group": func() error { _, err := read(bad, kafkasource.Group("books")); return err },
					"once":  func() error { return write(bad, once) }, "at least once": func() error { return write(bad, plainly) },
				} {
					begun := time.Now()
					err := run()
					require.ErrorContains(t, err, "SASL_AUTHENTICATION_FAILED", "%s, %s", what, way)
					require.NotContains(t, err.Error(), "hunter3", "%s, %s", what, way)
					require.Less(t, time.Since(begun), time.Minute, "%s, %s", what, way) // what passes is tried for two
				}
			}
		})
	}
}
