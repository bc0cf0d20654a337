package oracles_test

import (
	"context"
	"io"
	"math"
	"sync"

	"github.com/freshet-go/freshet/stream"
)

// A quota is how many events the sources of a pipeline may give, all of them
// together: so a test says how far a run has come.
type quota struct {
	mu           sync.Mutex
	limit, given int
	bounded      bool          // limit was set from the start
	failure      error         // what reading ends with
	moved        chan struct{} // closed when any of this has changed
}

// unlimited is the limit of a run that nobody stops.
const unlimited = math.MaxInt

func newQuota(limit int) *quota {
	return &quota{limit: limit, bounded: limit < unlimited, moved: make(chan struct{})}
}

// change changes the quota and wakes who waits for it.
func (q *quota) change(f func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	f()
	close(q.moved)
	q.moved = make(chan struct{})
}

func (q *quota) raise(limit int)    { q.change(func() { q.limit = limit }) }
func (q *quota) fail(failure error) { q.change(func() { q.failure = failure }) }

// giveBack returns what was taken and not given.
func (q *quota) giveBack(n int) {
	if n > 0 {
		q.change(func() { q.given -= n })
	}
}

// take waits until events may be given, and takes n of them or what there is.
func (q *quota) take(ctx context.Context, n int) (int, error) {
	for {
		q.mu.Lock()
		n, failure, moved := min(n, q.limit-q.given), q.failure, q.moved
		if failure == nil {
			q.given += n
		}
		q.mu.Unlock()
		if n > 0 || failure != nil {
			return n, failure
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// soFar returns how many events have been given.
func (q *quota) soFar() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.given
}

// A metered source gives what another gives, within a quota.
type metered[T any] struct {
	stream.Source[T]
	quota *quota
}

func (m metered[T]) Open(c *stream.SourceContext) ([]stream.Reader[T], error) {
	readers, err := m.Source.Open(c)
	for i, r := range readers {
		readers[i] = meteredReader[T]{r, m.quota}
	}
	return readers, err
}

type meteredReader[T any] struct {
	stream.Reader[T]
	quota *quota
}

// Read holds an end back that comes together with events: a reader that has
// ended cannot be stopped, and says so again when it is asked.
func (r meteredReader[T]) Read(ctx context.Context, b *stream.Intake[T]) error {
	n, err := r.quota.take(ctx, b.Room())
	if err != nil {
		return err
	}
	if !r.quota.bounded { // as if it were not metered, with the places of events too
		err := r.Reader.Read(ctx, b)
		r.quota.giveBack(n - b.Len())
		return err
	}
	part := stream.NewIntake[T](n)
	err = r.Reader.Read(ctx, part)
	r.quota.giveBack(n - part.Len())
	for _, v := range part.Batch().All() {
		b.Append(v)
	}
	if err == io.EOF && part.Len() > 0 {
		return nil
	}
	return err
}
