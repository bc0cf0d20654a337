package main

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet-go/freshet/examples/shop/service"
	"github.com/freshet-go/freshet/sink/sqlsink"
	"github.com/freshet-go/freshet/source/kafkasource"
	"github.com/freshet-go/freshet/stream"
)

// A Parcel is a row of the table parcels: an order that is packed.
type Parcel struct {
	Order   int64  `sql:"id,key"`
	Visitor string `sql:"visitor"`
	SKU     string `sql:"sku"`
	Units   int64  `sql:"units"`
	Packer  string `sql:"packer"` // who has packed it
}

func (p Parcel) String() string { return fmt.Sprintf("%d of %s to %s", p.Units, p.SKU, p.Visitor) }

const parcels = "CREATE TABLE parcels (id BIGINT PRIMARY KEY, visitor VARCHAR(40) NOT NULL, sku VARCHAR(40) NOT NULL, units BIGINT NOT NULL, packer VARCHAR(40) NOT NULL)"

// Packing is the pipeline of one packer: a member of a consumer group, which gives it some of the partitions, and those of
// a member that is killed.
//
// It has no key to part by and no state, so nothing has to move with a partition. It takes no checkpoints, either: each second
// the sink has what was read, and then the offsets are committed to the group. What a packer that is killed had
// not committed another one packs again; by its key that is the same row.
func (t *topic) Packing(s service.Shop, packer string) (p *stream.Pipeline, lanes func() int64) {
	member := append(t.brokers, kgo.SessionTimeout(6*time.Second), kgo.HeartbeatInterval(time.Second)) // who is silent for so long is dead
	orders := kafkasource.Topics(member, []string{topicName}, kafkasource.Values(orderCodec), kafkasource.Group("packing"))
	p = stream.New("packing by " + packer)
	p.From(orders, stream.Name("orders")).
		FilterMap(func(o service.Order) (Parcel, bool) {
			return Parcel{o.ID, o.Visitor, o.SKU, o.Units, packer}, o.Units > 0
		}).
		To(sqlsink.Upsert[Parcel](s.DB, "parcels", s.Dialect), stream.Name("parcels"))
	return p, func() int64 { return orders.Stats().Assigned }
}

// Packed counts the parcels of each packer.
func (t *topic) Packed(ctx context.Context, s service.Shop) (map[string]int64, error) {
	packed := map[string]int64{}
	err := eachParcel(ctx, s, func(p Parcel) { packed[p.Packer]++ })
	return packed, err
}

func eachParcel(ctx context.Context, s service.Shop, f func(Parcel)) error {
	rows, err := s.DB.QueryContext(ctx, "SELECT id, visitor, sku, units, packer FROM parcels")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var p Parcel
		if err := rows.Scan(&p.Order, &p.Visitor, &p.SKU, &p.Units, &p.Packer); err != nil {
			return err
		}
		f(p)
	}
	return rows.Err()
}

// Prepare makes the topic, and the table of parcels.
func (t *topic) Prepare(ctx context.Context, s service.Shop, _ service.Traffic) error {
	if _, err := s.DB.ExecContext(ctx, parcels); err != nil {
		return err
	}
	return t.create(ctx)
}

// Build adds nothing: packers have a pipeline of their own.
func (t *topic) Build(service.Shop, stream.Stream[service.Order]) {}

// Found tells of each parcel.
func (t *topic) Found(ctx context.Context, s service.Shop, f service.Figures) error {
	return eachParcel(ctx, s, func(p Parcel) { addParcel(f, p) })
}

// Books has each order packed once.
func (t *topic) Books(day service.Traffic, f service.Figures) {
	for o := range day.Orders() {
		if o.Units > 0 {
			addParcel(f, Parcel{Order: o.ID, Visitor: o.Visitor, SKU: o.SKU, Units: o.Units})
		}
	}
}

func addParcel(f service.Figures, p Parcel) {
	f.Add("parcels", fmt.Sprintf("order %06d", p.Order), p.String())
}
