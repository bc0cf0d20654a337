package kafkasink

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
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
	name   string // the operator's
	runs   *runs
	client *kgo.Client
	config config
	prefix string
	logger *slog.Logger
	notes  *notes
	idle   *idle

	completed int64    // all checkpoints up to it are done, as this process knows
	waiting   []string // ids of the last one, until it is noted

	answered atomic.Bool // by a broker, to this run
}

// OpenCommitter makes what commits. Nothing is asked of the brokers yet.
func (s *exactly[T]) OpenCommitter(c *stream.SinkContext) (stream.Committer, error) {
	client, err := newClient(s.sink.client, kgo.RequestRetries(2))
	if err != nil {
		return nil, &WriteError{c.Name, err}
	}
	m := &committer{
		name: c.Name, runs: &s.runs, client: client, config: s.sink.config, prefix: prefix(c, s.sink.config), logger: c.Logger,
		idle: &idle{ids: map[string]bool{}},
	}
	if m.logger == nil {
		m.logger = slog.New(slog.DiscardHandler)
	}
	m.notes = &notes{committer: m, run: rand.Text(), callers: s.sink.client, topic: m.config.commits, key: strings.TrimSuffix(m.prefix, "/")}
	m.runs.begin(m)
	return m, nil
}

// Marker names where it is noted what was committed.
func (m *committer) Marker() string {
	return fmt.Sprintf("the last record of topic %s with the key %q", m.config.commits, m.notes.key)
}

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

// holds returns an error unless a transaction is open and its producer's. One that the brokers have aborted does not show otherwise before it
// is committed, when it is too late: to flush asks them for nothing if all is acknowledged, and the client knows its epoch by itself.
func (m *committer) holds(ctx context.Context, p prepared) error {
	open := false
	err := m.retrying(ctx, "ask for transaction "+p.ID, func(ctx context.Context) (err error) {
		open, err = m.isOpen(ctx, p)
		return err
	})
	if err != nil || open {
		return err
	}
	if err := m.notes.own(ctx); err != nil {
		return err // it was fenced
	}
	return &WriteError{m.name, fmt.Errorf("prepare transaction %s: the brokers have aborted it, as it was open for longer than TransactionTimeout, which is %v: "+
		"no checkpoint holds its records, and a run that begins with the last one writes them again", p.ID, m.config.timeout)}
}

// isOpen asks whether a transaction is open and its producer's.
func (m *committer) isOpen(ctx context.Context, p prepared) (bool, error) {
	list, err := kadm.NewClient(m.client).DescribeTransactions(ctx, p.ID)
	t := list[p.ID]
	if err == nil && !errors.Is(t.Err, kerr.TransactionalIDNotFound) {
		err = t.Err
	}
	return err == nil && t.State == "Ongoing" && t.ProducerID == p.Producer && t.ProducerEpoch == p.Epoch, err
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
	for _, id := range ids {
		if err == nil {
			err = m.fence(ctx, id)
		}
	}
	return err
}

// fence takes a new epoch of a producer, which aborts what it has left open.
func (m *committer) fence(ctx context.Context, id string) error {
	return m.retrying(ctx, "abort transaction "+id, func(ctx context.Context) error {
		r := kmsg.NewPtrInitProducerIDRequest()
		r.TransactionalID, r.TransactionTimeoutMillis = &id, int32(m.config.timeout.Milliseconds())
		r.ProducerID, r.ProducerEpoch = -1, -1
		answer, err := r.RequestWith(ctx, m.client)
		if err == nil {
			err = kerr.ErrorForCode(answer.ErrorCode)
		}
		if errors.Is(err, kerr.InvalidTransactionTimeout) {
			err = fmt.Errorf("%w: TransactionTimeout is %v, and the brokers allow transaction.max.timeout.ms", err, m.config.timeout)
		}
		return err
	})
}

// callTimeout is how long one request may take.
const callTimeout = 10 * time.Second

// retrying calls f until it succeeds, fails for a reason that does not pass, or RetryFor is over.
func (m *committer) retrying(ctx context.Context, what string, f func(context.Context) error) error {
	begun, pause := time.Now(), 2*time.Millisecond
	for {
		call, cancel := context.WithTimeout(ctx, callTimeout)
		err := f(call)
		cancel()
		lost, isLost := errors.AsType[*LostTransactionError](err)
		fenced, isFenced := errors.AsType[*FencedError](err)
		switch since := time.Since(begun); {
		case err == nil:
			m.answered.Store(true)
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case isLost:
			return lost
		case isFenced:
			return fenced
		case !passes(err) && !(hangsUp(err) && (m.answered.Load() || since < time.Second)): // a broker that is just ending hangs up, too
			return &WriteError{m.name, fmt.Errorf("%s: %w", what, err)}
		case since > m.config.retry:
			return &WriteError{m.name, fmt.Errorf("%s, for %v: %w", what, since.Round(time.Millisecond), err)}
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
		pause = min(2*pause, time.Second)
	}
}

// passes reports whether an error is of a kind that passes by itself.
func passes(err error) bool {
	if known, ok := errors.AsType[*kerr.Error](err); ok {
		switch known {
		case kerr.UnknownServerError, kerr.ConcurrentTransactions:
			return true
		case kerr.OperationNotAttempted, kerr.TransactionAbortable, kerr.UnknownProducerID:
			return true // of a note: its transaction is aborted, and it is written again
		}
		return known.Retriable
	}
	if alert, ok := errors.AsType[*net.OpError](err); ok && alert.Op == "remote error" {
		return false // what the other side of TLS says
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return false
	}
	return !hangsUp(err) && !errors.Is(err, errPartitions)
}

// hangsUp reports whether a broker has answered the first request of a connection by closing it, as it does to TLS or SASL where there is
// none, or none where there is.
func hangsUp(err error) bool {
	_, ok := errors.AsType[*kgo.ErrFirstReadEOF](err)
	return ok
}

// Close notes what is done, and ends the clients. A run that begins in a week would else ask for transactions that the brokers have forgotten.
func (m *committer) Close() error {
	m.runs.end(m)
	m.notes.finish(m.completed)
	m.client.Close()
	return nil
}
