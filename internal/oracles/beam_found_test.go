package oracles_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// What follows from the transcripts and is in none of them.

// The garbage_collection transcript with sessions: what comes after the only
// pane is dropped, and so is what a session held that has become one with a
// session which has fired.
func TestOnceCountsWhatSessionsDrop(t *testing.T) {
	for _, x := range []struct {
		times   []int64
		dropped int64
	}{
		{[]int64{1, 2}, 0},
		{[]int64{1, 2, 3}, 1},
		{[]int64{1, 2, 15, 8}, 2},
		{[]int64{1, 15, 16, 8}, 2},
		{[]int64{1, 15, 16, 30, 8, 23}, 4},
	} {
		p := stream.New("once")
		in := streamtest.NewInput[int64]()
		out := streamtest.Collect(p.From(in).Window(window.Session(10, window.Once(2))).Count())
		d := streamtest.Start(t, p)
		for _, at := range x.times {
			in.PushAt(time.Unix(0, at), at)
		}
		in.End()
		d.Settle()
		shown, dropped := int64(0), int64(0)
		for _, pane := range out.Take() {
			shown += pane.Value
		}
		for _, o := range p.Stats().Operators {
			for _, instance := range o.Instances {
				dropped += instance.TooLate
			}
		}
		assert.Equal(t, int64(len(x.times))-x.dropped, shown, "%v", x.times)
		assert.Equal(t, x.dropped, dropped, "%v", x.times)
	}
}

// A pane that is on time is on time downstream too, whatever its stamp: Beam
// holds the watermark for it, which is what known_late_data_no_watermark_hold_possible
// is named after.
func TestStampedPanesAreNotLate(t *testing.T) {
	for name, stamper := range map[string]window.Stamper{
		"end of window": window.EndOfWindow, "earliest": window.Earliest, "latest": window.Latest,
	} {
		for _, spec := range []window.Spec{window.Tumbling(100, window.Stamp(stamper)), window.Session(100, window.Stamp(stamper))} {
			p := stream.New("hold")
			in := streamtest.NewInput[int64]()
			inner := p.From(in).Window(spec).Count()
			out := streamtest.Collect(inner.Window(window.Tumbling(10)).Count(stream.Name("outer")))
			d := streamtest.Start(t, p)
			in.PushAt(time.Unix(0, 3), 3)
			in.PushAt(time.Unix(0, 40), 40)
			in.AdvanceWatermark(time.Unix(0, 60))
			d.Settle()
			in.End()
			d.Settle()
			outer, _ := p.Stats().Operator("outer")
			assert.Zero(t, outer.TooLate, fmt.Sprintf("%v, %s", spec, name))
			assert.Len(t, out.Take(), 1, fmt.Sprintf("%v, %s", spec, name))
		}
	}
}
