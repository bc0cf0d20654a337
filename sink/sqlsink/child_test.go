package sqlsink_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/freshet-go/freshet/sink/sqlsink"
	"github.com/freshet-go/freshet/source/sqlsource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/window"
)

// The test binary is the process that is killed, too: with CHILD set, to
// the kind of the server, the DSN, the folder of checkpoints, the number of shards and the milliseconds that two
// purchases take, one on each line.
func TestMain(m *testing.M) {
	if args := strings.Split(os.Getenv("CHILD"), "\n"); len(args) == 5 {
		if err := child(args[0], args[1], args[2], args[3], args[4]); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const bought = 3000 // purchases in a child's database

// A purchase is what the child reads.
type purchase struct {
	ID     int64  `sql:"id,key"`
	Shop   string `sql:"shop"`
	Amount int64  `sql:"amount"`
}

// A total is what it upserts: absolute, so that only the last matters.
type total struct {
	Shop   string `sql:"shop,key"`
	Amount int64  `sql:"amount"`
	Count  int64  `sql:"purchases"`
}

// childTables are those of the child. Copies has no key: what comes twice is there twice.
var childTables = []string{
	"CREATE TABLE purchases (id INTEGER PRIMARY KEY, shop VARCHAR(20) NOT NULL, amount BIGINT NOT NULL)",
	"CREATE TABLE totals (shop VARCHAR(20) PRIMARY KEY, amount BIGINT NOT NULL, purchases BIGINT NOT NULL)",
	"CREATE TABLE copies (id BIGINT)",
	"CREATE TABLE few (id BIGINT PRIMARY KEY, shop VARCHAR(20) NOT NULL, amount BIGINT NOT NULL)",
}

// purchases fills the table.
func purchases(t testing.TB, db *sql.DB) {
	var values []string
	for i := range bought {
		values = append(values, fmt.Sprintf("(%d, 'shop %d', %d)", i, i%17, i%101))
	}
	if _, err := db.Exec("INSERT INTO purchases VALUES " + strings.Join(values, ", ")); err != nil {
		t.Fatal(err)
	}
}

// fewOf is what becomes of a purchase: each is inserted, every third gets another number, and every second
// is deleted.
func fewOf(v purchase, emit func(stream.Change[purchase])) {
	emit(stream.Change[purchase]{Kind: stream.Insert, After: v})
	if v.ID%3 == 0 {
		before := v
		v.ID += 100_000
		emit(stream.Change[purchase]{Kind: stream.Update, After: v, Before: before, HasBefore: true})
	}
	if v.ID%2 == 0 {
		emit(stream.Change[purchase]{Kind: stream.Delete, Before: v, HasBefore: true})
	}
}

// child copies the purchases, keeps totals of them, and a table of those that are few.
func child(server, dsn, dir, shards, pace string) error {
	driver := map[string]string{"SQLite": "sqlite", "MariaDB": "mysql", "MySQL": "mysql", "PostgreSQL": "pgx"}[server]
	db, err := sql.Open(driver, dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	n, err := strconv.Atoi(shards)
	if err != nil {
		return err
	}
	nap, err := strconv.Atoi(pace)
	if err != nil {
		return err
	}
	copying, dollars := "INSERT INTO copies VALUES (?)", []sqlsink.Option{}
	if server == "PostgreSQL" {
		copying, dollars = "INSERT INTO copies VALUES ($1)", append(dollars, sqlsink.Dollars())
	}
	p := stream.New("shop")
	all := p.From(sqlsource.Table[purchase](db, "purchases", sqlsource.Dialect(dialects[server]), sqlsource.Ranges(3), sqlsource.PageRows(100)), stream.Name("purchases")).
		Tap(func(v purchase) {
			if v.ID%2 == 0 {
				time.Sleep(time.Duration(nap) * time.Millisecond) // it takes a while, so that it is killed on the way
			}
		})
	all.To(sqlsink.Statement(db, copying, func(v purchase) []any { return []any{v.ID} }, dollars...), stream.Name("copies"))
	all.KeyBy(func(v purchase) string { return v.Shop }).
		Running(window.MapReduce(
			func(v purchase) total { return total{v.Shop, v.Amount, 1} },
			func(a, b total) total { return total{a.Shop, a.Amount + b.Amount, a.Count + b.Count} })).
		Map(func(v stream.KeyValue[string, total]) total { return v.Value }).
		To(sqlsink.Upsert[total](db, "totals", dialects[server], sqlsink.RowsPerStatement(50)), stream.Name("totals"))
	all.FlatMap(fewOf).To(sqlsink.Changes[purchase](db, "few", dialects[server]), stream.Name("few"))
	return p.Run(context.Background(), stream.Shards(n), stream.BatchSize(64), stream.Checkpoints(checkpoint.Dir(dir), 40*time.Millisecond))
}
