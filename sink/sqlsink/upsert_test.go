package sqlsink_test

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
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

// A kept row is one of a table with a constraint.
type kept struct {
	K string `sql:"k,key"`
	N int    `sql:"n"`
}

// Of a table that refuses some rows all others are there once; those are named, counted or diverted, in
// statements of any size, with checkpoints and without.
func refusedUpserts(t *testing.T, s *sqlservers.Server) {
	var all, bad []kept
	var want []string
	for i := range 200 {
		v := kept{fmt.Sprintf("k%03d", i), i}
		if i%50 == 7 {
			v.N = -i
			bad = append(bad, v)
		} else {
			want = append(want, fmt.Sprintf("%s|%d", v.K, v.N))
		}
		all = append(all, v)
	}
	for _, rows := range []int{1, 30, 1000} {
		for _, saved := range []bool{false, true} {
			number := "INTEGER CHECK (n >= 0)"
			if s.Name == "MySQL" { // before 8.0.16 it takes CHECK for a comment
				number = "INTEGER UNSIGNED"
			}
			db := s.Open(t, "CREATE TABLE kept (k VARCHAR(10) PRIMARY KEY, n "+number+")")
			run := func(store checkpoint.Store, opts ...stream.Option) (*stream.Pipeline, error) {
				p := stream.New("kept")
				p.From(source.Slice(all)).To(sqlsink.Upsert[kept](db, "kept", dialects[s.Name], sqlsink.RowsPerStatement(rows)), append(opts, stream.Name("kept"))...)
				runs := []stream.RunOption{stream.Shards(1), stream.BatchSize(64)}
				if saved {
					runs = append(runs, stream.Checkpoints(store, time.Hour))
				}
				return p, p.Run(t.Context(), runs...)
			}
			store := checkpoint.Memory()
			_, err := run(store)
			require.Error(t, err)
			if saved {
				refused, ok := errors.AsType[*sqlsink.RefusedError](err)
				require.True(t, ok, "%v", err)
				assert.Equal(t, []any{"k007", int64(-7)}, refused.Args)
				assert.Empty(t, sqlservers.Query(t, db, "SELECT k FROM kept"))
			}
			p, err := run(store, stream.SkipFailures())
			require.NoError(t, err)
			stats, _ := p.Stats().Operator("kept")
			assert.EqualValues(t, len(bad), stats.Failed)
			assert.Equal(t, want, sqlservers.Query(t, db, "SELECT k, n FROM kept ORDER BY k"), "%d rows a statement, checkpoints %v", rows, saved)
		}
	}
}

// Values of every kind are in the table as they are in the struct.
type everything struct {
	ID     int64             `sql:"id,key"`
	Small  int8              `sql:"small"`
	Big    uint64            `sql:"big"`
	Ratio  float64           `sql:"ratio"`
	On     bool              `sql:"is_on"`
	Text   string            "sql:\"odd \\\"name`\""
	Raw    []byte            `sql:"raw"`
	At     time.Time         `sql:"at"`
	None   *int              `sql:"none"`
	Price  decimal           `sql:"price"`
	Addr   netip.Addr        `sql:"addr"`
	Note   sql.NullString    `sql:"note"`
	Hidden chan int          // without a tag
	More   map[string]string `sql:"-"`
}

// A decimal is one as decimal packages have it.
type decimal struct{ cents int64 }

func (d decimal) String() string { return fmt.Sprintf("%d.%02d", d.cents/100, d.cents%100) }

// Value is what driver.Valuer wants.
func (d decimal) Value() (driver.Value, error) { return d.String(), nil }

func everyKind(t *testing.T, s *sqlservers.Server) {
	big, raw, at := "BIGINT UNSIGNED", "VARBINARY(20)", "DATETIME(6)"
	odd := "`odd \"name```"
	largest := uint64(math.MaxUint64)
	switch s.Name {
	case "PostgreSQL":
		big, raw, at, odd = "NUMERIC(20)", "BYTEA", "TIMESTAMPTZ", "\"odd \"\"name`\""
	case "SQLite":
		big, raw, at, largest = "INTEGER", "BLOB", "TEXT", math.MaxInt64
	}
	db := s.Open(t, "CREATE TABLE every (id BIGINT PRIMARY KEY, small SMALLINT, big "+big+", ratio DOUBLE PRECISION, is_on BOOLEAN, "+odd+" VARCHAR(50), raw "+raw+", at "+at+", none INTEGER, price DECIMAL(10, 2), addr VARCHAR(40), note VARCHAR(10))")
	rows := []everything{
		{ID: math.MinInt64, Small: -128, Big: largest, Ratio: -0.1, On: true, Text: "it's \"odd\"; DROP TABLE every; -- \\ `?` $1 ä 🙂", Raw: []byte{0, 255, '\''},
			At: time.Date(2026, 7, 1, 12, 30, 0, 123456000, time.FixedZone("", 7200)), Price: decimal{123456}, Addr: netip.MustParseAddr("::1"), Note: sql.NullString{String: "x", Valid: true}},
		{ID: 2, Text: "", Raw: nil, At: time.Date(1969, 12, 31, 23, 59, 59, 0, time.UTC), Addr: netip.MustParseAddr("10.0.0.1"), None: new(int)},
	}
	for _, saved := range []bool{false, true} {
		p := stream.New("every")
		p.From(source.Slice(rows)).To(sqlsink.Upsert[everything](db, "every", dialects[s.Name]))
		var opts []stream.RunOption
		if saved {
			opts = append(opts, stream.Checkpoints(checkpoint.Memory(), time.Hour))
			_, err := db.Exec("DELETE FROM every")
			require.NoError(t, err)
		}
		require.NoError(t, p.Run(t.Context(), opts...))
		var id int64
		var small int
		var bigText, text, price, addr string
		var ratio float64
		var on bool
		var bytes []byte
		var atValue any
		var none sql.NullInt64
		var note sql.NullString
		row := db.QueryRow("SELECT * FROM every ORDER BY id LIMIT 1")
		require.NoError(t, row.Scan(&id, &small, &bigText, &ratio, &on, &text, &bytes, &atValue, &none, &price, &addr, &note))
		assert.Equal(t, rows[0].ID, id)
		assert.Equal(t, -128, small)
		assert.Equal(t, fmt.Sprint(largest), bigText)
		assert.Equal(t, -0.1, ratio)
		assert.True(t, on)
		assert.Equal(t, rows[0].Text, text)
		assert.Equal(t, rows[0].Raw, bytes)
		if got, ok := atValue.(time.Time); ok {
			assert.True(t, got.Equal(rows[0].At), "%v", got)
		}
		assert.False(t, none.Valid)
		assert.Equal(t, "1234.56", price)
		assert.Equal(t, "::1", addr)
		assert.Equal(t, "x", note.String)
		assert.Equal(t, []string{"1|1|0"}, sqlservers.Query(t, db, "SELECT COUNT(*), SUM(CASE WHEN raw IS NULL THEN 1 ELSE 0 END), MAX(none) FROM every WHERE id = 2"))
	}
}

