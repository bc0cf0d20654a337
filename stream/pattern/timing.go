package pattern

import "github.com/freshet-go/freshet/stream"

// timed says when a key has a timer.
type timed uint8

const (
	never  timed = iota // what has timed out is forgotten by the next event of the key, or by the time to live
	ifHeld              // while matches are held back
	always              // while there are partial matches
)

const maxTime = stream.Time(1<<63 - 1)

// timing returns when the keys of a pattern have timers.
func timing(a *automaton, timedOut bool) timed {
	switch {
	case a.within > 0 && (timedOut || a.endsByTime()):
		return always
	case a.skip.kind != none:
		return ifHeld
	}
	return never
}

// wake sets a timer for a key, if it needs one and has none. It has one at a time, that of the partial match that began
// first; when it fires the next one is set.
func (m *matcher[K, T]) wake(k stream.KeyRef[K], b *buffer) {
	if b.Wake != 0 || len(b.Runs) == 0 || m.timed == ifHeld && len(b.Done) == 0 {
		return
	}
	b.Wake = maxTime
	if m.a.within > 0 {
		b.Wake = b.Runs[0].From.Add(m.a.within)
	}
	m.timers.Set(k, b.Wake)
}

// A timedMatcher is a matcher whose keys have timers.
type timedMatcher[K comparable, T any] struct{ *matcher[K, T] }

// OnTimer ends the partial matches of a key whose time has passed.
func (m *timedMatcher[K, T]) OnTimer(t stream.Timer[K], out *stream.Emitter[Matched[K, T]]) error {
	h, there := m.held.Get(t.KeyRef)
	if !there {
		return nil // its time to live has passed
	}
	h.Buffer.Wake = 0
	m.key, m.hold, m.out, m.due = t.Key(), h, out, t.At
	if m.a.within > 0 {
		m.a.expire(&h.Buffer, t.At, m.lose, m.give)
	} else {
		m.a.end(&h.Buffer, m.give)
	}
	m.out = nil
	m.keep(t.KeyRef, h, true)
	return nil
}

// lost puts out a partial match that has timed out.
func (m *matcher[K, T]) lost(d done) {
	if m.aside.timedOut != nil {
		m.c.Side(m.aside.timedOut).Emit(m.matched(m.key, m.hold, d.Last), m.due)
	}
}
