package sqlservers

import (
	"database/sql"
	"fmt"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/freshet-go/freshet/internal/servertest"
)

// A Server is a database server.
type Server struct {
	Name   string // "MariaDB"
	Driver string // of database/sql
	Addr   string // of MariaDB

	command func() *exec.Cmd
	dsn     func(database string) string
	process *servertest.Process
	owner   testing.TB   // whose end is the server's
	made    atomic.Int64 // databases
}

// Each runs f as a subtest with SQLite, MariaDB, MySQL and PostgreSQL, as far as they are on the machine. The servers
// run one after the other.
func Each(t *testing.T, f func(t *testing.T, s *Server)) {
	for _, start := range []struct {
		name  string
		start func(testing.TB) *Server
	}{{"SQLite", SQLite}, {"MariaDB", MariaDB}, {"MySQL", MySQL}, {"PostgreSQL", PostgreSQL}} {
		t.Run(start.name, func(t *testing.T) { f(t, start.start(t)) })
	}
}

// SQLite returns a server that is none: each database is a file.
func SQLite(t testing.TB) *Server {
	dir := t.TempDir()
	return &Server{Name: "SQLite", Driver: "sqlite", dsn: func(database string) string {
		return "file:" + filepath.Join(dir, database) + "?_pragma=synchronous(0)&_pragma=journal_mode(wal)&_pragma=busy_timeout(5000)"
	}}
}

// run starts the server and waits until it answers.
func (s *Server) run(t testing.TB) *Server {
	t.Helper()
	s.owner = t
	s.process = servertest.Start(t, s.command())
	db, err := sql.Open(s.Driver, s.dsn(""))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s.process.Until("answers", func() bool { return db.Ping() == nil })
	return s
}

// DSN makes a database of its own and returns its data source name.
func (s *Server) DSN(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("test%d", s.made.Add(1))
	if s.process != nil {
		db, err := sql.Open(s.Driver, s.dsn(""))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec("CREATE DATABASE " + name); err != nil {
			t.Fatal(err)
		}
	}
	return s.dsn(name)
}

// Open opens a database of its own, and executes statements in it.
func (s *Server) Open(t testing.TB, statements ...string) *sql.DB {
	t.Helper()
	return Open(t, s.Driver, s.DSN(t), statements...)
}

// Open opens a database until the test ends, and executes statements in it.
func Open(t testing.TB, driver, dsn string, statements ...string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	return db
}

// IsServer reports whether the database is one that can be stopped.
func (s *Server) IsServer() bool { return s.process != nil }

// Restart kills the server, and starts it again after it has been away for so long.
func (s *Server) Restart(t testing.TB, away time.Duration) {
	t.Helper()
	s.process.Kill()
	time.Sleep(away) // the outage itself
	s.run(s.owner)
}

// Query returns the rows that a query finds, each as its columns with a bar between them.
func Query(t testing.TB, db *sql.DB, query string, args ...any) (all []string) {
	t.Helper()
	rows, err := db.Query(query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values := make([]sql.NullString, len(columns))
		dests := make([]any, len(columns))
		for i := range values {
			dests[i] = &values[i]
		}
		if err := rows.Scan(dests...); err != nil {
			t.Fatal(err)
		}
		text := ""
		for i, v := range values {
			if i > 0 {
				text += "|"
			}
			if v.Valid {
				text += v.String
			} else {
				text += "NULL"
			}
		}
		all = append(all, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// Warm has n connections be open and stay open, with the goroutines that drivers give them.
func Warm(t testing.TB, db *sql.DB, n int) {
	t.Helper()
	db.SetMaxIdleConns(n)
	db.SetMaxOpenConns(n)
	var conns []*sql.Conn
	for range n {
		c, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, c)
	}
	for _, c := range conns {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}
