package stream

import "github.com/freshet-go/freshet/internal/engine"

// A tableWriter takes the changes that an operator puts out, one after another, and passes them on in batches with
// their keys. It is what an Emitter is for events without.
type tableWriter[K comparable, V any] struct {
	op   *engine.Instance
	out  keyedReceiver[K, Change[V]]
	rows KeyedBatch[K, Change[V]] // columns of which the first n rows are taken; the others refer to nothing
	n    int
	full KeyedBatch[K, Change[V]] // what is passed on
	size int
	bare bool // rows refer to nothing ever
	err  error
	also *error // becomes err, if not nil: that of an Emitter that is asked for failures
}

func newTableWriter[K comparable, V any](op *engine.Instance, out keyedReceiver[K, Change[V]]) *tableWriter[K, V] {
	return &tableWriter[K, V]{op: op, out: out, size: op.BatchSize(), bare: plainRows[K, V]()}
}

// next returns the place of the change that is put out next. Whoever has it be what becomes or put says calls told, or, where there is no change
// after all, makes it zero. What is in it before is left over.
func (w *tableWriter[K, V]) next[_ lazily]() *Change[V] {
	if w.n == len(w.rows.values) {
		w.grow()
	}
	return &w.rows.values[w.n]
}

// grow makes room for more rows. A batch may be one of few rows, so room for a full one is not made at once.
func (w *tableWriter[K, V]) grow[_ lazily]() {
	b, n := &w.rows, min(max(2*w.n, 16), max(w.size, 1))
	grown(&b.values, n)
	grown(&b.keys, n)
	grown(&b.hashes, n)
	grown(&b.head.times, n)
	grown(&b.head.seqs, n)
}

// grown makes a slice longer.
func grown[E any](s *[]E, n int) {
	old := *s
	*s = make([]E, n)
	copy(*s, old)
}

// told puts out the change at the place that next has returned. Behind an error, which is kept, it is dropped: the run is ending.
func (w *tableWriter[K, V]) told[_ lazily](hash uint64, k K, at Time) {
	i, b := w.n, &w.rows
	b.keys[i], b.hashes[i], b.head.times[i], b.head.seqs[i] = k, hash, at, paneSeq(hash)
	if w.n++; w.n >= w.size {
		w.flush()
	}
}

// put puts out the change of a key.
func (w *tableWriter[K, V]) put[_ lazily](hash uint64, k K, at Time, c *Change[V]) {
	*w.next() = *c
	w.told(hash, k, at)
}

// flush passes on what has gathered.
func (w *tableWriter[K, V]) flush() error {
	if n := w.n; n > 0 {
		b := &w.rows
		if w.err == nil {
			f := &w.full
			f.values, f.keys, f.hashes = b.values[:n], b.keys[:n], b.hashes[:n]
			f.head = header{times: b.head.times[:n], seqs: b.head.seqs[:n], born: b.head.born}
			w.op.Out(n)
			w.err = w.out.pushKeyed(f)
			if w.err != nil && w.also != nil {
				*w.also = w.err
			}
			w.op.Enter()
		}
		if !w.bare {
			clear(b.values[:n])
			clear(b.keys[:n])
		}
		w.n = 0
	}
	return w.err
}

// inherit notes when that was read which causes what is put out next.
func (w *tableWriter[K, V]) inherit(born int64, _ *engine.Partition) { w.rows.head.born = born }

// takePlace is for operators of the caller's own.
func (w *tableWriter[K, V]) takePlace(uint64) {}
