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
	return option(func(c *config) { c.parent, c.given = traceParent[T](f), c.given|optTraceParent })
}

type traceParent[T any] func(T) string

// mostParents is how many a span of OpenTelemetry has links to, if nothing else is said.
const mostParents = 128

// traceParentOf returns the function that a source of T was given, or nil.
func traceParentOf[T any](n *engine.Node) traceParent[T] {
	set := configOf(n).parent
	if set == nil {
		return nil
	}
	f, ok := set.(traceParent[T])
	if !ok {
		panic(fmt.Sprintf("stream: %s gives %v: TraceParent is for %v", called(n), reflect.TypeFor[T](), reflect.TypeOf(set).In(0)))
	}
	return f
}

// of returns what the events of a batch say.
func (f traceParent[T]) of(vs []T) (parents []string, err error) {
	if f == nil {
		return nil, nil
	}
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
