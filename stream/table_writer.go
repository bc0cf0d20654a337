package stream

import "github.com/freshet-go/freshet/internal/engine"

// A tableWriter takes the changes that an operator puts out, one after another, and passes them on in batches with
// their keys. It is what an Emitter is for events without.
type tableWriter[K comparable, V any] struct {
	op   *engine.Instance
	out  keyedReceiver[K, Change[V]]
	rows KeyedBatch[K, Change[V]]
	size int
	err  error
}

func newTableWriter[K comparable, V any](op *engine.Instance, out keyedReceiver[K, Change[V]]) *tableWriter[K, V] {
	return &tableWriter[K, V]{op: op, out: out, size: op.BatchSize()}
}

// put takes the change of a key. Behind an error, which is kept, what it takes is dropped: the run is ending.
func (w *tableWriter[K, V]) put[_ lazily](hash uint64, k K, at Time, c *Change[V]) {
	b := &w.rows
	b.values, b.keys, b.hashes = append(b.values, *c), append(b.keys, k), append(b.hashes, hash)
	b.head.times, b.head.seqs = append(b.head.times, at), append(b.head.seqs, paneSeq(hash))
	if len(b.values) >= w.size {
		w.flush()
	}
}

// flush passes on what has gathered.
func (w *tableWriter[K, V]) flush[_ lazily]() error {
	b := &w.rows
	if n := len(b.values); n > 0 {
		if w.err == nil {
			w.op.Out(n)
			w.err = w.out.pushKeyed(b)
			w.op.Enter()
		}
		born := b.head.born
		b.empty()
		b.head.born = born
		clear(b.keys)
		b.keys, b.hashes = b.keys[:0], b.hashes[:0]
	}
	return w.err
}

// inherit notes when that was read which causes what is put out next.
func (w *tableWriter[K, V]) inherit[_ lazily](born int64) { w.rows.head.born = born }
