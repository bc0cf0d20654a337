package stream_test

import (
	"fmt"
	"slices"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// A plainCalendar is a calendar under test, told by what the date of a moment is.
type plainCalendar struct {
	spec func(*time.Location, ...window.Option) window.Spec
	unit func(wall time.Time) int64 // of the clock on the wall, ascending
	step func(wall time.Time, since time.Duration) int64
}

func dayOf(wall time.Time) int64                   { return floorDiv(wall.Unix(), 24*3600) }
func monthOf(wall time.Time) int64                 { return int64(wall.Year())*12 + int64(wall.Month()) }
func sundaysOf(wall time.Time) int64               { return floorDiv(dayOf(wall)+4, 7) } // 1970 began on a Thursday
func noStep(time.Time, time.Duration) int64        { return 0 }
func byDay(wall time.Time, _ time.Duration) int64  { return dayOf(wall) }
func byWeek(wall time.Time, _ time.Duration) int64 { return sundaysOf(wall) }
func shopOf(wall time.Time) int64                  { return dayOf(wall.Add(-4 * time.Hour)) }
func quarterDays(_ time.Time, since time.Duration) int64 {
	return int64(since / (6 * time.Hour))
}

var sunday = window.FirstWeekday(time.Sunday)

var plainCalendars = []plainCalendar{
	{func(loc *time.Location, o ...window.Option) window.Spec {
		return window.Calendar(window.Day, loc, o...)
	}, dayOf, noStep},
	{func(loc *time.Location, o ...window.Option) window.Spec {
		return window.Calendar(window.Day, loc, append(o, window.Offset(4*time.Hour))...)
	}, shopOf, noStep},
	{func(loc *time.Location, o ...window.Option) window.Spec {
		return window.Calendar(window.Week, loc, append(o, sunday)...)
	}, sundaysOf, noStep},
	{func(loc *time.Location, o ...window.Option) window.Spec {
		return window.Calendar(window.Month, loc, o...)
	}, monthOf, noStep},
	{func(loc *time.Location, o ...window.Option) window.Spec {
		return window.CumulatingCalendar(window.Day, 6*time.Hour, loc, o...)
	}, dayOf, quarterDays},
	{func(loc *time.Location, o ...window.Option) window.Spec {
		return window.CumulatingCalendar(window.Week, window.Day, loc, append(o, sunday)...)
	}, sundaysOf, byDay},
	{func(loc *time.Location, o ...window.Option) window.Spec {
		return window.CumulatingCalendar(window.Month, window.Week, loc, append(o, sunday)...)
	}, monthOf, byWeek},
}

// A nightOf is a zone, and a moment at which its clocks were changed.
type nightOf struct {
	zone string
	at   time.Time
}

var nights = []nightOf{
	{"Europe/Berlin", time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC)},
	{"Australia/Lord_Howe", time.Date(2026, 4, 4, 15, 0, 0, 0, time.UTC)}, // by half an hour
	{"America/Sao_Paulo", time.Date(2018, 11, 4, 3, 0, 0, 0, time.UTC)},   // at midnight
	{"America/Havana", time.Date(2026, 11, 1, 5, 0, 0, 0, time.UTC)},      // to midnight
	{"Pacific/Apia", time.Date(2011, 12, 30, 10, 0, 0, 0, time.UTC)},      // by a day
	{"America/St_Johns", time.Date(2006, 10, 29, 2, 31, 0, 0, time.UTC)},  // to the date before
}

// bounds walks through time, minute by minute, and returns at which seconds
// units begin, and at which ones steps do: where the clocks show more than ever before.
func (c plainCalendar) bounds(loc *time.Location, from, to int64) (units, steps []int64) {
	unit, step := int64(never), int64(never)
	for at := from; at < to; at += 60 {
		now := time.Unix(at, 0).In(loc)
		_, offset := now.Zone()
		wall := now.UTC().Add(time.Duration(offset) * time.Second)
		if u := c.unit(wall); u > unit {
			unit, step = u, never
			units = append(units, at)
		}
		if s := c.step(wall, time.Duration(at-units[len(units)-1])*time.Second); s > step {
			step = s
			steps = append(steps, at)
		}
	}
	return units, steps
}

// slow is how many seconds of these tests are one of the other twins': their
// events are of minutes, and these of weeks.
const slow = 1800

// calendarTwin is windowTwin of a calendar.
func calendarTwin(c plainCalendar, loc *time.Location, lateness int64, all []arrival) (held map[result][]tick, late []tick) {
	held = map[result][]tick{}
	if len(all) == 0 {
		return held, nil
	}
	first, last := all[0].At, all[0].At
	for _, a := range all {
		first, last = min(first, a.At), max(last, a.At)
	}
	first -= first % 60
	units, steps := c.bounds(loc, first-40*24*3600, last+40*24*3600)
	for _, a := range all {
		i, exact := slices.BinarySearch(units, a.At)
		if !exact {
			i--
		}
		taken := false
		for _, end := range steps[1:] {
			if end <= a.At || end > units[i+1] || a.wm != never && end+lateness <= a.wm {
				continue
			}
			r := result{a.Key, units[i], end}
			held[r] = append(held[r], a.tick)
			taken = true
		}
		if !taken {
			late = append(late, a.tick)
		}
	}
	for _, ticks := range held {
		slices.SortFunc(ticks, byTime)
	}
	return held, late
}

