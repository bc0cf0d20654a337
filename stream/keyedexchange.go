package stream

import (
	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/state"
)

// An exchange sends each event to the shard that its key belongs to.
type exchange[K comparable, T any] struct {
	senders *senders[*KeyedBatch[K, T]]
	size    int
}

func (x *exchange[K, T]) pushKeyed(b *KeyedBatch[K, T]) error {
	cursor, shards := 0, x.senders.count()
	for k, n := 0, b.Len(); k < n; k++ {
		row := b.head.at(k)
		shard := state.ShardOf(b.hashes[row], shards)
		to := x.senders.fill(shard)
		if !to.takes(&b.Batch) {
			if err := x.senders.ship(shard); err != nil {
				return err
			}
			to = x.senders.fill(shard)
		}
		to.add(&b.Batch, row, &cursor)
		to.keys = append(to.keys, b.keys[row])
		to.hashes = append(to.hashes, b.hashes[row])
		if len(to.values) >= x.size {
			if err := x.senders.ship(shard); err != nil {
				return err
			}
		}
	}
	return nil
}

func (x *exchange[K, T]) Control(c engine.Control) error { return x.senders.Control(c) }
