package doortest_test

import (
	"context"
	"encoding/json/v2"
	"fmt"
	"slices"
	"sync"

	"github.com/freshet-go/freshet/stream"
)

// A ledger is a sink whose rows appear once for each checkpoint that holds them. It is strict: it refuses
// commits that are not in their order, what was not prepared, and writers that were open when it was asked to abort.
type ledger struct {
	mu       sync.Mutex
	rows     []string
	marked   int64            // the checkpoint that has begun to appear
	whole    map[int64]string // what was committed for each, to compare with what is committed again
	prepared map[string]bool  // that may still be committed
	writers  int              // open
	next     int
}

func (l *ledger) Open(c *stream.SinkContext) (stream.Writer[string], error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writers++
	return &ledgerWriter{l: l, direct: !c.Transactional}, nil
}

type ledgerWriter struct {
	l      *ledger
	direct bool
	held   []string
}

func (w *ledgerWriter) Write(_ context.Context, b *stream.Batch[string]) error {
	for _, v := range b.All() {
		w.held = append(w.held, v)
	}
	return nil
}

func (w *ledgerWriter) Flush(context.Context) error {
	w.l.mu.Lock()
	defer w.l.mu.Unlock()
	if w.direct {
		w.l.rows, w.held = append(w.l.rows, w.held...), nil
	}
	return nil
}

func (w *ledgerWriter) Prepare(context.Context) ([]byte, error) {
	if len(w.held) == 0 {
		return nil, nil
	}
	w.l.mu.Lock()
	defer w.l.mu.Unlock()
	w.l.next++
	b, err := json.Marshal(struct {
		ID   int
		Rows []string
	}{w.l.next, w.held})
	w.held = nil
	if w.l.prepared == nil {
		w.l.prepared = map[string]bool{}
	}
	w.l.prepared[string(b)] = true
	return b, err
}

func (w *ledgerWriter) Close() error {
	w.l.mu.Lock()
	defer w.l.mu.Unlock()
	w.l.writers--
	return nil
}

func (l *ledger) OpenCommitter(*stream.SinkContext) (stream.Committer, error) {
	return ledgerCommitter{l}, nil
}

type ledgerCommitter struct{ *ledger }

func (c ledgerCommitter) Commit(_ context.Context, id int64, prepared [][]byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.marked > id {
		return fmt.Errorf("checkpoint %d is committed behind %d", id, c.marked)
	}
	var texts []string
	for _, p := range prepared {
		texts = append(texts, string(p))
	}
	slices.Sort(texts)
	if c.marked == id {
		if was := c.whole[id]; was != fmt.Sprint(texts) {
			return fmt.Errorf("checkpoint %d is committed again with %s, and before with %s", id, texts, was)
		}
		return nil
	}
	if c.whole == nil {
		c.whole = map[int64]string{}
	}
	c.marked, c.whole[id] = id, fmt.Sprint(texts)
	for _, p := range texts {
		if !c.prepared[p] {
			return fmt.Errorf("checkpoint %d has %s, which was not prepared, or is committed already, or was aborted", id, p)
		}
		delete(c.prepared, p)
		var part struct {
			ID   int
			Rows []string
		}
		if err := json.Unmarshal([]byte(p), &part); err != nil {
			return err
		}
		c.rows = append(c.rows, part.Rows...)
	}
	return nil
}

func (c ledgerCommitter) Committed(context.Context) (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.marked, nil
}

func (c ledgerCommitter) Abort(context.Context, int64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.writers > 0 {
		return fmt.Errorf("%d writers are open while what was prepared is aborted", c.writers)
	}
	clear(c.prepared)
	return nil
}

func (c ledgerCommitter) Close() error { return nil }
