package panes

import "github.com/freshet-go/freshet/window"

// Gone reports whether an event at t is too late for every window that holds it, where wm is the watermark that
// it is held against: whether that has passed the last of their ends by the lateness. It depends on nothing else. A window of a number of
// events is never gone, nor is a global one that Triggered holds, which fires again for what comes after the end of time, as in a later run.
func Gone(spec window.Spec, t, wm window.Time) bool {
	if t >= wm {
		return false
	}
	switch spec.Kind() {
	case window.KindCount:
		return false
	case window.KindGlobal:
		if HomeOf(spec) != InSlices {
			return false
		}
	case window.KindSession:
		if !spec.ForPanes() {
			return t.Add(spec.Gap()).Add(spec.Lateness()) <= wm
		}
	case window.KindTumbling, window.KindSliding, window.KindCumulating, window.KindCalendar, window.KindCumulatingCalendar:
	default:
		panic(Strange("panes.Gone", spec))
	}
	return spec.LastEnd(spec.Slice(t)).Add(spec.Lateness()) <= wm
}
