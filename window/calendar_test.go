package window_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/freshet-go/freshet/window"
)

const stamp = "2006-01-02 15:04"

// local shows a window by the clock on the wall, and how long it is.
func local(w window.Window, loc *time.Location) [3]string {
	return [3]string{w.Start.Std().In(loc).Format(stamp), w.End.Std().In(loc).Format(stamp), time.Duration(w.End - w.Start).String()}
}

// Where clocks are changed, as the doc comment of Calendar has it.
func TestCalendarsWhereClocksAreChanged(t *testing.T) {
	for _, x := range []struct {
		zone string
		spec func(*time.Location) window.Spec
		at   string // by the clock on the wall
		want [3]string
	}{
		{"Europe/Berlin", days, "2026-03-29 12:00", [3]string{"2026-03-29 00:00", "2026-03-30 00:00", "23h0m0s"}},
		{"Europe/Berlin", days, "2026-10-25 12:00", [3]string{"2026-10-25 00:00", "2026-10-26 00:00", "25h0m0s"}},
		{"Europe/Berlin", business, "2026-03-29 03:30", [3]string{"2026-03-28 04:00", "2026-03-29 04:00", "23h0m0s"}},
		{"Europe/Berlin", business, "2026-03-29 04:00", [3]string{"2026-03-29 04:00", "2026-03-30 04:00", "24h0m0s"}},
		{"Australia/Lord_Howe", days, "2025-10-05 12:00", [3]string{"2025-10-05 00:00", "2025-10-06 00:00", "23h30m0s"}},
		{"Australia/Lord_Howe", days, "2026-04-05 12:00", [3]string{"2026-04-05 00:00", "2026-04-06 00:00", "24h30m0s"}},
		{"America/Sao_Paulo", days, "2018-11-04 12:00", [3]string{"2018-11-04 01:00", "2018-11-05 00:00", "23h0m0s"}}, // no midnight
		{"America/Sao_Paulo", days, "2018-02-17 12:00", [3]string{"2018-02-17 00:00", "2018-02-18 00:00", "25h0m0s"}}, // 23:00 twice
		{"Asia/Beirut", days, "2025-03-30 12:00", [3]string{"2025-03-30 01:00", "2025-03-31 00:00", "23h0m0s"}},
		{"America/Havana", days, "2026-11-01 12:00", [3]string{"2026-11-01 00:00", "2026-11-02 00:00", "25h0m0s"}},              // midnight twice
		{"America/St_Johns", days, "2006-10-29 12:00", [3]string{"2006-10-29 00:00", "2006-10-30 00:00", "25h0m0s"}},            // with an hour of the date before
		{"Pacific/Apia", days, "2011-12-29 12:00", [3]string{"2011-12-29 00:00", "2011-12-31 00:00", "24h0m0s"}},                // the next date was skipped
		{"Pacific/Kwajalein", days, "1993-08-20 12:00", [3]string{"1993-08-20 00:00", "1993-08-22 00:00", "24h0m0s"}},           // so here
		{"Pacific/Kwajalein", days, "1969-09-30 12:00", [3]string{"1969-09-30 00:00", "1969-10-01 00:00", "47h0m0s"}},           // came twice
		{"Pacific/Kwajalein", business, "1969-10-01 03:00", [3]string{"1969-09-30 04:00", "1969-10-01 04:00", "47h0m0s"}},       // so here
		{"Pacific/Apia", weeks, "2011-12-31 12:00", [3]string{"2011-12-26 00:00", "2012-01-02 00:00", "144h0m0s"}},              // of six days
		{"Asia/Tokyo", quarters, "2026-06-30 23:59", [3]string{"2026-04-01 00:00", "2026-07-01 00:00", "2184h0m0s"}},            // 91 days
		{"America/New_York", months, "2026-11-30 23:59", [3]string{"2026-11-01 00:00", "2026-12-01 00:00", "721h0m0s"}},         // and an hour
		{"America/New_York", sundays, "2026-11-01 00:00", [3]string{"2026-11-01 00:00", "2026-11-08 00:00", "169h0m0s"}},        // and an hour
		{"Africa/Monrovia", years, "1972-01-07 12:00", [3]string{"1972-01-01 00:00", "1973-01-01 00:00", "8783h15m30s"}},        // less 44 minutes and a half
		{"Europe/London", offsetMonths, "2026-02-04 03:59", [3]string{"2026-01-04 04:00", "2026-02-04 04:00", "744h0m0s"}},      // the offset may be days
		{"Europe/London", offsetMonths, "2026-02-04 04:00", [3]string{"2026-02-04 04:00", "2026-03-04 04:00", "672h0m0s"}},      // the offset may be days
		{"Europe/London", hoursOfDays, "2026-03-29 23:30", [3]string{"2026-03-29 00:00", "2026-03-30 00:00", "23h0m0s"}},        // the last hour of 23
		{"Australia/Lord_Howe", hoursOfDays, "2025-10-05 23:59", [3]string{"2025-10-05 00:00", "2025-10-06 00:00", "23h30m0s"}}, // half an hour
		{"Europe/London", daysOfMonths, "2026-03-29 12:00", [3]string{"2026-03-01 00:00", "2026-03-30 00:00", "695h0m0s"}},
		{"Europe/London", weeksOfMonths, "2026-03-31 12:00", [3]string{"2026-03-01 00:00", "2026-04-01 00:00", "743h0m0s"}}, // the week goes on
	} {
		loc := load(t, x.zone)
		std, err := time.ParseInLocation(stamp, x.at, loc)
		assert.NoError(t, err)
		s := x.spec(loc)
		assert.Equal(t, x.want, local(s.Ending(s.EndAfter(timeOf(t, std))), loc), "%v at %s", s, x.at)
	}
}

