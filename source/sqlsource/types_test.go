package sqlsource_test

import (
	"database/sql"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/sqlservers"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/sqlsource"
	"github.com/freshet-go/freshet/stream"
)

// A cents is a decimal with a Scan of its own.
type cents int64

// Scan reads a decimal with two digits behind the point.
func (c *cents) Scan(src any) error {
	text := fmt.Sprint(src)
	if b, ok := src.([]byte); ok {
		text = string(b)
	}
	_, err := fmt.Sscan(strings.Replace(text, ".", "", 1), (*int64)(c))
	return err
}

type everything struct {
	ID    int64          `sql:"id,key"`
	Big   uint64         `sql:"big"`
	Ratio float32        `sql:"ratio"`
	On    bool           `sql:"is_on"`
	Text  string         `sql:"text"`
	Raw   []byte         `sql:"raw"`
	At    time.Time      `sql:"at"`
	Local time.Time      `sql:"local" zone:"Europe/Berlin"`
	None  *time.Time     `sql:"none"`
	Price string         `sql:"price"`
	Cents cents          `sql:"cents"`
	Addr  netip.Addr     `sql:"addr"`
	Note  sql.NullString `sql:"note"`
	More
}

// More is a part of the struct.
type More struct {
	Count *uint8 `sql:"count"`
}

// Values of every kind come out as they are in the table.
func everyKind(t *testing.T, s *sqlservers.Server) {
	big, raw, at, largest := "BIGINT UNSIGNED", "VARBINARY(20)", "DATETIME(6)", "18446744073709551615"
	bytes, moment := "X'00FF27'", "'2026-07-01 10:30:00.123456'"
	switch s.Name {
	case "PostgreSQL":
		big, raw, at = "NUMERIC(20)", "BYTEA", "TIMESTAMPTZ"
		bytes, moment = `'\x00FF27'`, "'2026-07-01 12:30:00.123456+02'"
	case "SQLite":
		big, raw, at, largest = "INTEGER", "BLOB", "TEXT", "9223372036854775807"
	}
	db := s.Open(t,
		"CREATE TABLE every (id BIGINT PRIMARY KEY, big "+big+", ratio REAL, is_on BOOLEAN, text VARCHAR(50), raw "+raw+", at "+at+", local VARCHAR(30), none "+at+", price DECIMAL(10, 2), cents DECIMAL(10, 2), addr VARCHAR(40), note VARCHAR(10), count INTEGER)",
		"INSERT INTO every VALUES (-9223372036854775808, "+largest+", 0.5, TRUE, 'ä 🙂', "+bytes+", "+moment+", '2026-07-01 12:30:00', NULL, 1234.56, 1234.56, '::1', NULL, 255)")
	want := everything{
		ID: math.MinInt64, Big: math.MaxUint64, Ratio: 0.5, On: true, Text: "ä 🙂", Raw: []byte{0, 255, '\''},
		At: time.Date(2026, 7, 1, 10, 30, 0, 123456000, time.UTC), Local: time.Date(2026, 7, 1, 10, 30, 0, 0, time.UTC),
		Price: "1234.56", Cents: 123456, Addr: netip.MustParseAddr("::1"),
	}
	if s.Name == "SQLite" {
		want.Big = math.MaxInt64
	}
	n := uint8(255)
	want.Count = &n
	for name, src := range map[string]stream.Source[everything]{
		"table": sqlsource.Table[everything](db, "every", dialects[s.Name]),
		"query": sqlsource.Query[everything](db, "SELECT * FROM every", nil),
	} {
		got := sink.Collect[everything]()
		p := stream.New(name)
		p.From(src).To(got)
		require.NoError(t, p.Run(t.Context()))
		assert.Equal(t, []everything{want}, got.Values(), name)
	}
}

// What does not fit says which column and which field, and the row.
func TestMisfits(t *testing.T) {
	db := sqlservers.SQLite(t).Open(t, "CREATE TABLE t (id INTEGER PRIMARY KEY, n, at TEXT)",
		"INSERT INTO t VALUES (1, 300, '2026-01-01'), (2, 'x', '2026-01-01'), (3, -1, '2026-01-01'), (4, 1, 'today'), (5, NULL, '2026-01-01'), (6, 7, '2026-01-01T00:00:00Z')")
	type row struct {
		ID int       `sql:"id,key"`
		N  uint8     `sql:"n"`
		At time.Time `sql:"at"`
	}
	var bad stream.Failures[[]byte]
	failed := sink.Collect[stream.Failed[[]byte]]()
	good := sink.Collect[row]()
	p := stream.New("misfits")
	p.From(sqlsource.Table[row](db, "t", sqlsource.SQLite), stream.Divert(&bad)).To(good)
	bad.Stream().To(failed)
	require.NoError(t, p.Run(t.Context(), stream.Shards(1)))
	assert.Equal(t, []row{{6, 7, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}}, good.Values())
	var got []string
	for _, f := range failed.Values() {
		got = append(got, fmt.Sprintf("%s: %s: %v", f.Position, f.Value, f.Err))
	}
	assert.Equal(t, []string{
		`t row 0: id=1, n=300, at=2026-01-01: column n: field N (uint8): "300": value out of range`,
		`t row 1: id=2, n=x, at=2026-01-01: column n: field N (uint8): "x": invalid syntax`,
		`t row 2: id=3, n=-1, at=2026-01-01: column n: field N (uint8): "-1": value out of range`,
		`t row 3: id=4, n=1, at=today: column at: field At (time.Time): "today": invalid syntax`,
		`t row 4: id=5, n=NULL, at=2026-01-01: column n is NULL, and field N (uint8) cannot hold that: make it a pointer or a sql.Null`,
	}, got)
}

