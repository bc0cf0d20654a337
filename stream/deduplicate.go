package stream

import (
	"time"

	"github.com/freshet-go/freshet/internal/engine"
)

// Deduplicate passes on the first event of each key, and drops those of the
// same key that are less than within later in event time; the first that is
// not opens a new span. Which event is first is a matter of event time, not
// of arrival, so events are held back until the watermark has passed them. A
// late event is dropped if it lies less than within before or after the
// beginning of a span that is still known.
//
// What is dropped is counted in Duplicates. A key is forgotten when its span has
// passed, with Unbounded never. It panics if within is not positive.
func (k Keyed[K, T]) Deduplicate[_ lazily](within time.Duration, opts ...Option) Stream[T] {
	started(k.out != nil, "Deduplicate", "Keyed")
	if within <= 0 {
		panic("stream: Deduplicate: within is not positive")
	}
	opts = append(opts[:len(opts):len(opts)], option(func(c *config) { c.ordered = true })) // which is no choice of the caller's
	out := attachKeyed(k, "deduplicate", durationText(within), opts, bindFailures[T], func(op *engine.Instance, out receiver[T]) keyedReceiver[K, T] {
		d := &deduplicator[K, T]{op: op, within: within, next: out}
		if within != Unbounded {
			d.spans.ttl = within
		}
		op.Hold(&d.spans, d.spans.makeCoder())
		return d
	})
	out.out.node.Params = within
	needsTime(out.out.node, "", 0)
	out.out.node.Depends(engine.SettingWithin, durationText(within))
	return out
}

type deduplicator[K comparable, T any] struct {
	op     *engine.Instance
	within time.Duration
	spans  keyStates[K, Time] // when the span of a key began
	next   receiver[T]
	rows   []int32
	out    Batch[T]
}

func (d *deduplicator[K, T]) pushKeyed(b *KeyedBatch[K, T]) error {
	n := b.Len()
	d.op.In(n)
	d.rows = d.rows[:0]
	for k := range n {
		row := b.head.at(k)
		t := b.Time(row)
		s, fresh := d.spans.at(b.hashes[row], b.keys[row], t)
		switch {
		case fresh || t >= shift(s.val, d.within):
			s.val = t
		case t > shift(s.val, -d.within):
			s.last = s.val
			continue
		}
		s.last = s.val
		d.rows = append(d.rows, int32(row))
	}
	d.op.Holds(d.spans.states.Len())
	d.op.Duplicates(n - len(d.rows))
	if len(d.rows) == 0 {
		return nil
	}
	d.out = b.Batch
	d.out.head.rows, d.out.head.narrow = d.rows, true
	d.op.Out(len(d.rows))
	return d.next.push(&d.out)
}

func (d *deduplicator[K, T]) Control(c engine.Control) error {
	if c.Kind == engine.Watermark {
		d.op.Advance(c.Watermark)
		d.spans.expire(c.Watermark)
		d.op.Holds(d.spans.states.Len())
	}
	return d.next.Control(c)
}
