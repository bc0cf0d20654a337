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
