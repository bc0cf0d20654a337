package stream

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/freshet-go/freshet/internal/engine"
)

// attempt calls with the configured timeout and retries.
func attempt[U any](ctx context.Context, c *enrichConfig, call func(context.Context) (U, error)) (u U, err error) {
	wait := c.backoff
	for try := 0; ; try++ {
		if ctx.Err() != nil {
			return u, engine.ErrStopped
		}
		u, err = once(ctx, c.timeout, call)
		if err == nil || try == c.retries || ctx.Err() != nil {
			return u, err
		}
		if _, panicked := err.(*engine.PanicError); panicked {
			return u, err
		}
		if wait > 0 {
			timer := time.NewTimer(wait/2 + rand.N(wait))
			select {
			case <-timer.C:
			case <-ctx.Done():
				timer.Stop()
				return u, err
			}
			wait *= 2
		}
	}
}

func once[U any](ctx context.Context, timeout time.Duration, call func(context.Context) (U, error)) (u U, err error) {
	defer engine.Rescue(&err)
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	return call(ctx)
}

// calls are under way in parallel.
type calls struct {
	each chan int // the index of each as it ends; closed behind the last
}

// drain waits for the last one.
func (c calls) drain() {
	for range c.each {
	}
}

// inParallel calls f for 0 to n-1, at most limit at once. The goroutines end
// when the last call has, and block on nothing.
func inParallel(n, limit int, f func(int)) calls {
	c := calls{make(chan int, n)}
	var wg sync.WaitGroup
	var next atomic.Int64
	var work func()
	work = func() {
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			returned := false
			func() {
				defer func() {
					c.each <- i
					if !returned { // f has ended this goroutine: another one goes on
						wg.Go(work)
					}
				}()
				f(i)
				returned = true
			}()
		}
	}
	for range min(n, limit) {
		wg.Go(work)
	}
	go func() {
		wg.Wait()
		close(c.each)
	}()
	return c
}
