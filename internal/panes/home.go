package panes

import (
	"fmt"

	"github.com/freshet-go/freshet/window"
)

// A Home is the kind of store that windows are kept in.
type Home uint8

const (
	InSlices   Home = iota // Sliced
	InWindows              // Triggered
	InSessions             // Sessions
	InCounts               // Counted
)

// HomeOf returns where windows are kept. Whoever asks what differs by the store asks it.
func HomeOf(spec window.Spec) Home {
	switch spec.Kind() {
	case window.KindTumbling, window.KindSliding, window.KindCumulating, window.KindGlobal, window.KindCalendar, window.KindCumulatingCalendar:
		if spec.Default() {
			return InSlices
		}
		return InWindows
	case window.KindSession:
		if spec.ForPanes() { // their windows are known
			return InWindows
		}
		return InSessions
	case window.KindCount:
		return InCounts
	}
	panic(Strange("panes.HomeOf", spec))
}

// Strange is what a function panics with that does not know a kind of windows: one was added without it.
func Strange(function string, spec window.Spec) string {
	return fmt.Sprintf("%s does not know %v windows: this is a mistake of the library, please report it", function, spec.Kind())
}
