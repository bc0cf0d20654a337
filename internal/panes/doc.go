// Package panes holds the state of windowed aggregation: what windows hold,
// when they close and what they give. It is pure: it is told the time by
// watermarks, and starts no goroutine. It knows nothing of streams.
//
// Four stores share the work. Sliced is for windows on the default trigger:
// it keeps one accumulator per key and slice, however many windows overlap.
// Triggered keeps one per key and window, and can fire early, late, and with
// parts. Sessions keeps the sessions of each key, which grow and merge, and
// Counted a number of events.
//
// The stores decide by times and places alone. What a key is, and what an
// accumulator, is known to Kind and its Cells, which are the only things here
// that are compiled for each type.
package panes

import "github.com/freshet-go/freshet/window"

// Timing says when a pane was emitted, seen from the watermark.
type Timing uint8

const (
	Early  Timing = iota // before the watermark passed the window's end
	OnTime               // as it passed
	Late                 // after: a late event has refined the result
)

// A Frame is what a pane is besides its key and its accumulator.
type Frame struct {
	Window window.Window
	Timing Timing
	Index  int         // how many panes of this window came before
	Stamp  window.Time // the pane's event time

	// Replaces are the windows whose last panes this one takes the place of:
	// sessions that have grown or become one. The pane of the same window that
	// came before is not among them.
	Replaces []window.Window
}

// A Pane is one emission of a window of one key. It is the store's: who is
// handed it reads it before it returns.
type Pane[K comparable, A any] struct {
	*Frame
	Hash uint64
	Key  K
	Acc  A
}

// Ops are the operations of an aggregator that a store needs.
type Ops[A any] struct {
	New   func() A
	Merge func(a, b A) A
	Sub   func(a, b A) A // nil if the aggregator cannot subtract
}
