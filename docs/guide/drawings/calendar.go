package main

import (
	"context"
	"fmt"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// calendar draws the days of Berlin in which clocks are put forward, below a time that
// knows nothing of that.
func calendar() (*picture, error) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		return nil, err
	}
	at := func(day, hour int) order {
		return order{Shop: "berlin", Cents: 100, PaidAt: time.Date(2026, 3, day, hour, 0, 0, 0, berlin)}
	}
	sold := []order{at(28, 9), at(28, 20), at(29, 1), at(29, 14), at(30, 0), at(30, 12), at(30, 18)}

	plan := stream.New("drawing")
	got := sink.Collect[pane]()
	plan.From(source.Slice(sold)).
		EventTime(order.paidAt).
		KeyBy(order.shop).
		Window(window.Calendar(window.Day, berlin)).
		Count().
		To(got)
	if err := plan.Run(context.Background(), stream.Shards(1)); err != nil {
		return nil, err
	}

	p := newPicture(720, 150, "Orders and the days of Berlin that they are counted by; the day on which clocks are put forward has 23 hours")
	a := axis{time.Date(2026, 3, 27, 22, 0, 0, 0, time.UTC), time.Date(2026, 3, 31, 0, 0, 0, 0, time.UTC), 90, 700}
	for t := time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC); !t.After(a.to); t = t.Add(6 * time.Hour) {
		p.line(a.x(t), 14, a.x(t), 112, 1, "grid")
		if t.Hour()%12 == 0 {
			p.text(a.x(t), 130, middle, "m", t.Format("15:04"))
		}
	}
	p.line(a.left, 112, a.right, 112, 1, "axis")
	p.text(12, 130, start, "m", "UTC")
	p.bold(12, 37, start, "berlin")
	p.line(a.left, 32, a.right, 32, 1, "axis")
	for _, o := range sold {
		p.mark(a.x(o.PaidAt), 32, 0)
	}
	p.text(12, 78, start, "m", "panes")
	for _, day := range got.Values() {
		from, to := a.x(day.Start), a.x(day.End)
		p.rect(from+1, 56, to-from-2, 38, "pale f0 l0")
		p.text((from+to)/2, 72, middle, "t", fmt.Sprint(day.Value))
		p.text((from+to)/2, 88, middle, "m", fmt.Sprintf("%s, %v hours", day.Start.In(berlin).Format("2 Jan"), day.End.Sub(day.Start).Hours()))
	}
	return p, nil
}
