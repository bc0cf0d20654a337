package binlogsource_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/binlogsource"
	"github.com/freshet-go/freshet/stream"
)

const makePairs = "CREATE TABLE shop.pairs (id INT PRIMARY KEY, v VARCHAR(100) NOT NULL)"

// whole reads until the table is known whole, and returns what comes meanwhile.
func whole[U any](t *testing.T, r *reading[U]) (events []U) {
	t.Helper()
	for begun := time.Now(); !strings.Contains(r.reader.Offset(), `"done":true`); {
		require.Less(t, time.Since(begun), 20*time.Second, "the table is not known whole: %s", r.reader.Offset())
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		in := stream.NewIntake[U](1)
		if err := r.reader.Read(ctx, in); !errors.Is(err, context.DeadlineExceeded) {
			require.NoError(t, err)
		}
		cancel()
		for _, e := range in.Batch().All() {
			events = append(events, e)
		}
	}
	return events
}

// books are the rows that events lead to. None comes twice.
func books(t *testing.T, events []binlogsource.Event[pair]) map[int]string {
	t.Helper()
	rows := map[int]string{}
	for _, e := range events {
		if e.Kind == binlogsource.Restarted || e.Kind == binlogsource.Truncated || e.Kind == binlogsource.Dropped {
			clear(rows)
		}
		if e.Kind != binlogsource.Row {
			continue
		}
		if e.Change.HasBefore {
			require.Contains(t, rows, e.Change.Before.ID)
			delete(rows, e.Change.Before.ID)
		}
		if e.Change.Kind != stream.Delete {
			require.NotContains(t, rows, e.Change.After.ID)
			rows[e.Change.After.ID] = e.Change.After.Text
		}
	}
	return rows
}