// Changes that swap what is unique, that come and go in one statement and that change keys
// leave the table as one after the other would.
func changesInOrder(t *testing.T, s *sqlservers.Server) {
	type user struct {
		ID    int    `sql:"id,key"`
		Realm string `sql:"realm,key"`
		Email string `sql:"email"`
	}
	insert := func(u user) stream.Change[user] { return stream.Change[user]{Kind: stream.Insert, After: u} }
	remove := func(u user) stream.Change[user] {
		return stream.Change[user]{Kind: stream.Delete, Before: u, HasBefore: true}
	}
	update := func(a, b user) stream.Change[user] {
		return stream.Change[user]{Kind: stream.Update, Before: a, After: b, HasBefore: true}
	}
	changes := []stream.Change[user]{
		insert(user{1, "a", "one"}), insert(user{2, "a", "two"}), insert(user{3, "a", "three"}),
		update(user{1, "a", "one"}, user{1, "a", "spare"}), update(user{2, "a", "two"}, user{2, "a", "one"}), update(user{1, "a", "spare"}, user{1, "a", "two"}),
		remove(user{3, "a", "three"}), insert(user{3, "a", "three"}), remove(user{3, "a", "three"}),
		insert(user{4, "a", "four"}), update(user{4, "a", "four"}, user{4, "b", "four"}), update(user{4, "b", "four"}, user{5, "b", "four"}),
		insert(user{6, "a", "six"}), update(user{6, "a", "six"}, user{7, "a", "six"}), insert(user{6, "a", "again"}),
	}
	want := []string{"1|a|two", "2|a|one", "5|b|four", "6|a|again", "7|a|six"}
	for _, saved := range []bool{false, true} {
		for batch := 1; batch <= len(changes); batch += 2 {
			db := s.Open(t, "CREATE TABLE users (id INTEGER, realm VARCHAR(5), email VARCHAR(10) NOT NULL, PRIMARY KEY (id, realm))")
			if s.Driver != "mysql" { // which updates the row that any unique index finds
				_, err := db.Exec("CREATE UNIQUE INDEX emails ON users (email)")
				require.NoError(t, err)
			}
			p := stream.New("users")
			p.From(source.Slice(changes)).To(sqlsink.Changes[user](db, "users", dialects[s.Name], sqlsink.RowsPerStatement(batch)), stream.SkipFailures(), stream.Name("users"))
			opts := []stream.RunOption{stream.Shards(1), stream.BatchSize(batch)}
			if saved {
				opts = append(opts, stream.Checkpoints(checkpoint.Memory(), time.Hour))
			}
			require.NoError(t, p.Run(t.Context(), opts...))
			stats, _ := p.Stats().Operator("users")
			assert.Zero(t, stats.Failed)
			assert.Equal(t, want, sqlservers.Query(t, db, "SELECT * FROM users ORDER BY id, realm"), "batches of %d, checkpoints %v", batch, saved)
		}
	}
}

// What was prepared first is executed first, whatever order the parts of a checkpoint come in.
func TestPreparedInOrder(t *testing.T) {
	db := database(t, "CREATE TABLE t (k TEXT PRIMARY KEY, n INTEGER)")
	type row struct {
		K string `sql:"k,key"`
		N int    `sql:"n"`
	}
	s := sqlsink.Upsert[row](db, "t", sqlsink.SQLite)
	c, err := s.(stream.TransactionalSink[row]).OpenCommitter(committing(t))
	require.NoError(t, err)
	w, err := s.Open(committing(t))
	require.NoError(t, err)
	var parts [][]byte
	for n := range 5 {
		b := stream.NewIntake[row](1)
		b.Append(row{"k", n})
		require.NoError(t, w.Write(t.Context(), b.Batch()))
		data, err := w.(stream.Preparer).Prepare(t.Context())
		require.NoError(t, err)
		parts = append(parts, data)
	}
	slices.Reverse(parts)
	require.NoError(t, c.Commit(t.Context(), 1, parts))
	assert.Equal(t, []string{"4"}, query(t, db, "SELECT n FROM t"))
}
