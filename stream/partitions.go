package stream

import (
	"context"
	"errors"
	"fmt"

	"github.com/freshet-go/freshet/internal/engine"
)

// Discover says that the partitions of a source come and go while the run
// lasts: log files that are rotated, partitions that a broker hands out, chunks of
// a table. A source calls it in Open, once. The readers that Open returns are the
// partitions that are there already, if any.
//
// When the run begins, watch is called in a goroutine of its own. It tells what
// has changed, by the methods of Partitions, until ctx ends, which is when the run is to stop.
// The run ends once watch has returned nil and all partitions have ended. An
// error or a panic of watch ends the run, but for one that it returns after ctx
// has ended.
//
// The readers of such a source share the tasks that read it, one a shard, however
// many there are. They must not be Waiters that wait: Read returns ErrNothing where there
// is nothing at the moment, and is not called again before the source calls Ready.
//
// A partition that has no event time yet holds the watermark back from when Add
// has returned, as one does that is there from the beginning. A source without partitions holds nothing back. What
// a new partition gives is late where the stream has gone on before.
//
// Partitions of an earlier run keep their offsets: SourceContext has them, and
// checkpoints keep them until the source adds the partition, or removes it.
func Discover[T any](c *SourceContext, watch func(ctx context.Context, parts *Partitions[T]) error) {
	given("Discover", "the function watch", watch)
	if c.watch != nil {
		panic("stream: Discover is called twice by one Open")
	}
	c.watch = watch
}

// watching returns what a source has given to Discover, or nil.
func watching[T any](c *SourceContext) (func(context.Context, *engine.Assignment) error, error) {
	if c.watch == nil {
		return nil, nil
	}
	watch, ok := c.watch.(func(context.Context, *Partitions[T]) error)
	if !ok {
		return nil, fmt.Errorf("a source of %T has given Discover a %T", *new(T), c.watch)
	}
	return func(ctx context.Context, a *engine.Assignment) error {
		return watch(ctx, &Partitions[T]{source: c.Name, a: a})
	}, nil
}

// Partitions are those of a source that come and go. Its methods may be called
// by any goroutine, until the function has returned that Discover was given.
type Partitions[T any] struct {
	source  string
	a       *engine.Assignment
	watcher *Watcher[T] // of a test driver, in the place of a
}

// Add hands a reader over to be read from now on. It returns when its task knows of it,
// and waits while a checkpoint is gathered. With an error the reader is not read, and is the caller's to close.
// A name that the source has already is an error, but for one that was removed:
// Add waits until that is let go.
func (p *Partitions[T]) Add[_ lazily](ctx context.Context, r Reader[T]) error {
	if r == nil {
		return errors.New("stream: Partitions.Add: the Reader is nil")
	}
	part, err := partitionOf(p.source, r)
	if err != nil {
		return err
	}
	if p.watcher != nil {
		return p.watcher.Add(r)
	}
	return p.a.Add(ctx, part)
}

// Remove takes a partition away, which is read no more then, whether or not it has ended. What was
// read of it counts. Its offset is in the next checkpoint, and in none after that.
// Its reader is closed when that checkpoint is durable and Commit has been called, which is
// when somebody else may go on with the partition; without checkpoints, when the sinks have flushed, or at once if the reader is no Acknowledger.
// Remove does not wait for that, but while a checkpoint is gathered and until the task knows of it, and has a checkpoint taken soon. A partition that has ended costs
// a little until it is removed: in memory, in checkpoints, and each time that the task has nothing to read. A run has room for 65,534. A name that the source does not have is
// forgotten: an earlier run may have had it.
func (p *Partitions[T]) Remove[_ lazily](ctx context.Context, partition string) error {
	if p.watcher != nil {
		return p.watcher.Remove(partition)
	}
	return p.a.Remove(ctx, partition)
}

// Ready says that there may be something to read: of the partitions named, or of
// all. It does not wait. What is read already is not affected.
func (p *Partitions[T]) Ready[_ lazily](partitions ...string) {
	if p.watcher != nil {
		p.watcher.Ready(partitions...)
		return
	}
	p.a.Ready(partitions...)
}
