package binlogsource_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/binlogsource"
	"github.com/freshet-go/freshet/stream"
)

// Columns that are added, dropped, renamed and retyped are read as they were when each row
// was written, also by a run that comes later.
func testColumnsChange(t *testing.T, s *database) {
	type wide struct {
		ID   int     `sql:"id"`
		Old  *string `sql:"old" missing:"zero"`
		New  *string `sql:"new" missing:"zero"`
		Size int64   `sql:"size"`
	}
	s.exec(t, "CREATE TABLE shop.wide (id INT PRIMARY KEY, old VARCHAR(10), size TINYINT UNSIGNED NOT NULL)")
	src := binlogsource.New(s.server(t), binlogsource.Table[wide]("shop.wide"), binlogsource.NoSnapshot())
	r := read(t, src, "")
	known(t, r)
	s.exec(t, "INSERT INTO shop.wide VALUES (1, 'a', 200)")
	require.EqualValues(t, 200, r.next(1)[0].Change.After.Size)
	offset := r.reader.Offset()
	r.close()
	s.exec(t,
		"ALTER TABLE shop.wide MODIFY size BIGINT NOT NULL, ADD COLUMN between_ INT FIRST", "INSERT INTO shop.wide (id, old, size) VALUES (2, 'b', 5000000000)",
		"ALTER TABLE shop.wide RENAME COLUMN old TO new", "INSERT INTO shop.wide (id, new, size) VALUES (3, 'c', 3)",
		"ALTER TABLE shop.wide DROP COLUMN new", "INSERT INTO shop.wide (id, size) VALUES (4, 4)",
		"ALTER TABLE shop.wide MODIFY size VARCHAR(10)", "INSERT INTO shop.wide (id, size) VALUES (5, '5')", "ALTER TABLE shop.wide MODIFY size BIGINT")
	r = read(t, src, offset)
	got, err := r.until(99)
	var rows []wide
	altered := 0
	for _, e := range got {
		if e.Kind == binlogsource.Altered {
			altered++
			assert.True(t, strings.HasPrefix(e.Query, "ALTER TABLE shop.wide"))
		} else {
			rows = append(rows, e.Change.After)
		}
	}
	assert.Equal(t, []wide{{2, p("b"), nil, 5_000_000_000}, {3, nil, p("c"), 3}, {4, nil, nil, 4}}, rows)
	assert.Equal(t, 4, altered)
	var wrong *binlogsource.ColumnError
	require.ErrorAs(t, err, &wrong, "a text is no int64")
	assert.Equal(t, "Size", wrong.Field)
	t.Log(err)
}

// Where the log does not name columns, as before MySQL 8.0, rows from before an ALTER that was not read yet are an error where the types show it,
// and what is written behind it is read as the table is.
func testColumnsUnnamed(t *testing.T, s *database) {
	type wide struct {
		ID   int     `sql:"id"`
		Text *string `sql:"txt" missing:"zero"`
	}
	s.exec(t, "CREATE TABLE shop.wide (id INT PRIMARY KEY, txt VARCHAR(10))", "INSERT INTO shop.wide VALUES (1, 'a')")
	src := binlogsource.New(s.server(t), binlogsource.Table[wide]("shop.wide"))
	r := read(t, src, "")
	r.next(1)
	known(t, r)
	s.exec(t, "INSERT INTO shop.wide VALUES (2, 'b')")
	require.Equal(t, wide{2, p("b")}, r.next(1)[0].Change.After)
	s.exec(t, "ALTER TABLE shop.wide ADD COLUMN first BIGINT NOT NULL FIRST")
	require.Equal(t, binlogsource.Altered, r.next(1)[0].Kind)
	s.exec(t, "INSERT INTO shop.wide VALUES (7, 3, 'c')")
	require.Equal(t, wide{3, p("c")}, r.next(1)[0].Change.After)
	offset := r.reader.Offset()
	r.close()
	s.exec(t, "INSERT INTO shop.wide VALUES (7, 4, 'd')", "ALTER TABLE shop.wide DROP COLUMN first")
	r = read(t, src, offset)
	_, err := r.until(2)
	require.ErrorContains(t, err, "binlog_row_metadata")
	t.Log(err)
}

