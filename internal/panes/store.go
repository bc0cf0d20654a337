package panes

import "github.com/freshet-go/freshet/window"

// A Reach says how far a store that has fired all before t may go: to t, or,
// once the run has been told to stop, to a time before it. It is asked before
// anything that is due at t fires, and says the same from then on. What is not
// reached fires when Advance is called again.
type Reach func(t window.Time) window.Time

// A Store holds windows of keys, and fires them by triggers.
type Store interface {
	// Probe brings what is held for many keys into the processor's caches. It
	// returns the slots of their cells, or nil if it does nothing.
	Probe(hashes []uint64, rows []int32) []uint32
	// Add adds an event at t, held against watermark wm, and returns how many
	// events will show in no pane for it.
	Add(t, wm window.Time, e event) (dropped int)
	// Advance fires what the watermark has passed, and Watermark returns how far
	// it has come.
	Advance(wm window.Time)
	Watermark() window.Time
	// Early fires early panes, if Changed: an event was added since the last call.
	Early()
	Changed() bool
	// Hold returns the earliest stamp of a pane on time that is still to come.
	Hold() window.Time
	// Keys returns how many accumulators are held.
	Keys() int
	// Begin sets the watermark of a store that is empty.
	Begin(wm window.Time)

	Peeker
	each(f func(spot, saved))
	put(x saved, e event)
}
