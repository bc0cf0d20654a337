package stream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"time"

	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A Source is where events come from. The value is a description: nothing is
// opened before Run calls Open.
type Source[T any] interface {
	// Open returns the source's partitions, each with the Reader that reads
	// it. Readers are used by one goroutine at a time. Run closes them, those
	// of a failed Open excepted.
	Open(c *SourceContext) ([]Reader[T], error)
}

// A SourceContext is what a source may know of the run.
type SourceContext struct {
	Context   context.Context // ends when the source has to stop
	Name      string          // the operator's name
	Shards    int             // how many readers at most can run at once
	BatchSize int             // how many events a batch holds
	Logger    *slog.Logger
	Now       func() time.Time  // the run's clock
	Offsets   map[string]string // by partition, where to go on; nil to begin
}

// A Reader reads one partition of a source: events whose order means
// something, with a watermark of their own.
//
// A Reader may also be a Waiter, a Locator and an Acknowledger.
type Reader[T any] interface {
	// Partition names the partition: unique in the source, the same in every
	// run.
	Partition() string
	// Read fills b with at least one event or rejected record, and no more
	// than it has room for. It returns io.EOF itself at the end, and ctx's error when ctx ends first; what
	// it has put into b before counts in either case. It must lose nothing
	// when ctx ends: Run calls it again with another ctx when it only wanted
	// to be heard.
	Read(ctx context.Context, b *Batch[T]) error
	// Offset returns where a later run would go on, in the source's terms.
	Offset() string
	Close() error
}

// A Waiter is a Reader that says whether Read may wait for the outside world.
// Readers that wait get a goroutine each; the others share one a shard, and
// the partition that is furthest behind in event time is read next.
type Waiter interface{ Waits() bool }

// A Locator is a Reader that names a place in its partition, which Mark or
// Reject was given, for errors. Any goroutine may call it, also after Close.
// Without it a place is "partition event 7".
type Locator interface {
	Locate(position int64) string
}

// ErrNothing is what Read may return when there is nothing at the moment and
// it does not wait for something by itself. It is for readers of a test
// driver, which is not to be held up; Run would call such a reader again and
// again.
var ErrNothing = errors.New("stream: nothing to read for now")

// Room returns how many more events a reader may put into b.
func (b *Batch[T]) Room() int { return cap(b.values) - len(b.values) }

// Append puts in an event without an event time. It is for readers. A batch
// has either event times for all its events or for none.
func (b *Batch[T]) Append[_ lazily](vs ...T) { b.values = append(b.values, vs...) }

// Lend puts in events without copying them: the reader must not change vs
// while the run lasts. It has to be the only call that fills the batch. It is
// for readers.
func (b *Batch[T]) Lend[_ lazily](vs []T) { b.values = vs[:len(vs):len(vs)] }

// AppendAt puts in an event with its event time. It is for readers.
func (b *Batch[T]) AppendAt[_ lazily](v T, at Time) {
	b.values = append(b.values, v)
	b.times = append(b.times, at)
}

// Next puts in a zero event and returns it to be filled in place. It is for
// readers, which take it back with Unread if that fails.
func (b *Batch[T]) Next[_ lazily]() *T {
	var zero T
	b.values = append(b.values, zero)
	return &b.values[len(b.values)-1]
}

// Unread takes the last event out again. It is for readers.
func (b *Batch[T]) Unread[_ lazily]() { b.values = b.values[:len(b.values)-1] }

// Mark notes where in its partition the last event put in stands: a number
// from 0 to 2^48-1 that ascends, such as a byte offset. Readers that mark one
// event mark all. Where none is marked, events are numbered from 0.
func (b *Batch[T]) Mark[_ lazily](position int64) { b.seqs = append(b.seqs, b.seq|uint64(position)) }

