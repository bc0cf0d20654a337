package fluentsink

import (
	"context"
	"errors"
	"time"
	"unsafe"

	"github.com/freshet-go/freshet/stream"
)

// A writer forwards the events of one instance.
type writer[T any] struct {
	*forwarding[T]
	link link
	open map[string]*chunk // by tag; empty between two batches
	tags []string          // those of open, in the order of their first events
}

// Write makes chunks of b and sends them. It waits for acknowledgements only where too many are
// under way.
func (w *writer[T]) Write(ctx context.Context, b *stream.Batch[T]) error {
	for row, v := range b.All() {
		if ctx.Err() != nil { // StopTimeout has passed, and no function of the caller's is called any more
			w.link.abandon()
			return context.Cause(ctx)
		}
		at := time.Time{}
		if b.Timed() {
			at = b.Time(row).Std()
		}
		full, err := w.add(&v, at)
		if err != nil {
			if e := w.seal(ctx); e != nil {
				return e
			}
			return &stream.RowError{Row: row, Err: err}
		}
		if full != nil {
			if err := w.send(ctx, full); err != nil {
				return err
			}
		}
	}
	return w.seal(ctx)
}

var errNoTag = errors.New("its tag is empty, and New has none for such events")

// add puts an event into the chunk of its tag, and returns the chunk if it is full.
func (w *writer[T]) add(v *T, at time.Time) (full *chunk, err error) {
	p := unsafe.Pointer(v)
	tag := w.tag
	if w.plan.tag != none {
		if own := *(*string)(unsafe.Add(p, w.plan.tag)); own != "" {
			tag = own
		}
	}
	if tag == "" {
		return nil, errNoTag // a server would refuse the chunk again and again
	}
	c, ok := w.open[tag]
	if !ok {
		c = &chunk{tag: tag}
		w.open[tag] = c
		w.tags = append(w.tags, tag)
	}
	before := len(c.entries)
	c.entries, err = w.plan.append(c.entries, p, at)
	if err != nil {
		c.entries = c.entries[:before]
		return nil, err
	}
	c.events++
	if len(c.entries) < w.bytes {
		return nil, nil
	}
	w.open[tag] = &chunk{tag: tag}
	if before == 0 || len(c.entries) == w.bytes {
		return c, nil
	}
	w.open[tag].entries = append([]byte{}, c.entries[before:]...)
	w.open[tag].events = 1
	c.entries = c.entries[:before]
	c.events--
	return c, nil
}

// seal sends what is open.
func (w *writer[T]) seal(ctx context.Context) error {
	for _, tag := range w.tags {
		c := w.open[tag]
		delete(w.open, tag)
		if c.events > 0 {
			if err := w.send(ctx, c); err != nil {
				return err
			}
		}
	}
	w.tags = w.tags[:0]
	return nil
}

func (w *writer[T]) send(ctx context.Context, c *chunk) error {
	return w.failed(w.link.send(ctx, c))
}

// Flush waits until all is acknowledged.
func (w *writer[T]) Flush(ctx context.Context) error { return w.failed(w.link.drive(ctx, 0)) }

// Close hangs up.
func (w *writer[T]) Close() error {
	w.link.hangUp()
	return nil
}
