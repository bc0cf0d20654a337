// Package query has the queries of Nexmark, each as a user of Freshet would
// write it and as the loop that a good engineer would write by hand.
package query

import (
	"context"
	"encoding/json"
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
)

// All are the queries, in their order.
var All = []Query{q00, q01, q02, q03, q04, q05, q06, q07, q08, q09, q10, q11, q12, q13, q14, q15, q16, q17, q18, q19, q20, q21, q22, q23}

// A Query is one of Nexmark's.
type Query struct {
	Name    string // q5
	Meaning string // a sentence
	floor   func(events []auction.Event, disorder time.Duration) (rows int)
	build   func(p *stream.Pipeline, events stream.Stream[auction.Event])
	collect func(p *stream.Pipeline, events stream.Stream[auction.Event]) (rows func() []any)
	byHand  func(events []auction.Event, disorder time.Duration) (rows []any)
	texts   func(p *stream.Pipeline, events stream.Stream[auction.Event]) stream.Stream[string] // of rows, as JSON; nil if they are in files
	in      func(dir string) Query                                                              // of a query that writes files
	untimed bool
}

// of makes a query of a pipeline and a loop, which hands its results to emit.
// Both take events in the order of arrival, of which one may be as much as
// disorder behind another that came before it; what comes later still is late.
func of[R any](name, meaning string,
	build func(p *stream.Pipeline, events stream.Stream[auction.Event]) stream.Stream[R],
	floor func(events []auction.Event, disorder time.Duration, emit func(R)),
) Query {
	return Query{
		Name: name, Meaning: meaning,
		build: func(p *stream.Pipeline, events stream.Stream[auction.Event]) {
			build(p, events).To(sink.Discard[R]())
		},
		collect: func(p *stream.Pipeline, events stream.Stream[auction.Event]) func() []any {
			out := sink.Collect[R]()
			build(p, events).To(out)
			return func() (rows []any) {
				for _, r := range out.Values() {
					rows = append(rows, r)
				}
				return rows
			}
		},
		texts: func(p *stream.Pipeline, events stream.Stream[auction.Event]) stream.Stream[string] {
			return build(p, events).TryMap(func(_ context.Context, r R) (string, error) {
				text, err := json.Marshal(r)
				return string(text), err
			}, stream.Name("texts"))
		},
		floor: func(events []auction.Event, disorder time.Duration) (rows int) {
			floor(events, disorder, func(R) { rows++ })
			return rows
		},
		byHand: func(events []auction.Event, disorder time.Duration) (rows []any) {
			floor(events, disorder, func(r R) { rows = append(rows, r) })
			return rows
		},
	}
}

// timeless returns the query for events without event time: nothing in it
// goes by that.
func (q Query) timeless() Query {
	q.untimed = true
	return q
}

// In returns the query with the files that it writes in a directory, which no
// other run uses. Without it they are below os.TempDir. Most queries write none.
func (q Query) In(dir string) Query {
	if q.in == nil {
		return q
	}
	return q.in(dir)
}

// Pipeline returns the query over a source, with a sink that discards.
func (q Query) Pipeline(src stream.Source[auction.Event], disorder time.Duration) *stream.Pipeline {
	p := stream.New(q.Name)
	q.build(p, q.from(p, src, disorder))
	return p
}

// from adds the source and, where the query goes by it, the event time.
func (q Query) from(p *stream.Pipeline, src stream.Source[auction.Event], disorder time.Duration) stream.Stream[auction.Event] {
	events := p.From(src, stream.Name("events"))
	if q.untimed {
		return events
	}
	return events.EventTime(auction.Event.Time, stream.Disorder(disorder))
}

// Floor runs the loop over events and returns how many results it has.
func (q Query) Floor(events []auction.Event, disorder time.Duration) (rows int) {
	return q.floor(events, disorder)
}

// Rows runs the query and returns its results.
func (q Query) Rows(ctx context.Context, src stream.Source[auction.Event], disorder time.Duration, opts ...stream.RunOption) ([]any, error) {
	p := stream.New(q.Name)
	rows := q.collect(p, q.from(p, src, disorder))
	err := p.Run(ctx, opts...)
	return rows(), err
}
