package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/freshet-go/freshet/sink/chart"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/livepage"
)

// serve replays a day, and shows it on a live page until ctx ends.
func serve(ctx context.Context, w io.Writer, address string, d *day, within time.Duration) error {
	dir, err := os.MkdirTemp("", "sales-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	files, err := d.write(dir)
	if err != nil {
		return err
	}
	p := stream.New("sales")
	page := livepage.New(p)
	orders, unreadable := read(p, files)
	found := pipeline(orders.TryMap(replay(time.Now(), within), stream.Name("replay")), unreadable)
	found.byMinute.To(page.Plot("Sales by minute", 20_000, lines))
	found.hourly.To(page.Show("Sales by hour", 5_000, picture))
	found.hourly.To(page.Table("The last hours", 5_000, rows))

	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: page, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	fmt.Fprintf(w, "http://%s/\n", l.Addr())
	err = p.Run(ctx, stream.BatchSize(16)) // small batches: one waits for its last order
	if err == nil {
		select {
		case <-ctx.Done():
		case err = <-served:
			served <- err
		}
	}
	stop, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if e := server.Shutdown(stop); err == nil {
		err = e
	}
	if e := <-served; err == nil && !errors.Is(e, http.ErrServerClosed) {
		err = e
	}
	if ctx.Err() != nil { // that is how it ends
		return nil
	}
	return err
}

// replay returns a function that waits until an order is due: the shop's day lasts as long as
// within.
func replay(began time.Time, within time.Duration) func(context.Context, Order) (Order, error) {
	speed := float64(shopTime) / float64(max(within, 1))
	return func(ctx context.Context, o Order) (Order, error) {
		due := began.Add(time.Duration(float64(o.Time.Sub(opening)) / speed))
		select {
		case <-ctx.Done():
			return o, ctx.Err()
		case <-time.After(time.Until(due)):
			return o, nil
		}
	}
}

// lines has a line for each category.
func lines(panes []stream.Pane[string, Money]) livepage.Plot {
	return livepage.Plot{Step: time.Minute, Series: livepage.FromPanes(panes, Money.units)}
}

// picture draws categories upon each other.
func picture(panes []stream.Pane[string, Money]) livepage.Picture {
	parts, step := chart.FromPanes(panes, Money.units)
	return chart.Chart{Width: 480, Height: 320, X: chart.Axis{Zone: time.UTC}, Y: chart.Axis{Title: "sales an hour"}, Layers: []chart.Layer{chart.Area{Parts: parts, Step: step}}}
}

// rows has the last panes first.
func rows(panes []stream.Pane[string, Money]) livepage.Table {
	t := livepage.Table{Columns: []string{"hour", "category", "sales"}, Most: 24}
	for i := len(panes) - 1; i >= 0; i-- {
		t.Rows = append(t.Rows, []any{panes[i].Start, panes[i].Key, panes[i].Value})
	}
	return t
}
