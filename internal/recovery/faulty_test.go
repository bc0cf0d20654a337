package recovery_test

import (
	"bytes"
	"context"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/freshet-go/freshet/stream"
)

// faults has calls fail with a probability. The rest of the test has to hold
// whichever do.
type faults struct {
	mu    sync.Mutex
	rng   *rand.Rand
	p     float64
	hit   map[string]int // how often which call has failed
	until time.Time      // calls fail always until then, if it is set
	fails string         // the call that fails always
}

// away has all calls fail until a time.
func (f *faults) away(until time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.until = until
}

// always has a call fail from now on.
func (f *faults) always(call string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fails = call
}

var (
	errFault        = errors.New("fault of the test")
	errAcknowledged = errors.New("what is asked for has been acknowledged and is gone")
)

// refused reports whether a run did not begin since it would have had to begin
// with a checkpoint behind which results have been shown, or events are gone.
func refused(err error) bool {
	_, ok := errors.AsType[*stream.RewindError](err)
	return ok || errors.Is(err, errAcknowledged)
}

func (f *faults) in(call string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.rng.Float64() >= f.p && !time.Now().Before(f.until) && f.fails != call {
		return nil
	}
	f.hit[call]++
	return fmt.Errorf("%s: %w", call, errFault)
}

func (f *faults) wait(most time.Duration) {
	f.mu.Lock()
	d := time.Duration(f.rng.Int64N(int64(most)))
	f.mu.Unlock()
	time.Sleep(d) // in the bubble of testing/synctest
}

// A ledger is what a transactional sink of the tests shows. It outlives runs,
// as a database does.
type ledger struct {
	mu        sync.Mutex
	committed int64
	rows      []string
	left      []string // rows of the last commit that were left out
	again     int      // commits of what was committed already

	refuses func(row string) bool // rows that it never takes; nil for none
	refused *ledger               // of such rows, if they are diverted
	file    stream.Sink[string]   // beside it, if there is one
}

// A lineWriter is a file that takes lines, in part at times.
type lineWriter struct {
	bytes.Buffer
	faults *faults
}

func (w *lineWriter) Write(p []byte) (n int, err error) {
	if err = w.faults.in("write a file"); err != nil {
		w.faults.mu.Lock()
		p = p[:w.faults.rng.IntN(len(p)+1)]
		w.faults.mu.Unlock()
	}
	w.Buffer.Write(p)
	return len(p), err
}

// ledgerSink writes into a ledger, when the faults let it.
type ledgerSink struct {
	to     *ledger
	faults *faults
}

func (s ledgerSink) Open(c *stream.SinkContext) (stream.Writer[string], error) {
	if !c.Transactional {
		return nil, errors.New("the ledger needs checkpoints")
	}
	return &ledgerWriter{faults: s.faults}, s.faults.in("sink open")
}

func (s ledgerSink) OpenCommitter(*stream.SinkContext) (stream.Committer, error) {
	return ledgerCommitter(s), s.faults.in("open committer")
}

type ledgerWriter struct {
	faults *faults
	rows   []string
}

func (w *ledgerWriter) Write(_ context.Context, b *stream.Batch[string]) error {
	for _, v := range b.All() {
		w.rows = append(w.rows, v)
	}
	return w.faults.in("write")
}

func (w *ledgerWriter) Flush(context.Context) error { return w.faults.in("flush") }
func (w *ledgerWriter) Close() error                { return nil }

func (w *ledgerWriter) Prepare(context.Context) ([]byte, error) {
	if err := w.faults.in("prepare"); err != nil {
		return nil, err
	}
	rows := w.rows
	w.rows = nil
	if len(rows) == 0 {
		return nil, nil
	}
	return json.Marshal(rows)
}

type ledgerCommitter struct {
	to     *ledger
	faults *faults
}

func (c ledgerCommitter) Commit(ctx context.Context, id int64, prepared [][]byte) error {
	refused, err := c.CommitSkipping(ctx, id, prepared)
	if len(refused) > 0 {
		return refused[0].Err
	}
	return err
}

func (c ledgerCommitter) CommitSkipping(_ context.Context, id int64, prepared [][]byte) (refused []stream.Refusal, err error) {
	if err := c.faults.in("before commit"); err != nil {
		return nil, err
	}
	c.faults.wait(5 * time.Millisecond)
	c.to.mu.Lock()
	defer c.to.mu.Unlock()
	if id <= c.to.committed {
		c.to.again++
		return refusals(c.to.left), nil
	}
	c.to.left = nil
	for _, data := range prepared {
		var rows []string
		if err := json.Unmarshal(data, &rows); err != nil {
			return nil, err
		}
		for _, r := range rows {
			if c.to.refuses != nil && c.to.refuses(r) {
				c.to.left = append(c.to.left, r)
			} else {
				c.to.rows = append(c.to.rows, r)
			}
		}
	}
	c.to.committed = id
	return refusals(c.to.left), c.faults.in("after commit")
}

