package stream_test

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"testing"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
)

// A quietPartition has nothing; the one that is busy gives batches until it has given all.
type quietPartition struct {
	name string
	left int
	at   int64
	busy bool
}

func (p *quietPartition) Partition() string { return p.name }
func (p *quietPartition) Offset() string    { return strconv.FormatInt(p.at, 10) }
func (p *quietPartition) Close() error      { return nil }

func (p *quietPartition) Read(_ context.Context, in *stream.Intake[int64]) error {
	switch {
	case !p.busy:
		return stream.ErrNothing
	case p.left == 0:
		return io.EOF
	}
	for range min(in.Room(), p.left) {
		in.Append(p.at)
		p.at++
		p.left--
	}
	return nil
}

type quietSource struct{ partitions, events int }

func (s quietSource) Open(c *stream.SourceContext) (all []stream.Reader[int64], err error) {
	for i := range s.partitions {
		all = append(all, &quietPartition{name: strconv.Itoa(i), busy: i == s.partitions/2, left: s.events})
	}
	done := make(chan struct{})
	all[s.partitions/2] = &endingPartition{all[s.partitions/2].(*quietPartition), done}
	stream.Discover(c, func(ctx context.Context, parts *stream.Partitions[int64]) error {
		<-done
		for i := range s.partitions {
			if err := parts.Remove(ctx, strconv.Itoa(i)); err != nil {
				return err
			}
		}
		return nil
	})
	return all, nil
}

// An endingPartition says when it has ended.
type endingPartition struct {
	*quietPartition
	done chan struct{}
}

func (p *endingPartition) Read(ctx context.Context, in *stream.Intake[int64]) error {
	err := p.quietPartition.Read(ctx, in)
	if err == io.EOF {
		close(p.done)
	}
	return err
}

// BenchmarkPartitions reads many partitions of which one has something, which must cost what it costs to read
// that one alone: partitions=1 is the floor.
func BenchmarkPartitions(b *testing.B) {
	for _, times := range []bool{false, true} {
		for _, n := range []int{1, 100, 10_000} {
			b.Run(fmt.Sprintf("times=%v/partitions=%d", times, n), func(b *testing.B) {
				const batch = 64 // so that it is the choice that costs
				events := max(b.N, 1)
				p := stream.New("bench")
				s := p.From(quietSource{n, events})
				if times {
					s = s.EventTime(func(i int64) time.Time { return time.UnixMilli(i) })
				}
				s.To(sink.Discard[int64]())
				b.ResetTimer()
				if err := p.Run(context.Background(), stream.Shards(1), stream.BatchSize(batch)); err != nil {
					b.Fatal(err)
				}
			})
		}
	}
}