func days(loc *time.Location) window.Spec     { return window.Calendar(window.Day, loc) }
func weeks(loc *time.Location) window.Spec    { return window.Calendar(window.Week, loc) }
func months(loc *time.Location) window.Spec   { return window.Calendar(window.Month, loc) }
func quarters(loc *time.Location) window.Spec { return window.Calendar(window.Quarter, loc) }
func years(loc *time.Location) window.Spec    { return window.Calendar(window.Year, loc) }
func business(loc *time.Location) window.Spec {
	return window.Calendar(window.Day, loc, window.Offset(4*time.Hour))
}
func sundays(loc *time.Location) window.Spec {
	return window.Calendar(window.Week, loc, window.FirstWeekday(time.Sunday))
}
func offsetMonths(loc *time.Location) window.Spec {
	return window.Calendar(window.Month, loc, window.Offset(3*24*time.Hour+4*time.Hour))
}
func hoursOfDays(loc *time.Location) window.Spec {
	return window.CumulatingCalendar(window.Day, time.Hour, loc)
}
func daysOfMonths(loc *time.Location) window.Spec {
	return window.CumulatingCalendar(window.Month, window.Day, loc)
}
func weeksOfMonths(loc *time.Location) window.Spec {
	return window.CumulatingCalendar(window.Month, window.Week, loc)
}

// The windows at the ends of time have what of their unit is in it.
func TestCalendarsAtTheEndsOfTime(t *testing.T) {
	loc := load(t, "America/New_York")
	for _, s := range []window.Spec{
		days(loc), weeks(loc), months(loc), quarters(loc), years(loc), business(loc), hoursOfDays(loc), daysOfMonths(loc),
		window.CumulatingCalendar(window.Year, 7*time.Hour, loc),
	} {
		first := slices.Collect(s.Windows(window.MinTime))
		assert.Equal(t, window.MinTime, first[0].Start, s)
		assert.Equal(t, window.MinTime, s.Slice(window.MinTime).Start, s)
		assert.Equal(t, first[0].End, s.Slice(first[0].End).Start, s)
		last := slices.Collect(s.Windows(window.MaxTime - 1))
		assert.Equal(t, window.MaxTime, last[len(last)-1].End, s)
		assert.Empty(t, slices.Collect(s.Windows(window.MaxTime)), s)
		assert.Equal(t, window.MaxTime, s.EndAfter(window.MaxTime), s)
	}
}

// UTC's days are tumbling windows.
func TestCalendarOfUTC(t *testing.T) {
	calendar, tumbling := days(time.UTC), window.Tumbling(24*time.Hour)
	for at := window.MinTime + 12345; at < window.MaxTime-1e15; at += 1e15 + 1e9 {
		assert.Equal(t, tumbling.Slice(at), calendar.Slice(at))
	}
}

