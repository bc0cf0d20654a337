package service

import (
	"time"

	"github.com/freshet-go/freshet/stream"
)

// logFormat is the log_format of the web server.
const logFormat = `$msec $cookie_visitor "$request" $status`

// A Hit is a request that the web server has answered.
type Hit struct {
	At      time.Time `log:"msec"`
	Visitor string    `log:"cookie_visitor"`
	Request string    `log:"request"`
	Status  int       `log:"status"`
}

func (h Hit) at() time.Time   { return h.At }
func (h Hit) visitor() string { return h.Visitor }

// A Cart is a hash in Redis, "cart:visitor-17", until it is ordered; and a row of abandoned_carts
// while it is left alone.
type Cart struct {
	Visitor string    `redis:"visitor" sql:"visitor,key"`
	Items   int64     `redis:"items" sql:"items"`
	Cents   int64     `redis:"cents" sql:"cents"`
	At      time.Time `redis:"at,unixmilli" sql:"touched"` // when it was last touched
}

func touchedAt(c stream.Change[Cart]) time.Time { return c.Row().At }
func visitorOf(c stream.Change[Cart]) string    { return c.Row().Visitor }

// An Order is a row of the table orders. None is ever changed.
type Order struct {
	ID       int64     `sql:"id,key"`
	Visitor  string    `sql:"visitor"`
	SKU      string    `sql:"sku"`
	Category string    `sql:"category"`
	Units    int64     `sql:"units"`
	Cents    int64     `sql:"cents"`
	PaidAt   time.Time `sql:"paid_at"`
}

func (o Order) paidAt() time.Time { return o.PaidAt }
func (o Order) visitor() string   { return o.Visitor }
func (o Order) category() string  { return o.Category }
func (o Order) sku() string       { return o.SKU }
func (o Order) units() int64      { return o.Units }
func (o Order) cents() int64      { return o.Cents }

// Stock is a row of the table stock: how much there is of a product. Low stock is a hash
// in Redis as well, "low:tea-03".
type Stock struct {
	SKU   string `sql:"sku,key" redis:"sku"`
	Units int64  `sql:"units" redis:"units"`
}

func (s Stock) key() string { return "low:" + s.SKU }
func (s Stock) low() bool   { return s.Units < 20 }
