package kafkatest_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet-go/freshet/internal/kafkatest"
	"github.com/freshet-go/freshet/internal/secretstest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/kafkasink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/kafkasource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// Records that cannot be read, or made, are shown by whoever fails on them: with Redact nothing of it is written.
func TestSecrets(t *testing.T) {
	const secret = secretstest.Secret
	b := kafkatest.Shared(t)
	c := b.Client(t)
	kafkatest.Create(t, c, "secrets", 1)
	require.NoError(t, c.ProduceSync(t.Context(), &kgo.Record{Topic: "secrets", Key: []byte(secret), Value: []byte(`{"ID":"` + secret + `"}`)}).FirstErr())
	client := []kgo.Opt{kgo.SeedBrokers(b.Addr)}
	type person struct{ ID int }
	secretstest.Refuses[[]byte](t, "values", false, func(p *stream.Pipeline, opts ...stream.Option) {
		p.From(kafkasource.Topics(client, []string{"secrets"}, kafkasource.Values(codec.Message(codec.JSON[person]())), kafkasource.Bounded()), opts...).To(sink.Discard[person]())
	})
	as := kafkasink.Func(func(v string, r *kgo.Record) error { return fmt.Errorf("%s is nobody", v) })
	for what, way := range map[string]func(*kafkasink.Sink[string]) stream.Sink[string]{
		"at least once": func(s *kafkasink.Sink[string]) stream.Sink[string] { return s },
		"exactly once":  func(s *kafkasink.Sink[string]) stream.Sink[string] { return kafkasink.ExactlyOnce(s) },
	} {
		secretstest.Try[string](t, what, true, func(p *stream.Pipeline, opts ...stream.Option) {
			p.From(source.Slice([]string{secret})).To(way(kafkasink.Topic(client, "secrets", as)), opts...)
		})
	}
	// What the brokers refuse is refused by name and size alone.
	w := &secretstest.Written{}
	p := stream.New("large")
	large := kafkasink.Func(func(v string, r *kgo.Record) error { r.Key, r.Value = []byte(v), make([]byte, 4<<20); return nil })
	p.From(source.Slice([]string{secret})).To(kafkasink.Topic(client, "secrets", large))
	require.Error(t, w.Run(t, p))
	w.Hidden(t, "too large")
}