// SetWatermark promises that no event before wm follows this batch in its
// partition, other than late ones. It is for readers that know; where the
// data tells, EventTime is the way. A batch without events may hold one: a
// heartbeat of a partition that has nothing to give. EventTime takes it for
// a watermark of the partition where the source's events have no times of
// their own.
func (b *Batch[T]) SetWatermark[_ lazily](wm Time) { b.part.promised = max(b.part.promised, wm) }

// Reject hands in a record that is no event, with its place and the reason.
// What becomes of it is for the pipeline to say: by default the run stops. The
// record is copied. It is for readers.
func (b *Batch[T]) Reject[_ lazily](record []byte, position int64, cause error) {
	b.part.rejects = append(b.part.rejects, Rejected{append([]byte(nil), record...), position, cause})
}

// A partition is what the runtime keeps for a reader.
type partition struct {
	index    int // in the run; seqs carry it
	local    int // in the task
	name     string
	source   string
	locator  Locator
	rejects  []Rejected
	count    uint64 // events read
	front    Time   // its watermark, as far as an operator of the stage has told
	promised Time   // its watermark, as the reader told
	beat     Time   // promised in this run
	timed    bool   // it has given events with event times
	done     bool

	asked   time.Duration // for how long Read has been waited for, by the run's clock
	nothing time.Time     // when Read last said ErrNothing; zero if it has given something since
	passed  int64         // the step in which Read said so
	resting bool          // it had ended in the run that the checkpoint is of, and has given nothing since
}

// seqBits are the bits of a seq that hold the place inside the partition.
const seqBits = 48

func (p *partition) seq() uint64 { return uint64(p.index+1) << seqBits }

// locate names the place that a seq stands for.
func (r *run) locate(seq uint64) string {
	i := int(seq>>seqBits) - 1
	if i < 0 || i >= len(r.partitions) {
		return ""
	}
	if r.partitions[i] == nil {
		return ""
	}
	return r.partitions[i].locate(int64(seq & (1<<seqBits - 1)))
}

func (p *partition) locate(position int64) string {
	if p.locator != nil {
		return p.locator.Locate(position)
	}
	return p.name + " event " + strconv.FormatInt(position, 10)
}

// A partitionWatcher is told when a partition of its stage has ended, has sent a
// heartbeat, or where the task heeds silence has been asked in vain: what a
// watermark has to take into account.
type partitionWatcher interface{ partitionChanged() error }

// From adds a source. It panics if a Divert option is not for Failures[[]byte].
func (p *Pipeline) From[T any](src Source[T], opts ...Option) Stream[T] {
	if p == nil {
		panic("stream: From of a nil Pipeline: make one with New")
	}
	given("From", "the Source", src)
	n := p.add("source", configure(opts))
	if d, ok := src.(fmt.Stringer); ok {
		n.detail = d.String()
	}
	out := newOutput[T](p, n)
	bindFailures[[]byte](p, n)
	n.source = func(r *run) ([]opened, error) { return open(r, n, src) }
	n.build = func(r *run) {
		for _, pl := range r.stageOf(n) {
			op := pl.instance(n)
			l := &reading[T]{op: op, task: pl.task, guard: newGuard[[]byte](op), out: out.connect(pl), last: minTime, turn: make(chan struct{}, 1)}
			l.values = make([]T, 0, r.batch)
			for _, part := range pl.task.parts {
				l.readers = append(l.readers, r.readers[part].(Reader[T]))
				l.waits = l.waits || waits(r.readers[part])
			}
			if !l.waits {
				pl.task.idle.patience = time.Duration(r.batch) * slowRead
			}
			pl.task.source = l
			pl.task.resumes = append(pl.task.resumes, l.promise) // downstream knew the watermark
			for _, reader := range l.readers {
				op.close(func() error { return l.close(reader) })
			}
		}
	}
	return Stream[T]{out}
}

// An openSource opens a source when a run begins.
type openSource func(*run) ([]opened, error)

// opened is a partition that has been opened.
type opened struct {
	part   *partition
	reader any // Reader[T]
	waits  bool
}

