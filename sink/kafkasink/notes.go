package kafkasink

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A note is what is known of commits.
type note struct {
	Begun int64 `json:"begun"` // the checkpoint that has begun to be committed
	Done  int64 `json:"done"`  // all up to this one are committed
	// Run is which run has noted it, as a random text; "" of versions that did not say. The brokers tell runs apart by the epoch, but only as
	// long as they remember it.
	Run string `json:"run,omitempty"`
}

// notes are kept in a compacted topic, in which each pipeline has a key. They are written in transactions of one id, whose epoch tells
// which run is the last that has begun.
type notes struct {
	*committer
	*shelf
	grace time.Duration // how long it may take to abort a note; 0 for callTimeout

	mu     sync.Mutex // one note at a time: writers ask, too
	known  bool
	last   note
	writer *kgo.Client // nil before something was written
	open   bool        // a transaction of it is
	taken  bool        // the run has its epoch
	gone   bool        // the brokers have forgotten it since
	run    string      // what notes of this run have as Run
	timer  *time.Timer // notes what is done, see settle; nil without
	ended  bool        // by Close
}

func (n *notes) transaction() string { return n.prefix + "commits" }

// noteTimeout is how long the transaction of a note may stay open, when its process dies in the midst of it.
const noteTimeout = 30 * time.Second

// read returns the last note, which the run asks for once.
func (n *notes) read(ctx context.Context) (note, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.load(ctx)
}

func (n *notes) load(ctx context.Context) (note, error) {
	if n.known {
		return n.last, nil
	}
	err := n.retrying(ctx, "read topic "+n.topic, func(ctx context.Context) error {
		last, err := n.readAll(ctx)
		if err == nil {
			n.last, n.known = last, true
		}
		return err
	})
	return n.last, err
}

// write notes something. The first time, it takes the epoch from runs before.
func (n *notes) write(ctx context.Context, what note) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.put(ctx, what)
}

// own returns a FencedError if another run has taken over. The brokers tell whose the epoch is; where they tell of another one, or of none, the last note is written
// again, which they refuse to whoever is fenced.
func (n *notes) own(ctx context.Context) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.taken && n.writer != nil {
		producer, epoch, err := n.writer.ProducerID(ctx)
		call, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		list, e := kadm.NewClient(n.client).DescribeTransactions(call, n.transaction())
		if t := list[n.transaction()]; err == nil && e == nil && t.Err == nil && t.ProducerID == producer && t.ProducerEpoch == epoch {
			return nil
		}
	}
	last, err := n.load(ctx)
	if err == nil {
		err = n.put(ctx, last)
	}
	return err
}

// settle has it be noted after a while that all checkpoints up to one are done, unless the next one is begun before, which notes it. A quiet
// pipeline would else leave that open for as long as nothing is written, and who goes on where it was killed ask for a transaction that
// the brokers may have forgotten.
func (n *notes) settle(done int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.timer != nil {
		n.timer.Stop()
	}
	n.timer = time.AfterFunc(n.config.timeout/4, func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		if n.ended {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
		defer cancel()
		n.done(ctx, done)
	})
}

// finish notes that all checkpoints up to one are done, and ends the notes.
func (n *notes) finish(done int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ended = true
	if n.timer != nil {
		n.timer.Stop()
	}
	ctx, cancel := context.WithTimeout(context.Background(), longestAbort)
	defer cancel()
	n.grace = longestAbort
	n.done(ctx, done)
	n.close()
}

// done notes that all checkpoints up to one are done, unless that is known, or this run has noted nothing.
func (n *notes) done(ctx context.Context, done int64) {
	if !n.taken || n.last.Done >= done {
		return
	}
	err := n.put(ctx, note{Begun: n.last.Begun, Done: done})
	if _, fenced := errors.AsType[*FencedError](err); err != nil && !fenced {
		n.logger.Warn("that a checkpoint is committed could not be noted; it is with the next one, or before the brokers forget its transactions, if the pipeline runs again", "checkpoint", done, "cause", err)
	}
}

