package sqlsink_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink/sqlsink"
	"github.com/freshet-go/freshet/stream"
)

// A watched database is SQLite, and calls query before each query.
type watched struct {
	plain driver.Driver
	dsn   string
	query func(ctx context.Context)
}

func (w *watched) Driver() driver.Driver { return w.plain }
func (w *watched) Connect(context.Context) (driver.Conn, error) {
	c, err := w.plain.Open(w.dsn)
	if err != nil {
		return nil, err
	}
	return watchedConn{c.(sqliteConn), w}, nil
}

type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
}

type watchedConn struct {
	sqliteConn
	w *watched
}

func (c watchedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.w.query(ctx)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return c.sqliteConn.QueryContext(ctx, query, args)
}

func watch(t *testing.T) (*watched, stream.Committer) {
	plain := database(t)
	w := &watched{plain: plain.Driver(), dsn: filepath.Join(t.TempDir(), "db"), query: func(context.Context) {}}
	db := sql.OpenDB(w)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	_, err := db.Exec("CREATE TABLE t (v TEXT)")
	require.NoError(t, err)
	c, err := sqlsink.Statement(db, "INSERT INTO t VALUES (?)", textRow).(stream.TransactionalSink[string]).OpenCommitter(committing(t))
	require.NoError(t, err)
	require.NoError(t, c.Commit(context.Background(), 1, nil))
	return w, c
}

// A query that is under way when the run is cancelled is not: SQLite's driver would leave the
// database locked.
func TestQueriesAreNotCancelled(t *testing.T) {
	for n := 1; ; n++ { // the query during which the run is cancelled
		w, c := watch(t)
		ctx, cancel := context.WithCancel(context.Background())
		queries := 0
		w.query = func(of context.Context) {
			if queries++; queries == n {
				cancel()
				assert.NoError(t, of.Err())
			}
		}
		_ = c.Commit(ctx, 2, nil)
		_, err := c.Committed(ctx)
		cancel()
		if err == nil {
			require.Equal(t, 3, n)
			return
		}
		assert.ErrorIs(t, err, context.Canceled)
		require.NoError(t, c.Commit(context.Background(), 2, nil))
	}
}

// One that hangs holds a run that is cancelled up for no more than a second.
func TestQueryThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c := watch(t)
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		w.query = func(of context.Context) { <-of.Done() }
		start := time.Now()
		_, err := c.Committed(ctx)
		assert.Error(t, err)
		assert.Equal(t, time.Minute+time.Second, time.Since(start))
		_, err = c.Committed(ctx)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Minute+time.Second, time.Since(start))
	})
}
