package window

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// An Option sets where windows lie and when they are fired.
type Option func(*Spec)

// with applies options, and panics on those that make no sense for the kind.
func (s Spec) with(opts []Option) Spec {
	s.set = map[string]bool{}
	if s.calendar != nil { // which another Spec may have
		c := *s.calendar
		s.calendar = &c
	}
	for i, o := range opts {
		need(o != nil, "%s windows: option %d of %d is nil", s.kind, i+1, len(opts))
		o(&s)
	}
	for _, name := range slices.Sorted(maps.Keys(s.set)) {
		need(slices.Contains(meant[name], s.kind), "%s makes no sense for %s windows", name, s.kind)
	}
	need(s.panesOf == nil || !s.set["Offset"] && !s.set["FirstWeekday"], "OfPanes: the windows lie where those of the panes do")
	need(!s.set["Once"] || !s.set["EarlyCount"] && !s.set["EarlyEvery"] && !s.set["LateCount"], "Once excludes other triggers")
	again := s.lateness > 0 || s.trigger.EarlyEvery > 0 || s.trigger.EarlyCount > 0 // a window has more than one pane
	need(s.lateness > 0 || s.trigger.LateCount <= 1, "LateCount makes no sense without Lateness: no window takes a late event")
	need(again || !s.trigger.Discard, "Discarding makes no sense without EarlyEvery, EarlyCount and Lateness: each window has one pane")
	need(s.trigger.Once == 0 || !s.trigger.Discard, "Discarding makes no sense with Once: each window has one pane")
	if c := s.calendar; c != nil {
		need(!s.set["FirstWeekday"] || c.unit == Week || c.step == Week, "FirstWeekday makes no sense for a calendar without weeks")
		c.divide(s.offset)
	}
	s.set = nil
	return s
}

// meant are the kinds that each option is for. A kind that is new takes an option once it
// stands here.
var meant = map[string][]Kind{
	"Offset":       {KindTumbling, KindSliding, KindCumulating, KindCalendar, KindCumulatingCalendar},
	"FirstWeekday": {KindCalendar, KindCumulatingCalendar},
	"Lateness":     closing,
	"LateCount":    closing,
	"EarlyEvery":   timed,
	"EarlyCount":   timed,
	"Discarding":   timed,
	"Once":         timed,
	"Stamp":        timed,
}

var (
	closing = []Kind{KindTumbling, KindSliding, KindCumulating, KindSession, KindCalendar, KindCumulatingCalendar} // the watermark passes their ends
	timed   = append([]Kind{KindGlobal}, closing...)                                                               // they hold times, and not a number of events
)

func option(name string, apply func(*Spec)) Option {
	return func(s *Spec) {
		s.set[name] = true
		apply(s)
	}
}

// Offset shifts windows against the Unix epoch: days that begin at six are
// Tumbling(24*time.Hour, Offset(6*time.Hour)). Those of a calendar begin so much
// later by the clock on the wall than their first date. The default is 0.
func Offset(d time.Duration) Option { return option("Offset", func(s *Spec) { s.offset = d }) }

// Lateness sets for how long after the watermark has passed its end a window
// still takes late events, and fires again for them. State is kept that much
// longer. The default is 0. It panics if d is negative.
func Lateness(d time.Duration) Option {
	need(d >= 0, "Lateness(%v): negative", d)
	return option("Lateness", func(s *Spec) { s.lateness = d })
}

// A Trigger says when a window fires besides the moment at which the
// watermark passes its end.
type Trigger struct {
	EarlyEvery time.Duration // see EarlyEvery; 0: never
	EarlyCount int           // see EarlyCount; 0: never
	LateCount  int           // see LateCount; 0 means 1
	Once       int           // see Once; 0: no
	Discard    bool          // see Discarding
}

// String describes what differs from the default: ", early every 1s".
func (t Trigger) String() string {
	text := ""
	if t.EarlyEvery > 0 {
		text += ", early every " + t.EarlyEvery.String()
	}
	if t.EarlyCount > 0 {
		text += fmt.Sprintf(", early at %d", t.EarlyCount)
	}
	if t.LateCount > 1 {
		text += fmt.Sprintf(", late at %d", t.LateCount)
	}
	if t.Once > 0 {
		text += fmt.Sprintf(", once at %d", t.Once)
	}
	if t.Discard {
		text += ", discarding"
	}
	return text
}

// EarlyEvery fires an early pane of each window that has changed, d of
// processing time after the change. It panics if d is not positive.
func EarlyEvery(d time.Duration) Option {
	need(d > 0, "EarlyEvery(%v): not positive", d)
	return option("EarlyEvery", func(s *Spec) { s.trigger.EarlyEvery = d })
}

// EarlyCount fires an early pane of a window after every n events that it has
// taken. It panics if n is not positive.
func EarlyCount(n int) Option {
	need(n > 0, "EarlyCount(%d): not positive", n)
	return option("EarlyCount", func(s *Spec) { s.trigger.EarlyCount = n })
}

// LateCount fires a late pane after every n late events that a window has
// taken; what is left over is fired when the window is forgotten. The default
// is 1. It panics if n is not positive; the windows panic if n is more than 1 and there is no Lateness.
func LateCount(n int) Option {
	need(n > 0, "LateCount(%d): not positive", n)
	return option("LateCount", func(s *Spec) { s.trigger.LateCount = n })
}

// Discarding makes each pane hold what has come since the last one. The
// default is accumulating: each holds all that has come so far. The windows panic if
// there is nothing that fires one twice: EarlyEvery, EarlyCount, Lateness.
func Discarding() Option { return option("Discarding", func(s *Spec) { s.trigger.Discard = true }) }

// Once fires a window when it holds n events, and never again: what still
// comes for it is dropped, and counted in TooLate. A window that never holds
// n fires when it is forgotten. It panics if n is not positive.
func Once(n int) Option {
	need(n > 0, "Once(%d): not positive", n)
	return option("Once", func(s *Spec) { s.trigger.Once = n })
}

// A Stamper returns the event time of a pane of w. First and last are the
// times of the earliest and the latest event in it that were not behind the
// watermark when they arrived; where there is none, both are w.End-1.
type Stamper func(w Window, first, last Time) Time

// EndOfWindow stamps a pane with the last moment of its window.
func EndOfWindow(w Window, _, _ Time) Time { return w.End - 1 }

// Earliest stamps a pane with the time of its earliest event.
func Earliest(_ Window, first, _ Time) Time { return first }

// Latest stamps a pane with the time of its latest event.
func Latest(_ Window, _, last Time) Time { return last }

// Stamp sets the event time of panes. The default is EndOfWindow.
func Stamp(f Stamper) Option {
	need(f != nil, "Stamp: the function f is nil")
	return option("Stamp", func(s *Spec) { s.stamper = f })
}

// Offset returns what Offset has set.
func (s Spec) Offset() time.Duration { return s.offset }

// Lateness returns for how long windows take late events.
func (s Spec) Lateness() time.Duration { return s.lateness }

// Trigger returns when windows fire.
func (s Spec) Trigger() Trigger { return s.trigger }

// Stamper returns what stamps panes, or nil if that is EndOfWindow by default.
func (s Spec) Stamper() Stamper { return s.stamper }

// Default reports whether windows fire on the watermark, once for each late
// event after it, accumulating, with the default stamp.
func (s Spec) Default() bool {
	t := s.trigger
	t.LateCount = max(1, t.LateCount) - 1
	return t == Trigger{} && s.stamper == nil
}
