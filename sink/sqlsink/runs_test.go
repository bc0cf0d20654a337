package sqlsink_test

import (
	"testing"

	"github.com/freshet-go/freshet/internal/runtest"
	"github.com/freshet-go/freshet/sink/sqlsink"
)

// Runs that fail and begin again from their checkpoints, with other numbers of
// shards, show each event once.
func TestRunsExactlyOnce(t *testing.T) {
	db := database(t, "CREATE TABLE t (v TEXT)")
	rows := sqlsink.Statement(db, "INSERT INTO t VALUES (?)", textRow)
	runtest.ExactlyOnce(t, rows, func() []string { return query(t, db, "SELECT v FROM t") })
}
