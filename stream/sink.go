package stream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"

	"github.com/freshet-go/freshet/internal/engine"
)

// A Sink is where events go to. The value is a description: nothing is opened
// before Run calls Open.
type Sink[T any] interface {
	// Open returns the writer of one instance. It is called once for each, and for
	// several at once.
	Open(c *SinkContext) (Writer[T], error)
}

// A SinkContext is what a sink may know of the run.
type SinkContext struct {
	Context  context.Context // ends when the run is over or has failed
	Pipeline string          // the pipeline's name
	Name     string          // the operator's name
	Instance int             // which of Count instances this is
	Count    int
	Logger   *slog.Logger

	// Hide returns an error as the run may show it, see Redact. It is for a sink that shows errors elsewhere than in what its methods return and in
	// Logger, where they are hidden anyway. Any goroutine may call it, also after the run has ended. It is nil where a test opens a sink by itself: errors are
	// shown as they are then.
	Hide func(error) error

	// Transactional says that the run has checkpoints, or is a batch of package spark, and that the sink is a
	// TransactionalSink: what is written appears when it is committed.
	Transactional bool
	// Diverts says that failures of the operator go to a stream: what the writers
	// of a TransactionalSink prepare should hold the values, for Refusal.
	Diverts bool
	// Checkpoint asks for a checkpoint before the next one is due, as what is
	// waiting to be committed gets large. It does not wait for it, and may be
	// called by any goroutine.
	Checkpoint func()
}

// A Writer writes the events of one instance. It is used by one goroutine,
// but writers of several instances may be at work at once.
type Writer[T any] interface {
	// Write takes the events of b, in their order. It must not keep b. Where
	// the fault is one event's, it returns a *RowError that names its row: the
	// events before it have been written then, and if the operator's options
	// let the run go on, Write is called again with those after it.
	Write(ctx context.Context, b *Batch[T]) error
	// Flush returns when all that was written is where it should be.
	Flush(ctx context.Context) error
	// Close frees what the writer holds. Flush has been called before,
	// unless the run failed.
	Close() error
}

// A RowError says that a writer could not write one event of a batch.
type RowError struct {
	Row int // as Batch.All has it: one of those that the writer was given
	Err error
}

func (e *RowError) Error() string { return e.Err.Error() }
func (e *RowError) Unwrap() error { return e.Err }

// A WatermarkWriter is a Writer that wants to know the watermark: to close
// files by event time, say.
type WatermarkWriter interface {
	Advance(ctx context.Context, wm Time) error
}

// To ends a stream in a sink. SkipFailures and Divert are about events that
// the sink cannot write, where the sink tells which: see RowError.
func (s Stream[T]) To[_ lazily](sink Sink[T], opts ...Option) {
	started(s.out != nil, "To", "Stream")
	p := s.out.p
	n := p.addSink(sink, opts, &s.out.flow)
	bindFailures[T](p, n)
	if tx, ok := sink.(TransactionalSink[T]); ok {
		n.Committer, n.Commits, n.BatchCommits = openCommitter(n, tx.OpenCommitter), localCommitsOf(tx), batchCommitsOf(tx)
		n.Diverts = func() bool { return configOf(n).divert != nil && configOf(n).divert.used(reflect.TypeFor[T]()) }
	}
	s.out.consumers = append(s.out.consumers, func(pl *engine.Place) receiver[T] {
		op := pl.Instance(n)
		w := &writing[T]{guard: newGuard[T](op)}
		w.op.OnStart(func() (err error) {
			c := sinkContext(pl.ForSink(n), n)
			c.Instance, c.Count = op.Index(), op.Count()
			if w.writer, err = sink.Open(c); err == nil && w.writer == nil {
				return errors.New("its Open has returned a nil Writer and no error")
			}
			if err == nil {
				w.tail, err = tailOf(op, w.writer, c)
			}
			return err
		})
		return w
	})
}

// writing is an instance of a sink.
type writing[T any] struct {
	guard[T]
	writer Writer[T]
	tail   writerTail
	rest   Batch[T] // what is left to write
	rows   []int32
}

// refused passes on the rows that were refused when they were committed.
func (w *writing[T]) refused[_ lazily]() error {
	rows := w.op.Refusals()
	if len(rows) == 0 {
		return nil
	}
	for _, r := range rows {
		v, _ := r.Value.(T)
		if err := w.reject(v, r.Time, "", r.Err); err != nil {
			return err
		}
	}
	return w.settle()
}