func (n *notes) put(ctx context.Context, what note) error {
	what.Run = n.run
	text, err := json.Marshal(what)
	if err != nil {
		return err
	}
	err = n.retrying(ctx, "write to topic "+n.topic, func(ctx context.Context) error {
		if n.gone {
			if err := n.ours(ctx); err != nil {
				return err // before anything is taken from another run
			}
		}
		if n.writer == nil {
			c, err := newClient(n.opts, kgo.TransactionalID(n.transaction()), kgo.TransactionTimeout(noteTimeout), kgo.ProducerLinger(0))
			if err != nil {
				return &WriteError{n.name, err}
			}
			n.writer = c
		}
		if n.gone {
			if err := n.takeAgain(ctx); err != nil {
				return err
			}
		}
		err := n.fenced(n.writeOnce(ctx, text))
		if n.taken && errors.Is(err, kerr.InvalidProducerIDMapping) {
			n.drop()
			n.gone = true
			return fmt.Errorf("the brokers have forgotten the producer of notes: %s", err) // it passes
		}
		if err != nil && !n.taken {
			// This run has noted nothing yet, so another client may take a new epoch.
			n.drop()
			if errors.Is(err, kerr.OutOfOrderSequenceNumber) || errors.Is(err, kerr.InvalidProducerIDMapping) { // from which the client does not recover
				err = fmt.Errorf("the producer has to begin anew: %s", err)
			}
		}
		n.taken = n.taken || err == nil
		return err
	})
	if err == nil {
		n.last, n.known = what, true
	}
	return err
}

// ours returns a FencedError if the last note is another run's.
func (n *notes) ours(ctx context.Context) error {
	last, err := n.readAll(ctx)
	if err == nil && last.Run != n.run {
		err = &FencedError{n.marker(), errors.New("the last note is not of this run, whose producer the brokers have forgotten")}
	}
	return err
}

// takeAgain takes a new epoch when the brokers have forgotten that of this run, as they do with what was not used for a week. Another run may have begun since: one
// that did so before is seen by its note, and one that begins meanwhile cannot note anything any more once the epoch is taken. So the last note is looked at
// before, to take nothing from the former, and behind it.
func (n *notes) takeAgain(ctx context.Context) error {
	_, _, err := n.writer.ProducerID(ctx)
	if err == nil {
		err = n.ours(ctx)
	}
	n.gone = err != nil
	return err
}

func (n *notes) writeOnce(ctx context.Context, text []byte) error {
	if n.open {
		if err := n.abort(ctx); err != nil {
			return err
		}
	}
	if err := n.writer.BeginTransaction(); err != nil {
		return err
	}
	n.open = true
	err := n.writer.ProduceSync(ctx, &kgo.Record{Topic: n.topic, Key: []byte(n.key), Value: text}).FirstErr()
	if err == nil {
		err = n.loaded(ctx)
	}
	if err == nil {
		err = n.writer.EndTransaction(ctx, kgo.TryCommit)
	}
	if err != nil {
		// Whether or not it is committed, the same is written again.
		return errors.Join(err, n.abort(ctx))
	}
	n.open = false
	return nil
}

// loaded returns when the client has stored which partitions the topic has. A new client sends the first record a moment before
// (franz-go v1.22.2, storePartitionsUpdate), and the brokers may be faster than it. A transaction that is ended in this moment is one
// without partitions to the client: it is aborted instead of committed, or left open by older brokers, without an error; and the sequence numbers
// of the next one go on instead of beginning at 0.
func (n *notes) loaded(ctx context.Context) error {
	for {
		if leader, _, err := n.writer.PartitionLeader(n.topic, 0); leader != -1 || err != nil {
			return nil
		}
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// abort aborts the transaction of a note that failed. The client is kept: another one would take a new epoch.
func (n *notes) abort(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cmp.Or(n.grace, callTimeout))
	defer cancel()
	err := n.writer.AbortBufferedRecords(ctx)
	if err == nil {
		err = n.writer.EndTransaction(ctx, kgo.TryAbort)
	}
	n.open = err != nil
	return err
}

// fenced tells the error of a run that another one has taken over from.
func (n *notes) fenced(err error) error {
	if isFenced(err) {
		return &FencedError{n.marker(), err}
	}
	return err
}

// isFenced reports whether somebody else has taken a newer epoch of a producer.
func isFenced(err error) bool {
	return errors.Is(err, kerr.ProducerFenced) || errors.Is(err, kerr.InvalidProducerEpoch)
}

// drop ends the client, for another one to be made.
func (n *notes) drop() {
	n.close()
	n.writer, n.open = nil, false
}

func (n *notes) close() {
	if n.writer != nil {
		n.writer.Close()
	}
}
