package service

import (
	"context"
	"encoding/json/v2"
	"time"

	"github.com/freshet-go/freshet/source/binlogsource"
	"github.com/freshet-go/freshet/source/sqlsource"
	"github.com/freshet-go/freshet/stream"
)

// A row is what becomes of a row of one of two tables; the other's is of no kind.
type row struct {
	Order stream.Change[Order] `json:"order"`
	Stock stream.Change[Stock] `json:"stock"`
}

func (r row) order() (Order, bool)                { return r.Order.After, r.Order.Kind != 0 }
func (r row) stock() (stream.Change[Stock], bool) { return r.Stock, r.Stock.Kind != 0 }

// orders are those of the table, or they come another way.
func (s Shop) orders(p *stream.Pipeline, rows stream.Stream[row]) stream.Stream[Order] {
	if s.Orders != nil {
		return s.Orders.Read(p)
	}
	return rows.FilterMap(row.order)
}

// changes captures what becomes of the tables, by MariaDB's binary log.
func (s Shop) changes(p *stream.Pipeline) stream.Stream[row] {
	if s.mariadb == nil {
		return s.journal(p)
	}
	server := binlogsource.Server{DB: s.DB, Addr: s.mariadb.Addr, User: s.mariadb.User, Password: s.mariadb.Passwd, TLS: s.mariadb.TLS}
	return p.From(binlogsource.New(server, binlogsource.Tables(
		binlogsource.TableAs(s.mariadb.DBName+".orders", func(e binlogsource.Event[Order]) row { return row{Order: e.Change} }),
		binlogsource.TableAs(s.mariadb.DBName+".stock", func(e binlogsource.Event[Stock]) row { return row{Stock: e.Change} }),
	)), stream.Name("tables"))
}

// SQLite has no log of changes. So triggers write one, into a table that is polled.
var journal = []string{
	"CREATE TABLE journal (id INTEGER PRIMARY KEY AUTOINCREMENT, change TEXT NOT NULL)",
	`CREATE TRIGGER placed AFTER INSERT ON orders BEGIN
		INSERT INTO journal (change) VALUES (json_object('order', json_object('kind', 'insert', 'after', json_object(
			'ID', NEW.id, 'Visitor', NEW.visitor, 'SKU', NEW.sku, 'Category', NEW.category, 'Units', NEW.units, 'Cents', NEW.cents,
			'PaidAt', strftime('%Y-%m-%dT%H:%M:%fZ', NEW.paid_at)))));
	END`,
	`CREATE TRIGGER moved AFTER UPDATE ON stock BEGIN
		INSERT INTO journal (change) VALUES (json_object('stock', json_object('kind', 'update', 'hasBefore', json('true'),
			'before', json_object('SKU', OLD.sku, 'Units', OLD.units), 'after', json_object('SKU', NEW.sku, 'Units', NEW.units))));
	END`,
}

// An entry is a row of the journal.
type entry struct {
	ID     int64  `sql:"id,key"`
	Change string `sql:"change"`
}

func (s Shop) journal(p *stream.Pipeline) stream.Stream[row] {
	return p.From(sqlsource.Poll[entry](s.DB, "journal", sqlsource.SQLite, sqlsource.Every(100*time.Millisecond), sqlsource.Overlap(time.Second)), stream.Name("journal")).
		TryMap(func(_ context.Context, e entry) (r row, err error) {
			err = json.Unmarshal([]byte(e.Change), &r)
			return r, err
		})
}
