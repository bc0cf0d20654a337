package hdfstest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/hdfstest"
	"github.com/freshet-go/freshet/internal/secretstest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// What is in files is in nothing that a run with Redact writes, and the way to HDFS shows nothing of it either.
func TestSecrets(t *testing.T) {
	const secret = secretstest.Secret
	mainWay(t, "web", func(t *testing.T, w way) {
		system := w.dir(t, hdfstest.Shared(t), fresh())
		write(t, system, "persons.txt", secret+"\n")
		secretstest.Try[string](t, "a line", false, func(p *stream.Pipeline, opts ...stream.Option) {
			p.From(source.FilesIn(system, "*.txt", codec.Lines())).Map(func(line string) string { panic(line + " is nobody") }, opts...).To(sink.Discard[string]())
		})
		away := w.as(t, hdfstest.Shared(t), "/", "nobody", 0) // who may not write there
		out := &secretstest.Written{}
		p := stream.New("persons")
		p.From(source.Slice([]string{secret})).To(sink.FilesIn(away, "persons-*.txt", codec.Lines()))
		require.Error(t, out.Run(t, p))
		out.Hidden(t, "a file that is refused")
	})
}
