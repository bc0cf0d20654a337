package window

import (
	"fmt"
	"iter"
	"time"
)

// A Kind is a way to put events into windows.
type Kind uint8

const (
	KindTumbling   Kind = iota // one after another
	KindSliding                // overlapping
	KindCumulating             // from a period's start, growing
	KindSession                // as long as events follow each other closely
	KindCount                  // a number of events
	KindGlobal                 // all of time

	KindCalendar           // the days of a time zone, its months, ...
	KindCumulatingCalendar // from the start of one, growing

	kinds // how many there are: a new one stands before it
)

func (k Kind) String() string {
	if k >= kinds {
		return fmt.Sprintf("Kind(%d)", uint8(k))
	}
	return [kinds]string{"tumbling", "sliding", "cumulating", "session", "count", "global", "calendar", "cumulating calendar"}[k]
}

// strange is what a function panics with that does not know a kind: one was added without it.
func (k Kind) strange(function string) string {
	return fmt.Sprintf("window: Spec.%s does not know %v windows: this is a mistake of the library, please report it", function, k)
}

// A Spec says which windows there are, and when each is fired. It is a plain
// value: made once, used anywhere.
type Spec struct {
	kind   Kind
	size   time.Duration // of a session: the gap
	slide  time.Duration // of cumulating windows: the step
	slice  time.Duration
	offset time.Duration
	count  int

	calendar *calendar // of the kinds that go by one, else nil
	panesOf  *Spec     // whose panes it is for, else nil: see OfPanes

	lateness time.Duration
	trigger  Trigger
	stamper  Stamper
	set      map[string]bool // options given, to refuse those that make no sense
}

// Tumbling returns the windows [k·size, (k+1)·size) for every integer k,
// counted from the Unix epoch, or from Offset. Each event falls in exactly
// one: Tumbling(5s) has ..., [-5, 0), [0, 5), [5, 10), ...
//
// It panics if size is not positive.
func Tumbling(size time.Duration, opts ...Option) Spec {
	need(size > 0, "Tumbling(%v): the size is not positive", size)
	return Spec{kind: KindTumbling, size: size, slide: size, slice: size}.with(opts)
}

// Sliding returns the windows [k·slide, k·slide+size) for every integer k,
// counted from the Unix epoch, or from Offset. An event falls in size/slide
// of them, one more or less where that is no integer: Sliding(10s, 5s) has
// ..., [-5, 5), [0, 10), [5, 15), ...
//
// It panics unless 0 < slide <= size.
func Sliding(size, slide time.Duration, opts ...Option) Spec {
	need(0 < slide && slide <= size, "Sliding(%v, %v): want 0 < slide <= size", size, slide)
	return Spec{kind: KindSliding, size: size, slide: slide, slice: gcd(size, slide)}.with(opts)
}

// Cumulating returns windows that begin together and end step after step:
// [k·size, k·size+j·step) for every integer k and j from 1 to size/step,
// counted from the Unix epoch, or from Offset. Cumulating(24h, 1h) has today's
// first hour, first two hours, and so on to the whole day.
//
// It panics if step is not positive or does not divide size.
func Cumulating(size, step time.Duration, opts ...Option) Spec {
	need(0 < step && step <= size && size%step == 0, "Cumulating(%v, %v): the step does not divide the size", size, step)
	return Spec{kind: KindCumulating, size: size, slide: step, slice: step}.with(opts)
}

// Session returns windows that last as long as events of a key follow each
// other by less than gap: an event at t spans [t, t+gap), and spans that
// overlap are one session. With Session(10s), events at 0, 9 and 19 are the
// sessions [0, 19) and [19, 29).
//
// A late event spans only what was not past its lateness: from the watermark
// that it was late at, less the allowed lateness, to t+gap. It is dropped if
// nothing is left. That span alone decides what it is joined with; the window
// starts at the earliest event's own time all the same. So windows of one key may
// overlap where an event was late: events at 0, 5 and, late at watermark 5, 4 are
// with Session(5s) the sessions [0, 5) and [4, 10).
//
// So which events are dropped, and which sessions there are in
// the end, depends on event times and on the order of events in each partition
// alone. Which panes a session has before its last one depends also on how far
// the watermark is when its events come; see Pane.Replaces.
//
// It panics if gap is not positive.
func Session(gap time.Duration, opts ...Option) Spec {
	need(gap > 0, "Session(%v): the gap is not positive", gap)
	return Spec{kind: KindSession, size: gap}.with(opts)
}

// ByCount returns windows of n events of a key, in the order of their arrival.
// The last one of a stream may hold fewer. A window spans from its earliest
// event to just behind its latest. It panics if n is not positive.
func ByCount(n int, opts ...Option) Spec {
	need(n > 0, "ByCount(%d): not positive", n)
	return Spec{kind: KindCount, count: n}.with(opts)
}

// Global returns the one window that holds all of time. It fires when the
// stream ends, and before where a trigger says so.
func Global(opts ...Option) Spec { return Spec{kind: KindGlobal}.with(opts) }

func need(ok bool, format string, args ...any) {
	if !ok {
		panic("window: " + fmt.Sprintf(format, args...))
	}
}

// Kind returns the kind of the windows.
func (s Spec) Kind() Kind { return s.kind }

// Size returns how long a window is: of cumulating windows the longest, of
// sessions, counts, the global window and those of a calendar, which are not of
// one length, 0.
func (s Spec) Size() time.Duration {
	if s.kind == KindSession {
		return 0
	}
	return s.size
}

// Slide returns by how much a window ends after the one before. It is 0 where
// Size is.
func (s Spec) Slide() time.Duration { return s.slide }

