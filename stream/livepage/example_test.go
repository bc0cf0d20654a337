package livepage_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/livepage"
)

// A text is the simplest picture.
type text string

func (t text) SVG() []byte {
	return []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="200" height="30"><text y="20">` + string(t) + `</text></svg>`)
}

// A service mounts the page in its own mux. A chart.Chart is a Picture, too.
func ExampleNew() {
	p := stream.New("sums")
	page := livepage.New(p)
	p.From(source.Slice([]int{1, 2, 3})).
		To(page.Show("How many", 1000, func(values []int) livepage.Picture {
			return text(fmt.Sprint(len(values), " values"))
		}))

	mux := http.NewServeMux()
	mux.Handle("/live/", http.StripPrefix("/live", page))
	server := httptest.NewServer(mux)
	defer server.Close()
	if err := p.Run(context.Background()); err != nil {
		panic(err)
	}
	for _, path := range []string{"/live/", "/live/events", "/live/panels/0"} {
		answer, err := http.Get(server.URL + path)
		if err != nil {
			panic(err)
		}
		fmt.Println(path, answer.StatusCode, answer.Header.Get("Content-Type"))
		answer.Body.Close()
	}
	// Output:
	// /live/ 200 text/html; charset=utf-8
	// /live/events 200 text/event-stream
	// /live/panels/0 200 image/svg+xml
}