// known reads until the source knows where it begins, and all tables whole.
func known[U any](t *testing.T, r *reading[U]) {
	for !strings.Contains(r.reader.Offset(), `"done":true`) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		_ = r.reader.Read(ctx, stream.NewIntake[U](1))
		cancel()
	}
}

// A table that takes the place of another is read again.
func testRenamed(t *testing.T, s *database) {
	s.exec(t, pairs, "INSERT INTO shop.pairs VALUES (1, 'old')")
	r := read(t, pairsOf(s.server(t)), "")
	r.next(1)
	s.exec(t, "CREATE TABLE shop.new LIKE shop.pairs", "INSERT INTO shop.new VALUES (2, 'new'), (3, 'new')", "RENAME TABLE shop.pairs TO shop.old, shop.new TO shop.pairs",
		"INSERT INTO shop.pairs VALUES (4, 'newer')", "DELETE FROM shop.pairs WHERE id = 2")
	var kinds []string
	rows := map[int]string{}
	for _, e := range r.next(5) {
		kinds = append(kinds, e.Kind.String())
		if e.Change.Kind != 0 {
			rows[e.Change.After.ID] = e.Change.After.Text
		}
	}
	assert.Equal(t, []string{"dropped", "altered", "restarted", "row", "row"}, kinds)
	assert.Equal(t, map[int]string{3: "new", 4: "newer"}, rows)
	s.exec(t, "DROP TABLE shop.pairs", makePairs, "INSERT INTO shop.pairs VALUES (7, 'newest')")
	last := r.next(3)
	assert.Equal(t, []binlogsource.Kind{binlogsource.Dropped, binlogsource.Altered, binlogsource.Row}, []binlogsource.Kind{last[0].Kind, last[1].Kind, last[2].Kind})
	assert.Equal(t, stream.Change[pair]{Kind: stream.Insert, After: pair{7, "newest"}}, last[2].Change)
}

// A DATETIME is of the zone that its field names, in a snapshot and in the log.
func testZone(t *testing.T, s *database) {
	type zoned struct {
		ID   int       `sql:"id,key"`
		At   time.Time `sql:"at" zone:"Asia/Tokyo"`
		Text *string   `sql:"txt" zone:"Asia/Tokyo" missing:"zero"`
	}
	s.exec(t, "CREATE TABLE shop.zoned (id INT PRIMARY KEY, at DATETIME(3) NOT NULL)", "INSERT INTO shop.zoned VALUES (1, '2026-03-29 02:30:00.5')")
	r := read(t, binlogsource.New(s.server(t), binlogsource.Table[zoned]("shop.zoned")), "")
	want := time.Date(2026, 3, 28, 17, 30, 0, 500_000_000, time.UTC)
	assert.Equal(t, want, r.next(1)[0].Change.After.At)
	s.exec(t, "UPDATE shop.zoned SET id = 2")
	assert.Equal(t, want, r.next(1)[0].Change.After.At)
}

// A row that is no T is rejected where it stands, and costs no other.
func testRejected(t *testing.T, s *database) {
	type small struct {
		ID int8 `sql:"id"`
	}
	s.exec(t, pairs, "INSERT INTO shop.pairs VALUES (1, ''), (300, ''), (3, '')")
	r := read(t, binlogsource.New(s.server(t), binlogsource.Table[small]("shop.pairs")), "")
	assert.Len(t, r.next(3), 2)
	assert.Equal(t, []string{"{0}"}, r.records, "the row alone, of the many that were read with it")
	s.exec(t, "INSERT INTO shop.pairs VALUES (4, ''), (500, ''), (6, '')")
	got := r.next(3)
	require.Len(t, got, 2)
	assert.EqualValues(t, 6, got[1].Change.After.ID)
	require.Len(t, r.faults, 2)
	var wrong *binlogsource.RowError
	require.ErrorAs(t, r.faults[1], &wrong)
	assert.EqualValues(t, 1, wrong.Row)
	t.Log(r.faults[1])
}

