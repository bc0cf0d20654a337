package kafkasource

import (
	"context"
	"sync"
)

// A handover lets who gives out partitions wait until all that was polled has come to the partitions that it was fetched of. A poll
// may be held up while its partition is taken away, and another one of the same name comes: its records would be that one's, which
// begins elsewhere.
type handover struct {
	mu      sync.Mutex
	turn    context.Context // of the poll at hand
	stop    context.CancelFunc
	waiting []chan struct{} // closed with the next poll
	ended   bool            // nobody polls any more
}

// next says that all that was polled before is handed over, and returns the context of the next poll, which ends when somebody waits.
func (h *handover) next(ctx context.Context) context.Context {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.release()
	if h.turn == nil || h.turn.Err() != nil {
		h.turn, h.stop = context.WithCancel(ctx)
	}
	return h.turn
}

func (h *handover) release() {
	for _, w := range h.waiting {
		close(w)
	}
	h.waiting = nil
}

// end says that nobody polls any more.
func (h *handover) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = true
	h.release()
	if h.stop != nil {
		h.stop()
	}
}

// done waits until what was polled before is handed over. What the client has buffered is not: it has dropped that by itself when
// it was told that a partition goes.
func (h *handover) done(ctx context.Context) error {
	h.mu.Lock()
	if h.ended {
		h.mu.Unlock()
		return nil
	}
	w := make(chan struct{})
	h.waiting = append(h.waiting, w)
	if h.stop != nil {
		h.stop() // a poll that waits for something to be fetched may do so for long
	}
	h.mu.Unlock()
	select {
	case <-w:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
