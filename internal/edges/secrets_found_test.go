package edges_test

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	atrest "github.com/freshet-go/freshet/stream/sealed"
	"github.com/freshet-go/freshet/stream/streamtest"
)

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

	// An ended goroutine is found as well where it is not the whole cause, as of state that is saved.
	p := stream.New("redacted")
	p.From(source.Slice([]row{{secret, 1, 1}})).KeyBy(func(r row) string { return r.Key }).
		Process(func(c *stream.KeyContext[string, exits, row], r row) error { c.State().n++; return nil }, nil).To(sink.Discard[row]())
	err = p.Run(t.Context(), lower, stream.Checkpoints(checkpoint.Memory(), time.Hour))
	var exited *stream.GoexitError
	require.ErrorAs(t, err, &exited)
}

// exits is a state whose encoding ends its goroutine.
type exits struct{ n int }

func (exits) MarshalBinary() ([]byte, error)  { runtime.Goexit(); return nil, nil }
func (*exits) UnmarshalBinary(b []byte) error { return nil }

// named is a source that calls its places and offsets by the keys of its records.
type named struct{ *streamtest.Input[row] }

func (n named) Open(c *stream.SourceContext) ([]stream.Reader[row], error) {
	readers, err := n.Input.Open(c)
	for i, r := range readers {
		readers[i] = namedReader{r}
	}
	return readers, err
}

type namedReader struct{ stream.Reader[row] }

func (namedReader) RevealsKeys() bool { return true }
func (namedReader) Offset() string    { return secret }
func (namedReader) Locate(number int64) string {
	return fmt.Sprintf("row %q, number %d", secret, number)
}

// Keys that are part of places and offsets are not shown either, and are without Redact.
func TestSecretsOfPlaces(t *testing.T) {
	for _, opts := range [][]stream.RunOption{{hide}, nil} {
		for _, mode := range []string{"stop", "divert"} {
			w := &written{}
			p := stream.New("places")
			in := streamtest.NewInput[row]()
			in.Push(row{"a", 1, 1})
			in.PushBad("b", errBroken)
			in.End()
			build := func(opts ...stream.Option) {
				p.From(named{in}, append(opts, stream.Name("from"))...).Map(func(row) row { panic("no") }, stream.SkipFailures()).To(sink.Discard[row]())
			}
			if mode == "stop" {
				build()
			} else {
				letters[[]byte](w)(func(o stream.Option) { build(o) })
			}
			_ = w.run(t, p, append(opts, stream.Checkpoints(checkpoint.Memory(), time.Hour))...)
			if opts == nil {
				require.Contains(t, w.text(), secret, mode)
				continue
			}
			w.Hidden(t, mode)
			require.Contains(t, w.text(), " event 1", "which it was is told by its number")
		}
	}
}

// What is wrong with the store is told also where nothing else is.
func TestStoreErrorsAreTold(t *testing.T) {
	store := checkpoint.Memory()
	ring := func(b byte) *atrest.Ring {
		r, err := atrest.NewRing(atrest.Key{ID: "k", Secret: bytes.Repeat([]byte{b}, 32)})
		require.NoError(t, err)
		return r
	}
	run := func(b byte) error {
		p := stream.New("orders")
		p.From(source.Slice([]row{{secret, 1, 1}})).To(sink.Discard[row]())
		return p.Run(t.Context(), hide, stream.Checkpoints(atrest.Store(store, "orders", ring(b)), time.Hour))
	}
	require.NoError(t, run(1))
	err := run(2)
	require.ErrorIs(t, err, checkpoint.ErrSealed)
	require.ErrorContains(t, err, checkpoint.ErrSealed.Error())
}
