package stream_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/freshet-go/freshet/sink"
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
	assert.EqualValues(t, 1, s.TooLate, "the order of 09:20 is neither in a window nor counted")
}

// An order that is late and in time for its own partition, and too late where its window is, is
// counted once, on any number of shards.
func TestLateIsCountedOnce(t *testing.T) {
	for _, shards := range []int{1, 2} {
		tills := streamtest.NewInput[Order](2)
		p := stream.New("back")
		p.From(tills).
			EventTime(Order.paidAt, stream.Idle(10*time.Minute)).
			KeyBy(func(o Order) string { return o.Shop }).
			Window(window.Tumbling(time.Hour, window.Lateness(30*time.Minute))).
			Count(stream.Name("count")).
			To(sink.Discard[stream.Pane[string, int64]]())
		d := streamtest.Start(t, p, streamtest.Shards(shards))

		tills.PushTo(1, Order{PaidAt: clock("10:10")})
		tills.PushTo(0, Order{PaidAt: clock("10:10")})
		d.Settle()
		d.Advance(10 * time.Minute) // both are idle
		tills.PushTo(0, Order{PaidAt: clock("12:00")})
		d.Settle()
		tills.PushTo(1, Order{PaidAt: clock("09:50")})
		d.Settle()
		tills.End()
		d.Settle()

		s, _ := p.Stats().Operator("count")
		assert.EqualValues(t, 1, s.Late+s.TooLate, "%d shards: %d late, %d too late", shards, s.Late, s.TooLate)
		assert.EqualValues(t, 1, s.TooLate)
	}
}

// Late has what windows are too late for on any shard, also what comes back
// behind other tasks that did not wait for it.
func TestLateHasWhatComesBack(t *testing.T) {
	for _, shards := range []int{1, 2, 4} {
		for name, in := range map[string]func(stream.Stream[Order]) (late, counts *streamtest.Output[string]){
			"keyed": func(s stream.Stream[Order]) (late, counts *streamtest.Output[string]) {
				return lateAndCounts(s.KeyBy(func(o Order) string { return o.Customer }).Window(window.Tumbling(time.Hour)))
			},
			"without a key": func(s stream.Stream[Order]) (late, counts *streamtest.Output[string]) {
				return lateAndCounts(s.Window(window.Tumbling(time.Hour)))
			},
			"sessions": func(s stream.Stream[Order]) (late, counts *streamtest.Output[string]) {
				return lateAndCounts(s.KeyBy(func(o Order) string { return o.Customer }).Window(window.Session(10 * time.Minute)))
			},
		} {
			tills := streamtest.NewInput[Order](4)
			p := stream.New("back")
			late, counts := in(p.From(tills).EventTime(Order.paidAt, stream.Idle(10*time.Minute)))
			d := streamtest.Start(t, p, streamtest.Shards(shards))

			d.Advance(10 * time.Minute)
			tills.PushTo(0, Order{Customer: "ann", PaidAt: clock("09:10")}, Order{Customer: "ann", PaidAt: clock("11:05")})
			d.Settle()
			for till := 1; till < 4; till++ {
				tills.PushTo(till, Order{Customer: "bob", PaidAt: clock("09:20")}, Order{Customer: "bob", PaidAt: clock("11:20")})
			}
			d.Settle()
			tills.End()
			d.Settle()

			assert.Len(t, late.Take(), 3, "%s, %d shards", name, shards)
			assert.NotEmpty(t, counts.Take())
			s, _ := p.Stats().Operator("count")
			assert.Zero(t, s.TooLate, "%s, %d shards: what the windows drop is not in Late", name, shards)
		}
	}
}

func lateAndCounts[K comparable](w stream.Windowed[K, Order]) (late, counts *streamtest.Output[string]) {
	return streamtest.Collect(w.Late().Map(func(o Order) string { return o.Customer })),
		streamtest.Collect(w.Count(stream.Name("count")).Map(func(p stream.Pane[K, int64]) string { return p.Start.String() }))
}
