package kafkasink

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/freshet-go/freshet/stream"
)

// A committer ends transactions that writers have left open, also those of a process that is no more: with the request that their own
// producer would send (EndTxn). That the answer of a request gets lost, and it is sent again, the brokers understand; but not,
// once another transaction has begun under the same id. So before an id is used again it is noted that its transaction is done.
//
// What is noted is which checkpoint has begun to be committed, and up to which one all are done. The latter is
// noted with the beginning of the next one, so that a commit costs one note, when there is none for a while, and by Close.
type committer struct {
	*caller
	runs   *runs
	prefix string
	logger *slog.Logger
	notes  *notes
	idle   *idle

	completed int64    // all checkpoints up to it are done, as this process knows
	waiting   []string // ids of the last one, until it is noted
}

// OpenCommitter makes what commits. Nothing is asked of the brokers yet.
func (s *exactly[T]) OpenCommitter(c *stream.SinkContext) (stream.Committer, error) {
	client, err := newClient(s.sink.client, kgo.RequestRetries(2))
	if err != nil {
		return nil, &WriteError{c.Name, err}
	}
	m := &committer{
		caller: &caller{name: c.Name, client: client, config: s.sink.config}, runs: &s.runs, prefix: prefix(c, s.sink.config), logger: c.Logger,
		idle: &idle{ids: map[string]bool{}},
	}
	if m.logger == nil {
		m.logger = slog.New(slog.DiscardHandler)
	}
	m.notes = &notes{committer: m, run: rand.Text(), shelf: shelfOf(m.caller, s.sink.client, m.prefix)}
	m.runs.begin(m)
	return m, nil
}

// Marker names where it is noted what was committed.
func (m *committer) Marker() string { return m.notes.marker() }

// Committed returns the newest checkpoint that has begun to be committed.
func (m *committer) Committed(ctx context.Context) (int64, error) {
	n, err := m.notes.read(ctx)
	return n.Begun, err
}

// Commit ends the transactions of a checkpoint, unless that is done.
func (m *committer) Commit(ctx context.Context, id int64, list [][]byte) error {
	n, err := m.notes.read(ctx)
	if err != nil {
		return err
	}
	if m.completed = max(m.completed, n.Done); m.completed >= id {
		return nil
	}
	if err := m.notes.write(ctx, note{Begun: id, Done: m.completed}); err != nil {
		return err
	}
	m.idle.add(m.waiting)
	m.waiting = nil
	for _, data := range list {
		var p prepared
		if err := json.Unmarshal(data, &p); err != nil {
			return &WriteError{m.name, fmt.Errorf("checkpoint %d: %w", id, err)}
		}
		if err := m.end(ctx, id, p); err != nil {
			return err
		}
		m.waiting = append(m.waiting, p.ID)
	}
	m.completed = id
	m.notes.settle(id)
	return nil
}

// end commits a transaction, whoever has begun it.
func (m *committer) end(ctx context.Context, checkpoint int64, p prepared) error {
	return m.retrying(ctx, "commit transaction "+p.ID, func(ctx context.Context) error {
		r := kmsg.NewPtrEndTxnRequest()
		r.TransactionalID, r.ProducerID, r.ProducerEpoch, r.Commit = p.ID, p.Producer, p.Epoch, true
		answer, err := r.RequestWith(ctx, m.client)
		if err == nil {
			err = kerr.ErrorForCode(answer.ErrorCode)
		}
		for _, cause := range []error{kerr.InvalidProducerEpoch, kerr.ProducerFenced, kerr.InvalidTxnState, kerr.InvalidProducerIDMapping, kerr.TransactionalIDNotFound} {
			if errors.Is(err, cause) {
				// Another run may have committed it since this one noted that it would, and have taken its epoch.
				if err := m.notes.own(ctx); err != nil {
					return err
				}
				return &LostTransactionError{p.ID, checkpoint, err}
			}
		}
		return err
	})
}

// Abort has what earlier runs have written and nobody has promised be aborted, and keeps them from writing more, by taking new epochs of
// all of their producers.
func (m *committer) Abort(ctx context.Context, id int64) error {
	n, err := m.notes.read(ctx)
	if err != nil {
		return err
	}
	m.completed, m.waiting = max(n.Done, id), nil // the run has committed what its checkpoint promises
	if err := m.notes.write(ctx, note{Begun: max(n.Begun, id), Done: m.completed}); err != nil {
		return err
	}
	var ids []string
	err = m.retrying(ctx, "list transactions", func(ctx context.Context) error {
		list, err := kadm.NewClient(m.client).ListTransactions(ctx, nil, nil)
		if err != nil {
			return err
		}
		ids = ids[:0]
		for _, t := range list.Sorted() {
			if strings.HasPrefix(t.TxnID, m.prefix) && t.TxnID != m.notes.transaction() {
				ids = append(ids, t.TxnID)
			}
		}
		return nil
	})
	if err == nil {
		ids, err = m.atLarge(ctx, ids)
	}
	for _, id := range ids {
		if err == nil {
			err = m.fence(ctx, id)
		}
	}
	return err
}

// fencedTimeout is the timeout of an id that Abort has taken, by which the next run knows it: TransactionTimeout is longer. Writers of another process have ids that nobody uses again,
// and to take them anew each time would keep the brokers from ever forgetting them.
const fencedTimeout = 999 * time.Millisecond

// atLarge returns those ids that somebody has taken since Abort of an earlier run.
func (m *committer) atLarge(ctx context.Context, ids []string) (some []string, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	err = m.retrying(ctx, "ask for transactions", func(ctx context.Context) error {
		list, err := kadm.NewClient(m.client).DescribeTransactions(ctx, ids...)
		if err != nil {
			return err
		}
		some = some[:0]
		for _, id := range ids {
			t, ok := list[id]
			if !ok || t.Err != nil || t.State != "Empty" || t.TimeoutMillis != int32(fencedTimeout.Milliseconds()) {
				some = append(some, id)
			}
		}
		return nil
	})
	return some, err
}

// fence takes a new epoch of a producer, which aborts what it has left open.
func (m *committer) fence(ctx context.Context, id string) error {
	return m.retrying(ctx, "abort transaction "+id, func(ctx context.Context) error {
		r := kmsg.NewPtrInitProducerIDRequest()
		r.TransactionalID, r.TransactionTimeoutMillis = &id, int32(fencedTimeout.Milliseconds())
		r.ProducerID, r.ProducerEpoch = -1, -1
		answer, err := r.RequestWith(ctx, m.client)
		if err == nil {
			err = kerr.ErrorForCode(answer.ErrorCode)
		}
		return err
	})
}

// Close notes what is done, and ends the clients. A run that begins in a week would else ask for transactions that the brokers have forgotten.
func (m *committer) Close() error {
	m.runs.end(m)
	m.notes.finish(m.completed)
	m.client.Close()
	return nil
}