// slowTicks are ticks around a night.
func (s *shape) slowTicks(data []byte, night nightOf) []arrival {
	s.base = 0
	all := s.ticks(data)
	begin := night.at.Unix() - int64(len(all))*slow // so that about half of them come before it
	for i := range all {
		all[i].At = begin + all[i].At*slow
		if all[i].wm != never {
			all[i].wm = begin + all[i].wm*slow
		}
	}
	s.disorder, s.lateness = s.disorder*slow, s.lateness*slow
	return all
}

func zoneOf(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	require.NoError(t, err)
	return loc
}

func FuzzCalendarWindows(f *testing.F) {
	addSeeds(f, 4)
	f.Fuzz(func(t *testing.T, data []byte, n uint64) {
		sh := shapeOf(n)
		night, plain := pick(&sh.rest, nights...), pick(&sh.rest, plainCalendars...)
		triggers := pick(&sh.rest, nil, []window.Option{window.EarlyCount(3)})
		loc := zoneOf(t, night.zone)
		all := sh.slowTicks(data[:min(len(data), 1200)], night)
		held, late := calendarTwin(plain, loc, sh.lateness, all)
		lateness := window.Lateness(time.Duration(sh.lateness) * time.Second)

		p := stream.New("twin")
		in := streamtest.NewInput[tick](sh.parts)
		keyed := sh.disordered(p.From(in)).KeyBy(tickKey)
		w := keyed.Window(plain.spec(loc, append(triggers, lateness)...))
		var lost *streamtest.Output[tick] // without Late, shards aggregate before they exchange
		if pick(&sh.rest, true, false) {
			lost = streamtest.Collect(w.Late())
		}
		outs := map[string]*streamtest.Output[textPane]{}
		for _, m := range measures() {
			outs[m.name] = m.put(w)
		}
		groups := streamtest.Collect(keyed.CoGroup(keyed, plain.spec(loc, lateness), func(p stream.Pane[int, stream.Group[tick, tick]]) string {
			return fmt.Sprint(p.Value.Left, p.Value.Right)
		}))
		sh.drive(t, p, in, all)

		what := fmt.Sprintf("%v, %+v", plain.spec(loc), sh)
		if lost != nil {
			require.Equal(t, sorted(late, byTime), sorted(lost.Take(), byTime), what)
		} else {
			stats, _ := p.Stats().Operator("aggregate")
			require.EqualValues(t, len(late), stats.TooLate, what)
		}
		for _, m := range measures() {
			want := map[result]string{}
			for r, ticks := range held {
				want[r] = m.plain(ticks)
			}
			got, err := final(outs[m.name].Take())
			require.NoError(t, err)
			requireSame(t, want, got, "%s of %s", m.name, what)
		}
		want := map[result]string{}
		for r, ticks := range held {
			want[r] = fmt.Sprint(ticks, ticks)
		}
		got, err := final(groups.Take())
		require.NoError(t, err)
		requireSame(t, want, got, "groups of %s", what)
	})
}

// A run that goes on from a checkpoint of the middle of a day, on another number of
// shards, gives what one gives that was not disturbed.
func TestCalendarWindowsAreRestored(t *testing.T) {
	for i, plain := range plainCalendars {
		night := nights[i%len(nights)]
		spec := func(opts ...window.Option) window.Spec { return plain.spec(zoneOf(t, night.zone), opts...) }
		day := window.Lateness(24 * time.Hour)
		for _, s := range []window.Spec{spec(), spec(day), spec(day, window.EarlyCount(2)), spec(day, window.EarlyCount(2), window.Discarding())} {
			t.Run(fmt.Sprint(s), func(t *testing.T) {
				t.Parallel()
				streamtest.Recovery(t, func() streamtest.Scene {
					in := streamtest.NewInput[tick]()
					p := stream.New("twin")
					w := p.From(in).EventTime(tickTime, stream.Disorder(time.Hour)).KeyBy(tickKey).Window(s)
					scene := streamtest.Scene{Pipeline: p, Outputs: []streamtest.Drained{
						streamtest.Collect(w.Aggregate(window.Sum(tickVal))), streamtest.Collect(w.Aggregate(window.Max(tickVal))), streamtest.Collect(w.Late()),
					}}
					for i := range int64(12) {
						at := night.at.Unix() + (i-6)*10*3600 // a step is less than half a day
						scene.Steps = append(scene.Steps, func(*streamtest.Driver) {
							in.Push(tick{Key: 1, Val: i, At: at}, tick{Key: 2, Val: 10 * i, At: at + 60}, tick{Key: 1, Val: 100 * i, At: at - 30*3600})
						})
					}
					scene.Steps = append(scene.Steps, func(*streamtest.Driver) { in.End() })
					return scene
				})
			})
		}
	}
}