func open[T any](r *run, n *node, src Source[T]) ([]opened, error) {
	var readers []Reader[T]
	var all []opened
	err := guard0(func() (err error) {
		if r.resting && r.from != nil {
			readers = restedReaders[T](r, n)
		} else if readers, err = src.Open(&SourceContext{
			Context: r.stop, Name: n.name, Shards: r.shards, BatchSize: r.batch,
			Logger: r.logger.With("pipeline", r.p.name, "operator", n.name), Now: r.now, Offsets: r.offsets(n),
		}); err != nil {
			readers = nil
		}
		for _, reader := range readers {
			part := &partition{name: reader.Partition(), source: n.name, front: minTime, promised: minTime, beat: minTime}
			part.locator, _ = reader.(Locator)
			all = append(all, opened{part, reader, waits(reader)})
			err = errors.Join(err, acknowledges(reader))
		}
		return err
	})
	if err != nil {
		for _, reader := range readers {
			_ = guard0(reader.Close) // the error before matters more
		}
		return nil, &OperatorError{Operator: n.name, Err: err}
	}
	return all, nil
}

// waits reports whether a reader may wait for the outside world.
func waits(reader any) bool {
	w, ok := reader.(Waiter)
	return ok && w.Waits()
}

// A sourceLoop drives a stage that begins with a source.
type sourceLoop interface {
	step(wait bool) (done bool, err error)
	offsets() []checkpoint.Source // how far each partition has been read
	acknowledge(context.Context, []checkpoint.Source)
}

// reading reads the partitions of one task.
type reading[T any] struct {
	op      *instance
	task    *task
	guard   guard[[]byte]
	out     receiver[T]
	readers []Reader[T] // as task.parts
	batch   Batch[T]
	values  []T  // the memory that readers fill
	last    Time // watermark sent, as the readers promised it
	waits   bool // a reader may
	steps   int64
	horizon horizon

	turn   chan struct{} // capacity 1: who fills it may close readers or have them commit
	closed bool

	epoch  *epoch
	ctx    context.Context // of Read: ends when the task wants to be heard
	cancel context.CancelFunc
	wake   time.Time // when ctx ends for a ticker; zero if none waits
}

// step reads one batch and sends it through the stage.
func (l *reading[T]) step(wait bool) (done bool, err error) {
	t := l.task
	if t.rt.stop.Err() != nil {
		if err := l.lastBarrier(); err != nil {
			return false, err
		}
		return true, l.finish(false)
	}
	if err := l.barrier(); err != nil {
		return false, err
	}
	if len(t.tickers) > 0 {
		if err := t.tick(); err != nil {
			return false, err
		}
	}
	l.steps++
	part := l.choose()
	if part == nil {
		for _, p := range t.parts {
			if !p.done { // held back by a bound on drift
				if !wait {
					return false, t.quiet()
				}
				return false, l.pause()
			}
		}
		return true, l.finish(true)
	}
	for ; part != nil; part = l.choose() { // until one has something
		if err := l.read(part); err != nil || part.passed != l.steps {
			return false, err
		}
	}
	return false, nil
}

// barrier sends a barrier if a checkpoint is wanted.
func (l *reading[T]) barrier() error {
	c := l.task.rt.cut
	if c == nil {
		return nil
	}
	if l.epoch = c.epoch.Load(); l.epoch.id <= l.task.saved {
		return nil
	}
	return l.cut(l.epoch.id)
}

// cut is the barrier of a checkpoint: what has been read belongs to it.
func (l *reading[T]) cut(id int64) error {
	if err := l.control(control{kind: ctlBarrier, id: id}); err != nil {
		return err
	}
	return l.task.save(id)
}

