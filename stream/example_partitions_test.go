package stream_test

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
)

// chunks reads a table in chunks, each of which is a partition that is there only
// while it is read.
type chunks struct{ rows, size int }

func (c chunks) Open(s *stream.SourceContext) ([]stream.Reader[int], error) {
	stream.Discover(s, func(ctx context.Context, parts *stream.Partitions[int]) error {
		for from := 0; from < c.rows; from += c.size {
			r := &chunk{name: fmt.Sprint("from ", from), next: from, end: min(from+c.size, c.rows)}
			if at, ok := s.Offsets[r.name]; ok { // an earlier run has begun with it
				r.next, _ = strconv.Atoi(at)
			}
			if err := parts.Add(ctx, r); err != nil {
				return err
			}
		}
		return nil // no more chunks follow
	})
	return nil, nil
}

type chunk struct {
	name      string
	next, end int
}

func (c *chunk) Partition() string { return c.name }
func (c *chunk) Offset() string    { return strconv.Itoa(c.next) }
func (c *chunk) Close() error      { return nil }

func (c *chunk) Read(_ context.Context, in *stream.Intake[int]) error {
	for ; c.next < c.end && in.Room() > 0; c.next++ {
		in.Append(c.next)
	}
	if c.next == c.end {
		return io.EOF
	}
	return nil
}

func ExampleDiscover() {
	rows := sink.Collect[int]()
	p := stream.New("table")
	p.From(chunks{rows: 25, size: 10}).To(rows)
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	fmt.Println(len(rows.Events()), "rows")
	// Output: 25 rows
}
