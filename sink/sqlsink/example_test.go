package sqlsink_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	_ "modernc.org/sqlite"

	"github.com/freshet-go/freshet/sink/sqlsink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

type Sale struct {
	Shop   string
	Amount float64
}

var sales = []Sale{{"north", 1204.5}, {"south", 98}}

func write[T any](s stream.Sink[T], values ...T) {
	p := stream.New("example")
	p.From(source.Slice(values)).To(s)
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
}

func ExampleStatement() {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // each connection would have a memory of its own
	if _, err := db.Exec("CREATE TABLE revenue (shop TEXT PRIMARY KEY, amount REAL)"); err != nil {
		fmt.Println(err)
		return
	}
	revenue := sqlsink.Statement(db,
		"INSERT INTO revenue VALUES (?, ?) ON CONFLICT (shop) DO UPDATE SET amount = excluded.amount",
		func(s Sale) []any { return []any{s.Shop, s.Amount} })
	write(revenue, append(sales, Sale{Shop: "south", Amount: 120})...)

	rows, err := db.Query("SELECT shop, amount FROM revenue ORDER BY shop")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer rows.Close()
	for rows.Next() {
		var shop string
		var amount float64
		if err := rows.Scan(&shop, &amount); err != nil {
			fmt.Println(err)
		}
		fmt.Println(shop, amount)
	}
	// Output:
	// north 1204.5
	// south 120
}

// A trigger of this database says "retry later" where others would lock.
func ExampleFaults() {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	later := sqlsink.Faults(func(err error) sqlsink.Fault {
		if strings.Contains(err.Error(), "retry later") {
			return sqlsink.PassingFault
		}
		return sqlsink.UnknownFault // as the sink knows
	})
	fmt.Println(sqlsink.Statement(db, "INSERT INTO revenue VALUES (?, ?)", func(s Sale) []any { return []any{s.Shop, s.Amount} }, later, sqlsink.Retry(time.Minute)))
	// Output: INSERT INTO revenue VALUES (?, ?)
}

func ExampleUpsert() {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // each connection would have a memory of its own
	if _, err := db.Exec("CREATE TABLE revenue (shop TEXT PRIMARY KEY, amount REAL)"); err != nil {
		fmt.Println(err)
		return
	}
	type Revenue struct {
		Shop   string  `sql:"shop,key"`
		Amount float64 `sql:"amount"`
	}
	write(sqlsink.Upsert[Revenue](db, "revenue", sqlsink.SQLite), Revenue{"north", 1204.5}, Revenue{"south", 98}, Revenue{"south", 120})

	var total float64
	if err := db.QueryRow("SELECT SUM(amount) FROM revenue").Scan(&total); err != nil {
		fmt.Println(err)
	}
	fmt.Println(total)
	// Output: 1324.5
}

func ExampleChanges() {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // each connection would have a memory of its own
	if _, err := db.Exec("CREATE TABLE stock (product TEXT PRIMARY KEY, left_over INTEGER)"); err != nil {
		fmt.Println(err)
		return
	}
	type Stock struct {
		Product string `sql:"product,key"`
		Left    int    `sql:"left_over"`
	}
	write(sqlsink.Changes[Stock](db, "stock", sqlsink.SQLite),
		stream.Change[Stock]{Kind: stream.Insert, After: Stock{"tea", 7}},
		stream.Change[Stock]{Kind: stream.Insert, After: Stock{"mint", 2}},
		stream.Change[Stock]{Kind: stream.Update, After: Stock{"tea", 6}},
		stream.Change[Stock]{Kind: stream.Delete, Before: Stock{"mint", 2}, HasBefore: true})

	var product string
	var left int
	if err := db.QueryRow("SELECT product, left_over FROM stock").Scan(&product, &left); err != nil {
		fmt.Println(err)
	}
	fmt.Println(product, left)
	// Output: tea 6
}

// A table of a pipeline in a table of a database: the revenue of shops, as orders are changed and cancelled. A shop without
// orders has no row.
func ExampleChanges_table() {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // each connection would have a memory of its own
	if _, err := db.Exec("CREATE TABLE revenue (shop TEXT PRIMARY KEY, orders INTEGER, amount INTEGER)"); err != nil {
		fmt.Println(err)
		return
	}
	type Order struct {
		ID     int
		Shop   string
		Amount int64
	}
	type Revenue struct {
		Shop   string `sql:"shop,key"`
		Orders int64  `sql:"orders"`
		Amount int64  `sql:"amount"`
	}
	changes := []stream.Change[Order]{
		{Kind: stream.Insert, After: Order{1, "north", 1200}},
		{Kind: stream.Insert, After: Order{2, "south", 98}},
		{Kind: stream.Insert, After: Order{3, "north", 300}},
		{Kind: stream.Update, After: Order{3, "north", 250}},
		{Kind: stream.Delete, Before: Order{2, "south", 98}},
	}
	at := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	p := stream.New("revenue")
	orders := stream.TableOf(p.From(source.Slice(changes)).
		EventTime(func(stream.Change[Order]) time.Time { return at }). // where times are equal, the order counts
		KeyBy(func(c stream.Change[Order]) int { return c.Row().ID }))
	orders.GroupBy(func(_ int, o Order) string { return o.Shop }).
		Aggregate(window.Struct(
			window.Field(window.Count[Order](), func(r *Revenue, n int64) { r.Orders = n }),
			window.Field(window.Sum(func(o Order) int64 { return o.Amount }), func(r *Revenue, n int64) { r.Amount = n }))).
		MapValues(func(shop string, r Revenue) Revenue { r.Shop = shop; return r }).
		Changes().
		To(sqlsink.Changes[Revenue](db, "revenue", sqlsink.SQLite))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}

	var r Revenue
	if err := db.QueryRow("SELECT shop, orders, amount FROM revenue").Scan(&r.Shop, &r.Orders, &r.Amount); err != nil {
		fmt.Println(err)
	}
	fmt.Println(r.Shop, r.Orders, r.Amount)
	// Output: north 2 1450
}