// What a session logs as a statement, or prepares by XA, is an error and no silent loss.
func TestRefused(t *testing.T) {
	t.Parallel()
	s := startMariaDB(t)
	file := filepath.Join(s.dir, "rows.txt")
	require.NoError(t, os.WriteFile(file, []byte("1\tloaded\n"), 0o644))
	s.exec(t, pairs, "INSERT INTO shop.pairs VALUES (1, '')", "CREATE VIEW shop.looks AS SELECT * FROM shop.pairs", "CREATE TABLE shop.fires (id INT)",
		"CREATE TRIGGER shop.fire AFTER INSERT ON shop.fires FOR EACH ROW UPDATE shop.pairs SET v = CONCAT(v, 'z')",
		"SET GLOBAL log_bin_trust_function_creators = 1", "CREATE FUNCTION shop.f() RETURNS INT BEGIN UPDATE shop.pairs SET v = CONCAT(v, 'f'); RETURN 1; END")
	const logged = "SET SESSION binlog_format = 'STATEMENT'; "
	s.root.SetMaxIdleConns(0)
	r := read(t, pairsOf(s.server(t)), "")
	r.next(1)
	s.exec(t, logged+"DELETE FROM mysql.help_topic WHERE 1 = 0", logged+"CREATE TABLE shop.copied SELECT 1 AS a", "UPDATE shop.pairs SET v = 'harmless'")
	require.Equal(t, "harmless", r.next(1)[0].Change.After.Text)
	r.close()
	for statements, want := range map[string]string{
		logged + "UPDATE shop.looks SET v = CONCAT(v, 'v')":                                                 "some session has another binlog_format than ROW",
		logged + "INSERT INTO shop.fires VALUES (1)":                                                        "some session has another binlog_format than ROW",
		logged + "SELECT shop.f()":                                                                          "some session has another binlog_format than ROW",
		logged + "LOAD DATA INFILE '" + file + "' REPLACE INTO TABLE shop.pairs":                            "some session has another binlog_format than ROW",
		logged + "REPLACE INTO shop.copied SELECT id FROM shop.pairs":                                       "some session has another binlog_format than ROW",
		"SET SESSION binlog_format = 'STATEMENT'; UPDATE shop.pairs SET v = 'x'":                            "some session has another binlog_format than ROW",
		"SET SESSION binlog_row_image = 'MINIMAL'; UPDATE shop.pairs SET v = CONCAT(v, 'x')":                "the row in the log has not all columns",
		"XA START 'a'; UPDATE shop.pairs SET v = CONCAT(v, 'y'); XA END 'a'; XA PREPARE 'a'; XA COMMIT 'a'": "is of XA",
	} {
		s.root.SetMaxIdleConns(0)
		r := read(t, pairsOf(s.server(t)), "")
		r.next(1)
		s.exec(t, statements)
		_, err := r.until(1)
		assert.ErrorContains(t, err, want)
		r.close()
	}
}

// A transaction of any size is given as it comes, in bounded memory.
func testLargeTransaction(t *testing.T, s *database) {
	s.exec(t, pairs)
	r := read(t, pairsOf(s.server(t), binlogsource.Buffer(1<<20)), "")
	s.exec(t, "INSERT INTO shop.pairs VALUES (0, '')")
	r.next(1)
	const rows = 100_000
	var now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&now)
	least := now.HeapAlloc                                                                     // a JSON column that was read before has the library keep a table of 14 MB
	s.exec(t, "INSERT INTO shop.pairs SELECT seq, REPEAT('x', 100) FROM shop.seq_1_to_100000") // 11 MB
	most, last := least, false
	for n := 0; n < rows; {
		in := stream.NewIntake[binlogsource.Event[pair]](100)
		require.NoError(t, r.reader.Read(t.Context(), in))
		for _, e := range in.Batch().All() {
			require.False(t, last)
			n, last = n+1, e.Tx.Last
		}
		if n%20_000 < 100 {
			runtime.GC()
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc)
		}
	}
	assert.True(t, last)
	assert.Less(t, most-least, uint64(5<<20))
	t.Logf("a transaction of %d rows, %d KiB more of heap at most", rows, (most-least)>>10)
}
