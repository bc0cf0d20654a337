package main

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet-go/freshet/examples/shop/service"
	"github.com/freshet-go/freshet/internal/javaserver"
	"github.com/freshet-go/freshet/internal/minikafka"
	"github.com/freshet-go/freshet/source/kafkasource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

var kafka = service.Part{
	Name: "Kafka",
	Does: "orders come by a topic of Kafka, and several processes pack them: -kafka, or -kafka=host:port of a broker without that topic",

	Start: func(ctx context.Context, dir string) (addr string, stop func(), err error) {
		folder, err := javaserver.Find(ctx, "minikafka", minikafka.Sources())
		if err != nil {
			return "", nil, err
		}
		broker, err := minikafka.Start(ctx, folder, dir)
		if err != nil {
			return "", nil, err
		}
		return broker.Addr, broker.Kill, nil
	},

	Open: func(s *service.Shop, addr string) error {
		client, err := kgo.NewClient(kgo.SeedBrokers(addr), kgo.DefaultProduceTopic(topicName))
		if err != nil {
			return err
		}
		t := &topic{brokers: []kgo.Opt{kgo.SeedBrokers(addr)}, client: client}
		s.Orders = t
		s.Results = append(s.Results, t)
		return nil
	},
}

const (
	topicName  = "shop-orders"
	partitions = 4
)

// A topic has the orders as JSON. Their keys are the visitors: those of one visitor are in one partition, in their order.
type topic struct {
	brokers []kgo.Opt
	client  *kgo.Client // of who places orders
}

var orderCodec = codec.Message(codec.JSON[service.Order]())

// Lane is the partition that the client chooses by the key.
func (t *topic) Lane(visitor string) (lane, of int) {
	byKey := kgo.StickyKeyPartitioner(nil).ForTopic(topicName)
	return byKey.Partition(&kgo.Record{Key: []byte(visitor)}, partitions), partitions
}

// Place returns when the brokers have the orders.
func (t *topic) Place(ctx context.Context, orders []*service.Order) error {
	var records []*kgo.Record
	for _, o := range orders {
		value, err := orderCodec.Append(nil, *o)
		if err != nil {
			return err
		}
		records = append(records, &kgo.Record{Key: []byte(o.Visitor), Value: value})
	}
	return t.client.ProduceSync(ctx, records...).FirstErr()
}

// Read has the offsets in the checkpoints of the service: a service that takes over goes on behind them.
func (t *topic) Read(p *stream.Pipeline) stream.Stream[service.Order] {
	return p.From(kafkasource.Topics(t.brokers, []string{topicName}, kafkasource.Values(orderCodec)), stream.Name("orders"))
}

func (t *topic) create(ctx context.Context) error {
	created, err := kadm.NewClient(t.client).CreateTopic(ctx, partitions, -1, nil, topicName)
	if err == nil {
		err = created.Err
	}
	if err != nil {
		return fmt.Errorf("topic %s: %w", topicName, err)
	}
	return nil
}

// Close lets the client go.
func (t *topic) Close() { t.client.Close() }
