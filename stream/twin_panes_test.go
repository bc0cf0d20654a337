package stream_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// triggerTwins are the triggers under test, and what they are set to.
var triggerTwins = []struct {
	opts                    []window.Option
	early, late, once       int
	discarding, byWatermark bool
}{
	{byWatermark: true},
	{opts: []window.Option{window.EarlyCount(2)}, early: 2},
	{opts: []window.Option{window.LateCount(3)}, late: 3},
	{opts: []window.Option{window.EarlyCount(3), window.LateCount(2)}, early: 3, late: 2},
	{opts: []window.Option{window.EarlyCount(2), window.Discarding()}, early: 2, discarding: true},
	{opts: []window.Option{window.Discarding()}, discarding: true},
	{opts: []window.Option{window.Once(3)}, once: 3},
}

// A paneTwin fires the panes of windows one event after another.
type paneTwin struct {
	plain    plainSpec
	lateness int64
	trigger  int
	value    func([]tick) string
	now      int64
	open     map[result]*openWindow
	fired    []string
}

type openWindow struct {
	ticks            []tick
	since, index     int
	closed, finished bool
}

func (p *paneTwin) add(a arrival) {
	for _, w := range p.plain.windows(a.At) {
		if w[1] <= math.MaxInt64-p.lateness && p.now != never && w[1]+p.lateness <= p.now || a.wm != never && w[1]+p.lateness <= a.wm {
			continue
		}
		r := result{a.Key, w[0], w[1]}
		o := p.open[r]
		if o == nil {
			o = &openWindow{closed: w[1] <= p.now}
			p.open[r] = o
		}
		if o.finished {
			continue
		}
		o.ticks = append(o.ticks, a.tick)
		o.since++
		trigger := triggerTwins[p.trigger]
		switch {
		case trigger.once > 0:
			if o.since >= trigger.once {
				timing := stream.Late
				if r.end > p.now {
					timing = stream.Early
				}
				p.fire(r, o, timing)
				o.finished = true
			}
		case r.end > p.now:
			if trigger.early > 0 && o.since >= trigger.early {
				p.fire(r, o, stream.Early)
			}
		case o.since >= max(1, trigger.late):
			p.fire(r, o, stream.Late)
		}
	}
}

func (p *paneTwin) fire(r result, o *openWindow, timing stream.Timing) {
	ticks := sorted(o.ticks, byTime)
	p.fired = append(p.fired, paneText(r, timing, o.index, p.value(ticks)))
	o.index++
	o.since = 0
	if triggerTwins[p.trigger].discarding {
		o.ticks = nil
	}
}

func (p *paneTwin) advance(wm int64) {
	p.now = wm
	for r, o := range p.open {
		if r.end <= wm && !o.closed {
			o.closed = true
			if triggerTwins[p.trigger].once == 0 {
				p.fire(r, o, stream.OnTime)
			}
		}
		if r.end+p.lateness <= wm {
			if o.since > 0 && !o.finished {
				p.fire(r, o, stream.Late)
			}
			delete(p.open, r)
		}
	}
}

func paneText(r result, timing stream.Timing, index int, value string) string {
	return fmt.Sprintf("key %d [%d, %d) %v #%d: %s", r.key, r.start, r.end, timing, index, value)
}

// With one partition and one shard every pane is determined: the watermark
// moves after each batch.
func FuzzPanes(f *testing.F) {
	addSeeds(f, 4)
	f.Fuzz(func(t *testing.T, data []byte, n uint64) {
		sh := shapeOf(n)
		sh.parts, sh.shards = 1, 1
		plain := pick(&sh.rest, plainSpecs...)
		trigger := pick(&sh.rest, 0, 1, 2, 3, 4, 5, 6)
		lateness, opts := plain.lateness(sh)
		if plain.kind == window.KindGlobal && trigger >= 2 && trigger <= 3 {
			trigger = 0 // nothing is late
		}
		if of := triggerTwins[trigger]; lateness == 0 && (of.late > 0 || of.discarding && of.early == 0) {
			trigger = 0 // it would be refused: nothing fires a window twice
		}
		if triggerTwins[trigger].byWatermark && plain.kind != window.KindTumbling {
			sh.batch = 1 // what is late for some windows waits for the watermark
		}
		all := sh.ticks(data)

		p := stream.New("twin")
		in := streamtest.NewInput[tick]()
		w := sh.disordered(p.From(in)).KeyBy(tickKey).Window(plain.spec(append(opts, triggerTwins[trigger].opts...)...))
		outs := map[string]*streamtest.Output[textPane]{}
		for _, m := range measures() {
			outs[m.name] = m.put(w)
		}
		d := streamtest.Start(t, p, streamtest.BatchSize(sh.batch))
		in.Push(ticksOf(all)...)
		d.Settle()
		in.End()
		d.Settle()

		for _, m := range measures() {
			twin := &paneTwin{plain: plain, lateness: lateness, trigger: trigger, value: m.plain, now: never, open: map[result]*openWindow{}}
			high := int64(never)
			for chunk := range slices.Chunk(all, sh.batch) {
				for _, a := range chunk {
					twin.add(a)
					high = max(high, a.At)
				}
				twin.advance(high - sh.disorder)
			}
			twin.lateness = 0
			twin.advance(math.MaxInt64)
			var got []string
			for _, x := range outs[m.name].Take() {
				got = append(got, paneText(result{x.Key, x.Start.Unix(), x.End.Unix()}, x.Timing, x.Index, x.Value))
			}
			slices.Sort(got)
			slices.Sort(twin.fired)
			require.Equal(t, twin.fired, got, "%s of %v, trigger %d, %+v", m.name, plain, trigger, sh)
		}
	})
}
