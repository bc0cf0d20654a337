package sqlsource_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/sqlservers"
	"github.com/freshet-go/freshet/source/sqlsource"
	"github.com/freshet-go/freshet/stream"
)

// readAll reads a bounded source of one partition, which is closed and opened again at its offset after each Read.
func readAll[T any](t testing.TB, src stream.Source[T], logger *slog.Logger, offsets map[string]string) (all []T, err error) {
	t.Helper()
	for range 1000 {
		readers, err := src.Open(&stream.SourceContext{Context: t.Context(), Shards: 1, BatchSize: 512, Now: time.Now, Logger: logger, Offsets: offsets})
		if err != nil {
			return all, err
		}
		require.Len(t, readers, 1)
		in := stream.NewIntake[T](3)
		err = readers[0].Read(t.Context(), in)
		for _, v := range in.Batch().All() {
			all = append(all, v)
		}
		offsets = map[string]string{readers[0].Partition(): readers[0].Offset()}
		require.NoError(t, readers[0].Close())
		if err != nil {
			return all, err
		}
	}
	t.Fatal("it comes to no end")
	return nil, nil
}

// A named row has a text for a key.
type named struct {
	Name string `sql:"name,key"`
	N    int    `sql:"n"`
}

// Texts that the database takes to be equal, or orders otherwise than Go does, are keys like others.
func textKeys(t *testing.T, s *sqlservers.Server) {
	kind := "VARCHAR(20) COLLATE utf8mb4_general_ci"
	var first []string
	if s.Name == "PostgreSQL" {
		kind = "VARCHAR(20) COLLATE nocase"
		first = []string{"CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)"}
	}
	db := s.Open(t, append(first, "CREATE TABLE entries (name "+kind+", n INTEGER, PRIMARY KEY (name, n))")...)
	var want []named
	for i, name := range []string{"b", "B", "a", "A", "ä", "z", "Z", "_", "Ab", "aB", "AB", "c", "C d", "", "ß"} {
		_, err := db.Exec(fmt.Sprintf("INSERT INTO entries VALUES ('%s', %d)", name, i))
		require.NoError(t, err)
		want = append(want, named{name, i})
	}
	byN := func(a, b named) int { return a.N - b.N }
	for _, page := range []int{1, 2, 5} {
		got, err := readAll(t, sqlsource.Table[named](db, "entries", dialects[s.Name], sqlsource.By("name", "n"), sqlsource.PageRows(page)), nil, nil)
		assert.ErrorContains(t, err, "EOF")
		slices.SortFunc(got, byN)
		assert.Equal(t, want, got, "%d rows a page", page)
		r := poll(t, sqlsource.Poll[named](db, "entries", dialects[s.Name], sqlsource.By("name", "n"), sqlsource.PageRows(page), sqlsource.Every(time.Hour)), "")
		got = next(t, r, len(want))
		require.NoError(t, r.Close())
		slices.SortFunc(got, byN)
		assert.Equal(t, want, got, "polled, %d rows a page", page)
	}
}

// An ENUM is ordered by its members' places. PostgreSQL compares it so, too; MySQL compares names, and so it is refused.
func enumKeys(t *testing.T, s *sqlservers.Server) {
	var db *sql.DB
	if s.Name == "PostgreSQL" {
		db = s.Open(t, "CREATE TYPE size AS ENUM ('large', 'small', 'medium')", "CREATE TABLE entries (name size, n INTEGER, PRIMARY KEY (name, n))")
	} else {
		db = s.Open(t, "CREATE TABLE entries (name ENUM('large', 'small', 'medium'), tags SET('a', 'b'), n INTEGER, PRIMARY KEY (name, n))")
	}
	for i, name := range []string{"large", "small", "medium", "large", "small", "medium"} {
		_, err := db.Exec(fmt.Sprintf("INSERT INTO entries (name, n) VALUES ('%s', %d)", name, i))
		require.NoError(t, err)
	}
	got, err := readAll(t, sqlsource.Table[named](db, "entries", dialects[s.Name], sqlsource.By("name", "n"), sqlsource.PageRows(2)), nil, nil)
	if s.Name == "PostgreSQL" {
		assert.ErrorContains(t, err, "EOF")
		assert.Equal(t, []named{{"large", 0}, {"large", 3}, {"small", 1}, {"small", 4}, {"medium", 2}, {"medium", 5}}, got)
		return
	}
	assert.ErrorContains(t, err, "sqlsource: table entries: column name cannot be a key: MySQL orders a column of type ENUM by the places of its members")
	type tagged struct {
		Tags *string `sql:"tags"`
		Name string  `sql:"name"`
		N    int     `sql:"n,key"`
	}
	got2, err := readAll(t, sqlsource.Table[tagged](db, "entries", dialects[s.Name]), nil, nil)
	assert.ErrorContains(t, err, "EOF", "it may be any other field")
	assert.Len(t, got2, 6)
	type byTags struct {
		Tags string `sql:"tags,key"`
	}
	_, err = readAll(t, sqlsource.Table[byTags](db, "entries", dialects[s.Name]), nil, nil)
	assert.ErrorContains(t, err, "a column of type SET")
}

// A stamped row has a time for a key.
type stamped struct {
	At time.Time `sql:"at,key"`
	N  int       `sql:"n"`
}

// A zoned row has one that is a clock in Berlin.
type zoned struct {
	At time.Time `sql:"at,key" zone:"Europe/Berlin"`
	N  int       `sql:"n"`
}

