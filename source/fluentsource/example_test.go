package fluentsource_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/fluent/fluent-logger-golang/fluent"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/fluentsource"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream"
)

// Hit is a line of an access log, as an agent has parsed it.
type Hit struct {
	At     time.Time `fluent:"@time"`
	Host   string    `fluent:"host"`
	Status int       `fluent:"code"`
	Pod    string    `fluent:"kubernetes.pod_name"`
}

func Example() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	bound := make(chan net.Addr, 1)
	p := stream.New("hits")
	p.From(fluentsource.Listen[Hit](pushsource.Server{Addr: "127.0.0.1:0", Bound: func(a net.Addr) { bound <- a }})).
		Filter(func(h Hit) bool { return h.Status >= 500 }).
		To(sink.Func(func(_ context.Context, e stream.Event[Hit]) error {
			fmt.Println(e.Value.At.Format(time.TimeOnly), e.Value.Host, e.Value.Status, e.Value.Pod)
			return nil
		}))
	done := make(chan error)
	go func() { done <- p.Run(ctx) }()

	// What follows is a program elsewhere.
	port := (<-bound).(*net.TCPAddr).Port
	logger, err := fluent.New(fluent.Config{FluentHost: "127.0.0.1", FluentPort: port, RequestAck: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, code := range []any{200, "503", 500} { // parsers of agents may leave numbers as text
		err := logger.PostWithTime("web.access", time.Unix(int64(i), 0), map[string]any{
			"host": "10.0.0.1", "code": code, "kubernetes": map[string]string{"pod_name": "web-1"},
		})
		if err != nil {
			fmt.Println(err)
		}
	}
	logger.Close()
	stop()
	fmt.Println(errors.Is(<-done, context.Canceled))
	// Output:
	// 00:00:01 10.0.0.1 503 web-1
	// 00:00:02 10.0.0.1 500 web-1
	// true
}
