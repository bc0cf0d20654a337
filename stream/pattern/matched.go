package pattern

import "github.com/freshet-go/freshet/stream"

// A Matched is a sequence of events that a pattern matches, or has matched so far if it is one that timed out.
type Matched[K comparable, T any] struct {
	Key    K           `json:"key"`
	Start  stream.Time `json:"start"` // the time of the first event
	End    stream.Time `json:"end"`   // the time of the last one
	Groups []Group[T]  `json:"groups"`
}

// A Group is the events that a step has taken.
type Group[T any] struct {
	Step   string `json:"step"`
	Events []T    `json:"events"` // in their order; at least one
}

// Events returns the events that a step has taken, and nil if it has taken none or there is no such step.
func (m Matched[K, T]) Events(step string) []T {
	for i := range m.Groups {
		if m.Groups[i].Step == step {
			return m.Groups[i].Events
		}
	}
	return nil
}

// First returns the first event that a step has taken, and whether it has taken any.
func (m Matched[K, T]) First(step string) (v T, ok bool) {
	if all := m.Events(step); len(all) > 0 {
		return all[0], true
	}
	return v, false
}

// Last returns the last event that a step has taken, and whether it has taken any.
func (m Matched[K, T]) Last(step string) (v T, ok bool) {
	if all := m.Events(step); len(all) > 0 {
		return all[len(all)-1], true
	}
	return v, false
}

// matched returns what has matched. Its memory is its own.
func (m *matcher[K, T]) matched(key K, h *held[T], last int32) Matched[K, T] {
	b := &h.Buffer
	m.path = b.path(last, m.path)
	n := len(m.path)
	groups := 1
	for i := 1; i < n; i++ {
		if m.path[i].Step != m.path[i-1].Step {
			groups++
		}
	}
	x := Matched[K, T]{key, b.Marks[m.path[n-1].Event].At, b.Marks[m.path[0].Event].At, make([]Group[T], 0, groups)}
	events := make([]T, 0, n)
	for i := n - 1; i >= 0; {
		step, from := m.path[i].Step, len(events)
		for ; i >= 0 && m.path[i].Step == step; i-- {
			events = append(events, h.Values[m.path[i].Event])
		}
		x.Groups = append(x.Groups, Group[T]{m.a.steps[step].name, events[from:len(events):len(events)]})
	}
	return x
}
