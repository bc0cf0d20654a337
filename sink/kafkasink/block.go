package kafkasink

import (
	"sync"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A block has records, and room for what they are made of, which are used again when all of them are acknowledged. Half of what a sink
// allocates would else be records, and the buffers that the client keeps for itself (sync.Pool) would not outlive the collections that this has.
type block struct {
	records [recordsAtOnce]kgo.Record
	used    int    // of the records; its writer's
	arena   []byte // for keys and values; its writer's

	sent *sent
	left atomic.Int32             // records that are not acknowledged, or not used
	done func(*kgo.Record, error) // promise; as a value it is made once
	pool *sync.Pool
}

const (
	recordsAtOnce = 128
	leastArena    = 8 << 10
	mostArena     = 32 << 10
)

// promise is told what became of a record. A block with one that failed is not used again: the client says nothing of what it does with such a record.
func (b *block) promise(_ *kgo.Record, err error) {
	b.sent.promise(err)
	if err == nil {
		b.release(1)
	}
}

// release tells that records are not in use any more.
func (b *block) release(n int) {
	if b.left.Add(int32(-n)) == 0 {
		b.sent = nil
		b.pool.Put(b)
	}
}

// room returns the arena, of which some is free.
func (b *block) room() []byte {
	if size := cap(b.arena); size-len(b.arena) < max(size, leastArena)/8 {
		b.arena = make([]byte, 0, min(max(2*size, leastArena), mostArena)) // records have the other one still
	}
	return b.arena
}

// blocks gives a writer one record after another.
type blocks struct {
	at   *block // that is used now; nil without
	pool sync.Pool
}

// next returns the block that the next record is of: records[used].
func (s *blocks) next(to *sent) *block {
	if s.at != nil && (s.at.used == recordsAtOnce || s.at.sent != to) {
		s.end()
	}
	if s.at == nil {
		b, ok := s.pool.Get().(*block)
		if !ok {
			b = &block{pool: &s.pool}
			b.done = b.promise
		}
		b.used, b.sent, b.arena = 0, to, b.arena[:0]
		if cap(b.arena) > 2*mostArena {
			b.arena = nil // of a long value
		}
		b.left.Store(recordsAtOnce)
		s.at = b
	}
	return s.at
}

// end lets the block go that is used now.
func (s *blocks) end() {
	b := s.at
	s.at = nil
	if unused := recordsAtOnce - b.used; unused > 0 {
		b.release(unused)
	}
}
