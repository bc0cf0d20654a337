package service

import (
	"time"

	"github.com/freshet-go/freshet/sink/redissink"
	"github.com/freshet-go/freshet/sink/sqlsink"
	"github.com/freshet-go/freshet/source/logfile"
	"github.com/freshet-go/freshet/source/redissource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/window"
)

const (
	disorder = 30 * time.Second // a line or an order may come that much behind a later one
	lateness = 10 * time.Minute // figures of a minute or an hour are put right for that long
	patience = 30 * time.Minute // who does nothing for that long has gone
)

// pipeline is all that the service does: what comes in, and for each result a chain from
// there to the table or the key that shows it. Each result is shown exactly once.
func pipeline(s Shop) *stream.Pipeline {
	p := stream.New("shop")

	// The web server's log, the carts that lie in Redis, and what becomes of two tables of MariaDB.
	hits, lateHits := p.From(logfile.Follow(s.log, codec.NginxLog[Hit](logFormat)), stream.Name("access log")).
		EventTime(Hit.at, stream.Disorder(disorder)).
		SplitLate()
	carts := p.From(redissource.Hashes(s.redis, "cart:*", redissource.Tags[Cart](), redissource.Notified(), redissource.Every(time.Second)), stream.Name("carts")).
		EventTime(touchedAt)
	rows := s.changes(p)
	orders := s.orders(p, rows).EventTime(Order.paidAt, stream.Disorder(disorder))
	stock := rows.FilterMap(row.stock)

	// Conversion: a visit is what a visitor does without a longer pause, in the log and in the
	// table of orders. How many visits are there in an hour, and how many bought?
	hits.KeyBy(Hit.visitor).
		CoGroup(orders.KeyBy(Order.visitor), window.Session(patience), visitOf, stream.Name("visits")).
		Window(window.Tumbling(time.Hour), stream.Name("hours")).
		Aggregate(conversion).
		Map(hourOf).
		To(sqlsink.Upsert[Hour](s.DB, "conversion", s.Dialect), stream.Name("conversion"))

	// Revenue per minute. A late order has its minute shown anew.
	minutes := orders.Window(window.Tumbling(time.Minute, window.Lateness(lateness)), stream.Name("minutes"))
	minutes.Aggregate(revenue).
		Map(minuteOf).
		To(sqlsink.Upsert[Minute](s.DB, "revenue", s.Dialect), stream.Name("revenue"))

	// Top products: for each category and hour a board.
	orders.KeyBy(Order.category).
		Window(window.Tumbling(time.Hour, window.Lateness(lateness)), stream.Name("top products")).
		Aggregate(window.TopK(5, Order.sku, Order.units)).
		To(redissink.ExactlyOnce(redissink.Boards(s.redis, boardOf, membersOf)), stream.Name("boards"))

	// Abandoned carts, until they are touched again or ordered after all.
	carts.KeyBy(visitorOf).
		Process(touched, left, stream.Name("abandoned carts")).
		To(sqlsink.Changes[Cart](s.DB, "abandoned_carts", s.Dialect), stream.Name("abandoned"))

	// Stock alerts, until there is enough again.
	stock.FilterMap(alert).
		To(redissink.ExactlyOnce(redissink.Changes(redissink.Hashes(s.redis, Stock.key, redissink.Tags[Stock]()))), stream.Name("alerts"))

	// Counters; nothing that comes too late vanishes.
	orders.To(Counter[Order](s, "orders"), stream.Name("count orders"))
	minutes.Late().To(Counter[Order](s, "orders too late"), stream.Name("count late orders"))
	lateHits.To(Counter[Hit](s, "hits too late"), stream.Name("count late hits"))

	// What only some shops have.
	for _, r := range s.Results {
		r.Build(s, orders)
	}
	return p
}