// lastBarrier waits for the run's last checkpoint, and sends its barrier.
func (l *reading[T]) lastBarrier() error {
	if l.task.rt.cut == nil {
		return nil
	}
	for {
		if err := l.barrier(); err != nil {
			return err
		}
		if l.epoch.last {
			return nil
		}
		if err := l.task.quiet(); err != nil {
			return err
		}
		if err := l.task.waitFor(l.epoch.gone, &l.task.idle); err != nil {
			return err
		}
	}
}

func (l *reading[T]) offsets() []checkpoint.Source {
	l.op.enter()
	var all []checkpoint.Source
	for i, p := range l.task.parts {
		all = append(all, checkpoint.Source{
			Operator: p.source, Partition: p.name, Offset: l.readers[i].Offset(),
			Index: p.index, Count: p.count, Done: p.done, Watermark: int64(p.promised),
		})
	}
	return all
}

func (l *reading[T]) close(r Reader[T]) error {
	l.turn <- struct{}{}
	defer func() { <-l.turn }()
	l.closed = true
	return r.Close()
}

// offsets returns where the partitions of a source go on.
func (r *run) offsets(n *node) map[string]string {
	if r.from == nil {
		return nil
	}
	at := map[string]string{}
	for name, s := range r.from.sources[n.name] {
		at[name] = s.Offset
	}
	return at
}

// choose returns the partition that is furthest behind, or nil when all have
// ended, must wait, or have had nothing in this step.
func (l *reading[T]) choose() (next *partition) {
	for _, p := range l.task.parts {
		if !p.done && p.passed != l.steps && (next == nil || p.front < next.front) && l.open(p) {
			next = p
		}
	}
	return next
}

func (l *reading[T]) open(p *partition) bool {
	for _, gate := range l.task.gates {
		if !gate(p) {
			return false
		}
	}
	return true
}

func (l *reading[T]) read(part *partition) error {
	t, b := l.task, &l.batch
	b.header, b.values = b.emptied(), l.values[:0]
	b.part, b.seq = part, part.seq()
	known := part.promised
	err := l.ask(part, b)
	n := len(b.values)
	if len(b.times) == 0 {
		b.times = nil
	}
	if len(b.seqs) == 0 {
		b.seqs, b.seq = nil, part.seq()+part.count
	}
	part.count += uint64(n)
	if n > 0 || err != nil && !errors.Is(err, ErrNothing) || part.promised > known || len(part.rejects) > 0 {
		t.steps++
	}
	if n > 0 {
		part.resting = false
		part.timed = part.timed || b.times != nil
		l.op.out(n)
		b.born = t.rt.nanos()
		if b.times != nil && known > minTime {
			for i, at := range b.times {
				if at < known {
					b.late = append(b.late, lateMark{int32(i), known})
				}
			}
		}
		if err := l.out.push(b); err != nil {
			return err
		}
	}
	if err := l.rejects(part); err != nil {
		return err
	}
	if part.promised > known {
		part.front, part.beat = max(part.front, part.promised), part.promised
		if err := l.changed(); err != nil {
			return err
		}
		if err := l.promise(); err != nil {
			return err
		}
	} else if t.heeds {
		if err := l.changed(); err != nil {
			return err
		}
	}
	switch {
	case err == nil || errors.Is(err, ErrNothing):
	case err == io.EOF: // not errors.Is: an end inside of something else is a failure
		part.done = true
		if err := l.changed(); err != nil {
			return err
		}
	case t.rt.ctx.Err() == nil && ends(l.ctx, err): // only to be heard, or to stop
		l.ctx = nil
		return t.quiet()
	case t.rt.ctx.Err() != nil:
		return errStopped
	default:
		return &OperatorError{Operator: l.op.node.name, Position: part.name, Err: err}
	}
	// A full batch says that there is more to read, and more is cheaper to send
	// on together. But where the next Read may wait, it would hold all up.
	if n < cap(l.values) || l.waits {
		return t.quiet()
	}
	return nil
}

// ends reports whether err says that ctx has ended.
func ends(ctx context.Context, err error) bool {
	return ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx)))
}

