package stream_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// What a partition gave before it became idle is in its windows, although its
// own watermark has not closed them.
func TestIdlePartitionKeepsItsEvents(t *testing.T) {
	tills := streamtest.NewInput[Order](2)
	p := stream.New("idle")
	hours := streamtest.Collect(p.From(tills).
		EventTime(Order.paidAt, stream.Idle(10*time.Minute)).
		Window(window.Tumbling(time.Hour)).
		Count())
	d := streamtest.Start(t, p)

	tills.PushTo(1, Order{PaidAt: clock("09:20")})
	tills.PushTo(0, Order{PaidAt: clock("09:10")})
	d.Settle()
	d.Advance(10 * time.Minute)
	tills.PushTo(0, Order{PaidAt: clock("10:05")})
	d.Settle()
	tills.End()
	d.Settle()

	var orders int64
	for _, hour := range hours.Take() {
		orders += hour.Value
	}
	assert.EqualValues(t, 3, orders)
}

// What a partition gives after it was idle is behind the watermark of the
// others, and late for their windows: it is dropped and counted, or in Late.
func TestIdlePartitionComesBackLate(t *testing.T) {
	tills := streamtest.NewInput[Order](2)
	p := stream.New("back")
	hours := p.From(tills).
		EventTime(Order.paidAt, stream.Idle(10*time.Minute)).
		Window(window.Tumbling(time.Hour))
	counts := streamtest.Collect(hours.Count(stream.Name("count")))
	d := streamtest.Start(t, p)

	d.Advance(10 * time.Minute)
	tills.PushTo(0, Order{PaidAt: clock("09:10")}, Order{PaidAt: clock("10:05")})
	d.Settle()
	assert.Len(t, counts.Take(), 1, "the second till is not waited for")
	tills.PushTo(1, Order{PaidAt: clock("09:20")})
	d.Settle()
	tills.End()
	d.Settle()

	var orders int64
	for _, hour := range counts.Take() {
		orders += hour.Value
	}
	s, _ := p.Stats().Operator("count")
	assert.EqualValues(t, 1, orders, "of 10 o'clock")
	assert.EqualValues(t, 1, s.Dropped, "the order of 09:20 is neither in a window nor counted")
}
