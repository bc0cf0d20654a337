package livepage_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"time"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/livepage"
	"github.com/freshet-go/freshet/window"
)

// Lines over time and rows, of the sums of each minute.
func ExamplePage_Plot() {
	at := func(minute int) time.Time { return time.Date(2026, 3, 14, 9, minute, 0, 0, time.UTC) }
	p := stream.New("sums")
	page := livepage.New(p)
	sums := p.From(source.Slice([]time.Time{at(0), at(0), at(1), at(3)})).
		EventTime(func(t time.Time) time.Time { return t }).
		KeyBy(func(time.Time) string { return "visits" }).
		Window(window.Tumbling(time.Minute)).
		Count()
	sums.To(page.Plot("Visits", 1000, func(panes []stream.Pane[string, int64]) livepage.Plot {
		return livepage.Plot{Step: time.Minute, Series: livepage.FromPanes(panes, func(n int64) float64 { return float64(n) })}
	}))
	sums.To(page.Table("The last minutes", 1000, func(panes []stream.Pane[string, int64]) livepage.Table {
		t := livepage.Table{Columns: []string{"minute", "visits"}, Most: 10}
		for _, p := range slices.Backward(panes) {
			t.Rows = append(t.Rows, []any{p.Start, p.Value})
		}
		return t
	}))
	if err := p.Run(context.Background()); err != nil {
		panic(err)
	}

	server := httptest.NewServer(page)
	defer server.Close()
	for _, path := range []string{"/panels/0", "/panels/1"} { // as the page asks for them
		answer, err := http.Get(server.URL + path)
		if err != nil {
			panic(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		fmt.Println(string(body), err)
	}
	// Output:
	// {"Unit":"","Zone":"Etc/UTC","Lines":[{"Name":"visits","Times":[1773478800,1773478860,1773478920,1773478980],"Values":[2,1,null,1]}],"More":0} <nil>
	// {"Columns":["minute","visits"],"Rows":[[{"Text":"2026-03-14 09:03:00","Right":false},{"Text":"1","Right":true}],[{"Text":"2026-03-14 09:01:00","Right":false},{"Text":"1","Right":true}],[{"Text":"2026-03-14 09:00:00","Right":false},{"Text":"2","Right":true}]],"More":0} <nil>
}

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
