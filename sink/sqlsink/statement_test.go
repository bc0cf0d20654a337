package sqlsink_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/sinktest"
	"github.com/freshet-go/freshet/sink/sqlsink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

// database returns a database in a file, which SQLite lets one connection
// write to at a time.
func database(t testing.TB, statements ...string) *sql.DB {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "test.db")+"?_pragma=synchronous(0)")
	require.NoError(t, err)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	for _, s := range statements {
		_, err := db.Exec(s)
		require.NoError(t, err)
	}
	return db
}

// query returns the first column of what a query finds, as text.
func query(t testing.TB, db *sql.DB, query string, args ...any) (all []string) {
	rows, err := db.Query(query, args...)
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var s string
		require.NoError(t, rows.Scan(&s))
		all = append(all, s)
	}
	require.NoError(t, rows.Err())
	return all
}

func textRow(s string) []any { return []any{s} }

func TestSuite(t *testing.T) {
	db := database(t)
	places := 0
	place := func(t testing.TB) (func() stream.Sink[string], func() []string) {
		places++
		table := fmt.Sprintf("t%d", places)
		_, err := db.Exec("CREATE TABLE " + table + " (place INTEGER PRIMARY KEY, value TEXT)")
		require.NoError(t, err)
		commits := sqlsink.CommitTable(fmt.Sprintf("main.commits%d", places))
		open := func() stream.Sink[string] {
			return sqlsink.Statement(db, "INSERT INTO "+table+" (value) VALUES (?)", textRow, commits)
		}
		return open, func() []string { return query(t, db, "SELECT value FROM "+table+" ORDER BY place") }
	}
	sinktest.Suite[string]{
		Events: events(60),
		Sink: func(t testing.TB) (stream.Sink[string], func() []string) {
			open, reached := place(t)
			return open(), reached
		},
		Place: place,
		Broken: func(t testing.TB) stream.Sink[string] {
			return sqlsink.Statement(db, "INSERT INTO nowhere VALUES (?)", textRow)
		},
		Outage: func(t testing.TB) (stream.Sink[string], func(), func() []string) {
			away := sqlsink.Statement(db, "INSERT INTO away VALUES (?)", textRow)
			end := func() {
				_, err := db.Exec("CREATE TABLE away (value TEXT)")
				require.NoError(t, err)
			}
			return away, end, func() []string { return query(t, db, "SELECT value FROM away") }
		},
		InUse:    func() int { return db.Stats().InUse },
		RealTime: true,
	}.Run(t)
}

// committing is the context of a run with checkpoints.
func committing(t *testing.T) *stream.SinkContext {
	return &stream.SinkContext{Context: t.Context(), Pipeline: "p/1", Name: "store", Count: 1, Transactional: true, Checkpoint: func() {}}
}

func begin(t *testing.T, s stream.Sink[string]) (stream.Committer, stream.Writer[string]) {
	c, err := s.(stream.TransactionalSink[string]).OpenCommitter(committing(t))
	require.NoError(t, err)
	w, err := s.Open(committing(t))
	require.NoError(t, err)
	return c, w
}

func prepare(t *testing.T, w stream.Writer[string]) [][]byte {
	data, err := w.(stream.Preparer).Prepare(t.Context())
	require.NoError(t, err)
	return [][]byte{data}
}

// An event whose row is refused is a failure of its own; all others arrive
// once.
func TestRowFailures(t *testing.T) {
	for _, batch := range []int{1, 2, 512} {
		db := database(t, "CREATE TABLE odd (n INTEGER CHECK (n % 4 != 1))")
		store := sqlsink.Statement(db, "INSERT INTO odd VALUES (?)", func(n int) []any {
			switch {
			case n%4 == 2:
				return []any{make(chan int)}
			case n%4 == 0 && n > 0:
				panic("fourth")
			}
			return []any{n}
		})
		var bad stream.Failures[int]
		var failed sink.Collector[stream.Failed[int]]
		p := stream.New("test")
		p.From(source.Slice([]int{0, 1, 2, 3, 4, 5, 5, 7, 11})).To(store, stream.Divert(&bad))
		bad.Stream().To(&failed)
		require.NoError(t, p.Run(t.Context(), stream.BatchSize(batch), stream.Shards(1)))
		assert.Equal(t, []string{"0", "3", "7", "11"}, query(t, db, "SELECT n FROM odd ORDER BY rowid"))
		var values []int
		for _, f := range failed.Values() {
			values = append(values, f.Value)
		}
		assert.Equal(t, []int{1, 2, 4, 5, 5}, values)
		assert.ErrorContains(t, failed.Values()[0].Err, "constraint failed")
		assert.ErrorContains(t, failed.Values()[1].Err, "sink: argument 1 of INSERT INTO odd VALUES (?): unsupported type chan int")
		assert.ErrorContains(t, failed.Values()[2].Err, "panic: fourth")
	}
}

func committed(c stream.Committer) error {
	_, err := c.Committed(context.Background())
	return err
}

// What cannot be reached is no event's fault.
func TestUnreachable(t *testing.T) {
	db := database(t, "CREATE TABLE t (v TEXT)")
	s := sqlsink.Statement(db, "INSERT   INTO t\n VALUES (?)", textRow)
	plain := open(t, s, 0, 1)
	c, w := begin(t, s)
	put(t, w, events(3)...)
	require.NoError(t, db.Close())
	b := stream.NewIntake[string](1)
	b.Append("x")
	for _, err := range []error{
		plain.Write(t.Context(), b.Batch()),
		c.Commit(t.Context(), 1, prepare(t, w)),
		committed(c),
	} {
		failed, ok := errors.AsType[*sink.WriteError](err)
		require.True(t, ok, "%v", err)
		assert.Equal(t, "INSERT INTO t VALUES (?)", failed.Sink)
	}
	_, err := s.(stream.TransactionalSink[string]).OpenCommitter(committing(t))
	assert.ErrorContains(t, err, "database is closed")
}

