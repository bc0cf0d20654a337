package window_test

import (
	"fmt"
	"time"

	"github.com/freshet-go/freshet/window"
)

func ExampleSession() {
	// An event spans as long as the gap, and spans that overlap are one
	// session: of these the first two are [00:00:00, 00:00:19), and the third
	// is [00:00:19, 00:00:29), as it comes a whole gap after the second.
	s := window.Session(10 * time.Second)
	for _, second := range []time.Duration{0, 9, 19} {
		fmt.Println(s.Slice(window.Time(second * time.Second)))
	}
	// Output:
	// [1970-01-01T00:00:00Z, 1970-01-01T00:00:10Z)
	// [1970-01-01T00:00:09Z, 1970-01-01T00:00:19Z)
	// [1970-01-01T00:00:19Z, 1970-01-01T00:00:29Z)
}

func ExampleByCount() {
	// Where a window begins and ends depends on the events in it.
	fmt.Println(window.ByCount(100))
	// Output: count 100
}

func ExampleGlobal() {
	s := window.Global(window.EarlyCount(1000))
	fmt.Println(s)
	for w := range s.Windows(0) {
		fmt.Println(w)
	}
	// Output:
	// global, early at 1000
	// [the beginning of time, the end of time)
}

func ExampleCalendar() {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		fmt.Println(err)
		return
	}
	// A shop's day begins when its last guests have gone. On 29 March 2026
	// clocks were put forward, so that the day before lasted 23 hours.
	s := window.Calendar(window.Day, berlin, window.Offset(4*time.Hour))
	fmt.Println(s)
	at, _ := window.At(time.Date(2026, time.March, 28, 22, 30, 0, 0, berlin))
	for w := range s.Windows(at) {
		fmt.Println(w.Start.Std().In(berlin).Format(time.DateTime), "to", w.End.Std().In(berlin).Format(time.DateTime))
		fmt.Println(w.End.Sub(w.Start))
	}
	// Output:
	// calendar day in Europe/Berlin, offset 4h0m0s
	// 2026-03-28 04:00:00 to 2026-03-29 04:00:00
	// 23h0m0s
}

func ExampleCumulatingCalendar() {
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		fmt.Println(err)
		return
	}
	// An event late in February is in what there is of the month on its day,
	// and on each one after.
	s := window.CumulatingCalendar(window.Month, window.Day, tokyo)
	at, _ := window.At(time.Date(2026, time.February, 26, 12, 0, 0, 0, tokyo))
	for w := range s.Windows(at) {
		fmt.Println(w.Start.Std().In(tokyo).Format(time.DateOnly), "to", w.End.Std().In(tokyo).Format(time.DateOnly))
	}
	// Output:
	// 2026-02-01 to 2026-02-27
	// 2026-02-01 to 2026-02-28
	// 2026-02-01 to 2026-03-01
}

func ExampleFirstWeekday() {
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		fmt.Println(err)
		return
	}
	s := window.Calendar(window.Week, newYork, window.FirstWeekday(time.Sunday))
	at, _ := window.At(time.Date(2026, time.October, 31, 12, 0, 0, 0, newYork))
	fmt.Println(s.Slice(at).Start.Std().In(newYork).Format(time.RFC1123))
	// Output: Sun, 25 Oct 2026 00:00:00 EDT
}

// The panes of windows that overlap are each in one window, which begins where
// theirs does.
func ExampleSpec_OfPanes() {
	hot := window.Sliding(10*time.Second, 5*time.Second)
	for w := range hot.Windows(window.Time(7 * time.Second)) {
		pane := w.End - 1 // the event time of a pane
		for of := range hot.OfPanes().Windows(pane) {
			fmt.Println(w == of, of)
		}
	}
	// Output:
	// true [1970-01-01T00:00:00Z, 1970-01-01T00:00:10Z)
	// true [1970-01-01T00:00:05Z, 1970-01-01T00:00:15Z)
}
