package stream

import (
	"time"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/state"
	"github.com/freshet-go/freshet/window/over"
)

// Over works out one result for each event from its place among those of its key: the event before it, the sum of the last
// three, its number. Events stand in the order of their event times, and of their places in their partitions where times are
// equal: so results depend neither on the order of arrival nor on shards. It is SQL's OVER (PARTITION BY key
// ORDER BY time).
//
// A result is put out once, when the watermark says that it is final. Its event time is that of the last moment that it
// depends on: the event's own where no column looks ahead; after a Range to d later, d later; after Lead(n) and Rows to n behind, that of the nth
// event behind if this is later. What waits for events that have not come when the stream ends has no such events then,
// and the end of time as its time, as a global window has. Events that are late are dropped, and counted in TooLate.
//
// It holds, for each key, the events that columns look back on from the latest result, the latest event itself, an
// accumulator for each frame that begins with the key's first event, and the events whose results wait; besides those that the
// watermark has not passed. With TimeToLive a key begins anew when it has been silent for that
// long: what waits is put out then, and nothing of it is held any more. Without it Lead waits for as long as the key is
// silent.
//
// It panics for frames that end with the stream, as what is over them is never final; for RangeOf, as
// events are ordered by time; and where a column looks back on all events of a key, as these would all be held: over.First and over.Last in a frame that
// begins with the key's first event. A function that fails stops the run.
func (k Keyed[K, T]) Over[R any](columns over.Selection[T, R], opts ...Option) Stream[R] {
	started(k.out != nil, "Over", "Keyed")
	selected("Over", columns)
	needs := columns.Needs()
	switch {
	case needs.RowsAfter == over.All || needs.After == over.All:
		panic("stream: Over: a frame to the last event of a stream is never final: " + columns.String())
	case needs.RowsBefore == over.All || needs.Before == over.All:
		panic("stream: Over: " + columns.String() + ": a column looks back on all events of a key, which would all be held")
	case needs.Values:
		panic("stream: Over: RangeOf is for tables, events are ordered by event time: take Range")
	}
	opts = append(opts[:len(opts):len(opts)], option(func(c *config) { c.ordered = true })) // which is no choice of the caller's
	out := attachKeyed(k, "over", columns.String(), opts, func(*Pipeline, *engine.Node) {}, func(op *engine.Instance, out receiver[R]) keyedReceiver[K, T] {
		x := &framing[K, T, R]{op: op, columns: columns, needs: needs, out: newEmitter(op, out), at: engine.MinTime, now: engine.MinTime}
		if ttl := configOf(op.Node).ttl; ttl != Unbounded {
			x.ttl = ttl
		}
		x.coder = state.NewCoder[keptOver[K, T]]()
		op.Hold(x, x.coder)
		return x
	})
	n := out.out.node
	needsTime(n, "", 0)
	n.Depends(engine.SettingColumns, columns.String())
	return out
}

// selected panics if there is no column.
func selected[V, R any](call string, columns over.Selection[V, R]) {
	if len(columns) == 0 {
		panic("stream: " + call + ": the Selection is nil: make one with over.Select")
	}
}

// A framedEvent is an event with its place among those of its key.
type framedEvent[T any] struct {
	at    Time
	seq   uint64
	val   T
	ranks over.Ranks
}

// A partition holds the events of a key.
type partition[K comparable, T, R any] struct {
	hashedKey[K]
	all   []framedEvent[T]
	gone  int // how many of all have been dropped
	next  int // the first of the others whose result was not put out
	cells []over.Cell[T, R]
	alarm Time // of its next timer; MaxTime if there is none
	mark  bool // events have come at the time at hand
}

func (p *partition[K, T, R]) held() []framedEvent[T] { return p.all[p.gone:] }
func (p *partition[K, T, R]) last() Time             { return p.all[len(p.all)-1].at }

// add adds an event behind the others.
func (p *partition[K, T, R]) add(v T, at Time, seq uint64) {
	e := framedEvent[T]{at: at, seq: seq, val: v}
	if n := len(p.all); n > 0 {
		e.ranks = p.all[n-1].ranks.Next(p.all[n-1].at == at)
	} else {
		e.ranks = e.ranks.Next(false)
	}
	p.all = append(p.all, e)
}

// due returns when something is to be done for the partition though no event comes, behind the time at.
func (p *partition[K, T, R]) due(after, ttl time.Duration, at Time) Time {
	due := engine.MaxTime
	if held := p.held(); after > 0 && p.next < len(held) {
		if then := held[p.next].at.Add(after); then > at { // else it waits for an event, and not for the time
			due = then
		}
	}
	if ttl > 0 {
		due = min(due, p.last().Add(ttl))
	}
	return due
}
