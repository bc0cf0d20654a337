package auction

import (
	"context"
	"fmt"
	"io"

	"github.com/freshet-go/freshet/stream"
)

// Source gives the first n events in several partitions, each in the order of
// arrival. It resumes: an event is made from its number.
func (c Config) Source(n int64, partitions int) stream.Source[Event] {
	return generated{c, n, partitions}
}

type generated struct {
	config     Config
	events     int64
	partitions int
}

func (s generated) String() string {
	return fmt.Sprintf("%d events of seed %d", s.events, s.config.Seed)
}

func (s generated) Open(c *stream.SourceContext) (readers []stream.Reader[Event], err error) {
	for part := range int64(s.partitions) {
		r := &reader{newArrivals(s.config, s.events, int64(s.partitions), part), fmt.Sprintf("partition %d of %d", part, s.partitions)}
		if at, ok := c.Offsets[r.partition]; ok {
			var turn int64
			var gone int
			if _, err := fmt.Sscanf(at, "%d.%d", &turn, &gone); err != nil {
				return nil, fmt.Errorf("auction: offset %q of %s: %w", at, r.partition, err)
			}
			r.skipTo(turn, gone)
		}
		readers = append(readers, r)
	}
	return readers, nil
}

type reader struct {
	*arrivals
	partition string
}

func (r *reader) Partition() string { return r.partition }
func (r *reader) Close() error      { return nil }

// Offset is the turn, and how much of it has been given.
func (r *reader) Offset() string { return fmt.Sprintf("%d.%d", r.turn, r.gone) }

func (r *reader) Read(ctx context.Context, b *stream.Intake[Event]) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for b.Room() > 0 {
		e, ok := r.next()
		if !ok {
			return io.EOF
		}
		b.Append(e)
	}
	return nil
}
