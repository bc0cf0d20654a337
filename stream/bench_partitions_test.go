package stream_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
)

// A quietPartition has nothing, and never ends. The one that is busy gives batches.
type quietPartition struct {
	name  string
	busy  bool
	at    int64
	reads int
	begin func() // called once the others have been asked
	left  int
	done  func()
}

func (p *quietPartition) Partition() string { return p.name }
func (p *quietPartition) Offset() string    { return strconv.FormatInt(p.at, 10) }
func (p *quietPartition) Close() error      { return nil }

func (p *quietPartition) Read(_ context.Context, in *stream.Intake[int64]) error {
	if !p.busy {
		return stream.ErrNothing
	}
	if p.reads++; p.reads == 3 {
		p.begin()
	}
	if p.left == 0 {
		p.done()
		return stream.ErrNothing
	}
	n := min(in.Room(), p.left)
	for range n {
		in.Append(p.at)
		p.at++
	}
	if p.reads >= 3 {
		p.left -= n
	}
	return nil
}

type quietSource struct {
	partitions int
	busy       quietPartition
}

func (s quietSource) Open(c *stream.SourceContext) (all []stream.Reader[int64], err error) {
	for i := range s.partitions {
		p := &quietPartition{}
		if i == s.partitions/2 {
			*p = s.busy
		}
		p.name = strconv.Itoa(i)
		all = append(all, p)
	}
	stream.Discover(c, func(ctx context.Context, _ *stream.Partitions[int64]) error {
		<-ctx.Done()
		return nil
	})
	return all, nil
}

// BenchmarkPartitions reads many partitions of which one has something, which must cost what it costs to read
// that one alone: partitions=1 is the floor.
func BenchmarkPartitions(b *testing.B) {
	for _, times := range []bool{false, true} {
		for _, n := range []int{1, 100, 10_000} {
			b.Run(fmt.Sprintf("times=%v/partitions=%d", times, n), func(b *testing.B) {
				const batch = 64 // so that it is the choice that costs
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				p := stream.New("bench")
				s := p.From(quietSource{n, quietPartition{
					busy: true, begin: b.ResetTimer, left: b.N, done: func() { b.StopTimer(); cancel() },
				}})
				if times {
					s = s.EventTime(func(i int64) time.Time { return time.UnixMilli(i) })
				}
				s.To(sink.Discard[int64]())
				if err := p.Run(ctx, stream.Shards(1), stream.BatchSize(batch)); !errors.Is(err, context.Canceled) {
					b.Fatal(err)
				}
			})
		}
	}
}