// rejects deals with the records that the reader could not make events of.
func (l *reading[T]) rejects(part *partition) error {
	if len(part.rejects) == 0 {
		return nil
	}
	for _, r := range part.rejects {
		if err := l.guard.reject(r.Record, minTime, part.locate(r.Position), r.Err); err != nil {
			return err
		}
	}
	part.rejects = part.rejects[:0]
	return l.guard.settle()
}

// promise passes on the watermark that the readers know of.
func (l *reading[T]) promise() error {
	low := maxTime
	for _, p := range l.task.parts {
		if !p.done && !p.resting {
			low = min(low, p.promised)
		}
	}
	if low <= l.last || low == maxTime {
		return nil
	}
	l.last = low
	if l.horizon.passed(l.task.rt, low) {
		l.op.warnAhead("", low)
	}
	return l.control(control{kind: ctlWatermark, watermark: low})
}

// changed tells the stage that something has become of a partition.
func (l *reading[T]) changed() error {
	for _, w := range l.task.watchers {
		if err := w.partitionChanged(); err != nil {
			return err
		}
	}
	if l.last > minTime {
		return l.promise()
	}
	return nil
}

func (l *reading[T]) control(c control) error {
	if c.kind == ctlWatermark {
		l.op.advance(c.watermark)
	}
	if err := l.guard.control(c); err != nil {
		return err
	}
	return l.out.control(c)
}

// finish ends the stream; whole says that the source was read to its end.
func (l *reading[T]) finish(whole bool) error {
	if l.cancel != nil {
		l.cancel()
	}
	if whole {
		if err := l.control(control{kind: ctlWatermark, watermark: maxTime}); err != nil {
			return err
		}
	}
	if err := l.control(control{kind: ctlEnd}); err != nil {
		return err
	}
	return l.task.quiet()
}

// readContext returns the context for Read. It ends when the source has to
// stop, and when a ticker of the stage is due.
func (l *reading[T]) readContext() context.Context {
	at, ok := l.task.nextDue()
	if l.ctx != nil && at.Equal(l.wake) && l.ctx.Err() == nil {
		return l.ctx
	}
	until := l.task.rt.stop
	if l.epoch != nil {
		until = l.epoch.ctx
	}
	if l.cancel != nil {
		l.cancel()
	}
	if l.wake = at; ok {
		// The timeout is of the real clock, and the ticker's time of the run's.
		l.ctx, l.cancel = context.WithTimeout(until, at.Sub(l.task.rt.now()))
	} else {
		l.ctx, l.cancel = context.WithCancel(until)
	}
	return l.ctx
}

// pause waits until a bound on drift may have moved.
func (l *reading[T]) pause() error {
	if err := l.task.quiet(); err != nil {
		return err
	}
	moved := l.task.rt.drifted()
	if l.choose() != nil {
		return nil
	}
	ctx := l.readContext()
	l.task.idle.begin(l.task.rt)
	defer l.task.idle.end(l.task.rt)
	select {
	case <-moved:
	case <-ctx.Done(): // to stop, or to be heard
		l.ctx = nil
	}
	return nil
}

// NewBatch returns an empty batch for a reader to fill, as Run would hand it.
// It is for tests of readers.
func NewBatch[T any](room int) *Batch[T] {
	part := &partition{name: "test", front: minTime, promised: minTime}
	return &Batch[T]{header: header{part: part, seq: part.seq()}, values: make([]T, 0, room)}
}

// A Rejected is a record that a reader handed to Reject.
type Rejected struct {
	Record   []byte
	Position int64
	Err      error
}

// Rejected returns the records handed to Reject. It is for tests of readers.
func (b *Batch[T]) Rejected[_ lazily]() []Rejected { return b.part.rejects }

// Position returns what Mark noted for a row. It is for tests of readers.
func (b *Batch[T]) Position[_ lazily](row int) int64 { return int64(b.seqOf(row) & (1<<seqBits - 1)) }
