package beatssource_test

import (
	"context"
	"fmt"
	"net"
	"time"

	lumber "github.com/elastic/go-lumber/client/v2"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/beatssource"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// A client stands in for Filebeat here. It hears of its two lines when they have been printed.
func ExampleListen() {
	type Line struct {
		Time    time.Time `json:"@timestamp"`
		Message string    `json:"message"`
		Host    struct {
			Name string `json:"name"`
		} `json:"host"`
	}
	bound := make(chan net.Addr, 1)
	server := pushsource.Server{Addr: "127.0.0.1:0", Bound: func(a net.Addr) { bound <- a }}

	p := stream.New("beats")
	p.From(beatssource.Listen(server, codec.Message(codec.JSON[Line]()))).
		To(sink.Func(func(_ context.Context, e stream.Event[Line]) error {
			fmt.Println(e.Value.Time.Format(time.TimeOnly), e.Value.Host.Name, e.Value.Message)
			return nil
		}))
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		defer stop()
		c, err := lumber.SyncDial((<-bound).String(), lumber.CompressionLevel(3))
		if err != nil {
			fmt.Println(err)
			return
		}
		defer c.Close()
		n, err := c.Send([]any{
			map[string]any{"@timestamp": "2026-11-28T10:11:12Z", "message": "GET /cart 200", "host": map[string]any{"name": "web-1"}},
			map[string]any{"@timestamp": "2026-11-28T10:11:13Z", "message": "GET /pay 500", "host": map[string]any{"name": "web-2"}},
		})
		fmt.Println("acknowledged:", n, err)
	}()
	fmt.Println(p.Run(ctx))
	// Output:
	// 10:11:12 web-1 GET /cart 200
	// 10:11:13 web-2 GET /pay 500
	// acknowledged: 2 <nil>
	// context canceled
}
