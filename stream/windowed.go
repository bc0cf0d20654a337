package stream

import (
	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/panes"
	"github.com/freshet-go/freshet/internal/state"
	"github.com/freshet-go/freshet/window"
)

// A Windowed stream is a keyed stream whose events are in windows. What
// aggregates it gives panes: results with their key and window.
type Windowed[K comparable, T any] struct {
	in   Keyed[K, T]
	late *output[T]
	spec *window.Spec // by pointer, as it is large
}

// Window puts the events of each key into windows. An event that is behind
// the watermark joins the windows that are still within their allowed
// lateness; one that is too late for all of its windows is counted in
// TooLate, and is in Late.
func (k Keyed[K, T]) Window[_ lazily](spec window.Spec, opts ...Option) Windowed[K, T] {
	started(k.out != nil, "Window", "Keyed")
	windowsGiven("Window", spec)
	p := k.out.p
	n := p.add("window", opts, &k.out.flow)
	n.Detail, n.Params = spec.String(), spec
	late := newSide[T](p, n, "late")
	out := newKeyedOutput[K, T](p, n)
	k.consume(n, 0, func(pl *engine.Place) keyedReceiver[K, T] {
		next := out.connect(pl)
		if len(late.consumers) == 0 {
			return next
		}
		l := &lateSplitter[K, T]{op: pl.Instance(n), spec: &spec, next: next, late: late.connect(pl), now: engine.MinTime}
		l.op.Side(l.late.Control)
		l.op.Hold(l, encodable{})
		l.op.Control = l.Control
		return l
	})
	return Windowed[K, T]{in: Keyed[K, T]{out}, late: late, spec: &spec}
}

// Window puts all events into windows, without a key. Aggregates run in
// parallel all the same: each shard aggregates what it sees, and one merges.
func (s Stream[T]) Window[_ lazily](spec window.Spec, opts ...Option) Windowed[NoKey, T] {
	started(s.out != nil, "Window", "Stream")
	windowsGiven("Window", spec)
	return keyBy[NoKey](s, nil, nil).Window(spec, opts...)
}

// checkOrder panics if windows that do not depend on the order of arrival are
// to be given events in order.
func checkOrder(spec window.Spec, opts []Option) {
	cfg := configure(opts)
	n := &engine.Node{Kind: "aggregate", Name: cfg.name, Named: cfg.name != "", Options: &cfg}
	if spec.Default() && spec.Kind() != window.KindCount {
		refuse(n, optInOrder)
	}
}

// Late returns the events that were too late for every window they belong to.
// All of them are in it, each once. So each event is sent to the shard of its
// key before it is aggregated, where without Late the shards that read
// aggregate first and send sums: that is faster where many events share a key
// and a window, most of all without a key.
func (w Windowed[K, T]) Late() Stream[T] {
	started(w.late != nil, "Late", "Windowed")
	n := w.late.node
	n.Keyed, n.Parts, n.Late = true, true, true
	return Stream[T]{w.late}
}

// A lateSplitter takes out the events that are too late.
type lateSplitter[K comparable, T any] struct {
	op   *engine.Instance
	spec *window.Spec
	next keyedReceiver[K, T]
	late receiver[T]
	now  Time
	had  func(hash uint64) Time // how far the instance was that had a key, until all are as far; nil if they are

	kept, gone []int32
	out        KeyedBatch[K, T]
	lost       Batch[T]
}

func (l *lateSplitter[K, T]) pushKeyed(b *KeyedBatch[K, T]) error {
	if b.head.times == nil {
		return l.next.pushKeyed(b)
	}
	l.op.In(b.Len())
	l.kept, l.gone = l.kept[:0], l.gone[:0]
	cursor := 0
	for k, n := 0, b.Len(); k < n; k++ {
		row := b.head.at(k)
		now := l.now
		if l.had != nil {
			now = max(now, l.had(b.hashes[row]))
		}
		if panes.Gone(*l.spec, b.head.times[row], b.head.behind(row, &cursor, now)) {
			l.gone = append(l.gone, int32(row))
		} else {
			l.kept = append(l.kept, int32(row))
		}
	}
	if len(l.gone) == 0 {
		return l.next.pushKeyed(b)
	}
	l.op.KeptLate(len(l.gone))
	l.lost = b.Batch
	l.lost.head.rows, l.lost.head.narrow = l.gone, true
	if err := l.late.push(&l.lost); err != nil || len(l.kept) == 0 {
		return err
	}
	l.out = *b
	l.out.head.rows, l.out.head.narrow = l.kept, true
	return l.next.pushKeyed(&l.out)
}

// Save saves nothing: the watermark is in the checkpoint of every operator that has
// state.
func (l *lateSplitter[K, T]) Save(*state.Saving) error { return nil }

// Restore goes on from the watermark, behind which the windows take nothing any more.
func (l *lateSplitter[K, T]) Restore(r *state.Restoring) error {
	l.now, l.had = r.Watermark, r.Had
	return nil
}

func (l *lateSplitter[K, T]) Control(c engine.Control) error {
	if c.Kind == engine.Watermark {
		l.now = max(l.now, c.Watermark)
		l.op.Advance(c.Watermark)
	}
	return l.op.Pass(c, l.next)
}
