package stream

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/state"
)

// holdings are what the library holds for an instance of an operator of the caller's
// own, and with what the processor saves itself the state of that instance.
type holdings struct {
	op    *engine.Instance
	key   reflect.Type // of its input; nil where it has none
	input int          // of an operator with two, the one whose events are at hand

	names  []string
	made   bool  // the processor has been made: nothing can be added any more
	err    error // why what was asked for cannot be saved
	heads  []state.Head
	parts  []state.Holder // by head
	tables []keyedTable
	timing *timing     // nil without Timers
	sides  []inheritor // Emitters of side outputs
	fires  any         // *func(Timer[K]) error: what they call

	stateful  Stateful // nil if the processor is none
	forgotten []string
	watermark Time
}

// A keyedTable is a KeyedState of any type.
type keyedTable struct {
	count   func() int
	advance func(wm Time)
}

// keyed panics unless the operator's input has keys of a type.
func (h *holdings) keyed(call string, key reflect.Type) {
	switch {
	case h.key == nil:
		panic(fmt.Sprintf("stream: %s: %s in an operator whose input has no key: State is for what it holds", h.op.Node.Name, call))
	case h.key != key:
		panic(fmt.Sprintf("stream: %s: %s by a %v, and the key of its input is a %v", h.op.Node.Name, call, key, h.key))
	}
}

// take notes the name of a part, or panics.
func (h *holdings) take(call, name string) {
	switch {
	case h.made:
		panic(fmt.Sprintf("stream: %s: %s is asked for while the operator makes its processor, and not later", h.op.Node.Name, call))
	case name == "":
		panic(fmt.Sprintf("stream: %s: %s: the name is empty", h.op.Node.Name, call))
	case name == timersName && call != "Timers":
		panic(fmt.Sprintf("stream: %s: %s: %q is the name of its Timers", h.op.Node.Name, call, name))
	case slices.Contains(h.names, name) && call == "Timers":
		panic(fmt.Sprintf("stream: %s: Timers was called twice", h.op.Node.Name))
	case slices.Contains(h.names, name):
		panic(fmt.Sprintf("stream: %s: two parts of its state are named %q", h.op.Node.Name, name))
	}
	h.names = append(h.names, name)
}

// hold has a part saved.
func (h *holdings) hold(head state.Head, part state.Holder, coder state.Checker) {
	if err := h.op.Savable(coder); err != nil {
		h.err = errors.Join(h.err, fmt.Errorf("its state %q %w", head.Name, err))
	}
	h.heads, h.parts = append(h.heads, head), append(h.parts, part)
}

// begin is called with the processor when it has been made.
func (h *holdings) begin(p any) error {
	h.made = true
	if absent(p) {
		return errors.New("the operator made no processor: it is nil, and so is the error")
	}
	if configOf(h.op.Node).ttl > 0 && len(h.tables) == 0 {
		return errors.New("TimeToLive means nothing to it, as it has no KeyedState: only that is forgotten")
	}
	if h.timing != nil {
		h.op.Wake(h.timing)
	}
	h.stateful, _ = p.(Stateful)
	if !h.op.Checkpointed() {
		return nil
	}
	if h.stateful == nil && len(h.names) == 0 {
		return fmt.Errorf("%T is not Stateful, so it cannot be part of a run with checkpoints: give it Save and Restore, have its state held by OperatorContext.KeyedState and State, "+
			"or embed Stateless if it has none", p)
	}
	h.op.Hold(h, encodable{})
	return h.err
}

// encodable says that types are checked where they are known.
type encodable struct{}

func (encodable) Check() error        { return nil }
func (encodable) Types() reflect.Type { return nil }

// advance fires timers and forgets what has lived its time, and returns how far
// the watermark reaches.
func (h *holdings) advance(wm Time) (Time, error) {
	if h.timing != nil {
		var err error
		if wm, err = h.timing.advance(wm); err != nil {
			return wm, err
		}
	}
	if wm > h.watermark {
		h.watermark = wm
		for _, t := range h.tables {
			t.advance(wm)
		}
	}
	return wm, nil
}

// sees notes what is about to be worked on: events of an input.
func (h *holdings) sees(input int, timed bool) {
	h.input = input
	if h.timing != nil && timed {
		h.timing.timed = true
	}
}

// count notes how many keys are held.
func (h *holdings) count() {
	most := 0
	for _, t := range h.tables {
		most = max(most, t.count())
	}
	if len(h.tables) > 0 {
		h.op.Holds(most)
	}
}

// Save copies what is held. It is encoded and joined later, but for what the processor
// puts itself.
func (h *holdings) Save(s *state.Saving) (err error) {
	defer engine.Rescue(&err)
	w := StateWriter{held: h, heads: slices.Clone(h.heads)}
	for i, p := range h.parts {
		part := &state.Saving{}
		if err := p.Save(part); err != nil {
			return partError(h.heads[i].Name, err)
		}
		w.parts = append(w.parts, part)
	}
	if h.stateful != nil {
		if err := h.stateful.Save(&w); err != nil {
			return err
		}
	}
	s.Later = append(s.Later, func() { s.Err = w.join(s) })
	return nil
}

func partError(name string, err error) error { return fmt.Errorf("its part %q: %w", name, err) }

// Restore gives each part what the checkpoint has under its name.
func (h *holdings) Restore(r *state.Restoring) (err error) {
	defer engine.Rescue(&err)
	parts, err := r.Named()
	if err != nil {
		return err
	}
	h.watermark = r.Watermark
	in := StateReader{parts: parts, read: h.forgotten}
	for i, p := range h.parts {
		part, err := in.part(h.heads[i])
		if err != nil {
			return err
		}
		if err := p.Restore(part); err != nil {
			return partError(h.heads[i].Name, err)
		}
	}
	for _, t := range h.tables {
		t.advance(r.Watermark)
	}
	if h.stateful != nil {
		if err := h.stateful.Restore(&in); err != nil {
			return err
		}
	}
	return in.rest()
}

// rest returns an error if nobody has asked for a part.
func (r *StateReader) rest() error {
	var left []string
	for _, h := range r.parts.Heads {
		if !slices.Contains(r.read, h.Name) {
			left = append(left, fmt.Sprintf("%q, %s", h.Name, h.Kind))
		}
	}
	switch {
	case len(left) > 0:
		return fmt.Errorf("it has the part %s, and the operator asks for none of that name: "+
			"ask for it, or say by OperatorContext.Forget that it is of no use any more", strings.Join(left, ", and the part "))
	case len(r.parts.Places) > 0 && r.place == 0:
		return errors.New("it is of a version in which state had no names, and the operator reads none of it in Restore: state that KeyedState and State hold is found by name")
	}
	return nil
}

// Forget says that parts of the operator's state that older checkpoints have are of no
// use any more. Without it a part that nobody asks for is an error, as a name may have changed by
// mistake. It is called while the processor is made.
func (c *OperatorContext) Forget(names ...string) {
	c.held.forgotten = append(c.held.forgotten, names...)
}
