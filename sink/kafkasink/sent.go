package kafkasink

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// sent is what becomes of the records that were handed to a client. The client's own timeout of records is none for us: it counts from their
// timestamps, which are event times.
type sent struct {
	count  int64 // of records; its writer's
	ctx    context.Context
	cancel context.CancelCauseFunc // has the client give up
	patience
	acked atomic.Int64

	mu  sync.Mutex
	err error
}

// patience ends when nothing was acknowledged for a while though something waits.
type patience struct {
	most  time.Duration
	timer *time.Timer
	seen  int64 // of records acknowledged when it was looked at last
	waits bool  // some were not, then
}

func newSent(c *kgo.Client, most time.Duration) *sent {
	s := &sent{patience: patience{most: most}}
	s.ctx, s.cancel = context.WithCancelCause(context.Background())
	most = max(most, time.Second)
	s.timer = time.AfterFunc(most, func() {
		if s.ctx.Err() != nil {
			return
		}
		acked, waiting := s.acked.Load(), c.BufferedProduceRecords()
		if acked == s.seen && s.waits && waiting > 0 {
			s.cancel(fmt.Errorf("for %v no record was acknowledged, while %d wait: see that the brokers run, at the addresses of kgo.SeedBrokers", most, waiting))
			return
		}
		s.seen, s.waits = acked, waiting > 0
		s.timer.Reset(most)
	})
	return s
}

// end stops looking.
func (s *sent) end() {
	if s != nil {
		s.timer.Stop()
		s.cancel(context.Canceled)
	}
}

// promise is told what became of a record.
func (s *sent) promise(err error) {
	s.acked.Add(1)
	if err == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
}

// failure returns the first error.
func (s *sent) failure() error {
	if err := context.Cause(s.ctx); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// flush returns when all records are acknowledged, or one has failed.
func flush(ctx context.Context, name string, c *kgo.Client, s *sent) error {
	waits, cancel := context.WithCancel(s.ctx)
	defer cancel()
	defer context.AfterFunc(ctx, cancel)() // as where a checkpoint is given up: the records stay
	err := c.Flush(waits)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if failed := s.failure(); failed != nil {
		err = failed
	}
	if err != nil {
		return &WriteError{name, err}
	}
	return nil
}
