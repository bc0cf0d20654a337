package sink

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"
)

// SQLRetry sets how long a transaction is tried again that fails for a reason which
// passes. The default is 30 seconds; with 0 it is not tried again. It panics
// if d is negative.
func SQLRetry(d time.Duration) SQLOption {
	if d < 0 {
		panic(fmt.Sprintf("sink: SQLRetry(%v): want a duration that is not negative", d))
	}
	return func(c *sqlConfig) { c.retry = d }
}

const (
	shortestRetry = 5 * time.Millisecond
	longestRetry  = time.Second
)

// again calls f, and again while its error is one that passes.
func (s *sqlSink[T]) again(ctx context.Context, logger *slog.Logger, f func() error) error {
	start := time.Now()
	for wait := shortestRetry; ; wait = min(2*wait, longestRetry) {
		err := f()
		if err == nil || ctx.Err() != nil || s.faultOf(err) != PassingFault {
			return err
		}
		pause := wait/2 + rand.N(wait/2)
		if since := time.Since(start); since+pause > s.retry {
			return fmt.Errorf("tried for %v: %w", since.Round(time.Millisecond), err)
		}
		if wait == shortestRetry && logger != nil {
			logger.Warn("the database cannot be written to, and it is tried again", "sink", s.String(), "for", s.retry, "cause", err)
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return err
		}
	}
}

// transact calls f in a transaction. If f or the commit fails, nothing has been
// done, unless the connection was lost over the commit.
func (s *sqlSink[T]) transact(ctx context.Context, f func(*sql.Tx) error) error {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := f(tx); err != nil {
		return err
	}
	err = tx.Commit()
	if err != nil {
		// SQLite goes on with a transaction whose commit has failed, while database/sql takes it
		// to be over. Others say at most that there is none.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_, _ = conn.ExecContext(ctx, "ROLLBACK")
	}
	return err
}
