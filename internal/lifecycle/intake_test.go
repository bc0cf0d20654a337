package lifecycle_test

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
)

// filling is a reader whose only Read a test writes.
type filling struct {
	*shelf
	read func(in *stream.Intake[int64]) error
}

func (f filling) Read(_ context.Context, in *stream.Intake[int64]) error { return f.read(in) }

// A reader that gives only some of its events a time, or a place, ends the run, and is named.
func TestIntakeIsWhole(t *testing.T) {
	for want, read := range map[string]func(in *stream.Intake[int64]) error{
		"stream: halves at a: its reader has put in 2 events, and 1 event times: AppendAt is for all events of a Read or for none": func(in *stream.Intake[int64]) error {
			in.Append(1)
			in.AppendAt(2, 2)
			return io.EOF
		},
		"stream: halves at a: its reader has put in 3 events, and marked 1: Mark is for all events of a Read or for none": func(in *stream.Intake[int64]) error {
			in.Append(1, 2)
			in.Mark(7)
			*in.Next() = 3
			return nil
		},
	} {
		p := stream.New("halves")
		p.From(opens(func(*stream.SourceContext) []stream.Reader[int64] {
			return []stream.Reader[int64]{filling{newShelf("a"), read}}
		}), stream.Name("halves")).To(sink.Discard[int64]())
		require.EqualError(t, p.Run(t.Context()), want)
	}
}
