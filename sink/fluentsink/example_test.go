package fluentsink_test

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/fluentsink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/fluentsource"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream"
)

func Example() {
	// Fluentd, or a pipeline that takes what is forwarded.
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	bound := make(chan net.Addr, 1)
	collected := sink.Collect[fluentsource.Event]()
	collector := stream.New("collect")
	collector.From(fluentsource.Listen[fluentsource.Event](
		pushsource.Server{Addr: "127.0.0.1:0", Bound: func(a net.Addr) { bound <- a }}, fluentsource.SharedKey("secret"),
	)).To(collected)
	done := make(chan error)
	go func() { done <- collector.Run(ctx) }()

	type Sale struct {
		At     time.Time `fluent:"@time"`
		Shop   string    `fluent:"shop"`
		Amount float64   `fluent:"amount"`
	}
	p := stream.New("sales")
	p.From(source.Slice([]Sale{{time.Unix(1, 0), "Prague", 12.5}, {time.Unix(2, 0), "Brno", 3}})).
		To(fluentsink.New[Sale]((<-bound).String(), "shop.sales", fluentsink.SharedKey("secret"), fluentsink.Gzip()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}

	stop()
	<-done
	for _, e := range collected.Values() {
		fmt.Println(e.Tag, e.Time.Unix(), e.Record["shop"], e.Record["amount"])
	}
	// Output:
	// shop.sales 1 Prague 12.5
	// shop.sales 2 Brno 3
}
