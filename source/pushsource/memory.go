package pushsource

import (
	"context"
	"fmt"
	"time"
)

// Reserve takes n bytes of the server's memory, before they are allocated for a
// message. It waits for them: as long as the pipeline has some, and for what other clients are
// sending for FrameTimeout. A message for which more than
// MaxMessage is reserved is an ErrTooLarge.
func (c *Conn[T]) Reserve(n int) error {
	c.message += int64(n)
	if most := c.source.server.MaxMessage; c.message > int64(most) {
		return fmt.Errorf("%w: more than %d bytes", ErrTooLarge, most)
	}
	return c.reserve(int64(n))
}

// reserve is Reserve for what is made of a message.
func (c *Conn[T]) reserve(n int64) error {
	if c == nil || n == 0 {
		return nil
	}
	s := c.source
	all := c.reserved + n
	if shared(all) > s.server.Memory {
		return fmt.Errorf("%w: it takes more than the %d bytes that the server has for all", ErrTooLarge, s.server.Memory)
	}
	if n = shared(all) - shared(c.reserved); n > 0 && !s.memory.TryAcquire(n) {
		start := time.Now()
		c.held.Store(true)
		err := s.await(n)
		c.held.Store(false)
		if err != nil {
			return err
		}
		c.pause(start)
	}
	c.reserved = all
	return nil
}

// await takes n bytes of the shared memory once others have given them back. Clients that wait for each other, each
// with a part of what its message takes, would wait for ever: they give up after FrameTimeout. Those that wait for
// the pipeline do not.
func (o *opened[T]) await(n int64) error {
	for {
		busy := o.delivered.Load() > 0
		ctx, cancel := context.WithTimeout(o.ctx, o.server.FrameTimeout)
		err := o.memory.Acquire(ctx, n)
		cancel()
		switch {
		case err == nil:
			return nil
		case o.ctx.Err() != nil:
			return o.ctx.Err()
		case !busy && o.delivered.Load() == 0:
			return fmt.Errorf("the server has had no memory for its message for %v", o.server.FrameTimeout)
		}
	}
}

// allowance is what each client has of its own, besides its buffer. So small messages get
// through when others have all of the shared memory.
const allowance = 32 << 10

// shared is what n reserved bytes take of the shared memory.
func shared(n int64) int64 { return max(0, n-allowance) }

// release gives back n bytes of the shared memory. Most messages have none of it, and do
// not queue for its lock.
func (o *opened[T]) release(n int64) {
	if n > 0 {
		o.memory.Release(n)
	}
}

// Release gives back what is reserved and was not delivered.
func (c *Conn[T]) Release() {
	c.source.release(shared(c.reserved))
	c.reserved = 0
}
