package sourcetest_test

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"testing"

	"github.com/freshet-go/freshet/source/sourcetest"
	"github.com/freshet-go/freshet/stream"
)

// arriving is a source whose partitions come one after the other, each with a first event, and
// with the others once it is said to be ready.
type arriving struct{ partitions, events int }

func (a arriving) Open(c *stream.SourceContext) ([]stream.Reader[string], error) {
	stream.Discover(c, func(ctx context.Context, parts *stream.Partitions[string]) error {
		for i := range a.partitions {
			r := &arrived{name: fmt.Sprint("p", i), end: a.events, there: make(chan struct{})}
			r.next, _ = strconv.Atoi(c.Offsets[r.name])
			if err := parts.Add(ctx, r); err != nil {
				return err
			}
			close(r.there)
			parts.Ready(r.name)
		}
		return nil
	})
	return nil, nil
}

type arrived struct {
	name      string
	next, end int
	there     chan struct{}
}

func (a *arrived) Partition() string { return a.name }
func (a *arrived) Offset() string    { return strconv.Itoa(a.next) }
func (a *arrived) Close() error      { return nil }

func (a *arrived) Read(ctx context.Context, in *stream.Intake[string]) error {
	for ; in.Room() > 0; a.next++ {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-a.there:
		default:
			if a.next > 0 {
				return stream.ErrNothing
			}
		}
		if a.next == a.end {
			return io.EOF
		}
		in.Append(fmt.Sprint(a.name, " ", a.next))
	}
	return nil
}

func TestDiscover(t *testing.T) {
	src := arriving{partitions: 3, events: 7}
	var want []string
	for i := range src.partitions {
		for n := range src.events {
			want = append(want, fmt.Sprint("p", i, " ", n))
		}
	}
	sourcetest.Suite[string]{Source: func(testing.TB) stream.Source[string] { return src }, Want: want}.Run(t)
}
