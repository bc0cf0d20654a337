package stream

import (
	"reflect"

	"github.com/freshet-go/freshet/window"
)

// A mistake in a pipeline is best reported by the call that makes it: its line
// is on the stack then. Found by Run, it would be one of an operator somewhere.

// started panics if a handle is the zero value of its type.
func started(ok bool, call, handle string) {
	if !ok {
		panic("stream: " + call + " of a zero " + handle + ", which no operator puts out: a pipeline begins with From")
	}
}

// given panics if an argument of a call is nil.
func given(call, argument string, v any) {
	if absent(v) {
		panic("stream: " + call + ": " + argument + " is nil")
	}
}

// absent reports whether v is nothing, or a nil function. A nil pointer may be
// of a type whose methods can do with it.
func absent(v any) bool {
	if v == nil {
		return true
	}
	r := reflect.ValueOf(v)
	return r.Kind() == reflect.Func && r.IsNil()
}

// windowsGiven panics if spec is the zero value.
func windowsGiven(call string, spec window.Spec) {
	if spec.Kind() == window.KindTumbling && spec.Size() == 0 {
		panic("stream: " + call + ": the window.Spec is zero: make one with window.Tumbling, Sliding, Session, …")
	}
}
