package sqlsink

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/freshet-go/freshet/internal/sqldb"
)

// Retry sets how long a transaction is tried again that fails for a reason which
// passes. The default is 30 seconds; with 0 it is not tried again. It panics
// if d is negative.
func Retry(d time.Duration) Option {
	if d < 0 {
		panic(fmt.Sprintf("sqlsink: Retry(%v): want a duration that is not negative", d))
	}
	return func(c *config) { c.retry = d }
}

// again calls f, and again while its error is one that passes.
func (s *target) again(ctx context.Context, logger *slog.Logger, f func() error) error {
	passes := func(err error) bool { return s.faultOf(err) == PassingFault }
	warn := func(err error) {
		if logger != nil {
			logger.Warn("the database cannot be written to, and it is tried again", "sink", s.String(), "for", s.retry, "cause", err)
		}
	}
	return sqldb.Again(ctx, s.retry, passes, warn, f)
}

// transact calls f in a transaction. If f or the commit fails, nothing has been
// done, unless the connection was lost over the commit. The connection to a server that takes no writes
// any more is not used again: the next one may lead to the server that took over.
func (s *target) transact(ctx context.Context, f func(*sql.Tx) error) (err error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer func() {
		if sqldb.ReadOnly(err) {
			sqldb.Discard(conn)
		}
	}()
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := f(tx); err != nil {
		return err
	}
	err = tx.Commit()
	if err != nil && !errors.Is(err, ctx.Err()) && !errors.Is(err, sql.ErrTxDone) {
		// SQLite goes on with a transaction whose commit has failed, while database/sql takes it
		// to be over. Others say at most that there is none. When ctx ends first, no commit is
		// asked for, and database/sql rolls back and closes the connection beside us: using it
		// then panics inside database/sql once in some thousand times (Go 1.27.4).
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_, _ = conn.ExecContext(ctx, "ROLLBACK")
	}
	return err
}
