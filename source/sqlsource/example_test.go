package sqlsource_test

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/sqlsource"
	"github.com/freshet-go/freshet/stream"
)

// orders is a database with a table.
func orders(statements ...string) *sql.DB {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		panic(err)
	}
	db.SetMaxOpenConns(1) // each connection would have a memory of its own
	for _, s := range append([]string{
		"CREATE TABLE orders (id INTEGER PRIMARY KEY, shop TEXT, total TEXT)",
		"INSERT INTO orders VALUES (1, 'north', '12.50'), (2, NULL, '3.00'), (3, 'south', '8.25')",
	}, statements...) {
		if _, err := db.Exec(s); err != nil {
			panic(err)
		}
	}
	return db
}

func ExampleQuery() {
	db := orders()
	defer db.Close()
	type Count struct {
		Shop   string `sql:"shop"`
		Orders int    `sql:"orders"`
	}
	counts := sqlsource.Query[Count](db, "SELECT COALESCE(shop, 'none') AS shop, COUNT(*) AS orders FROM orders WHERE id < ? GROUP BY 1 ORDER BY 1", []any{3})
	got := sink.Collect[Count]()
	p := stream.New("counts")
	p.From(counts).To(got)
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	fmt.Println(got.Values())
	// Output: [{none 1} {north 1}]
}

func ExampleTable() {
	db := orders()
	defer db.Close()
	type Order struct {
		ID    int64          `sql:"id,key"`
		Shop  sql.NullString `sql:"shop"`
		Total string         `sql:"total"`
	}
	got := sink.Collect[string]()
	p := stream.New("orders")
	p.From(sqlsource.Table[Order](db, "orders", sqlsource.SQLite)).
		Map(func(o Order) string { return fmt.Sprintf("order %d of %q: %s", o.ID, o.Shop.String, o.Total) }).
		To(got)
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	for _, line := range got.Values() {
		fmt.Println(line)
	}
	// Output:
	// order 1 of "north": 12.50
	// order 2 of "": 3.00
	// order 3 of "south": 8.25
}

func ExamplePoll() {
	db := orders()
	defer db.Close()
	type Order struct {
		ID    int64  `sql:"id,key"`
		Total string `sql:"total"`
	}
	ctx, cancel := context.WithCancel(context.Background())
	p := stream.New("orders")
	p.From(sqlsource.Poll[Order](db, "orders", sqlsource.SQLite, sqlsource.Every(10*time.Millisecond))).
		To(sink.Func(func(_ context.Context, e stream.Event[Order]) error {
			fmt.Println(e.Value.ID, e.Value.Total)
			switch e.Value.ID {
			case 3:
				_, err := db.Exec("INSERT INTO orders VALUES (4, 'west', '1.00')")
				return err
			case 4:
				cancel() // or it would go on for ever
			}
			return nil
		}))
	_ = p.Run(ctx, stream.Shards(1)) // which was cancelled
	// Output:
	// 1 12.50
	// 2 3.00
	// 3 8.25
	// 4 1.00
}
