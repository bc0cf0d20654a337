package sqlsource_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/freshet-go/freshet/internal/sqlservers"
	"github.com/freshet-go/freshet/source/sourcetest"
	"github.com/freshet-go/freshet/source/sqlsource"
	"github.com/freshet-go/freshet/stream"
)

var dialects = map[string]sqlsource.Dialect{"SQLite": sqlsource.SQLite, "MariaDB": sqlsource.MySQL, "MySQL": sqlsource.MySQL, "PostgreSQL": sqlsource.PostgreSQL}

// The servers are started once for all that is asked of them.
func TestServers(t *testing.T) {
	sqlservers.Each(t, func(t *testing.T, s *sqlservers.Server) {
		t.Run("every kind", func(t *testing.T) { everyKind(t, s) })
		if s.IsServer() { // SQLite has one writer at a time: nobody is late
			t.Run("late commit", func(t *testing.T) { lateCommit(t, s) })
		}
		if s.IsServer() {
			t.Run("text keys", func(t *testing.T) { textKeys(t, s) })
			t.Run("enum keys", func(t *testing.T) { enumKeys(t, s) })
			t.Run("time keys", func(t *testing.T) { timeKeys(t, s) })
		}
		if dialects[s.Name] == sqlsource.MySQL {
			t.Run("timestamps", func(t *testing.T) { timestamps(t, s) })
		}
		t.Run("many writers", func(t *testing.T) { manyWriters(t, s) })
		t.Run("changing rows", func(t *testing.T) { changingRows(t, s) })
		t.Run("query suite", func(t *testing.T) { querySuite(t, s) })
		t.Run("table suite", func(t *testing.T) { tableSuite(t, s) })
		t.Run("poll suite", func(t *testing.T) { pollSuite(t, s) })
	})
}

// A sale is a row of the suites' tables.
type sale struct {
	ID    int     `sql:"id,key"`
	Shop  string  `sql:"shop"`
	Price *string `sql:"price"`
}

func (s sale) String() string {
	price := "NULL"
	if s.Price != nil {
		price = *s.Price
	}
	return fmt.Sprintf("%d %s %s", s.ID, s.Shop, price)
}

const createSales = "CREATE TABLE %s (id INTEGER PRIMARY KEY, shop VARCHAR(20), price DECIMAL(10, 2))"

// sales are n rows, which a table is filled with that is made.
func sales(t testing.TB, db *sql.DB, table string, n int) (all []sale) {
	t.Helper()
	_, err := db.Exec(fmt.Sprintf(createSales, table))
	require.NoError(t, err)
	var values []string
	for i := range n {
		s := sale{ID: 3*i - n, Shop: fmt.Sprint("shop ", i%7)}
		price := "NULL"
		if i%5 > 0 {
			price = fmt.Sprintf("%d.5", i)
			if text := price + "0"; true {
				s.Price = &text
			}
		}
		values = append(values, fmt.Sprintf("(%d, '%s', %s)", s.ID, s.Shop, price))
		all = append(all, s)
	}
	_, err = db.Exec("INSERT INTO " + table + " VALUES " + strings.Join(values, ", "))
	require.NoError(t, err)
	return all
}

// asKept has the prices be as other databases have them: SQLite has no decimals.
func asKept(s *sqlservers.Server, all []sale) []sale {
	for _, v := range all {
		if s.Name == "SQLite" && v.Price != nil {
			*v.Price = strings.TrimSuffix(*v.Price, "0")
		}
	}
	return all
}

func suiteDB(t testing.TB, s *sqlservers.Server) *sql.DB {
	db := s.Open(t)
	sqlservers.Warm(t, db, 6)
	return db
}

func querySuite(t *testing.T, s *sqlservers.Server) {
	db := suiteDB(t, s)
	want := asKept(s, sales(t, db, "t", 60))
	sales(t, db, "less", 50)
	of := func(table, order string) stream.Source[sale] {
		return sqlsource.Query[sale](db, "SELECT * FROM "+table+" ORDER BY id"+order, nil)
	}
	suite := faulty(t, s, db, func() stream.Source[priced] {
		return sqlsource.Query[priced](db, "SELECT * FROM faulty ORDER BY id", nil)
	}, "query row 0", "query row 5", "query row 10")
	suite.Run(t)
	sourcetest.Suite[sale]{
		Source:   func(testing.TB) stream.Source[sale] { return of("t", "") },
		Want:     want,
		Changed:  func(testing.TB) stream.Source[sale] { return of("less", " DESC") },
		InUse:    func() int { return db.Stats().InUse },
		RealTime: true,
	}.Run(t)
}

// A priced row cannot be without a price.
type priced struct {
	ID    int     `sql:"id,key"`
	Shop  string  `sql:"shop"`
	Price float64 `sql:"price"`
}

// faulty is the suite of a source of table faulty, which has 11 rows, some without a price.
func faulty(t *testing.T, s *sqlservers.Server, db *sql.DB, open func() stream.Source[priced], places ...string) sourcetest.Suite[priced] {
	var want []priced
	for i, v := range sales(t, db, "faulty", 11) {
		if v.Price != nil {
			want = append(want, priced{v.ID, v.Shop, float64(i) + 0.5})
		}
	}
	_, err := db.Exec("CREATE TABLE whole AS SELECT * FROM faulty WHERE price IS NOT NULL")
	require.NoError(t, err)
	return sourcetest.Suite[priced]{
		Source: func(testing.TB) stream.Source[priced] {
			return sqlsource.Query[priced](db, "SELECT * FROM whole ORDER BY id", nil)
		},
		Want:       want,
		Faulty:     func(testing.TB) stream.Source[priced] { return open() },
		FaultyWant: want,
		Faults:     places,
		InUse:      func() int { return db.Stats().InUse },
		RealTime:   true,
	}
}

func tableSuite(t *testing.T, s *sqlservers.Server) {
	db := suiteDB(t, s)
	want := asKept(s, sales(t, db, "t", 60))
	faulty(t, s, db, func() stream.Source[priced] {
		return sqlsource.Table[priced](db, "faulty", dialects[s.Name], sqlsource.PageRows(3))
	}, "faulty row 0", "faulty row 5", "faulty row 10").Run(t)
	for _, opts := range [][]sqlsource.Option{
		{sqlsource.PageRows(1000)},
		{sqlsource.PageRows(10), sqlsource.Ranges(3)},
		{sqlsource.PageRows(7), sqlsource.Ranges(2), sqlsource.By("shop", "id")},
	} {
		sourcetest.Suite[sale]{
			Source:   func(testing.TB) stream.Source[sale] { return sqlsource.Table[sale](db, "t", dialects[s.Name], opts...) },
			Want:     want,
			InUse:    func() int { return db.Stats().InUse },
			RealTime: true,
		}.Run(t)
	}
}

func pollSuite(t *testing.T, s *sqlservers.Server) {
	db := suiteDB(t, s)
	want := asKept(s, sales(t, db, "t", 50))
	for _, overlap := range []time.Duration{0, time.Hour} {
		sourcetest.Suite[sale]{
			Source: func(testing.TB) stream.Source[sale] {
				return sqlsource.Poll[sale](db, "t", dialects[s.Name], sqlsource.PageRows(9), sqlsource.Every(10*time.Millisecond), sqlsource.Overlap(overlap))
			},
			Want:     want,
			Endless:  true,
			InUse:    func() int { return db.Stats().InUse },
			RealTime: true,
		}.Run(t)
	}
}
