package panes

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/window"
)

// A book is a twin of Triggered and Sliced: it keeps all events of each window of
// each key, and fires by the words of the options.
type book struct {
	spec    window.Spec
	now     window.Time
	pages   []*page
	fired   []fired
	changed bool
}

type page struct {
	window.Window
	key              int
	events           []int
	since            int           // events that no pane has shown
	onTime           []window.Time // of the events that were
	panes            int
	passed, finished bool
}

func (b *book) add(key int, t, wm window.Time, n int) (dropped int) {
	dropped = 1
	for w := range b.spec.Windows(t) {
		if w.End < window.MaxTime && w.End.Add(b.spec.Lateness()) <= wm {
			continue
		}
		i := slices.IndexFunc(b.pages, func(p *page) bool { return p.key == key && p.Window == w })
		if i < 0 {
			i = len(b.pages)
			b.pages = append(b.pages, &page{Window: w, key: key, passed: w.End <= b.now})
		}
		p := b.pages[i]
		if p.finished {
			continue
		}
		dropped, b.changed = 0, true
		p.events = append(p.events, n)
		p.since++
		if t >= wm {
			p.onTime = append(p.onTime, t)
		}
		rules, timing := b.spec.Trigger(), Early
		if w.End <= b.now {
			timing = Late
		}
		switch {
		case rules.Once > 0:
			if len(p.events) >= rules.Once {
				b.fire(p, timing)
				p.finished = true
			}
		case timing == Early:
			if rules.EarlyCount > 0 && p.since >= rules.EarlyCount {
				b.fire(p, Early)
			}
		case p.since >= max(1, rules.LateCount):
			b.fire(p, Late)
		}
	}
	return dropped
}

func (b *book) fire(p *page, timing Timing) {
	f := fired{Frame: Frame{Window: p.Window, Timing: timing, Index: p.panes, Stamp: p.End - 1}, Key: fmt.Sprint(p.key)}
	if stamp := b.spec.Stamper(); stamp != nil && len(p.onTime) > 0 {
		f.Stamp = stamp(p.Window, slices.Min(p.onTime), slices.Max(p.onTime))
	} else if stamp != nil {
		f.Stamp = stamp(p.Window, p.End-1, p.End-1)
	}
	shown := p.events
	if b.spec.Trigger().Discard {
		shown = p.events[len(p.events)-p.since:]
	}
	for _, n := range shown {
		f.Acc += n
	}
	b.fired = append(b.fired, f)
	p.panes++
	p.since = 0
}

func (b *book) advance(wm window.Time) {
	if wm <= b.now {
		return
	}
	b.now = wm
	for _, p := range b.pages {
		if !p.passed && p.End <= wm {
			if p.passed = true; b.spec.Trigger().Once == 0 {
				b.fire(p, OnTime)
			}
		}
	}
	b.pages = slices.DeleteFunc(b.pages, func(p *page) bool {
		gone := p.End.Add(b.spec.Lateness()) <= wm
		if gone && p.since > 0 && !p.finished {
			b.fire(p, Late)
		}
		return gone
	})
}

func (b *book) early() {
	b.changed = false
	for _, p := range b.pages {
		if !p.passed && p.since > 0 && !p.finished {
			b.fire(p, Early)
		}
	}
}

func (b *book) hold() window.Time {
	hold := window.MaxTime
	for _, p := range b.pages {
		if !p.passed {
			for _, t := range p.onTime {
				hold = min(hold, t)
			}
		}
	}
	return hold
}

// taken returns what has fired since the last time, in an order that does not
// depend on that of keys.
func taken(all *[]fired) []fired {
	got := *all
	*all = nil
	slices.SortFunc(got, func(a, b fired) int {
		return cmp.Or(cmp.Compare(a.Window.End, b.Window.End), cmp.Compare(a.Window.Start, b.Window.Start), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Index, b.Index))
	})
	return got
}

// A play is events of chance and watermarks that rise, of which each event is held
// against that of its partition.
// Scale is how long a unit of its times is.
func play(seed uint64, scale window.Time, add func(key int, t, wm window.Time, n int), between func(r *rand.Rand, now window.Time)) {
	r := rand.New(rand.NewPCG(seed, 12))
	now := window.Time(r.IntN(40)-20) * scale
	between(r, now)
	for range 5 + r.IntN(60) {
		for range r.IntN(6) {
			wm := now + window.Time(r.IntN(2)*r.IntN(20))*scale // its partition may be ahead
			add(r.IntN(3), now+window.Time(r.IntN(60)-30)*scale, wm, 1+r.IntN(1000))
		}
		now += window.Time(r.IntN(2)*r.IntN(25)) * scale
		between(r, now)
	}
	between(r, window.MaxTime)
}

