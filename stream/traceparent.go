package stream

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/freshet-go/freshet/internal/engine"
)

// TraceParent says where an event has the context of the trace that it is part of:
// what f returns, as the header traceparent of W3C Trace Context has it, or "". For
// batches that are followed (see SampleBatches) it is called with
// each event, and observers are told the first 128 that differ in Activity.Parents. The text is
// not looked at. It is for From, and panics there if T is not the type of the source's events.
//
// An error or a panic of f is one of the source.
func TraceParent[T any](f func(T) string) Option {
	given("TraceParent", "the function f", f)
	return option(func(c *config) {
		c.parent, c.parentOf = func(vs []T) ([]string, error) { return parentsOf(f, vs) }, reflect.TypeFor[T]()
		c.given |= optTraceParent
	})
}

// mostParents is how many a span of OpenTelemetry has links to, if nothing else is said.
const mostParents = 128

// mustTraceParent panics if a source of values of a type was given TraceParent for another.
func mustTraceParent(n *engine.Node, values reflect.Type) {
	if of := configOf(n).parentOf; of != nil && of != values {
		panic(fmt.Sprintf("stream: %s gives %v: TraceParent is for %v", called(n), values, of))
	}
}

// parentsOf returns what the events of a batch say.
func parentsOf[T any](f func(T) string, vs []T) (parents []string, err error) {
	defer engine.Rescue(&err)
	for _, v := range vs {
		if p := f(v); p != "" && !slices.Contains(parents, p) {
			if parents = append(parents, p); len(parents) == mostParents {
				break
			}
		}
	}
	return parents, nil
}
