package main

import (
	"fmt"
	"time"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// panes has orders arrive one by one, and shows what the window from 9 to 10 gives behind each.
func panes() (*picture, error) {
	arriving := []order{
		{ID: 1, Cents: 100, PaidAt: clock(9, 10)},
		{ID: 2, Cents: 200, PaidAt: clock(9, 20)},
		{ID: 3, Cents: 300, PaidAt: clock(9, 30)},
		{ID: 4, Cents: 400, PaidAt: clock(10, 5)},
		{ID: 5, Cents: 500, PaidAt: clock(9, 40)},
	}
	in := streamtest.NewInput[order]()
	plan := stream.New("drawing")
	out := streamtest.Collect(plan.From(in).
		EventTime(order.paidAt).
		Window(window.Tumbling(time.Hour, window.EarlyCount(2), window.Lateness(time.Hour))).
		Aggregate(window.Sum(order.cents)))
	d := streamtest.Start(noTest{}, plan)
	defer d.Kill()

	p := newPicture(720, 210, "Five orders arrive, and the panes that the window from 9 to 10 gives: early, on time and late")
	p.text(12, 45, start, "m", "an order arrives")
	p.text(12, 63, start, "m", "with its event time")
	p.text(12, 105, start, "m", "watermark then")
	p.text(12, 165, start, "m", "pane of 09:00–10:00")
	p.line(12, 80, 708, 80, 1, "grid")
	p.line(12, 122, 708, 122, 1, "grid")
	for i, o := range arriving {
		in.Push(o)
		d.Settle()
		x := 215 + 110*float64(i)
		p.mark(x-22, 40, 0)
		p.text(x-10, 45, start, "t", fmt.Sprintf("+%d", o.Cents))
		p.text(x, 65, middle, "m", o.PaidAt.Format("15:04"))
		marks := out.Watermarks()
		p.text(x, 105, middle, "t", marks[len(marks)-1].Std().Format("15:04"))
		for _, w := range out.Take() {
			series := map[stream.Timing]int{stream.Early: 0, stream.OnTime: 2, stream.Late: 1}[w.Timing]
			p.rect(x-46, 138, 92, 50, fmt.Sprintf("pale f%d l%d", series, series))
			p.text(x, 159, middle, "t", fmt.Sprint(w.Timing))
			p.bold(x, 178, middle, fmt.Sprint(w.Value))
		}
	}
	return p, nil
}
