package stream

import (
	"context"
	"log/slog"
)

// A Sink is where events go to. The value is a description: nothing is opened
// before Run calls Open.
type Sink[T any] interface {
	// Open returns the writer of one instance. It is called once for each.
	Open(c *SinkContext) (Writer[T], error)
}

// A SinkContext is what a sink may know of the run.
type SinkContext struct {
	Context  context.Context // ends when the run is over or has failed
	Name     string          // the operator's name
	Instance int             // which of Count instances this is
	Count    int
	Logger   *slog.Logger
}

// A Writer writes the events of one instance. It is used by one goroutine,
// but writers of several instances may be at work at once.
type Writer[T any] interface {
	// Write takes the events of b, in their order. It must not keep b.
	Write(ctx context.Context, b *Batch[T]) error
	// Flush returns when all that was written is where it should be.
	Flush(ctx context.Context) error
	// Close frees what the writer holds. Flush has been called before,
	// unless the run failed.
	Close() error
}

// A WatermarkWriter is a Writer that wants to know the watermark: to close
// files by event time, say.
type WatermarkWriter interface {
	Advance(ctx context.Context, wm Time) error
}

// To ends a stream in a sink.
func (s Stream[T]) To(sink Sink[T], opts ...Option) {
	p := s.out.p
	n := p.add("sink", configure(opts), s.out.node)
	bindFailures[T](p, n)
	s.out.consumers = append(s.out.consumers, func(pl *place) receiver[T] {
		w := &writing[T]{op: pl.instance(n)}
		w.op.start(func() error {
			var err error
			w.writer, err = sink.Open(&SinkContext{
				Context: pl.rt.ctx, Name: n.name, Instance: pl.index, Count: pl.count, Logger: w.op.logger(),
			})
			if err == nil {
				w.advancer, _ = w.writer.(WatermarkWriter)
				w.op.close(w.writer.Close)
			}
			return err
		})
		return w
	})
}

// writing is an instance of a sink.
type writing[T any] struct {
	op       *instance
	writer   Writer[T]
	advancer WatermarkWriter
}

func (w *writing[T]) push(b *Batch[T]) error {
	n := b.Len()
	if n == 0 {
		return nil
	}
	w.op.in(n)
	if b.born != 0 {
		w.op.stats.latency.record(w.op.place.rt.nanos()-b.born, n)
	}
	return w.guarded(func() error { return w.writer.Write(w.op.ctx(), b) })
}

func (w *writing[T]) control(c control) error {
	switch c.kind {
	case ctlWatermark:
		w.op.advance(c.watermark)
		if w.advancer != nil {
			return w.guarded(func() error { return w.advancer.Advance(w.op.ctx(), c.watermark) })
		}
	case ctlEnd:
		return w.guarded(func() error { return w.writer.Flush(w.op.ctx()) })
	}
	return nil
}

func (w *writing[T]) guarded(f func() error) error {
	err := func() (err error) {
		defer rescue(&err)
		return f()
	}()
	if err != nil {
		return w.op.failure(err)
	}
	return nil
}
