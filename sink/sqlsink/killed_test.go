package sqlsink_test

import (
	"database/sql"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/internal/sqlservers"
)

var kill = flag.Int("kills", 6, "how often a process is killed")

// startChild starts the process that child is.
func startChild(t *testing.T, s *sqlservers.Server, dsn, dir string, shards, pace int) *servertest.Process {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), "CHILD="+strings.Join([]string{s.Name, dsn, dir, strconv.Itoa(shards), strconv.Itoa(pace)}, "\n"))
	return servertest.Start(t, cmd)
}

// checkBooks checks what a child has written once it has come to its end.
func checkBooks(t *testing.T, db *sql.DB) {
	t.Helper()
	assert.Equal(t, []string{fmt.Sprintf("%d|%d", bought, bought)}, sqlservers.Query(t, db, "SELECT COUNT(*), COUNT(DISTINCT id) FROM copies"))
	want := sqlservers.Query(t, db, "SELECT shop, SUM(amount), COUNT(*) FROM purchases GROUP BY shop ORDER BY shop")
	assert.Equal(t, want, sqlservers.Query(t, db, "SELECT shop, amount, purchases FROM totals ORDER BY shop"))
	few := []string{}
	for id := range bought {
		if id%2 == 1 {
			shift := 0
			if id%3 == 0 {
				shift = 100_000
			}
			few = append(few, fmt.Sprintf("%d|shop %d|%d", id+shift, id%17, id%101))
		}
	}
	assert.ElementsMatch(t, few, sqlservers.Query(t, db, "SELECT id, shop, amount FROM few"))
}

// A process that is killed at any moment, and started again with other shards, has read and written
// everything exactly once.
func killed(t *testing.T, s *sqlservers.Server) {
	dsn := s.DSN(t)
	db := sqlservers.Open(t, s.Driver, dsn, childTables...)
	purchases(t, db)
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(1, 2))
	kills := 0
	for ; kills < *kill; kills++ {
		p := startChild(t, s, dsn, dir, 1+kills%3, 1)
		if p.Ends(time.Duration(80+rng.IntN(220)) * time.Millisecond) {
			p.Wait(time.Minute)
			break
		}
		p.Kill()
	}
	startChild(t, s, dsn, dir, 2, 1).Wait(2 * time.Minute)
	t.Logf("%d kills", kills)
	assert.GreaterOrEqual(t, kills, 1)
	checkBooks(t, db)
}

// A server that is killed and comes back is waited for, and everything is there once.
func serverRestarts(t *testing.T, s *sqlservers.Server) {
	dsn := s.DSN(t)
	db := sqlservers.Open(t, s.Driver, dsn, childTables...)
	purchases(t, db)
	p := startChild(t, s, dsn, t.TempDir(), 2, 1)
	for range 2 {
		p.Ends(250 * time.Millisecond)
		s.Restart(t, 100*time.Millisecond)
	}
	p.Wait(2 * time.Minute)
	checkBooks(t, db)
}

// A process that was paused while another went on in its place commits nothing any more. Their
// checkpoints are in folders of their own, as the lock of one folder would keep them apart already.
func zombie(t *testing.T, s *sqlservers.Server) {
	dsn := s.DSN(t)
	db := sqlservers.Open(t, s.Driver, dsn, childTables...)
	purchases(t, db)
	first, second := t.TempDir(), t.TempDir()
	old := startChild(t, s, dsn, first, 2, 4)
	old.Until("commits", func() bool { return marks(db, "checkpoint > 0") == 3 })
	for {
		old.Signal(syscall.SIGSTOP)
		old.Until("has stopped", func() bool { return stopped(old.Pid()) }) // a thread may go on for a moment, and begin a transaction
		if !inTransaction(t, s, db) {
			break
		}
		old.Signal(syscall.SIGCONT) // it would keep its locks
		old.Ends(time.Millisecond)
	}
	require.NoError(t, os.CopyFS(second+"/copy", os.DirFS(first)))
	young := startChild(t, s, dsn, second+"/copy", 3, 1)
	young.Until("takes over", func() bool { return marks(db, "epoch = 2") == 3 })
	old.Signal(syscall.SIGCONT)
	require.True(t, old.Ends(2*time.Minute), "the old process goes on")
	assert.Contains(t, old.Output(), "another run has begun with this database: row \"shop/")
	young.Wait(2 * time.Minute)
	checkBooks(t, db)
}

// stopped reports whether each thread of a process has stopped, as far as the system tells.
func stopped(pid int) bool {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid)) // there are none but on Linux
	for _, name := range threads {
		text, err := os.ReadFile(name)
		if _, state, ok := strings.Cut(string(text), ") "); err != nil || !ok || !strings.HasPrefix(state, "T") {
			return false
		}
	}
	return true
}

// marks counts what is noted of the child's sinks, once there is a table for it.
func marks(db *sql.DB, where string) (n int) {
	_ = db.QueryRow("SELECT COUNT(*) FROM freshet_commits WHERE name IN ('shop/copies', 'shop/totals', 'shop/few') AND " + where).Scan(&n)
	return n
}

// inTransaction reports whether somebody has a transaction open.
func inTransaction(t *testing.T, s *sqlservers.Server, db *sql.DB) bool {
	switch s.Name {
	case "MariaDB", "MySQL":
		return sqlservers.Query(t, db, "SELECT COUNT(*) FROM information_schema.innodb_trx")[0] != "0"
	case "PostgreSQL":
		return sqlservers.Query(t, db, "SELECT COUNT(*) FROM pg_stat_activity WHERE xact_start IS NOT NULL AND pid <> pg_backend_pid() AND backend_type = 'client backend'")[0] != "0"
	}
	_, err := db.Exec("UPDATE totals SET amount = amount WHERE 1 = 0") // SQLite's locks outlive the pause
	return err != nil
}