func (w *writing[T]) push(b *Batch[T]) error {
	n := b.Len()
	if n == 0 {
		return nil
	}
	w.op.In(n)
	if b.head.born != 0 {
		w.op.Took(b.head.born, n)
	}
	for b != nil {
		err := w.write(b)
		if err == nil {
			break
		}
		row, cause, err := rowRefused(&b.head, len(b.values), err)
		if err != nil {
			return w.op.Failure(err)
		}
		if err := w.failed(b, row, cause); err != nil {
			return err
		}
		b = w.after(b, row)
	}
	return w.settle()
}

// rowRefused returns the row that the error of a writer names, and why it could not be written. It returns an error if that names none, or one that the
// writer was not given in this call: each row that it names is left out, so to take another would go on for ever.
func rowRefused(h *header, n int, failure error) (row int, cause, err error) {
	e, ok := errors.AsType[*RowError](failure)
	if !ok {
		return 0, nil, failure
	}
	given := e.Row >= 0 && e.Row < n
	if given && h.narrow {
		_, given = slices.BinarySearch(h.rows, int32(e.Row))
	}
	if cause = e.Err; cause == nil {
		cause = errors.New("its writer has returned a RowError that has no Err")
	}
	if !given {
		return 0, nil, fmt.Errorf("its writer named row %d, which is not among those that it was given: %w", e.Row, cause)
	}
	return e.Row, cause, nil
}

func (w *writing[T]) write[_ lazily](b *Batch[T]) (err error) {
	if w.op.Halted() {
		return engine.ErrStopped
	}
	w.op.Enter()
	ctx := w.op.Ctx()
	if w.op.Follows() {
		var end func(error)
		ctx, end = w.op.Goes(b.head.born, engine.Writing, b.Len())
		defer func() { end(err) }()
	}
	defer engine.Rescue(&err)
	return said(w.op, w.writer.Write(ctx, b))
}

// after returns the events of b behind a row, or nil if there are none.
func (w *writing[T]) after[_ lazily](b *Batch[T], row int) *Batch[T] {
	rows := w.rows[:0]
	for k := range b.Len() {
		if i := b.head.at(k); i > row {
			rows = append(rows, int32(i))
		}
	}
	w.rows = rows
	w.rest = *b
	w.rest.head.rows, w.rest.head.narrow = rows, true
	if len(rows) == 0 {
		return nil
	}
	return &w.rest
}

func (w *writing[T]) Control(c engine.Control) error {
	if err := w.refused(); err != nil { // in front of a barrier: they are in what its checkpoint holds
		return err
	}
	if err := w.tail.Control(w.op, c); err != nil {
		return w.op.Failure(err)
	}
	return w.op.Pass(c, nobody{})
}

// nobody is behind a sink.
type nobody struct{}

func (nobody) Control(engine.Control) error { return nil }

// A writerTail is what a Writer has but for Write, which alone names the type
// of events.
type writerTail struct {
	writer   flushCloser
	advancer WatermarkWriter // the writer, if it wants to know the watermark
}

type flushCloser interface {
	Flush(ctx context.Context) error
	Close() error
}

// tailOf takes in what a sink has opened.
func tailOf(i *engine.Instance, w flushCloser, c *SinkContext) (writerTail, error) {
	i.OnClose(w.Close)
	if c.Transactional {
		prep, ok := w.(Preparer)
		if !ok {
			return writerTail{}, fmt.Errorf("%T of a transactional sink is no Preparer", w)
		}
		i.Prepare(prep)
	}
	advancer, _ := w.(WatermarkWriter)
	return writerTail{w, advancer}, nil
}

// said is what a writer has returned. Once the run has to end at once, it says
// that its context has ended.
func said(i *engine.Instance, err error) error {
	if err != nil && i.Halted() {
		return engine.ErrStopped
	}
	return err
}

// Control tells the writer of a control, unless the run has to end at once.
func (o *writerTail) Control(op *engine.Instance, c engine.Control) (err error) {
	if op.Halted() {
		return engine.ErrStopped
	}
	op.Enter()
	defer engine.Rescue(&err)
	switch c.Kind {
	case engine.Watermark:
		op.Advance(c.Watermark)
		if o.advancer != nil {
			return said(op, o.advancer.Advance(op.Ctx(), c.Watermark))
		}
	case engine.End, engine.Barrier:
		return said(op, o.writer.Flush(op.Ctx()))
	}
	return nil
}