func kindsOf(events []binlogsource.Event[pair]) (kinds []binlogsource.Kind) {
	for _, e := range events {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

// A set of more members than a float has bits is the same in a snapshot and in the log.
func testLargeSet(t *testing.T, s *database) {
	type marked struct {
		ID   int    `sql:"id"`
		Text string `sql:"marks"`
		Bits uint64 `sql:"same"`
	}
	var labels []string
	for i := range 64 {
		labels = append(labels, fmt.Sprintf("'m%d'", i))
	}
	set := "SET(" + strings.Join(labels, ",") + ") NOT NULL"
	s.exec(t, "DROP TABLE IF EXISTS shop.marked", "CREATE TABLE shop.marked (id INT PRIMARY KEY, marks "+set+", same "+set+")",
		"INSERT INTO shop.marked VALUES (1, 'm0,m63', 'm0,m63')")
	r := read(t, binlogsource.New(s.server(t), binlogsource.Table[marked]("shop.marked")), "")
	want := marked{1, "m0,m63", 1<<63 | 1}
	assert.Equal(t, want, r.next(1)[0].Change.After)
	s.exec(t, "DELETE FROM shop.marked")
	assert.Equal(t, want, r.next(1)[0].Change.Before)
}

// A temporary table of the name is not the table that is captured.
func testTemporary(t *testing.T, s *database) {
	s.exec(t, pairs)
	r := read(t, pairsOf(s.server(t)), "")
	whole(t, r)
	s.root.SetMaxIdleConns(0)
	s.exec(t, "CREATE TEMPORARY TABLE shop.pairs (id INT); INSERT INTO shop.pairs VALUES (9); DROP TEMPORARY TABLE shop.pairs", "INSERT INTO shop.pairs VALUES (2, 'real')")
	assert.Equal(t, stream.Change[pair]{Kind: stream.Insert, After: pair{2, "real"}}, r.next(1)[0].Change)
}

// A table that takes the rows of a partition is read again.
func testExchanged(t *testing.T, s *database) {
	s.exec(t, "DROP TABLE IF EXISTS shop.parts", "CREATE TABLE shop.parts (id INT PRIMARY KEY, v VARCHAR(100) NOT NULL) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (100), PARTITION p1 VALUES LESS THAN (200))",
		pairs, "INSERT INTO shop.parts VALUES (1, 'part'), (2, 'part')", "INSERT INTO shop.pairs VALUES (3, 'pair')")
	r := read(t, pairsOf(s.server(t)), "")
	events := r.next(1)
	whole(t, r)
	s.exec(t, "ALTER TABLE shop.parts EXCHANGE PARTITION p0 WITH TABLE shop.pairs")
	events = append(events, r.next(4)...)
	assert.Equal(t, map[int]string{1: "part", 2: "part"}, books(t, events))
}

// A table that was dropped while nobody read is told of, and one that is made under its name is read from its beginning.
func testGone(t *testing.T, s *database) {
	s.exec(t, "DROP TABLE IF EXISTS shop.PAIRS", pairs, "CREATE TABLE shop.PAIRS (other INT)", "INSERT INTO shop.pairs VALUES (1, 'a')")
	src := pairsOf(s.server(t))
	r := read(t, src, "")
	r.next(1)
	whole(t, r)
	offset := r.reader.Offset()
	r.close()
	want := []binlogsource.Kind{binlogsource.Dropped}
	if !s.mysql { // where the log has the names of columns
		s.exec(t, "INSERT INTO shop.pairs VALUES (2, 'b')")
		want = []binlogsource.Kind{binlogsource.Row, binlogsource.Dropped}
	}
	s.exec(t, "DROP TABLE shop.pairs")
	r = read(t, src, offset)
	assert.Equal(t, want, kindsOf(r.next(len(want))))
	offset = r.reader.Offset()
	r.close()
	s.exec(t, "DROP TABLE shop.PAIRS")
	r = read(t, src, offset) // behind the DROP
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	require.ErrorIs(t, r.reader.Read(ctx, stream.NewIntake[binlogsource.Event[pair]](1)), context.DeadlineExceeded)
	s.exec(t, makePairs, "INSERT INTO shop.pairs VALUES (7, 'new')")
	last := r.next(2)
	assert.Equal(t, binlogsource.Altered, last[0].Kind)
	assert.Equal(t, stream.Change[pair]{Kind: stream.Insert, After: pair{7, "new"}}, last[1].Change)
}

// MariaDB replaces a table without a DROP in its log.
func testReplaced(t *testing.T, s *database) {
	s.exec(t, pairs, "INSERT INTO shop.pairs VALUES (1, 'old'), (2, 'old')")
	r := read(t, pairsOf(s.server(t)), "")
	events := append(r.next(2), whole(t, r)...)
	s.exec(t, pairs, "INSERT INTO shop.pairs VALUES (2, 'new')")
	last := r.next(3)
	assert.Equal(t, []binlogsource.Kind{binlogsource.Dropped, binlogsource.Altered, binlogsource.Row}, kindsOf(last))
	assert.Equal(t, map[int]string{2: "new"}, books(t, append(events, last...)))
	s.exec(t, "CREATE OR REPLACE TABLE shop.pairs (PRIMARY KEY (id)) SELECT 5 AS id, 'selected' AS v")
	assert.Equal(t, map[int]string{5: "selected"}, books(t, append(last, r.next(3)...)))
}

// A transaction of XA that is prepared and rolled back holds nothing up.
func testXARolledBack(t *testing.T, s *database) {
	s.exec(t, "DROP TABLE IF EXISTS shop.elsewhere", "CREATE TABLE shop.elsewhere (id INT PRIMARY KEY)", pairs, "INSERT INTO shop.pairs SELECT seq, 'a' FROM shop.seq_1_to_9")
	r := read(t, pairsOf(s.server(t), binlogsource.Chunk(2)), "")
	r.next(3)
	s.root.SetMaxIdleConns(0)
	s.exec(t, "XA START 'x'; INSERT INTO shop.elsewhere VALUES (1); XA END 'x'; XA PREPARE 'x'; XA ROLLBACK 'x'")
	assert.Len(t, whole(t, r), 6)
}

// A number of MariaDB's that goes back within its domain is an error, and no silent loss.
func testOutOfOrder(t *testing.T, s *database) {
	s.exec(t, "DROP TABLE IF EXISTS shop.elsewhere", "CREATE TABLE shop.elsewhere (id INT PRIMARY KEY)", pairs)
	r := read(t, pairsOf(s.server(t)), "")
	whole(t, r)
	s.root.SetMaxIdleConns(0)
	s.exec(t, "SET SESSION gtid_domain_id = 7, gtid_seq_no = 100; INSERT INTO shop.pairs VALUES (1, 'a')",
		"SET SESSION gtid_domain_id = 7, gtid_seq_no = 50; INSERT INTO shop.elsewhere VALUES (1)", "INSERT INTO shop.pairs VALUES (2, 'b')")
	assert.Equal(t, map[int]string{1: "a", 2: "b"}, books(t, r.next(2)))
	s.exec(t, "SET SESSION gtid_domain_id = 7, gtid_seq_no = 60; INSERT INTO shop.pairs VALUES (3, 'c')")
	_, err := r.until(1)
	require.ErrorContains(t, err, "want SET GLOBAL gtid_strict_mode = ON")
	require.ErrorIs(t, err, binlogsource.ErrSetup)
	r.close()
	s.exec(t, "SET SESSION gtid_domain_id = 7, gtid_seq_no = 61; INSERT INTO shop.pairs VALUES (4, 'd')")
	r = read(t, pairsOf(s.server(t)), "")
	assert.Len(t, r.next(4), 4)
}

// Where the server says that changes are missing in its log, the tables are read again.
func testIncident(t *testing.T, s *database) {
	s.exec(t, pairs, "INSERT INTO shop.pairs VALUES (1, 'a')", "DROP TABLE IF EXISTS shop.isam", "CREATE TABLE shop.isam (v TEXT) ENGINE=MyISAM")
	src := pairsOf(s.server(t), binlogsource.SnapshotWhenLost())
	r := read(t, src, "")
	r.next(1)
	whole(t, r)
	offset := r.reader.Offset()
	s.root.SetMaxIdleConns(0) // a session has its cache from its beginning
	s.exec(t, "SET GLOBAL max_binlog_stmt_cache_size = 4096", "SET GLOBAL binlog_stmt_cache_size = 4096")
	_, err := s.root.Exec("INSERT INTO shop.isam SELECT REPEAT('x', 1000) FROM shop.seq_1_to_100") // which does not fit there, and cannot be taken back
	require.Error(t, err)
	s.exec(t, "DO SLEEP(1.1)") // the log knows seconds: an incident of the one in which the tables are read again has them read once more
	s.exec(t, "SET GLOBAL max_binlog_stmt_cache_size = DEFAULT", "SET GLOBAL binlog_stmt_cache_size = DEFAULT")
	again := append(r.next(2), whole(t, r)...)
	assert.Equal(t, []binlogsource.Kind{binlogsource.Restarted, binlogsource.Row}, kindsOf(again))
	s.exec(t, "INSERT INTO shop.pairs VALUES (2, 'b')")
	assert.Equal(t, map[int]string{1: "a", 2: "b"}, books(t, append(again, r.next(1)...)))
	r.close()

	r = read(t, src, offset)
	assert.Equal(t, map[int]string{1: "a", 2: "b"}, books(t, r.next(3)))
	_, err = read(t, pairsOf(s.server(t)), offset).until(1)
	var lost *binlogsource.LostError
	require.ErrorAs(t, err, &lost)
	assert.ErrorContains(t, err, "incident")
}

// Where the server folds the names of tables, the log has them folded.
func TestFoldedNames(t *testing.T) {
	t.Parallel()
	s := startMariaDB(t, "--lower-case-table-names=1")
	s.exec(t, "CREATE TABLE Shop.Pairs (id INT PRIMARY KEY, v VARCHAR(100) NOT NULL)", "INSERT INTO shop.pairs VALUES (1, 'a')")
	_, err := read(t, binlogsource.New(s.server(t), binlogsource.Table[pair]("Shop.Pairs")), "").until(1)
	require.ErrorContains(t, err, "the log calls table Shop.Pairs shop.pairs")
	require.ErrorIs(t, err, binlogsource.ErrSetup)
	r := read(t, pairsOf(s.server(t)), "")
	r.next(1)
	s.exec(t, "INSERT INTO SHOP.PAIRS VALUES (2, 'b')", "TRUNCATE TABLE Shop.Pairs", "ALTER TABLE SHOP.pairs ADD COLUMN c INT", "DROP DATABASE Shop")
	assert.Equal(t, []binlogsource.Kind{binlogsource.Row, binlogsource.Truncated, binlogsource.Altered, binlogsource.Dropped}, kindsOf(r.next(4)))
}
