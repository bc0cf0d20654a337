package sourcetest

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/freshet-go/freshet/stream"
)

// An opened source, and the partitions that it has come to have.
type opened[T any] struct {
	t    *testing.T
	stop func() // ends what it has given to Discover

	mu      sync.Mutex
	readers []stream.Reader[T]
	added   func(stream.Reader[T])   // has a new one be read, while others are
	ready   map[string]chan struct{} // of partitions, where they come and go
	watched chan struct{}            // closed when none comes any more
}

func open[T any](t *testing.T, src stream.Source[T], offsets map[string]string) *opened[T] {
	t.Helper()
	c := sourceContext(t, offsets)
	readers, err := src.Open(c)
	if err != nil {
		t.Fatalf("Open with offsets %q: %v", offsets, err)
	}
	o := &opened[T]{t: t, readers: readers, stop: func() {}, watched: make(chan struct{})}
	watch := stream.Watched[T](c)
	if watch == nil {
		close(o.watched)
		return o
	}
	o.ready = make(map[string]chan struct{})
	for _, r := range readers {
		o.ready[r.Partition()] = make(chan struct{}, 1)
	}
	ctx, cancel := context.WithCancel(context.Background())
	o.stop = func() {
		cancel()
		<-o.watched
	}
	go func() {
		defer close(o.watched)
		if err := watch(ctx, stream.Watcher[T]{Add: o.add, Remove: o.remove, Ready: o.stir}); err != nil && ctx.Err() == nil {
			t.Errorf("the function given to Discover: %v", err)
		}
	}()
	return o
}

func (o *opened[T]) add(r stream.Reader[T]) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ready[r.Partition()] != nil {
		return errors.New("there is a partition of that name")
	}
	o.ready[r.Partition()] = make(chan struct{}, 1)
	o.readers = append(o.readers, r)
	if o.added != nil {
		o.added(r)
	}
	return nil
}

// remove leaves the reader to be closed at the end: it may be being read.
func (o *opened[T]) remove(string) error { return nil }

func (o *opened[T]) stir(partitions ...string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(partitions) == 0 {
		for name := range o.ready {
			partitions = append(partitions, name)
		}
	}
	for _, name := range partitions {
		select {
		case o.ready[name] <- struct{}{}:
		default: // it is to be read already, or there is none of that name
		}
	}
}

// nothing waits until a partition that had nothing may have something. It reports false
// if ctx has ended before.
func (o *opened[T]) nothing(ctx context.Context, partition string) bool {
	o.mu.Lock()
	ready := o.ready[partition]
	o.mu.Unlock()
	if ready == nil {
		o.t.Errorf("%s: Read returns ErrNothing, and the source has not called Discover", partition)
		return false
	}
	select {
	case <-ready:
		return true
	case <-ctx.Done():
		return false
	}
}

// all returns the readers that there are, and has added be called with those that follow.
func (o *opened[T]) all(added func(stream.Reader[T])) []stream.Reader[T] {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.added = added
	return append([]stream.Reader[T](nil), o.readers...)
}

func (o *opened[T]) close() {
	o.t.Helper()
	o.stop()
	for _, r := range o.readers {
		if err := r.Close(); err != nil {
			o.t.Errorf("%s: Close: %v", r.Partition(), err)
		}
	}
}

func (o *opened[T]) offsets() map[string]string {
	o.written()
	offsets := make(map[string]string)
	for _, r := range o.all(nil) {
		offsets[r.Partition()] = r.Offset()
	}
	return offsets
}
