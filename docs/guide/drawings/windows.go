package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// An order is that of the pages.
type order struct {
	ID     int
	Shop   string
	Cents  int64
	PaidAt time.Time
}

func (o order) shop() string      { return o.Shop }
func (o order) cents() int64      { return o.Cents }
func (o order) paidAt() time.Time { return o.PaidAt }

var (
	orders = []order{
		{1, "oslo", 1200, clock(9, 1)},
		{2, "lyon", 300, clock(9, 4)},
		{3, "oslo", 4500, clock(9, 8)},
		{4, "lyon", 700, clock(9, 11)},
		{5, "oslo", 800, clock(9, 16)},
		{6, "oslo", 200, clock(9, 29)},
	}
	shops = []string{"oslo", "lyon"}
)

type pane = stream.Pane[string, int64]

// sums returns the panes that a pipeline gives for the orders.
func sums(spec window.Spec) ([]pane, error) {
	p := stream.New("drawing")
	got := sink.Collect[pane]()
	p.From(source.Slice(orders)).
		EventTime(order.paidAt).
		KeyBy(order.shop).
		Window(spec).
		Aggregate(window.Sum(order.cents)).
		To(got)
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		return nil, err
	}
	panes := got.Values()
	slices.SortFunc(panes, func(a, b pane) int {
		return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End), cmp.Compare(a.Key, b.Key))
	})
	return panes, nil
}

func tumbling() (*picture, error) { return ofWindows(window.Tumbling(10*time.Minute), 8*time.Minute) }
func sliding() (*picture, error) {
	return ofWindows(window.Sliding(10*time.Minute, 5*time.Minute), 8*time.Minute)
}
func cumulating() (*picture, error) {
	return ofWindows(window.Cumulating(30*time.Minute, 10*time.Minute), 0)
}
func session() (*picture, error) { return ofWindows(window.Session(10*time.Minute), 10*time.Minute) }
func count() (*picture, error)   { return ofWindows(window.ByCount(2), 0) }
func global() (*picture, error)  { return ofWindows(window.Global(), 8*time.Minute) }

// ofWindows draws the orders of each shop above the panes that its windows give.
func ofWindows(spec window.Spec, around time.Duration) (*picture, error) {
	panes, err := sums(spec)
	if err != nil {
		return nil, err
	}
	const lane, top, gap = 28.0, 30.0, 26.0
	lanes := map[string][][]pane{}
	height := top
	for _, shop := range shops {
		lanes[shop] = inLanes(panes, shop)
		height += 44 + lane*float64(len(lanes[shop])) + gap
	}
	height += 14
	p := newPicture(720, height, fmt.Sprintf("Orders of two shops, and the sums that windows %v give", spec))
	a := axis{clock(9, 0).Add(-around).Truncate(5 * time.Minute), clock(9, 30).Add(around).Truncate(5 * time.Minute), 90, 700}
	a.draw(p, 10, height-30, 5*time.Minute, 5*time.Minute)

	y := top
	for series, shop := range shops {
		p.bold(12, y+5, start, shop)
		p.line(a.left, y, a.right, y, 1, "axis")
		for _, o := range orders {
			if o.Shop == shop {
				p.mark(a.x(o.PaidAt), y, series)
				p.text(a.x(o.PaidAt), y-11, middle, "t", strconv.FormatInt(o.Cents, 10))
			}
		}
		y += 18
		p.text(12, y+19, start, "m", "panes")
		for _, row := range lanes[shop] {
			for _, w := range row {
				// All of time is as long as the picture.
				from, to := max(a.left, a.x(w.Start)), min(a.right, a.x(w.End))
				if to-from < 44 { // a window of one event is as long as nothing
					from, to = from-5, from+39
				}
				p.rect(from+1, y, to-from-2, lane-5, fmt.Sprintf("pale f%d l%d", series, series))
				p.text((from+to)/2, y+17, middle, "t", strconv.FormatInt(w.Value, 10))
			}
			y += lane
		}
		y += 26 + gap
	}
	return p, nil
}

// inLanes spreads the panes of a shop over rows in which none overlaps another.
func inLanes(panes []pane, shop string) (rows [][]pane) {
next:
	for _, w := range panes {
		if w.Key != shop {
			continue
		}
		for i, row := range rows {
			if last := row[len(row)-1]; !last.End.After(w.Start) {
				rows[i] = append(row, w)
				continue next
			}
		}
		rows = append(rows, []pane{w})
	}
	return rows
}