// A commit that fails on the way has executed nothing, and is made good when
// the database takes the row.
func TestCommitIsWhole(t *testing.T) {
	db := database(t, "CREATE TABLE t (v TEXT)", "CREATE UNIQUE INDEX one ON t (v)")
	s := sqlsink.Statement(db, "INSERT INTO t VALUES (?)", textRow, sqlsink.Dollars())
	c, w := begin(t, s)
	require.NoError(t, c.Abort(t.Context(), 0))
	put(t, w, append(events(3), events(1)...)...)
	prepared := prepare(t, w)
	err := c.Commit(t.Context(), 4, prepared)
	assert.ErrorContains(t, err, "sink: write INSERT INTO t VALUES (?): constraint failed")
	assert.Empty(t, query(t, db, "SELECT v FROM t"))
	assert.Empty(t, query(t, db, "SELECT name FROM freshet_commits WHERE checkpoint > 0"))

	_, err = db.Exec("DROP INDEX one")
	require.NoError(t, err)
	for range 2 {
		require.NoError(t, c.Commit(t.Context(), 4, prepared))
		assert.Len(t, query(t, db, "SELECT v FROM t"), 4)
	}
	assert.Equal(t, []string{"p%2F1/store=4"}, query(t, db, "SELECT name || '=' || checkpoint FROM freshet_commits"))
	assert.ErrorContains(t, c.Commit(t.Context(), 5, [][]byte{{1, 7}}), "damaged data of a checkpoint")
	assert.Len(t, query(t, db, "SELECT v FROM t"), 4)
}

// Two names that the database takes for one are not mixed up.
func TestNames(t *testing.T) {
	db := database(t, "CREATE TABLE t (v TEXT)",
		"CREATE TABLE freshet_commits (name VARCHAR(255) COLLATE NOCASE PRIMARY KEY, checkpoint BIGINT NOT NULL)",
		"INSERT INTO freshet_commits (name, checkpoint) VALUES ('p%2F1/STORE', 7)")
	s := sqlsink.Statement(db, "INSERT INTO t VALUES (?)", textRow)
	_, err := s.(stream.TransactionalSink[string]).OpenCommitter(committing(t))
	assert.ErrorContains(t, err, `knows "p%2F1/STORE", which the database cannot tell from "p%2F1/store"`)

	long := committing(t)
	long.Name = strings.Repeat("ä", 251)
	_, err = s.(stream.TransactionalSink[string]).OpenCommitter(long)
	assert.ErrorContains(t, err, "has 257 characters")
}

func TestMaxRows(t *testing.T) {
	db := database(t, "CREATE TABLE t (v TEXT)")
	c := committing(t)
	asked := 0
	c.Checkpoint = func() { asked++ }
	w, err := sqlsink.Statement(db, "INSERT INTO t VALUES (?)", textRow, sqlsink.MaxRows(5)).Open(c)
	require.NoError(t, err)
	for range 2 {
		asked = 0
		put(t, w, events(1)...)
		assert.Equal(t, 0, asked)
		put(t, w, events(4)...)
		assert.Equal(t, 1, asked)
		prepare(t, w)
	}
	put(t, w, events(5)...)
	b := stream.NewIntake[string](1)
	b.Append("x")
	err = w.Write(t.Context(), b.Batch())
	assert.EqualError(t, err, "sink: write INSERT INTO t VALUES (?): 5 rows wait for a checkpoint, and MaxRows allows no more")
	_, row := errors.AsType[*stream.RowError](err)
	assert.False(t, row)
}

// Every kind of argument is the same in the database with checkpoints and
// without.
func TestArguments(t *testing.T) {
	var none *int
	at := time.Now().In(time.FixedZone("CET", 3600))
	args := []any{1, uint8(2), -3.5, float32(0.5), true, "text", []byte("bytes"), []byte{}, []byte(nil), nil, none, &at, sql.NullString{}, sql.NullInt64{Int64: 7, Valid: true}}
	db := database(t, "CREATE TABLE t (i INTEGER, v)")
	s := sqlsink.Statement(db, "INSERT INTO t VALUES (?, ?)", func(i string) []any { return []any{i, args[len(i)]} })
	var all []stream.Event[string]
	for i := range args {
		all = append(all, stream.Event[string]{Value: strings.Repeat("i", i)})
	}
	kept := func() []string {
		defer func() { _, _ = db.Exec("DELETE FROM t") }()
		return query(t, db, "SELECT typeof(v) || ' ' || quote(v) FROM t ORDER BY length(i)")
	}
	plainly := open(t, s, 0, 1)
	put(t, plainly, all...)
	require.NoError(t, plainly.Close())
	plain := kept()
	c, w := begin(t, s)
	put(t, w, all...)
	require.NoError(t, c.Commit(t.Context(), 1, prepare(t, w)))
	assert.Equal(t, plain, kept())
	assert.Len(t, plain, len(args))
	assert.Equal(t, []string{"integer 1", "integer 2", "real -3.5", "real 0.5", "integer 1", "text 'text'", "blob X'6279746573'", "blob X''", "null NULL"}, plain[:9])
}

func TestOptions(t *testing.T) {
	for _, name := range []string{"", "a b", "a;b", "a.b.c", "1a", "a.", "ä", `"a"`} {
		assert.Panics(t, func() { sqlsink.CommitTable(name) }, name)
	}
	assert.Panics(t, func() { sqlsink.MaxRows(1) })
}