func TestCalendarSaysWhatItIs(t *testing.T) {
	berlin := load(t, "Europe/Berlin")
	for want, s := range map[string]window.Spec{
		"calendar day in Europe/Berlin":                                         days(berlin),
		"calendar day in UTC":                                                   days(time.UTC),
		"calendar day in Europe/Berlin, offset 4h0m0s":                          business(berlin),
		"calendar day in Europe/Berlin, offset 23h0m0s":                         window.Calendar(window.Day, berlin, window.Offset(-time.Hour)),
		"calendar month in Europe/Berlin, offset -1h0m0s, lateness 1s":          window.Calendar(window.Month, berlin, window.Offset(-time.Hour), window.Lateness(time.Second)),
		"calendar week from Monday in Europe/Berlin":                            weeks(berlin),
		"calendar week from Sunday in Europe/Berlin, early at 3":                window.Calendar(window.Week, berlin, window.FirstWeekday(time.Sunday), window.EarlyCount(3)),
		"calendar year in  (+01:00:00)":                                         years(time.FixedZone("", 3600)),
		"calendar quarter in EST (-05:00:00)":                                   quarters(time.FixedZone("EST", -5*3600)),
		"calendar quarter in Asia/Tokyo":                                        quarters(load(t, "Asia/Tokyo")),
		"cumulating calendar day every 1h0m0s in Europe/Berlin":                 hoursOfDays(berlin),
		"cumulating calendar month every day in Europe/Berlin":                  daysOfMonths(berlin),
		"cumulating calendar month every week from Monday in Europe/Berlin":     weeksOfMonths(berlin),
		"cumulating calendar week from Friday every day in UTC, offset 30h0m0s": window.CumulatingCalendar(window.Week, window.Day, time.UTC, window.FirstWeekday(time.Friday), window.Offset(30*time.Hour)),
	} {
		assert.Equal(t, want, s.String())
		assert.Zero(t, s.Size(), s)
		assert.Zero(t, s.Slide(), s)
		assert.Zero(t, s.Gap(), s)
	}
	assert.Equal(t, window.KindCalendar, days(berlin).Kind())
	assert.Equal(t, window.KindCumulatingCalendar, hoursOfDays(berlin).Kind())
	assert.Equal(t, "calendar day in UTC", window.Calendar(window.Day, time.UTC, window.Lateness(1), window.Once(2)).Grid())
	assert.Equal(t, "sliding 1m0s every 10s, offset 1s", window.Sliding(time.Minute, 10*time.Second, window.Offset(time.Second), window.Lateness(1)).Grid())
	assert.Equal(t, "Unit(9)", window.Unit(9).String())
}

func TestCalendarsRefuse(t *testing.T) {
	for want, f := range map[string]func(){
		"window: Calendar(day): the location is nil":                                      func() { window.Calendar(window.Day, nil) },
		"window: Calendar(Unit(0)): no such unit":                                         func() { window.Calendar(0, time.UTC) },
		"window: CumulatingCalendar(month, day): the location is nil":                     func() { window.CumulatingCalendar(window.Month, window.Day, nil) },
		"window: CumulatingCalendar(Unit(6), day): no such unit":                          func() { window.CumulatingCalendar(6, window.Day, time.UTC) },
		"window: CumulatingCalendar(day, day): the step is not smaller than the unit":     func() { window.CumulatingCalendar(window.Day, window.Day, time.UTC) },
		"window: CumulatingCalendar(day, month): the step is not smaller than the unit":   func() { window.CumulatingCalendar(window.Day, window.Month, time.UTC) },
		"window: CumulatingCalendar(day, Unit(0)): the step is not smaller than the unit": func() { window.CumulatingCalendar(window.Day, window.Unit(0), time.UTC) },
		"window: CumulatingCalendar(day, 24h0m0s): the step is not smaller than the unit": func() { window.CumulatingCalendar(window.Day, 24*time.Hour, time.UTC) },
		"window: CumulatingCalendar(month, 0s): the step is not smaller than the unit":    func() { window.CumulatingCalendar(window.Month, time.Duration(0), time.UTC) },
		"window: FirstWeekday(7): no day of the week":                                     func() { window.FirstWeekday(7) },
		"window: FirstWeekday makes no sense for a calendar without weeks":                func() { window.Calendar(window.Month, time.UTC, window.FirstWeekday(0)) },
		"window: FirstWeekday makes no sense for tumbling windows":                        func() { window.Tumbling(1, window.FirstWeekday(0)) },
		"window: calendar windows: option 1 of 1 is nil":                                  func() { window.Calendar(window.Day, time.UTC, nil) },
	} {
		assert.PanicsWithValue(t, want, f)
	}
}

// Shards use one Spec at once, wherever in time each is.
func TestCalendarsAreSharedAndDoNotAllocate(t *testing.T) {
	loc := load(t, "Europe/Berlin")
	shared := daysOfMonths(loc)
	var shards sync.WaitGroup
	for shard := range 4 {
		shards.Go(func() {
			own := daysOfMonths(loc)
			for i := range 5000 {
				at := window.Time(shard*1e18) + window.Time(i%1000)*7e14
				if shared.Slice(at) != own.Slice(at) {
					t.Errorf("%v: %v is in %v and %v", own, at, shared.Slice(at), own.Slice(at))
					return
				}
			}
		})
	}
	shards.Wait()
	n := 0
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		for range shared.Windows(12345) {
			n++
		}
		sink += shared.LastEnd(shared.Slice(12345))
	}))
}

func BenchmarkCalendar(b *testing.B) {
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		b.Fatal(err)
	}
	for _, s := range []window.Spec{window.Tumbling(24 * time.Hour), days(loc), hoursOfDays(loc), daysOfMonths(loc)} {
		b.Run(s.String(), func(b *testing.B) {
			at := window.Time(1_770_000_000e9)
			for b.Loop() {
				sink += s.EndAfter(at)
				at += 1e9
			}
		})
	}
}
