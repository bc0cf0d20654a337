package edges_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

// asked is errors.As for a type.
func asked[E error](err error, to *E) bool { return errors.As(err, to) }

// What a program branches on is found in an error whose texts are hidden, and none of its texts.
func TestRedactedErrors(t *testing.T) {
	run := func(f func(row) row, opts ...stream.RunOption) error {
		p := stream.New("redacted")
		p.From(source.Slice([]row{{secret, 1, 1}}), stream.Name("from")).Map(f, stream.Name("it")).To(sink.Discard[row]())
		return p.Run(t.Context(), opts...)
	}
	lower := stream.Redact(func(text string) string { return "so many bytes" })
	err := run(func(r row) row { panic(errors.Join(errBroken, errors.New(r.Key))) }, lower)
	require.ErrorIs(t, err, errBroken)
	var of *stream.OperatorError
	require.ErrorAs(t, err, &of)
	require.Equal(t, "it", of.Operator)
	require.Contains(t, of.Position, "slice 0")
	var panicked *stream.PanicError
	require.ErrorAs(t, err, &panicked)
	require.Contains(t, panicked.Where, "secrets_found_test.go")
	require.ErrorContains(t, err, "stream: it at slice 0")
	require.ErrorContains(t, err, "panic: so many bytes")
	require.NotContains(t, err.Error(), secret)

	err = run(func(r row) row { panic(r.Key) }, stream.Redact(func(string) string { panic("it fails itself") }))
	require.ErrorContains(t, err, "an error that Redact has failed on")
	require.NotContains(t, err.Error(), secret)
	require.ErrorContains(t, run(func(r row) row { panic(r.Key) }), secret, "without it texts are as they are")
	require.Panics(t, func() { stream.Redact(nil) })
	require.NoError(t, run(func(r row) row { return r }, lower))
}
