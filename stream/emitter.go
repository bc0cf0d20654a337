package stream

// An Emitter takes what an operator puts out and passes it on in batches. It
// belongs to one instance of the operator and must not be used after the call
// that it was handed to.
type Emitter[T any] struct {
	out   receiver[T]
	op    *instance
	batch Batch[T]
	size  int
	err   error
}

func newEmitter[T any](op *instance, out receiver[T]) *Emitter[T] {
	return &Emitter[T]{out: out, op: op, size: op.place.rt.batch}
}

// Emit puts out v with event time at. Events of one instance arrive
// downstream in the order of these calls. Emit has no error: when a stage
// behind has failed, what is emitted is dropped and the run is ending.
func (e *Emitter[T]) Emit(v T, at Time) { e.emit(v, at, 0) }

// emit is Emit with the position of the event that caused v.
func (e *Emitter[T]) emit(v T, at Time, seq uint64) {
	b := &e.batch
	b.values = append(b.values, v)
	b.times = append(b.times, at)
	b.seqs = append(b.seqs, seq)
	if len(b.values) >= e.size {
		e.flush()
	}
}

// flush passes on what has gathered.
func (e *Emitter[T]) flush() error {
	b := &e.batch
	if n := len(b.values); n > 0 {
		if e.err == nil {
			e.op.out(n)
			e.err = e.out.push(b)
		}
		clear(b.values)
		b.values, b.times, b.seqs, b.late = b.values[:0], b.times[:0], b.seqs[:0], b.late[:0]
	}
	return e.err
}

// inherit notes where the events that are about to be emitted come from.
func (e *Emitter[T]) inherit(born int64, part *partition) {
	e.batch.born, e.batch.part = born, part
}
