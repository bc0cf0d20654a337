package tcpsource_test

import (
	"context"
	"fmt"
	"net"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/source/tcpsource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// The third line is no JSON, and the last has no end.
func ExampleListen() {
	type Entry struct {
		Level   string `json:"level"`
		Message string `json:"message"`
	}
	server := pushsource.Server{Addr: "127.0.0.1:0", Bound: func(a net.Addr) {
		c, err := net.Dial("tcp", a.String())
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Fprintln(c, `{"@timestamp":"2026-11-28T10:11:12Z","level":"INFO","message":"order 1"}`)
		fmt.Fprintln(c, `{"@timestamp":"2026-11-28T10:11:13Z","level":"WARN","message":"order 2"}`)
		fmt.Fprintln(c, `order 3`)
		fmt.Fprint(c, `{"@timestamp":"2026-11-28T10:11:14Z","level":"INFO","message":"order 4"}`)
		c.Close()
	}}
	ctx, stop := context.WithCancel(context.Background())
	p := stream.New("lines")
	p.From(tcpsource.Listen(server, codec.JSON[Entry]()), stream.SkipFailures()).
		To(sink.Func(func(_ context.Context, e stream.Event[Entry]) error {
			fmt.Println(e.Value.Level, e.Value.Message)
			if e.Value.Message == "order 4" {
				stop()
			}
			return nil
		}))
	fmt.Println(p.Run(ctx))
	// Output:
	// INFO order 1
	// WARN order 2
	// INFO order 4
	// context canceled
}
