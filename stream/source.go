package stream

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"time"

	"github.com/freshet-go/freshet/internal/engine"
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

	// Checkpointed says that the run takes checkpoints, and that Commit of readers that are
	// an Acknowledger is called each time one is durable. In a run without
	// Checkpoints it is called when all sinks have flushed what was read: once a
	// second, at the end, and when Checkpoint asks for it.
	Checkpointed bool
	// Checkpoint asks for a checkpoint before the next one is due, as somebody waits for
	// what was read to be acknowledged. It does not wait for it, and may be called by
	// any goroutine. It is nil where a test opens a source by itself.
	Checkpoint func()

	// Fixed says that another engine has handed out the partitions that Open returns, and that this process reads some of them: it closes the
	// readers of the others before the function is called that Discover was given. Partitions that come later are read by nobody, and Add and Remove are errors.
	Fixed bool
	// Begins has, with Fixed, what Offset of each reader was when the partitions were handed out. Where there are no Offsets, a source goes by it that begins where
	// it finds the end, or that parts what it finds: processes open it at different times, and anew after a failure.
	Begins map[string]string

	watch any // func(context.Context, *Partitions[T]) error, see Discover
}

// A Reader reads one partition of a source: events whose order means
// something, with a watermark of their own.
//
// A Reader may also be a Waiter, a Locator, a KeyRevealer, an Acknowledger and a Drainer.
type Reader[T any] interface {
	// Partition names the partition: unique in the source, the same in every
	// run. In a run with Checkpoints it has to be UTF-8, as Offset has to.
	Partition() string
	// Read blocks until it has at least one event or rejected record, and puts
	// in Room of them at most. It returns
	//   - nil: there may be more;
	//   - io.EOF, unwrapped: the partition has ended;
	//   - ctx.Err(): it was interrupted. Run does this to take a checkpoint or to
	//     fire a timer, and then calls Read again with a new context, so an
	//     interrupted Read must not lose what it has consumed;
	//   - ErrNothing: there is nothing for now, see there.
	//
	// What was put in counts in all cases. Any other error ends the run.
	Read(ctx context.Context, in *Intake[T]) error
	// Offset returns where a later run would go on, in the source's terms. What
	// stands behind a zero byte, if there is one, is for the reader alone: statistics,
	// logs and checkpoint.Inspect show what stands before it.
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

// A KeyRevealer is a Reader whose places and offsets have keys of records in them, which may say who somebody is. A run with Redact does
// not show them where RevealsKeys returns true: a place is "partition event 7", and an offset what Redact's function makes of it.
type KeyRevealer interface{ RevealsKeys() bool }

// A Drainer is a Reader that holds what others have sent and will not send again, such as
// lines of a network without acknowledgements. When the run is told to stop, Run calls Drain once, and
// then Read until that returns io.EOF. What Read gives then is in the results and in the
// last checkpoint, and the partition goes on in a later run all the same.
//
// Drain does not wait. From then on the reader takes in nothing more, and Read gives what is there. All of this has to be over
// within StopTimeout, and the last checkpoint behind it, to which CheckpointTimeout does not apply; a run that fails, or is killed, drains nothing. Drain and Read are called one after the
// other.
type Drainer interface{ Drain() }

// ErrNothing is what Read may return when there is nothing at the moment and
// it does not wait for something by itself. It is for readers of a source that
// calls Discover, which are read again once the source says Ready; and of a test
// driver, which is not to be held up. Run would call any other reader again and again.
var ErrNothing = engine.ErrNothing

// From adds a source. It panics if a Divert option is not for Failures[[]byte], or TraceParent not for T.
func (p *Pipeline) From[T any](src Source[T], opts ...Option) Stream[T] {
	if p == nil {
		panic("stream: From of a nil Pipeline: make one with New")
	}
	n := p.addSource(src, opts)
	out := newOutput[T](p, n)
	bindFailures[[]byte](p, n)
	mustTraceParent(n, reflect.TypeFor[T]())
	parents, _ := configOf(n).parent.(func([]T) ([]string, error))
	n.Source = func(r *engine.Run) (engine.Opened, error) { return open(r, n, src) }
	n.Build = func(r *engine.Run) {
		for _, pl := range r.Stage(n) {
			if pl.Hollow() {
				continue
			}
			op := pl.Instance(n)
			e := &sourceEntry[T]{guard: newGuard[[]byte](op), out: out.connect(pl), parents: parents}
			e.values = make([]T, 0, op.BatchSize())
			op.Read(e)
		}
	}
	return Stream[T]{out}
}

// waits reports whether a reader may wait for the outside world.
func waits(reader any) bool {
	w, ok := reader.(Waiter)
	return ok && w.Waits()
}

// A sourceEntry is where the events of a task's partitions enter the pipeline.
type sourceEntry[T any] struct {
	guard[[]byte]
	out     receiver[T]
	in      Intake[T]
	values  []T                         // the memory that readers fill
	parents func([]T) ([]string, error) // see TraceParent; nil if nothing tells
}

// Fill has the reader of a partition fill the batch.
func (e *sourceEntry[T]) Fill(ctx context.Context, part *engine.Partition) (events, rejected int, err error) {
	b := &e.in.b
	b.head, b.values = b.head.emptied(), e.values[:0]
	b.head.part, b.head.seq = part, part.Seq()
	err = part.Reader.(Reader[T]).Read(ctx, &e.in)
	if wrong := b.head.whole(len(b.values)); wrong != nil {
		return 0, 0, wrong
	}
	if len(b.head.times) == 0 {
		b.head.times = nil
	}
	if len(b.head.seqs) == 0 {
		b.head.seqs, b.head.seq = nil, part.Seq()+part.Count
	}
	return len(b.values), len(b.head.rejects), err
}

// Pass sends the batch through the stage. Events before a watermark that had
// been promised are late.
func (e *sourceEntry[T]) Pass(part *engine.Partition, promised Time) error {
	b := &e.in.b
	if n := len(b.values); n > 0 {
		part.Timed = part.Timed || b.head.times != nil
		e.op.Out(n)
		b.head.born = e.op.Nanos()
		if b.head.times != nil && promised > engine.MinTime {
			for i, at := range b.head.times {
				if at < promised {
					b.head.late = append(b.head.late, lateMark{int32(i), promised})
				}
			}
		}
		if err := e.send(part, b); err != nil {
			return err
		}
	}
	return e.rejects(part, b.head.rejects)
}

// send sends a batch through the stage. Observers may be told of it.
func (e *sourceEntry[T]) send[_ lazily](part *engine.Partition, b *Batch[T]) error {
	if !e.op.Follows() {
		return e.out.push(b)
	}
	born, due := e.op.Due(b.head.born)
	b.head.born = born
	if !due {
		return e.out.push(b)
	}
	var parents []string
	if e.parents != nil {
		var err error
		if parents, err = e.parents(b.values); err != nil {
			return e.op.Failure(fmt.Errorf("TraceParent: %w", err))
		}
	}
	a := &engine.Activity{
		Kind: engine.Batching, Partition: part.Name, Position: e.op.Position(b.head.seqOf(0), b.Time(0)),
		Events: len(b.values), Parents: parents,
	}
	var end func(error)
	b.head.born, end = e.op.Begin(born, a)
	err := e.out.push(b)
	end(err)
	return err
}

// rejects deals with the records that the reader could not make events of.
func (e *sourceEntry[T]) rejects[_ lazily](part *engine.Partition, rejects []Rejected) error {
	if len(rejects) == 0 {
		return nil
	}
	from := header{part: part}
	for _, r := range rejects {
		if err := e.rejectOf(r.Record, engine.MinTime, &from, -1, part.At(r.Position), r.Err); err != nil {
			return err
		}
	}
	return e.settle()
}

func (e *sourceEntry[T]) Control(c engine.Control) error {
	return e.op.Pass(c, e.out)
}
