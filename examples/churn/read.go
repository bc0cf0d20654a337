package main

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/freshet-go/freshet/examples/internal/retail"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/window"
)

// readRetail reads the orders of Online Retail.
func readRetail(ctx context.Context, file string) (*shop, error) {
	p := stream.New("retail")
	orders := sink.Collect[stream.Pane[string, Order]]()
	p.From(source.Files(os.DirFS(filepath.Dir(file)), filepath.Base(file), codec.CSV[retail.Row]())).
		Filter(retail.Row.Known).
		EventTime(retail.Row.At).
		KeyBy(retail.Row.Invoice).
		Window(window.Global()).
		Group(func(p stream.Pane[string, []retail.Row]) Order { return retail.OrderOf(p.Value) }).
		To(orders)
	if err := p.Run(ctx); err != nil {
		return nil, err
	}
	s := &shop{name: "Online Retail (Chen, 2015)", cutoff: time.Date(2011, 9, 1, 0, 0, 0, 0, time.UTC)}
	for _, pane := range orders.Values() {
		s.orders = append(s.orders, pane.Value)
	}
	slices.SortFunc(s.orders, func(a, b Order) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Invoice, b.Invoice))
	})
	return s, nil
}