// Gap returns the gap of sessions, and 0 for other kinds.
func (s Spec) Gap() time.Duration {
	if s.kind == KindSession {
		return s.size
	}
	return 0
}

// N returns how many events a window of kind count holds.
func (s Spec) N() int { return s.count }

// Grid describes where windows lie, and not when they fire: "sliding 1m0s every
// 10s", "calendar day in Asia/Tokyo, offset 4h0m0s". Windowings with one Grid
// have the same windows.
func (s Spec) Grid() string {
	text := s.kind.String()
	switch s.kind {
	case KindTumbling, KindSession:
		text += " " + s.size.String()
	case KindSliding, KindCumulating:
		text += " " + s.size.String() + " every " + s.slide.String()
	case KindCount:
		text += fmt.Sprintf(" %d", s.count)
	case KindCalendar, KindCumulatingCalendar:
		return text + " " + s.calendar.String() + s.panesText()
	case KindGlobal: // there is one
	default:
		panic(s.kind.strange("Grid"))
	}
	if s.offset != 0 {
		text += ", offset " + s.offset.String()
	}
	return text + s.panesText()
}

// String describes the windows: "sliding 1m0s every 10s, lateness 5s".
func (s Spec) String() string {
	text := s.Grid()
	if s.lateness != 0 {
		text += ", lateness " + s.lateness.String()
	}
	return text + s.trigger.String()
}

// Windows yields the windows that hold t, by ascending end. It is for windows
// of time: those of kinds session and count depend on more than t. A bound
// that would lie beyond an end of time is that end; of windows that end there
// only the longest is yielded. MaxTime is in none but the global window.
// Each window takes constant time, and nothing is allocated; of a calendar that holds
// once windows near t have been looked for.
func (s Spec) Windows(t Time) iter.Seq[Window] {
	return func(yield func(Window) bool) {
		for end := s.EndAfter(t); ; end = s.EndAfter(end) {
			w := s.Ending(end)
			if s.kind != KindGlobal && !w.Contains(t) || !yield(w) || end == MaxTime || s.panesOf != nil {
				return
			}
		}
	}
}

// Slice returns the slice that t is in: slices are intervals that no window
// begins or ends inside of. That is a tumbling window itself or one of a calendar,
// the step of cumulating windows, and the greatest common divisor of the size and
// the slide of sliding ones. Windows are unions of slices, so that what overlaps
// need not be computed twice. For panes each window has a slice of its own, from the end
// of one to the end of the next.
//
// Of sessions it is what one event at t spans, and otherwise all of time.
func (s Spec) Slice(t Time) Window {
	switch s.kind {
	case KindTumbling, KindSliding, KindCumulating:
		if s.panesOf != nil && s.kind == KindSliding {
			return s.paneSlice(t)
		}
		r := past(t, s.slice, s.offset)
		return Window{t.Add(-r), t.Add(s.slice - r)}
	case KindSession:
		if s.panesOf != nil {
			return Window{t, t + 1}
		}
		return Window{t, t.Add(s.size)}
	case KindCalendar, KindCumulatingCalendar:
		return s.calendar.slice(t)
	case KindCount, KindGlobal:
		return Window{MinTime, MaxTime}
	}
	panic(s.kind.strange("Slice"))
}

// EndAfter returns the earliest end of a window that is after t, or MaxTime
// where there is none: so a loop over ends has to stop there.
func (s Spec) EndAfter(t Time) Time {
	switch s.kind {
	case KindTumbling, KindCumulating:
		return t.Add(s.slide - past(t, s.slide, s.offset))
	case KindSliding:
		// Ends are on the grid of the starts, shifted by the size.
		return t.Add(s.slide - mod(past(t, s.slide, s.offset)-s.size%s.slide, s.slide))
	case KindCalendar, KindCumulatingCalendar:
		return s.calendar.slice(t).End
	case KindSession, KindCount, KindGlobal:
		return MaxTime
	}
	panic(s.kind.strange("EndAfter"))
}

// Ending returns the window that ends at end, which has to be what EndAfter
// returned. Of the sliding windows that would end beyond the end of time it is
// the earliest, which is the longest of those that are left of them.
func (s Spec) Ending(end Time) Window {
	switch s.kind {
	case KindTumbling, KindCumulating:
		last := end - 1
		return Window{last.Add(-past(last, s.size, s.offset)), end}
	case KindSliding:
		start := end.Add(-s.size)
		if r := past(start, s.slide, s.offset); r != 0 && end == MaxTime {
			start = start.Add(s.slide - r)
		}
		return Window{start, end}
	case KindCalendar, KindCumulatingCalendar:
		return Window{s.calendar.whole(end - 1).Start, end}
	case KindSession, KindCount, KindGlobal:
		return Window{MinTime, MaxTime}
	}
	panic(s.kind.strange("Ending"))
}

// LastEnd returns the end of the last window that holds the slice: when the
// watermark has passed it and the allowed lateness, the slice can be forgotten.
func (s Spec) LastEnd(slice Window) Time {
	if s.panesOf != nil {
		return slice.End
	}
	switch s.kind {
	case KindTumbling:
		return slice.End
	case KindSliding:
		return slice.Start.Add(s.size - past(slice.Start, s.slide, s.offset))
	case KindCumulating:
		return slice.Start.Add(s.size - past(slice.Start, s.size, s.offset))
	case KindSession:
		return slice.End
	case KindCalendar, KindCumulatingCalendar:
		return s.calendar.whole(slice.Start).End
	case KindCount, KindGlobal:
		return MaxTime
	}
	panic(s.kind.strange("LastEnd"))
}
