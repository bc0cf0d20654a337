package engine

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// A topic is a partition of numbers that outlives runs. A reader goes on from an
// offset, and waits for more until the topic ends.
type topic struct {
	name    string
	waits   bool          // a read waits for more, else it says that there is nothing
	slow    time.Duration // how long a read takes that gives something
	idle    bool          // where there is nothing, a reader says that it is not waited for
	mu      sync.Mutex
	all     []int
	ended   bool
	more    chan struct{} // closed when something has become of it
	fails   error         // what the next read returns
	open    int           // readers
	shuts   error         // what closing one returns
	durable []string      // offsets that were acknowledged
	denies  func(ctx context.Context) error
	digits  int // that an offset has at least
}

func newTopic(name string, all ...int) *topic {
	return &topic{name: name, waits: true, all: all, more: make(chan struct{})}
}

// change changes the topic, and wakes whoever waits for it.
func (t *topic) change(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f()
	close(t.more)
	t.more = make(chan struct{})
}

func (t *topic) put(all ...int) { t.change(func() { t.all = append(t.all, all...) }) }
func (t *topic) end() *topic    { t.change(func() { t.ended = true }); return t }
func (t *topic) fail(err error) { t.change(func() { t.fails = err }) }

// acknowledged are the offsets that were acknowledged, and how many readers are open.
func (t *topic) acknowledged() (offsets []string, open int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.durable), t.open
}

type topicReader struct {
	*topic
	at int
}

func (t *topic) reader(at int) *topicReader {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open++
	return &topicReader{t, at}
}

func (r *topicReader) Partition() string { return r.name }
func (r *topicReader) Offset() string    { return fmt.Sprintf("%0*d", r.digits, r.at) }

func (r *topicReader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open--
	return r.shuts
}

func (r *topicReader) Commit(ctx context.Context, offset string) error {
	if r.denies != nil {
		if err := r.denies(ctx); err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.durable = append(r.durable, offset)
	return nil
}

func (r *topicReader) read(ctx context.Context, n int) (got []int, err error) {
	for {
		r.mu.Lock()
		fails, more, ended := r.fails, r.more, r.ended
		r.fails = nil
		if r.at < len(r.all) && fails == nil {
			got = slices.Clone(r.all[r.at:min(r.at+n, len(r.all))])
			r.at += len(got)
		}
		r.mu.Unlock()
		switch {
		case fails != nil || len(got) > 0:
			time.Sleep(r.slow)
			return got, fails
		case ended:
			return nil, io.EOF
		case !r.waits:
			return nil, ErrNothing
		}
		select {
		case <-more:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// A deafReader is not told what is safe.
type deafReader struct{ reader }

// A topicEntry reads topics. The time of a number is the number, and a negative
// one is a record that is no event.
type topicEntry struct {
	op    *Instance
	batch ints
	next  intLink

	passes int             // how often Pass was called
	ctx    context.Context // of the last read
}

func (e *topicEntry) Fill(ctx context.Context, p *Partition) (events, rejected int, err error) {
	e.ctx = ctx
	of := p.Reader
	if deaf, ok := of.(deafReader); ok {
		of = deaf.reader
	}
	x := of.(*topicReader)
	all, err := x.read(ctx, e.op.BatchSize())
	p.SaysIdle = x.idle && len(all) == 0
	e.batch.all = e.batch.all[:0]
	for _, n := range all {
		if n >= 0 {
			e.batch.all = append(e.batch.all, n)
			p.Promised = max(p.Promised, Time(n))
		}
	}
	return len(e.batch.all), len(all) - len(e.batch.all), err
}

func (e *topicEntry) Pass(*Partition, Time) error {
	e.passes++
	e.op.Out(len(e.batch.all))
	if len(e.batch.all) == 0 {
		return nil
	}
	return e.next.push(&e.batch)
}

func (e *topicEntry) Control(c Control) error { return e.op.Pass(c, e.next) }
