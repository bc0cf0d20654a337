package sqlsink_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/sqlservers"
	"github.com/freshet-go/freshet/sink/sqlsink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A failover makes connections; to a server that takes no writes until it is over.
type failover struct {
	of   driver.Driver
	dsn  string
	set  string // what has a session take no writes
	over atomic.Bool
	made atomic.Int64
}

// Driver returns the driver.
func (f *failover) Driver() driver.Driver { return f.of }

// Connect makes a connection.
func (f *failover) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := f.of.Open(f.dsn)
	if f.made.Add(1); err != nil || f.over.Load() {
		return c, err
	}
	execer, ok := c.(driver.ExecerContext)
	if !ok {
		return nil, errors.New("the driver executes nothing")
	}
	_, err = execer.ExecContext(ctx, f.set, nil)
	return c, err
}

// After a fail-over connections to the server that has been the first are left, though they are in the best of health.
func readOnly(t *testing.T, s *sqlservers.Server) {
	dsn := s.DSN(t)
	direct := sqlservers.Open(t, s.Driver, dsn, "CREATE TABLE kept (k VARCHAR(10) PRIMARY KEY, n INTEGER)",
		"CREATE TABLE freshet_commits (name VARCHAR(100) PRIMARY KEY, checkpoint BIGINT NOT NULL, epoch BIGINT NOT NULL DEFAULT 0)")
	set := map[bool]string{true: "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", false: "SET SESSION TRANSACTION READ ONLY"}[s.Name == "PostgreSQL"]
	for _, saved := range []bool{false, true} {
		f := &failover{of: direct.Driver(), dsn: dsn, set: set}
		db := sql.OpenDB(f)
		db.SetMaxOpenConns(1)
		db.SetMaxIdleConns(1)
		refused := 0
		faults := func(err error) sqlsink.Fault {
			if sqlsink.FaultOf(err) == sqlsink.PassingFault {
				if refused++; refused == 2 {
					f.over.Store(true)
				}
			}
			return sqlsink.UnknownFault
		}
		p := stream.New("failover")
		p.From(source.Slice([]kept{{"a", 1}, {"b", 2}})).To(sqlsink.Upsert[kept](db, "kept", dialects[s.Name], sqlsink.Faults(faults), sqlsink.Retry(20*time.Second)))
		opts := []stream.RunOption{stream.Shards(1)}
		if saved {
			opts = append(opts, stream.Checkpoints(checkpoint.Memory(), time.Hour))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
		require.NoError(t, p.Run(ctx, opts...))
		cancel()
		assert.GreaterOrEqual(t, refused, 2)
		assert.Greater(t, f.made.Load(), int64(1))
		assert.Equal(t, []string{"a|1", "b|2"}, sqlservers.Query(t, direct, "SELECT k, n FROM kept ORDER BY k"))
		require.NoError(t, db.Close())
		_, err := direct.Exec("DELETE FROM kept")
		require.NoError(t, err)
	}
}