// Columns without a field, and fields without a column, are named.
func TestColumnErrors(t *testing.T) {
	db := sqlservers.SQLite(t).Open(t, "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)", "INSERT INTO t VALUES (1, 2)")
	type less struct {
		ID int `sql:"id,key"`
	}
	type more struct {
		ID int `sql:"id,key"`
		M  int `sql:"m"`
	}
	run := func(src stream.Source[more]) error {
		p := stream.New("columns")
		p.From(src).To(sink.Discard[more]())
		return p.Run(t.Context())
	}
	assert.ErrorContains(t, run(sqlsource.Table[more](db, "t", sqlsource.SQLite)), "sqlsource: field M wants the column m, which table t has not: it has id, n")
	assert.ErrorContains(t, run(sqlsource.Query[more](db, "SELECT id FROM t", nil)), "field M wants the column m, which the query has not: it has id")
	assert.ErrorContains(t, run(sqlsource.Query[more](db, "SELECT * FROM nowhere", nil)), "source: read query SELECT * FROM nowhere at row 0:")
	assert.ErrorContains(t, run(sqlsource.Table[more](db, "nowhere", sqlsource.SQLite)), "sqlsource: table nowhere: ")
	p := stream.New("columns")
	p.From(sqlsource.Query[less](db, "SELECT * FROM t", nil)).To(sink.Discard[less]())
	err := p.Run(t.Context())
	assert.ErrorContains(t, err, "no field of sqlsource_test.less takes the column n of the query: it has fields for id")
	_, ok := errors.AsType[*source.ReadError](err)
	assert.True(t, ok)
	timed := func() {
		sqlsource.Poll[struct {
			At time.Time `sql:"at,key"`
		}](db, "t", sqlsource.SQLite)
	}
	for want, f := range map[string]func(){
		"has the column m of By":            func() { sqlsource.Table[less](db, "t", sqlsource.SQLite, sqlsource.By("m")) },
		"SQLite has no times":               timed,
		"is no Dialect":                     func() { sqlsource.Table[less](db, "t", 9) },
		"Table: the database is nil":        func() { sqlsource.Table[less](nil, "t", sqlsource.SQLite) },
		"Ranges(0)":                         func() { sqlsource.Ranges(0) },
		"Every(0s): want a positive":        func() { sqlsource.Every(0) },
		"struct {} has no field with a tag": func() { sqlsource.Query[struct{}](db, "", nil) },
	} {
		func() {
			defer func() {
				if text := fmt.Sprint(recover()); !strings.Contains(text, want) {
					t.Errorf("%s, want %s", text, want)
				}
			}()
			f()
		}()
	}
}

// Ranges divide what there is, whatever the keys are, and filters hold in all of them.
func TestRanges(t *testing.T) {
	db := sqlservers.SQLite(t).Open(t, "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)")
	type row struct {
		ID   int64  `sql:"id,key"`
		Name string `sql:"name"`
	}
	for _, ids := range [][]int64{{}, {5}, {5, 6}, {-3, 0, 1, 2, 90}, {math.MinInt64, -1, 0, 1, math.MaxInt64}} {
		_, err := db.Exec("DELETE FROM t")
		require.NoError(t, err)
		var want []row
		for _, id := range ids {
			name := fmt.Sprint("n", id)
			_, err := db.Exec("INSERT INTO t VALUES (?, ?)", id, name)
			require.NoError(t, err)
			if id != 1 {
				want = append(want, row{id, name})
			}
		}
		for _, by := range [][]string{{"id"}, {"name"}, {"name", "id"}} {
			for ranges := 1; ranges <= 6; ranges++ {
				got := sink.Collect[row]()
				p := stream.New("ranges")
				p.From(sqlsource.Table[row](db, "t", sqlsource.SQLite, sqlsource.Ranges(ranges), sqlsource.By(by...), sqlsource.PageRows(2), sqlsource.Where("id <> ? AND name <> ''", 1))).To(got)
				require.NoError(t, p.Run(t.Context()))
				assert.ElementsMatch(t, want, got.Values(), "%v by %v in %d", ids, by, ranges)
			}
		}
	}
}