// Times are keys, however the driver gives them; and a time that a zone does not have is none.
func timeKeys(t *testing.T, s *sqlservers.Server) {
	dsn := s.DSN(t)
	create := "CREATE TABLE entries (at DATETIME(6) PRIMARY KEY, n INTEGER)"
	zone := "zone"
	if s.Name == "PostgreSQL" {
		create, zone = "CREATE TABLE entries (at TIMESTAMP PRIMARY KEY, n INTEGER)", ""
	}
	db := sqlservers.Open(t, s.Driver, dsn, create)
	for i := range 10 { // around an hour that comes twice in Berlin, and half a second after each
		_, err := db.Exec(fmt.Sprintf("INSERT INTO entries VALUES ('2026-10-25 0%d:%d0:00.5', %d)", i/3, 2*(i%3), i))
		require.NoError(t, err)
	}
	ns := func(all []stamped) (ns []int) {
		for _, v := range all {
			ns = append(ns, v.N)
		}
		return ns
	}
	want := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	for _, dsn := range map[string]string{
		"": dsn, "texts": strings.Replace(dsn, "parseTime=true&", "", 1), "local": dsn + "&loc=America%2FNew_York",
		"texts, local": strings.Replace(dsn, "parseTime=true&", "loc=America%2FNew_York&", 1),
	} {
		if zone == "" && strings.Contains(dsn, "loc=") {
			continue
		}
		db := sqlservers.Open(t, s.Driver, dsn)
		got, err := readAll(t, sqlsource.Table[stamped](db, "entries", dialects[s.Name], sqlsource.PageRows(3)), nil, nil)
		assert.ErrorContains(t, err, "EOF")
		assert.Equal(t, want, ns(got), dsn)
		if zone == "" {
			continue
		}
		texts := !strings.Contains(dsn, "parseTime")
		zones, err := readAll(t, sqlsource.Table[zoned](db, "entries", dialects[s.Name], sqlsource.PageRows(3)), nil, nil)
		if !texts {
			assert.ErrorContains(t, err, "the tag of field At says Europe/Berlin, and the driver takes it to be of ", dsn)
			continue
		}
		assert.ErrorContains(t, err, "EOF")
		var numbers []int
		for _, v := range zones {
			numbers = append(numbers, v.N)
		}
		assert.Equal(t, want, numbers, dsn)
		assert.Equal(t, time.Date(2026, 10, 24, 22, 0, 0, 500_000_000, time.UTC), zones[0].At, dsn)
		r := poll(t, sqlsource.Poll[zoned](db, "entries", dialects[s.Name], sqlsource.PageRows(3), sqlsource.Every(time.Hour)), "")
		assert.Len(t, next(t, r, 10), 10, dsn)
		require.NoError(t, r.Close())
	}
	if zone == "" {
		return
	}
	_, err := db.Exec("INSERT INTO entries VALUES ('2026-03-29 02:30:00', 99)")
	require.NoError(t, err)
	spring := sqlservers.Open(t, s.Driver, strings.Replace(dsn, "parseTime=true&", "", 1))
	_, err = readAll(t, sqlsource.Table[zoned](spring, "entries", dialects[s.Name]), nil, nil)
	assert.ErrorContains(t, err, "Europe/Berlin has no such time")
}

// A TIMESTAMP is read rightly, or not at all: but for a run that goes on from an offset, which has been so all the time.
func timestamps(t *testing.T, s *sqlservers.Server) {
	dsn := s.DSN(t)
	sqlservers.Open(t, s.Driver, dsn+"&time_zone=%27%2B00%3A00%27", "CREATE TABLE entries (at TIMESTAMP NULL, n INTEGER PRIMARY KEY)", "INSERT INTO entries VALUES ('2026-07-01 12:00:00', 1)")
	type row struct {
		At time.Time `sql:"at"`
		N  int       `sql:"n,key"`
	}
	noon := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	for zone, right := range map[string]bool{"%2B00%3A00": true, "%2B02%3A00": false} {
		for _, times := range []bool{true, false} {
			dsn := dsn + "&time_zone=%27" + zone + "%27"
			if !times {
				dsn = strings.Replace(dsn, "parseTime=true&", "", 1)
			}
			db := sqlservers.Open(t, s.Driver, dsn)
			src := sqlsource.Table[row](db, "entries", dialects[s.Name])
			got, err := readAll(t, src, nil, nil)
			if right {
				assert.ErrorContains(t, err, "EOF")
				assert.Equal(t, []row{{noon, 1}}, got)
				continue
			}
			assert.ErrorContains(t, err, "column at is a TIMESTAMP")
			assert.ErrorContains(t, err, "put time_zone=%27%2B00%3A00%27 in the DSN")
			var log bytes.Buffer
			got, err = readAll(t, src, slog.New(slog.NewTextHandler(&log, nil)), map[string]string{"entries": `{"row":3,"after":["0"]}`})
			assert.ErrorContains(t, err, "EOF")
			assert.Equal(t, []row{{noon.Add(2 * time.Hour), 1}}, got, "as before")
			assert.Contains(t, log.String(), "column at is a TIMESTAMP")
		}
	}
	db := sqlservers.Open(t, s.Driver, dsn+"&loc=Europe%2FBerlin&time_zone=%27%2B00%3A00%27")
	_, err := readAll(t, sqlsource.Table[row](db, "entries", dialects[s.Name]), nil, nil)
	assert.ErrorContains(t, err, "column at is a TIMESTAMP", "by the driver's zone")
}
