package redistest_test

import (
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/redistest"
	"github.com/freshet-go/freshet/internal/secretstest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/redissink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/redissource"
	"github.com/freshet-go/freshet/stream"
)

// Redis says which arguments it does not understand, decoders what is no number, and places are named by keys: with Redact nothing of it is written.
func TestSecrets(t *testing.T) {
	t.Parallel()
	const secret = secretstest.Secret
	server := redistest.Start(t)
	c := server.Client()
	type person struct {
		Age int `redis:"age"`
	}
	require.NoError(t, c.XAdd(t.Context(), &redis.XAddArgs{Stream: "persons", Values: []any{"age", secret}}).Err())
	require.NoError(t, c.HSet(t.Context(), "person:"+secret, "age", "old").Err())
	secretstest.Refuses[[]byte](t, "streams", false, func(p *stream.Pipeline, opts ...stream.Option) {
		p.From(redissource.Streams(c, []string{"persons"}, redissource.Tags[person](), redissource.Bounded()), opts...).To(sink.Discard[person]())
	})
	secretstest.Try[[]byte](t, "hashes", false, func(p *stream.Pipeline, opts ...stream.Option) {
		p.From(redissource.Hashes(c, "person:*", redissource.Tags[person](), redissource.Bounded()), opts...).To(sink.Discard[stream.Change[person]]())
	})
	secretstest.Try[string](t, "a place behind a source", false, func(p *stream.Pipeline, opts ...stream.Option) {
		type name struct {
			Age string `redis:"age"`
		}
		p.From(redissource.Hashes(c, "person:*", redissource.Tags[name](), redissource.Bounded())).
			Map(func(x stream.Change[name]) string { return x.After.Age }).
			Map(func(string) string { panic("nothing is said here") }, opts...).To(sink.Discard[string]())
	})
	// What Redis does not know it repeats, and that ends a run.
	w := &secretstest.Written{}
	p := stream.New("commands")
	p.From(source.Slice([]string{secret})).To(redissink.Commands(c, func(v string, do func(string, string, ...any)) { do("FROB", "key", v) }))
	require.ErrorContains(t, w.Run(t, p, secretstest.Hide), "[redacted]")
	w.Hidden(t, "a command")
	secretstest.Try[string](t, "a command that is refused", true, func(p *stream.Pipeline, opts ...stream.Option) {
		require.NoError(t, c.Del(t.Context(), "freshet:{secrets/sink}").Err()) // each run is the first of its own
		total := redissink.Commands(c, func(v string, do func(string, string, ...any)) { do("INCRBY", "total:"+v, "no number") })
		p.From(source.Slice([]string{secret})).To(redissink.ExactlyOnce(total), opts...)
	})
}
