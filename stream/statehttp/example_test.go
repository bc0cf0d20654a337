package statehttp_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/statehttp"
	"github.com/freshet-go/freshet/window"
)

// A service counts the pieces in stock, and tells them who asks.
func ExampleHandler() {
	moves := make(chan move, 3)
	counted := make(chan struct{}, 3)
	var stock stream.View[string, int]
	p := stream.New("stock")
	p.From(source.Chan(moves)).
		KeyBy(move.product).
		Running(window.Sum(move.pieces), stream.Expose(&stock)).
		To(sink.Func(func(context.Context, stream.Event[stream.KeyValue[string, int]]) error {
			counted <- struct{}{}
			return nil
		}))
	ended := make(chan error)
	go func() { ended <- p.Run(context.Background()) }()

	mux := http.NewServeMux()
	mux.Handle("/stock", statehttp.Handler(&stock)) // behind the service's authentication
	server := httptest.NewServer(mux)
	defer server.Close()

	moves <- move{"teapot", 50}
	moves <- move{"cup", 120}
	moves <- move{"teapot", -8}
	for range 3 {
		<-counted
	}
	for _, question := range []string{"/stock?key=teapot", "/stock"} {
		r, err := http.Get(server.URL + question)
		if err != nil {
			fmt.Println(err)
			return
		}
		answer, _ := io.ReadAll(r.Body)
		r.Body.Close()
		fmt.Print(string(answer))
	}
	close(moves)
	fmt.Println(<-ended)
	// Output:
	// {"key":"teapot","value":42}
	// {"items":[{"key":"cup","value":120},{"key":"teapot","value":42}],"more":false}
	// <nil>
}
