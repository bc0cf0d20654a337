package window_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/freshet-go/freshet/window"
)

func TestOptions(t *testing.T) {
	s := window.Tumbling(time.Minute, window.Offset(time.Second), window.Lateness(time.Hour),
		window.EarlyEvery(2*time.Second), window.EarlyCount(3), window.LateCount(4), window.Discarding())
	assert.Equal(t, time.Second, s.Offset())
	assert.Equal(t, time.Hour, s.Lateness())
	assert.Equal(t, window.Trigger{EarlyEvery: 2 * time.Second, EarlyCount: 3, LateCount: 4, Discard: true}, s.Trigger())
	assert.Equal(t, "tumbling 1m0s, offset 1s, lateness 1h0m0s, early every 2s, early at 3, late at 4, discarding", s.String())
	assert.Equal(t, "global, once at 5", window.Global(window.Once(5)).String())
}

func TestDefault(t *testing.T) {
	assert.True(t, window.Tumbling(1, window.Lateness(time.Hour), window.Offset(1), window.LateCount(1)).Default())
	for _, o := range []window.Option{
		window.EarlyEvery(1), window.EarlyCount(1), window.LateCount(2), window.Discarding(), window.Once(1), window.Stamp(window.Latest),
	} {
		assert.False(t, window.Tumbling(1, window.Lateness(1), o).Default())
	}
}

// What is set to what it is anyway is not said.
func TestOptionsThatChangeNothing(t *testing.T) {
	plain := window.Tumbling(time.Second)
	spec := window.Tumbling(time.Second, window.Lateness(0), window.LateCount(1), window.Offset(0))
	assert.Equal(t, plain.String(), spec.String())
	assert.Equal(t, plain.Default(), spec.Default())
}

// Where a window can have more than one pane, what is said of the others is taken.
func TestOptionsThatNeedOthers(t *testing.T) {
	assert.NotPanics(t, func() {
		window.Tumbling(1, window.Lateness(1), window.LateCount(2))
		window.Session(1, window.Lateness(1), window.Discarding())
		window.Global(window.Discarding(), window.EarlyEvery(1))
		window.Cumulating(2, 1, window.EarlyCount(1), window.Discarding(), window.LateCount(1))
	})
}

func TestStamps(t *testing.T) {
	w := window.Window{Start: 0, End: 10}
	assert.Nil(t, window.Tumbling(1).Stamper())
	for want, f := range map[window.Time]window.Stamper{9: window.EndOfWindow, 2: window.Earliest, 7: window.Latest} {
		assert.Equal(t, want, window.Tumbling(1, window.Stamp(f)).Stamper()(w, 2, 7))
	}
}

func TestOptionsThatMakeNoSense(t *testing.T) {
	for want, f := range map[string]func(){
		"window: Offset makes no sense for session windows":                                                       func() { window.Session(1, window.Offset(1)) },
		"window: Offset makes no sense for count windows":                                                         func() { window.ByCount(1, window.Offset(0)) },
		"window: Offset makes no sense for global windows":                                                        func() { window.Global(window.Offset(1)) },
		"window: Lateness makes no sense for global windows":                                                      func() { window.Global(window.Lateness(1)) },
		"window: Lateness makes no sense for count windows":                                                       func() { window.ByCount(1, window.Lateness(1)) },
		"window: LateCount makes no sense for global windows":                                                     func() { window.Global(window.LateCount(2)) },
		"window: EarlyCount makes no sense for count windows":                                                     func() { window.ByCount(5, window.EarlyCount(2)) },
		"window: EarlyEvery makes no sense for count windows":                                                     func() { window.ByCount(5, window.EarlyEvery(2)) },
		"window: Discarding makes no sense for count windows":                                                     func() { window.ByCount(5, window.Discarding()) },
		"window: Once makes no sense for count windows":                                                           func() { window.ByCount(5, window.Once(2)) },
		"window: Once excludes other triggers":                                                                    func() { window.Tumbling(5, window.Once(2), window.EarlyCount(1)) },
		"window: LateCount makes no sense without Lateness: no window takes a late event":                         func() { window.Session(5, window.LateCount(2), window.EarlyCount(1)) },
		"window: Discarding makes no sense without EarlyEvery, EarlyCount and Lateness: each window has one pane": func() { window.Global(window.Discarding()) },
		"window: Discarding makes no sense with Once: each window has one pane":                                   func() { window.Tumbling(5, window.Once(2), window.Discarding(), window.Lateness(1)) },
		"window: Lateness(-1ns): negative":                                                                        func() { window.Lateness(-1) },
		"window: EarlyEvery(0s): not positive":                                                                    func() { window.EarlyEvery(0) },
		"window: EarlyCount(0): not positive":                                                                     func() { window.EarlyCount(0) },
		"window: LateCount(0): not positive":                                                                      func() { window.LateCount(0) },
		"window: Once(0): not positive":                                                                           func() { window.Once(0) },
		"window: Stamp: the function f is nil":                                                                    func() { window.Stamp(nil) },
	} {
		assert.PanicsWithValue(t, want, f)
	}
}
