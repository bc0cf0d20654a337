package stream

import "github.com/freshet-go/freshet/internal/engine"

// A broadcast sends each event to every task of the stage behind, in the order in which events come.
// Each task has a copy of the batch, and all share what values point to.
type broadcast[K comparable, T any] struct {
	senders *senders[*KeyedBatch[K, T]]
	size    int
}

func (x *broadcast[K, T]) pushKeyed(b *KeyedBatch[K, T]) error {
	for shard := range x.senders.count() {
		cursor := 0
		for k, n := 0, b.Len(); k < n; k++ {
			if err := x.put(shard, b, b.head.at(k), &cursor); err != nil {
				return err
			}
		}
	}
	return nil
}

// put adds a row to the batch of one shard.
func (x *broadcast[K, T]) put(shard int, b *KeyedBatch[K, T], row int, cursor *int) error {
	to := x.senders.fill(shard)
	if !to.takes(&b.Batch) {
		if err := x.senders.ship(shard); err != nil {
			return err
		}
		to = x.senders.fill(shard)
	}
	to.add(&b.Batch, row, cursor)
	to.keys = append(to.keys, b.keys[row])
	to.hashes = append(to.hashes, b.hashes[row])
	if len(to.values) >= x.size {
		return x.senders.ship(shard)
	}
	return nil
}

func (x *broadcast[K, T]) Control(c engine.Control) error { return x.senders.Control(c) }

// consumeAll connects the keyed stream to node n so that each of its instances is handed every event. It is
// consume, but for what the exchange does.
func (k Keyed[K, T]) consumeAll[_ lazily](n *engine.Node, input int, build func(*engine.Place) keyedReceiver[K, T]) {
	k.out.consumers = append(k.out.consumers, func(pl *engine.Place) keyedReceiver[K, T] {
		if pl.Continues(n) {
			return build(pl) // the only instance
		}
		return &broadcast[K, T]{senders: k.enter(pl, n, input, build).senders(pl), size: pl.BatchSize()}
	})
}