// Windows with triggers fire as the twin does, wherever they are saved and restored.
func TestTriggeredAsItsTwin(t *testing.T) {
	late := window.Lateness(15)
	for _, spec := range []window.Spec{
		window.Tumbling(10), window.Tumbling(10, late), window.Sliding(30, 10, late), window.Sliding(25, 10), window.Cumulating(40, 10, late), window.Global(),
		window.Tumbling(10, window.EarlyCount(2), late), window.Tumbling(10, window.EarlyCount(1), window.Discarding(), late), window.Global(window.EarlyCount(3)),
		window.Tumbling(10, window.LateCount(2), late), window.Sliding(20, 10, window.LateCount(3), window.EarlyCount(2), window.Discarding(), late),
		window.Tumbling(20, window.Once(2)), window.Tumbling(20, window.Once(3), late), window.Sliding(20, 10, window.Once(1), late), window.Global(window.Once(4)),
		window.Tumbling(10, window.Stamp(window.Earliest), late), window.Tumbling(20, window.Stamp(window.Latest), window.EarlyCount(2), late),
		window.Sliding(20, 10, window.Stamp(window.Latest), window.Discarding(), late), window.Tumbling(10, window.Stamp(window.EndOfWindow)),
		window.Tumbling(10, window.EarlyEvery(1), window.LateCount(3), late),
	} {
		for seed := range uint64(20) {
			var all []fired
			k := kindOf(sums, &all)
			s := NewTriggered(spec, k, freely)
			b := &book{spec: spec, now: window.MinTime}
			same := func() {
				t.Helper()
				require.Equal(t, taken(&b.fired), taken(&all), "%v, seed %d", spec, seed)
				require.Equal(t, len(b.pages), s.Keys())
				require.Equal(t, b.changed, s.Changed())
			}
			play(seed, 1, func(key int, at, wm window.Time, n int) {
				require.Equal(t, b.add(key, at, wm, n), s.Add(at, wm, addingTo(key, n, 0)))
				same()
			}, func(r *rand.Rand, now window.Time) {
				if r.IntN(3) == 0 && spec.Trigger().Once == 0 { // which excludes EarlyEvery
					s.Early()
					b.early()
					same()
				}
				s.Advance(now)
				b.advance(now)
				same()
				require.Equal(t, now, s.Watermark())
				if spec.Stamper() != nil {
					require.Equal(t, b.hold(), s.Hold(), "%v, seed %d", spec, seed)
				}
				if r.IntN(5) == 0 {
					was := s
					s = NewTriggered(spec, k, freely)
					s.Begin(was.Watermark())
					k.EachCell(was, func(c KeptCell[string, int]) { k.PutCell(s, c) })
					b.changed = slices.ContainsFunc(b.pages, func(p *page) bool { return p.since > 0 })
					same()
				}
			})
		}
	}
}

// Windows that fire on the watermark alone do, by slices, what they do one by one.
func TestSlicedAsItsTwin(t *testing.T) {
	plain := sums
	plain.Sub = nil
	for _, ops := range []Ops[int]{sums, plain} {
		for _, spec := range []window.Spec{
			window.Tumbling(10), window.Tumbling(10, window.Lateness(15)), window.Tumbling(7, window.Offset(3)),
			window.Sliding(30, 10), window.Sliding(30, 10, window.Lateness(15)), window.Sliding(25, 10, window.Lateness(4)), window.Sliding(10, 10),
			window.Cumulating(40, 10), window.Cumulating(40, 10, window.Lateness(25)), window.Global(),
			window.Calendar(window.Day, time.UTC), window.Calendar(window.Day, time.UTC, window.Lateness(30*time.Hour)),
			window.CumulatingCalendar(window.Day, 7*time.Hour, time.UTC, window.Lateness(30*time.Hour)), window.CumulatingCalendar(window.Week, window.Day, time.UTC, window.Lateness(30*time.Hour)),
		} {
			scale := window.Time(1)
			if kind := spec.Kind(); kind == window.KindCalendar || kind == window.KindCumulatingCalendar {
				scale = window.Time(time.Hour)
			}
			for seed := range uint64(20) {
				var all []fired
				k := kindOf(ops, &all)
				s := NewSliced(spec, k, freely)
				b := &book{spec: spec, now: window.MinTime}
				play(seed, scale, func(key int, at, wm window.Time, n int) {
					switch late := at < wm; {
					case s.Gone(at, wm):
						require.Equal(t, 1, b.add(key, at, wm, n), "no window takes it")
					case late:
						require.Zero(t, b.add(key, at, wm, n))
						k.AddLate(s, at, wm, uint64(key), fmt.Sprint(key), n)
					default:
						require.Zero(t, b.add(key, at, wm, n))
						require.True(t, s.Open(at))
						sl := s.Current()
						if !sl.Contains(at) {
							sl = s.At(at)
						}
						require.True(t, sl.Contains(at))
						k.CellsOf(sl).Put(uint64(key), fmt.Sprint(key), n, 1)
					}
					require.Equal(t, taken(&b.fired), taken(&all), "%v, seed %d", spec, seed)
				}, func(r *rand.Rand, now window.Time) {
					s.Advance(now)
					b.advance(now)
					for i := 1; i < len(all); i++ {
						require.LessOrEqual(t, all[i-1].Window.End, all[i].Window.End, "by ascending end")
					}
					require.Equal(t, taken(&b.fired), taken(&all), "%v, seed %d", spec, seed)
					for at := now - 40*scale; at < now+5*scale && now < window.MaxTime; at += scale {
						fired := false
						for w := range spec.Windows(at) {
							fired = fired || w.End <= now
						}
						require.Equal(t, !fired, s.Open(at), "%v at %d, now %d", spec, at, now)
					}
					if r.IntN(5) == 0 {
						was := s
						s = NewSliced(spec, k, freely)
						s.Begin(was.Watermark(), nil)
						k.EachSlice(was, func(x Kept[string, int]) { k.PutSlice(s, x) })
					}
				})
				require.Zero(t, s.Keys())
				require.Empty(t, s.late)
			}
		}
	}
}
