package contract_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A given source is what its Open returns.
type given []stream.Reader[int]

func (g given) Open(*stream.SourceContext) ([]stream.Reader[int], error) { return g, nil }

// A wrong reader gives one number after another, and has functions in the place of what it should do.
type wrong struct {
	read   func(n int, in *stream.Intake[int])
	offset func() string
	n      int
}

func (*wrong) Partition() string { return "p" }
func (*wrong) Close() error      { return nil }

func (r *wrong) Offset() string {
	if r.offset != nil {
		return r.offset()
	}
	return ""
}

func (r *wrong) Read(_ context.Context, in *stream.Intake[int]) error {
	if r.n++; r.n > 3 {
		return io.EOF
	}
	if r.read != nil {
		r.read(r.n, in)
		return nil
	}
	in.Append(r.n)
	return nil
}

// Readers that do not keep their contract end the run with an error that says how, and names the source.
func TestReadersThatAreWrong(t *testing.T) {
	for want, src := range map[string]given{
		"stream: numbers: its Open has returned a nil Reader, number 2 of 2":                                {&wrong{}, nil},
		`stream: numbers: two of its readers are of the partition "p": offsets are told apart by that name`: {&wrong{}, &wrong{}},
		"stream: numbers at p event 7: its reader has rejected it without a reason":                         {&wrong{read: func(_ int, in *stream.Intake[int]) { in.Reject([]byte("x"), 7, nil) }}},
		"stream: numbers at p: panic: no offset":                                                            {&wrong{offset: func() string { panic("no offset") }}},
	} {
		for _, settings := range [][]stream.RunOption{nil, {stream.Checkpoints(checkpoint.Memory(), time.Hour)}} {
			p := stream.New("wrong")
			p.From(src, stream.Name("numbers")).To(sink.Discard[int]())
			err := p.Run(t.Context(), settings...)
			require.Error(t, err, want)
			require.Contains(t, err.Error(), want)
		}
	}
}

// A wrong writer is a sink, too.
type wrongWriter struct {
	open  func() (stream.Writer[int], error)
	write func(b *stream.Batch[int]) error
}

func (w *wrongWriter) Open(*stream.SinkContext) (stream.Writer[int], error) {
	if w.open != nil {
		return w.open()
	}
	return w, nil
}
func (w *wrongWriter) Write(_ context.Context, b *stream.Batch[int]) error { return w.write(b) }
func (*wrongWriter) Flush(context.Context) error                           { return nil }
func (*wrongWriter) Close() error                                          { return nil }

// Writers that do not keep theirs do so, too: a row that was left out already would else be left out for ever.
func TestWritersThatAreWrong(t *testing.T) {
	full := errors.New("full")
	row := func(row int, err error) *wrongWriter {
		return &wrongWriter{write: func(*stream.Batch[int]) error { return &stream.RowError{Row: row, Err: err} }}
	}
	for want, to := range map[string]*wrongWriter{
		"stream: sink: its Open has returned a nil Writer and no error":                           {open: func() (stream.Writer[int], error) { return nil, nil }},
		"stream: sink: its writer named row 1, which is not among those that it was given: full":  row(1, full),
		"stream: sink: its writer named row -1, which is not among those that it was given: full": row(-1, full),
		"stream: sink: its writer named row 99, which is not among those that it was given: full": row(99, full),
		"stream: sink at slice 0 event 0: its writer has returned a RowError that has no Err":     row(0, nil),
	} {
		opts := []stream.Option{stream.SkipFailures()}
		if to.open == nil && want[len("stream: sink")] == ' ' {
			opts = nil
		}
		p := stream.New("wrong")
		p.From(source.Slice([]int{1, 2, 3})).To(to, opts...)
		require.EqualError(t, p.Run(t.Context()), want)
	}
}
