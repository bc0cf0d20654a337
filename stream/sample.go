package stream

import (
	"fmt"
	"math"

	"github.com/freshet-go/freshet/internal/engine"

	"github.com/freshet-go/freshet/internal/keyhash"
)

// Sample passes on about the given fraction of the events. Which ones depends
// on where they stand in their source alone, so that the same input gives the
// same sample on any number of shards. It panics if fraction is not in [0, 1].
func (s Stream[T]) Sample[_ lazily](fraction float64, opts ...Option) Stream[T] {
	started(s.out != nil, "Sample", "Stream")
	if !(fraction >= 0 && fraction <= 1) {
		panic(fmt.Sprintf("stream: Sample(%v): want a fraction from 0 to 1", fraction))
	}
	hash, err := keyhash.Of[uint64]()
	if err != nil {
		panic(err) // uint64 has a hash
	}
	limit := uint64(math.MaxUint64)
	if fraction < 1 {
		limit = uint64(fraction * (1 << 63) * 2)
	}
	detail := fmt.Sprintf("%g", fraction)
	out := attachDetail(s, "sample", detail, keepsPartition, opts, func(op *engine.Instance, out receiver[T]) receiver[T] {
		return &sampler[T]{op: op, next: out, hash: hash, limit: limit, all: fraction == 1}
	})
	out.out.node.Params = fraction
	return out
}

type sampler[T any] struct {
	op    *engine.Instance
	next  receiver[T]
	hash  func(uint64) uint64
	limit uint64
	all   bool
	rows  []int32
	out   Batch[T]
}

func (s *sampler[T]) push(b *Batch[T]) error {
	s.op.In(b.Len())
	s.rows = s.rows[:0]
	for k, n := 0, b.Len(); k < n; k++ {
		row := b.head.at(k)
		if s.all || s.hash(b.head.seqOf(row)^uint64(b.Time(row))<<1) < s.limit {
			s.rows = append(s.rows, int32(row))
		}
	}
	if len(s.rows) == 0 {
		return nil
	}
	s.out = *b
	s.out.head.rows, s.out.head.narrow = s.rows, true
	s.op.Out(len(s.rows))
	return s.next.push(&s.out)
}

func (s *sampler[T]) Control(c engine.Control) error { return s.next.Control(c) }
