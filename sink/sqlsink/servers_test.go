package sqlsink_test

import (
	"database/sql"
	"fmt"
	"testing"

	_ "github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/sqlservers"
	"github.com/freshet-go/freshet/sink/sinktest"
	"github.com/freshet-go/freshet/sink/sqlsink"
	"github.com/freshet-go/freshet/stream"
)

var dialects = map[string]sqlsink.Dialect{"SQLite": sqlsink.SQLite, "MariaDB": sqlsink.MySQL, "MySQL": sqlsink.MySQL, "PostgreSQL": sqlsink.PostgreSQL}

// The servers are started once for all that is asked of them.
func TestServers(t *testing.T) {
	sqlservers.Each(t, func(t *testing.T, s *sqlservers.Server) {
		t.Run("suite", func(t *testing.T) { upsertSuite(t, s) })
		t.Run("refused", func(t *testing.T) { refusedUpserts(t, s) })
		t.Run("every kind", func(t *testing.T) { everyKind(t, s) })
		t.Run("changes", func(t *testing.T) { changesInOrder(t, s) })
		if s.IsServer() { // SQLite locks all at once
			t.Run("deadlocks", func(t *testing.T) { deadlocks(t, s) })
		}
		if s.IsServer() {
			t.Run("poison", func(t *testing.T) { poisonRows(t, s) })
			t.Run("read-only", func(t *testing.T) { readOnly(t, s) })
		}
		if dialects[s.Name] == sqlsink.MySQL {
			t.Run("zones", func(t *testing.T) { zones(t, s) })
			t.Run("wrong moments", func(t *testing.T) { wrongMoments(t, s) })
		}
		t.Run("equal keys", func(t *testing.T) { equalKeys(t, s) })
		t.Run("folded keys", func(t *testing.T) { foldedKeys(t, s) })
		t.Run("killed", func(t *testing.T) { killed(t, s) })
		if s.IsServer() {
			t.Run("server restarts", func(t *testing.T) { serverRestarts(t, s) })
		}
		t.Run("zombie", func(t *testing.T) { zombie(t, s) })
	})
}

// A numbered value is one that a table is told to hold.
type numbered struct {
	N    int    `sql:"n,key"`
	Text string `sql:"the text"`
}

func upsertSuite(t *testing.T, s *sqlservers.Server) {
	db := s.Open(t)
	sqlservers.Warm(t, db, 4)
	quote := map[string]string{"MariaDB": "`", "MySQL": "`"}[s.Name]
	if quote == "" {
		quote = `"`
	}
	var all []stream.Event[numbered]
	for i, e := range events(60) {
		all = append(all, stream.Event[numbered]{Value: numbered{i, e.Value}, Time: e.Time})
	}
	places := 0
	made := func(t testing.TB) string {
		places++
		table := fmt.Sprintf("t%d", places)
		_, err := db.Exec(fmt.Sprintf("CREATE TABLE %s (n INTEGER PRIMARY KEY, %sthe text%s VARCHAR(20))", table, quote, quote))
		require.NoError(t, err)
		return table
	}
	place := func(t testing.TB) (func() stream.Sink[numbered], func() []numbered) {
		table := made(t)
		commits := sqlsink.CommitTable("commits" + table)
		open := func() stream.Sink[numbered] {
			return sqlsink.Upsert[numbered](db, table, dialects[s.Name], commits, sqlsink.RowsPerStatement(20))
		}
		return open, func() []numbered { return numberedIn(t, db, table) }
	}
	sinktest.Suite[numbered]{
		Events: all,
		Sink: func(t testing.TB) (stream.Sink[numbered], func() []numbered) {
			open, reached := place(t)
			return open(), reached
		},
		Place: place,
		Broken: func(t testing.TB) stream.Sink[numbered] {
			return sqlsink.Upsert[numbered](db, "nowhere", dialects[s.Name])
		},
		Outage: func(t testing.TB) (stream.Sink[numbered], func(), func() []numbered) {
			table := made(t)
			_, err := db.Exec("ALTER TABLE " + table + " RENAME TO away")
			require.NoError(t, err)
			away := sqlsink.Upsert[numbered](db, table, dialects[s.Name])
			end := func() {
				_, err := db.Exec("ALTER TABLE away RENAME TO " + table)
				require.NoError(t, err)
			}
			return away, end, func() []numbered { return numberedIn(t, db, table) }
		},
		InUse:    func() int { return db.Stats().InUse },
		RealTime: true,
	}.Run(t)
}

func numberedIn(t testing.TB, db *sql.DB, table string) (all []numbered) {
	rows, err := db.Query("SELECT * FROM " + table + " ORDER BY n")
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var v numbered
		require.NoError(t, rows.Scan(&v.N, &v.Text))
		all = append(all, v)
	}
	require.NoError(t, rows.Err())
	return all
}
