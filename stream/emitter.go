package stream

import "github.com/freshet-go/freshet/internal/engine"

// An Emitter takes what an operator puts out and passes it on in batches. It
// belongs to one instance of the operator and must not be used after the call
// that it was handed to.
type Emitter[U any] struct {
	out   receiver[U]
	op    *engine.Instance
	batch Batch[U] // events that all have event times, or none
	times []Time   // the memory of batch.times, while the batch has none
	size  int
	err   error

	place uint64 // of what Emit puts out next, among events of one time; 0 unless a timer has fired
}

func newEmitter[U any](op *engine.Instance, out receiver[U]) *Emitter[U] {
	return &Emitter[U]{out: out, op: op, size: op.BatchSize()}
}

// Emit puts out v with event time at, or without one where at is
// window.MinTime, which is the time of events that have none. No event is at
// window.MaxTime: one that is put out there is at the last moment before it. Events of one
// instance arrive downstream in the order of these calls. Emit has no error:
// when a stage behind has failed, what is emitted is dropped and the run is
// ending.
func (e *Emitter[U]) Emit(v U, at Time) {
	if e.place == 0 {
		e.emit(v, at, 0)
		return
	}
	e.emit(v, at, e.place)
	if next := e.place + 1; next < 1<<engine.SeqBits {
		e.place = next
	}
}

// takePlace has what Emit puts out next be in a place; 0 ends that.
func (e *Emitter[U]) takePlace(place uint64) { e.place = place }

// From puts out v in the place of a row of b: with its event time, or without one,
// its place in the source, and the mark that it was late. It is Emit for what has
// one event as its cause. A keyed batch is handed over as &b.Batch. (Pipeline.From is another thing: it adds a source.)
func (e *Emitter[U]) From[T any](b *Batch[T], row int, v U) { e.pass(v, &b.head, row) }

// put is emit for what an event has caused, and Emit for what a timer has.
func (e *Emitter[U]) put[_ lazily](v U, at Time, seq uint64) {
	if e.place != 0 {
		e.Emit(v, at)
		return
	}
	e.emit(v, at, seq)
}

// emit is Emit with the position of the event that caused v.
func (e *Emitter[U]) emit[_ lazily](v U, at Time, seq uint64) {
	e.add(v, at, seq)
	if len(e.batch.values) >= e.size {
		e.flush()
	}
}

// add puts v into the batch.
func (e *Emitter[U]) add[_ lazily](v U, at Time, seq uint64) {
	b := &e.batch
	at = min(at, engine.MaxTime-1)
	if timed := at != engine.MinTime; timed != (b.head.times != nil) {
		e.turn(timed)
	}
	b.values = append(b.values, v)
	if b.head.times != nil {
		b.head.times = append(b.head.times, at)
	}
	b.head.seqs = append(b.head.seqs, seq)
}

// turn begins a batch of events that have event times, or of such that have
// none: no batch holds both.
func (e *Emitter[U]) turn[_ lazily](timed bool) {
	e.flush()
	b := &e.batch
	if !timed {
		b.head.times, e.times = nil, b.head.times
		return
	}
	if b.head.times, e.times = e.times, nil; b.head.times == nil {
		b.head.times = make([]Time, 0, cap(b.values))
	}
}

// flush passes on what has gathered.
func (e *Emitter[U]) flush[_ lazily]() error {
	b := &e.batch
	if n := len(b.values); n > 0 {
		if e.err == nil {
			e.op.Out(n)
			e.err = e.out.push(b)
			e.op.Enter()
		}
		clear(b.values)
		b.values, b.head.times, b.head.seqs, b.head.late = b.values[:0], b.head.times[:0], b.head.seqs[:0], b.head.late[:0]
	}
	return e.err
}

// inherit notes where the events that are about to be emitted come from.
func (e *Emitter[U]) inherit(born int64, part *engine.Partition) {
	e.batch.head.born, e.batch.head.part = born, part
}

// pass is emit for an event that takes the place of a row of a batch.
func (e *Emitter[U]) pass[_ lazily](v U, of *header, row int) {
	e.add(v, of.timeOf(row), of.seqOf(row))
	x := &e.batch
	if wm, late := of.lateAt(row); late {
		x.head.late = append(x.head.late, lateMark{int32(len(x.values) - 1), wm})
	}
	if len(x.values) >= e.size {
		e.flush()
	}
}
