package sqlsink_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/sqlsink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// Errors as drivers have them: with a method (pgx, lib/pq, modernc.org/sqlite), or with
// fields alone (go-sql-driver/mysql, mattn/go-sqlite3).
type stateError string

func (e stateError) Error() string    { return "SQLSTATE " + string(e) }
func (e stateError) SQLState() string { return string(e) }

type numberError struct {
	Number   uint16
	SQLState [5]byte
	Message  string
}

func (e *numberError) Error() string { return fmt.Sprintf("Error %d: %s", e.Number, e.Message) }

type codeError struct{ Code int }

func (e codeError) Error() string { return "constraint failed" }

type textError struct{ state, text string }

func (e textError) Error() string    { return e.text }
func (e textError) SQLState() string { return e.state }

type oracleError int

func (e oracleError) Error() string { return "ORA-01555: snapshot too old" }
func (e oracleError) Code() int     { return int(e) }

// A row that is refused may hold the text of any other error.
func TestRefusedTextOfOutage(t *testing.T) {
	later := func(err error) sqlsink.Fault {
		if strings.Contains(err.Error(), "retry later") {
			return sqlsink.PassingFault
		}
		return sqlsink.UnknownFault
	}
	for _, text := range []string{"write: broken pipe", "retry later"} {
		for _, saved := range []bool{false, true} {
			db := database(t, "CREATE TABLE t (v TEXT UNIQUE)")
			p := stream.New("logs")
			p.From(source.Slice([]string{"a", text, text, "b"})).
				To(sqlsink.Statement(db, "INSERT INTO t VALUES (?)", textRow, sqlsink.Faults(later), sqlsink.Retry(100*time.Millisecond)), stream.SkipFailures())
			var opts []stream.RunOption
			if saved {
				opts = append(opts, stream.Checkpoints(checkpoint.Memory(), time.Hour))
			}
			assert.NoError(t, p.Run(t.Context(), append(opts, stream.Shards(1))...))
			assert.Len(t, query(t, db, "SELECT v FROM t"), 3, "%q, checkpoints %v", text, saved)
		}
	}
}

func TestFaultOf(t *testing.T) {
	db := database(t, "CREATE TABLE t (v TEXT NOT NULL)")
	_, constraint := db.Exec("INSERT INTO t VALUES (NULL)")
	_, syntax := db.Exec("INSERT INTO")
	for want, all := range map[sqlsink.Fault][]error{
		sqlsink.PassingFault: {
			stateError("40001"), stateError("40P01"), stateError("08006"), stateError("57P01"), stateError("57014"), stateError("53300"), stateError("55P03"),
			&numberError{Number: 1205}, &numberError{Number: 1213}, &numberError{Number: 2006}, &numberError{Number: 2013},
			codeError{5}, codeError{6}, codeError{261}, codeError{517},
			driver.ErrBadConn, sql.ErrConnDone, io.ErrUnexpectedEOF, context.DeadlineExceeded, syscall.ECONNREFUSED,
			&net.OpError{Op: "read", Err: errors.New("gone")}, errors.New("invalid connection"),
			errors.Join(constraint, driver.ErrBadConn), fmt.Errorf("insert: %w", stateError("40001")),
		},
		sqlsink.RowFault: {
			constraint, stateError("23505"), stateError("22001"), stateError("P0001"), &numberError{Number: 1062}, &numberError{Number: 1406},
			&numberError{Number: 3819}, codeError{19}, codeError{2067}, fmt.Errorf("insert: %w", constraint),
			fmt.Errorf("insert: %w", &numberError{Number: 1062, Message: "Duplicate entry 'broken pipe' for key 'v'"}),
			errors.New("year is not in the range [1, 9999]: 10000"), errors.New("failed to encode args[2]: unable to encode 3000000000 into binary format for int4 (OID 23): 3000000000 is greater than maximum value for int4"),
		},
		sqlsink.UnknownFault: {
			syntax, errors.New("anything"), stateError("42601"), stateError("XX000"), stateError(""), &numberError{Number: 1064}, codeError{1}, oracleError(1555), textError{"42804", "broken pipe"},
			errors.New("failed to encode args[0]: unable to encode 1 into text format for text (OID 25): cannot find encode plan"), errors.New("what of year is not in the range [1, 9999]: 10000"),
		},
	} {
		for _, err := range all {
			assert.Equal(t, want, sqlsink.FaultOf(err), "%T %v", err, err)
		}
	}
}

// A blocked database is held by another writer until it has been tried so many
// times.
type blocked struct {
	path  string
	tries atomic.Int64
	after int64
	hold  *sql.Conn
}

// open returns the database, as a plain DSN has it.
func (b *blocked) open(t *testing.T) *sql.DB {
	db, err := sql.Open("sqlite", b.path)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	return db
}

func block(t *testing.T, after int64) *blocked {
	b := &blocked{path: filepath.Join(t.TempDir(), "plain.db"), after: after}
	db := b.open(t)
	_, err := db.Exec("CREATE TABLE t (v TEXT PRIMARY KEY)")
	require.NoError(t, err)
	b.hold, err = db.Conn(t.Context())
	require.NoError(t, err)
	_, err = b.hold.ExecContext(t.Context(), "BEGIN EXCLUSIVE")
	require.NoError(t, err)
	return b
}

