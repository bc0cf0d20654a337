package kafkasink

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A caller asks the brokers, and asks again where that fails for a reason that passes.
type caller struct {
	name     string // the operator's
	client   *kgo.Client
	config   config
	answered atomic.Bool // by a broker, to this run
}

// callTimeout is how long one request may take.
const callTimeout = 10 * time.Second

// retrying calls f until it succeeds, fails for a reason that does not pass, or RetryFor is over.
func (c *caller) retrying(ctx context.Context, what string, f func(context.Context) error) error {
	begun, pause := time.Now(), 2*time.Millisecond
	for {
		call, cancel := context.WithTimeout(ctx, callTimeout)
		err := f(call)
		cancel()
		lost, isLost := errors.AsType[*LostTransactionError](err)
		fenced, isFenced := errors.AsType[*FencedError](err)
		switch since := time.Since(begun); {
		case err == nil:
			c.answered.Store(true)
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case isLost:
			return lost
		case isFenced:
			return fenced
		case !passes(err) && !(hangsUp(err) && (c.answered.Load() || since < time.Second)): // a broker that is just ending hangs up, too
			return &WriteError{c.name, fmt.Errorf("%s: %w", what, err)}
		case since > c.config.retry:
			return &WriteError{c.name, fmt.Errorf("%s, for %v: %w", what, since.Round(time.Millisecond), err)}
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

// isOpen asks whether a transaction is open and its producer's.
func (c *caller) isOpen(ctx context.Context, p prepared) (bool, error) {
	list, err := kadm.NewClient(c.client).DescribeTransactions(ctx, p.ID)
	t := list[p.ID]
	if err == nil && !errors.Is(t.Err, kerr.TransactionalIDNotFound) {
		err = t.Err
	}
	return err == nil && t.State == "Ongoing" && t.ProducerID == p.Producer && t.ProducerEpoch == p.Epoch, err
}
