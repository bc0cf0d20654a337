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

// wake sets a timer of a key for each time at which partial matches end. It is not left to a timer to set the next one, as one that is set when
// the stream has ended does not fire.
func (m *matcher[K, T]) wake(k stream.KeyRef[K], b *buffer) {
	n := len(b.Runs)
	if n == 0 || m.timed == ifHeld && len(b.Done) == 0 {
		return
	}
	if m.a.within == 0 {
		m.timers.Set(k, maxTime) // which is set once, however often
		return
	}
	for i := n - 1; i >= 0; i-- {
		due := b.Runs[i].From.Add(m.a.within)
		if due <= b.Wake {
			break
		}
		m.timers.Set(k, due)
	}
	b.Wake = max(b.Wake, b.Runs[n-1].From.Add(m.a.within))
}

// A timedMatcher is a matcher whose keys have timers.
type timedMatcher[K comparable, T any] struct{ *matcher[K, T] }

// OnTimer ends the partial matches of a key whose time has passed.
func (m *timedMatcher[K, T]) OnTimer(t stream.Timer[K], out *stream.Emitter[Matched[K, T]]) error {
	h, there := m.held.Get(t.KeyRef)
	if !there {
		return nil // its time to live has passed
	}
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