// look lets the database go in time. It is asked about each error.
func (b *blocked) look(error) sqlsink.Fault {
	if b.tries.Add(1) == b.after {
		_, _ = b.hold.ExecContext(context.Background(), "ROLLBACK")
		_ = b.hold.Close()
	}
	return sqlsink.UnknownFault
}

// texts are n rows in four partitions.
func texts(n int) (parts [][]string, all []string) {
	parts = make([][]string, 4)
	for i := range n {
		v := strconv.Itoa(i)
		parts[i%4], all = append(parts[i%4], v), append(all, v)
	}
	slices.Sort(all)
	return parts, all
}

// While somebody else writes, no row is taken for one that is refused, with checkpoints or
// without, on four shards and a plain DSN.
func TestBusy(t *testing.T) {
	for _, saved := range []bool{false, true} {
		t.Run(fmt.Sprint("checkpoints ", saved), func(t *testing.T) {
			b := block(t, 8)
			db := b.open(t)
			parts, want := texts(1000)
			p := stream.New("busy")
			p.From(source.Slice(parts...)).Rebalance().
				To(sqlsink.Statement(db, "INSERT INTO t VALUES (?)", textRow, sqlsink.Faults(b.look)), stream.SkipFailures())
			opts := []stream.RunOption{stream.Shards(4), stream.BatchSize(64)}
			if saved {
				opts = append(opts, stream.Checkpoints(checkpoint.Memory(), time.Millisecond))
			}
			require.NoError(t, p.Run(t.Context(), opts...))
			got := query(t, db, "SELECT v FROM t")
			slices.Sort(got)
			assert.Equal(t, want, got)
			stats, _ := p.Stats().Operator("sink")
			assert.Zero(t, stats.Failed)
		})
	}
}

// What does not pass in time ends the run, whatever becomes of failures, and is worth a restart.
func TestBusyForTooLong(t *testing.T) {
	for _, saved := range []bool{false, true} {
		b := block(t, 1<<40)
		db := b.open(t)
		parts, want := texts(100)
		var again atomic.Bool
		run := func(opts ...stream.RunOption) error {
			p := stream.New("busy")
			p.From(source.Slice(parts...)).To(sqlsink.Statement(db, "INSERT INTO t VALUES (?)", textRow, sqlsink.Retry(20*time.Millisecond),
				sqlsink.Faults(func(err error) sqlsink.Fault {
					if again.Load() {
						b.after = b.tries.Load() + 1
					}
					return b.look(err)
				})), stream.SkipFailures())
			return p.Run(t.Context(), append(opts, stream.Shards(1))...)
		}
		store := checkpoint.Memory()
		var opts []stream.RunOption
		if saved {
			opts = []stream.RunOption{stream.Checkpoints(store, time.Hour)}
		}
		err := run(opts...)
		failed, ok := errors.AsType[*sink.WriteError](err)
		require.True(t, ok, "%v", err)
		assert.ErrorContains(t, failed, "database is locked")
		if saved {
			again.Store(true) // the database is let go at the next error
			require.NoError(t, run(append(opts, stream.Restarts(3, time.Millisecond))...))
			got := query(t, db, "SELECT v FROM t")
			slices.Sort(got)
			assert.Equal(t, want, got)
		}
	}
}

// An error that nobody can place ends the run, so that no row is lost, and says
// who could place it.
func TestUnknownFault(t *testing.T) {
	db := database(t, "CREATE TABLE t (v TEXT)")
	put := func(opts ...sqlsink.Option) error {
		p := stream.New("unknown")
		p.From(source.Slice([]string{"{}", "{", "[]"})).To(sqlsink.Statement(db, "INSERT INTO t VALUES (json(?))", textRow, opts...), stream.SkipFailures())
		return p.Run(t.Context(), stream.Shards(1))
	}
	err := put()
	require.ErrorContains(t, err, "malformed JSON")
	require.ErrorContains(t, err, "see Faults")
	require.Empty(t, query(t, db, "SELECT v FROM t"))
	require.NoError(t, put(sqlsink.Faults(func(error) sqlsink.Fault { return sqlsink.RowFault })))
	assert.Equal(t, []string{"{}", "[]"}, query(t, db, "SELECT v FROM t"))
	assert.Panics(t, func() { sqlsink.Faults(nil) })
	assert.Panics(t, func() { sqlsink.Retry(-1) })
}

// A transaction whose commit is refused is over, also for SQLite: the next one on the
// connection begins. Which row is at fault is found by halves.
func TestRefusedAtTheEnd(t *testing.T) {
	db := database(t, "CREATE TABLE shops (id INTEGER PRIMARY KEY)", "INSERT INTO shops VALUES (1)",
		"CREATE TABLE t (v INTEGER, shop INTEGER REFERENCES shops DEFERRABLE INITIALLY DEFERRED)", "PRAGMA foreign_keys = on")
	p := stream.New("deferred")
	p.From(source.Slice([]int{1, 1, 1, 2, 1, 1, 3, 1})).
		To(sqlsink.Statement(db, "INSERT INTO t VALUES (1, ?)", func(i int) []any { return []any{i} }), stream.SkipFailures())
	require.NoError(t, p.Run(t.Context(), stream.Shards(1)))
	assert.Equal(t, []string{"1", "1", "1", "1", "1", "1"}, query(t, db, "SELECT shop FROM t"))
	stats, _ := p.Stats().Operator("sink")
	assert.EqualValues(t, 2, stats.Failed)
}
