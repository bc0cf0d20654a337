package windowtest_test

import (
	"fmt"
	"testing"

	"github.com/freshet-go/freshet/window"
	"github.com/freshet-go/freshet/window/windowtest"
)

// A span is the least and the greatest of some numbers.
type span struct {
	low, high int
	some      bool
}

func (s span) with(v int) span { return s.union(span{v, v, true}) }

func (s span) union(o span) span {
	switch {
	case !s.some:
		return o
	case !o.some:
		return s
	}
	return span{min(s.low, o.low), max(s.high, o.high), true}
}

func (s span) width() int { return s.high - s.low }

// width is an aggregator of one's own.
var width = window.Of(func() span { return span{} }, span.with, span.union, span.width)

// TestWidth is all the test that it takes, besides one of its results.
func TestWidth(t *testing.T) {
	windowtest.Laws(t, width, []int{3, -1, 4, 1, -5, 9, 0}, nil)
}

func ExampleLaws() {
	// In a test, t is the *testing.T. Here it prints.
	var t printer
	windowtest.Laws(t, width, []int{3, -1, 4, 1, -5, 9, 0}, nil)
	fmt.Println("width obeys the laws")
	// Output: width obeys the laws
}

type printer struct{ testing.TB }

func (printer) Helper() {}

func (printer) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
