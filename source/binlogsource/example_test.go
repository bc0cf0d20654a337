package binlogsource_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"strconv"
	"time"

	_ "github.com/go-sql-driver/mysql"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/binlogsource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// An Order is a row of shop.orders.
type Order struct {
	ID    int64      `sql:"id"`
	Shop  string     `sql:"shop"`
	Cents int64      `sql:"cents"`
	Paid  *time.Time `sql:"paid"` // NULL is nil
}

// What is paid by shop, as it changes: a row that is updated counts for what it is now, and no
// more for what it was.
func takings(orders stream.Stream[binlogsource.Event[Order]]) stream.Stream[taking] {
	return orders.FlatMap(func(e binlogsource.Event[Order], emit func(taking)) {
		c := e.Change // its Kind is 0 where the event is of a statement
		if c.HasBefore && c.Before.Paid != nil {
			emit(taking{c.Before.Shop, -c.Before.Cents})
		}
		if c.After.Paid != nil {
			emit(taking{c.After.Shop, c.After.Cents})
		}
	})
}

type taking struct {
	Shop  string
	Cents int64
}

// A pipeline of changes is tested with values: here those of an order that is placed, paid, and sent back.
func Example() {
	at := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	placed := Order{ID: 1, Shop: "north", Cents: 1250}
	paid := placed
	paid.Paid = &at
	change := func(id string, c stream.Change[Order]) binlogsource.Event[Order] {
		return binlogsource.Event[Order]{Table: "shop.orders", Change: c, Tx: binlogsource.Tx{ID: id, At: at, Last: true}}
	}
	p := stream.New("takings")
	orders := p.From(source.Slice([]binlogsource.Event[Order]{
		change("0-1-7", stream.Change[Order]{Kind: stream.Insert, After: placed}),
		change("0-1-8", stream.Change[Order]{Kind: stream.Update, Before: placed, HasBefore: true, After: paid}),
		change("0-1-9", stream.Change[Order]{Kind: stream.Delete, Before: paid, HasBefore: true}),
	}))
	takings(orders).To(sink.Func(func(_ context.Context, e stream.Event[taking]) error {
		fmt.Println(e.Value.Shop, e.Value.Cents)
		return nil
	}))
	if err := p.Run(context.Background()); err != nil {
		log.Fatal(err)
	}
	// Output:
	// north 1250
	// north -1250
}

// The same pipeline on a server, with a checkpoint each second.
func ExampleNew() {
	db, err := sql.Open("mysql", "freshet:secret@tcp(db.example.com:3306)/")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	server := binlogsource.Server{DB: db, Addr: "db.example.com:3306", User: "freshet", Password: os.Getenv("SECRET")}

	p := stream.New("takings")
	takings(p.From(binlogsource.New(server, binlogsource.Table[Order]("shop.orders")), stream.Name("orders"))).
		To(sink.Table[taking](os.Stdout))
	fmt.Println(len(p.Plan().Nodes))

	run := func(ctx context.Context) error {
		return p.Run(ctx, stream.Checkpoints(checkpoint.Dir("takings"), time.Second))
	}
	_ = run
	// Output: 3
}

// An Item is a row of shop.items.
type Item struct {
	Order int64  `sql:"order_id"`
	Name  string `sql:"name"`
}

// Two tables in the order of their log, as what has happened to an order.
func ExampleTableAs() {
	type happened struct {
		order int64
		what  string
	}
	tables := binlogsource.Tables(
		binlogsource.TableAs("shop.orders", func(e binlogsource.Event[Order]) happened {
			return happened{e.Change.Row().ID, e.Change.Kind.String() + " order"}
		}),
		binlogsource.TableAs("shop.items", func(e binlogsource.Event[Item]) happened {
			return happened{e.Change.Row().Order, e.Change.Kind.String() + " " + strconv.Quote(e.Change.Row().Name)}
		}),
	)
	db, _ := sql.Open("mysql", "freshet:secret@tcp(db.example.com:3306)/")
	defer db.Close()
	fmt.Println(binlogsource.New(binlogsource.Server{DB: db, Addr: "db.example.com:3306", User: "freshet"}, tables))
	// Output: binlog of db.example.com:3306: shop.orders, shop.items
}