func refusals(rows []string) (all []stream.Refusal) {
	for _, r := range rows {
		alone, err := json.Marshal([]string{r})
		all = append(all, stream.Refusal{Value: r, Row: alone, Err: errors.Join(fmt.Errorf("refused: %s", r), err)})
	}
	return all
}

func (c ledgerCommitter) Committed(context.Context) (int64, error) {
	c.to.mu.Lock()
	defer c.to.mu.Unlock()
	return c.to.committed, nil
}

func (c ledgerCommitter) Abort(context.Context, int64) error {
	return c.faults.in("abort")
}

func (c ledgerCommitter) Close() error   { return nil }
func (c ledgerCommitter) Marker() string { return "the ledger" }

func (l *ledger) sorted() []string { return slices.Sorted(slices.Values(l.rows)) }

// A queue is a source that gives each partition's events in batches of chance
// sizes, at times of chance, and forgets what was acknowledged: a run that asked
// for it again would fail.
type queue struct {
	parts  [][]tick
	faults *faults
	silent int // how many partitions are silent behind their last event

	mu    sync.Mutex
	acked map[string]int
	ends  map[string]time.Time // of partitions that are silent before
}

func (q *queue) Open(c *stream.SourceContext) (readers []stream.Reader[tick], err error) {
	if err := q.faults.in("source open"); err != nil {
		return nil, err
	}
	for i, events := range q.parts {
		r := &queueReader{queue: q, name: "partition " + strconv.Itoa(i), events: events, silent: i < q.silent}
		if at, ok := c.Offsets[r.name]; ok {
			if r.next, err = strconv.Atoi(at); err != nil {
				return nil, err
			}
		}
		q.mu.Lock()
		acked := q.acked[r.name]
		q.mu.Unlock()
		if r.next < acked {
			return nil, fmt.Errorf("%s from %d, of %d: %w", r.name, r.next, acked, errAcknowledged)
		}
		readers = append(readers, r)
	}
	return readers, nil
}

type queueReader struct {
	queue  *queue
	name   string
	events []tick
	next   int
	silent bool // for a while before the end
}

func (r *queueReader) Partition() string { return r.name }
func (r *queueReader) Offset() string    { return strconv.Itoa(r.next) }
func (r *queueReader) Waits() bool       { return true }
func (r *queueReader) Close() error      { return nil }

func (r *queueReader) Read(ctx context.Context, b *stream.Intake[tick]) error {
	if err := r.queue.faults.in("read"); err != nil {
		return err
	}
	r.queue.faults.wait(3 * time.Millisecond)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if r.next == len(r.events) && r.silent {
		select {
		case <-time.After(time.Until(r.queue.endOf(r.name))):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if r.next == len(r.events) {
		return io.EOF
	}
	r.queue.faults.mu.Lock()
	n := 1 + r.queue.faults.rng.IntN(min(b.Room(), len(r.events)-r.next))
	r.queue.faults.mu.Unlock()
	b.Append(r.events[r.next : r.next+n]...)
	r.next += n
	return nil
}

// Commit acknowledges, late at times, and not always.
func (r *queueReader) Commit(_ context.Context, offset string) error {
	at, err := strconv.Atoi(offset)
	if err != nil {
		return err
	}
	r.queue.faults.wait(4 * time.Millisecond)
	if err := r.queue.faults.in("acknowledge"); err != nil {
		return err
	}
	r.queue.mu.Lock()
	defer r.queue.mu.Unlock()
	if at < r.queue.acked[r.name] {
		return fmt.Errorf("acknowledged %d behind %d", at, r.queue.acked[r.name])
	}
	r.queue.acked[r.name] = at
	return nil
}

func newQueue(parts [][]tick, f *faults) *queue {
	return &queue{parts: parts, faults: f, acked: map[string]int{}, ends: map[string]time.Time{}}
}

// endOf returns when a partition ends that has fallen silent.
func (q *queue) endOf(name string) time.Time {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ends[name].IsZero() {
		q.ends[name] = time.Now().Add(300 * time.Millisecond)
	}
	return q.ends[name]
}

func hits(all map[string]int) (lines []string) {
	for _, call := range slices.Sorted(maps.Keys(all)) {
		lines = append(lines, fmt.Sprintf("%6d %s", all[call], call))
	}
	return lines
}
