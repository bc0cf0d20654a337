package stream

import (
	"fmt"

	"github.com/freshet-go/freshet/internal/engine"
)

// Merge passes on the events of s and of another stream. It is Union of the two. Events stay as they are: nothing is added up. What
// joins events by key is a join, such as [Keyed.IntervalJoin]. [Merging] is another thing: what becomes of the values of a [State].
func (s Stream[T]) Merge[_ lazily](other Stream[T], opts ...Option) Stream[T] {
	started(s.out != nil, "Merge", "Stream")
	started(other.out != nil, "Merge", "Stream")
	return union("Merge", []Stream[T]{s, other}, opts)
}

// Union passes on the events of several streams. Events of one keep their order,
// and those of different ones come in any; the watermark is the lowest of theirs.
// Every event comes once for each stream that it is in, as with UNION ALL.
// It panics if there is none, or if they are of different pipelines.
func Union[T any](streams []Stream[T], opts ...Option) Stream[T] {
	if len(streams) == 0 {
		panic("stream: Union of no streams")
	}
	for _, in := range streams {
		started(in.out != nil, "Union", "Stream")
	}
	return union("Union", streams, opts)
}

func union[T any](called string, all []Stream[T], opts []Option) Stream[T] {
	p := all[0].out.p
	var inputs []*flow
	for _, in := range all {
		if in.out.p != p {
			panic(fmt.Sprintf("stream: %s of pipelines %q and %q", called, p.plan.Name, in.out.p.plan.Name))
		}
		inputs = append(inputs, &in.out.flow)
	}
	n := p.add("merge", opts, inputs...)
	n.Through = true
	out := newOutput[T](p, n)
	enter := reach(n, len(all), func(pl *engine.Place, op *engine.Instance, f *engine.Frontier) *merger[T] {
		return &merger[T]{op: op, next: out.connect(pl), frontier: f}
	})
	for i, in := range all {
		in.out.consumers = append(in.out.consumers, func(pl *engine.Place) receiver[T] {
			arm := func(pl *engine.Place) receiver[T] { return &mergeArm[T]{enter(pl, i), i} }
			if pl.Continues(n) {
				return arm(pl) // all inputs are in this stage
			}
			return forward(pl, n, i, false, arm)
		})
	}
	return Stream[T]{out}
}

// A merger is what several streams meet in.
type merger[T any] struct {
	op       *engine.Instance
	next     receiver[T]
	frontier *engine.Frontier
}

// A mergeArm is a merger as one of the streams sees it.
type mergeArm[T any] struct {
	*merger[T]
	input int
}

func (m *mergeArm[T]) push(b *Batch[T]) error {
	m.op.In(b.Len())
	m.op.Out(b.Len())
	return m.next.push(b)
}

func (m *mergeArm[T]) Control(c engine.Control) error {
	if c.Kind == engine.Told {
		return m.op.Pass(c, m.next)
	}
	return m.frontier.Take(m.input, c, m.pass)
}

// pass passes on what the streams mean together.
func (m *merger[T]) pass(c engine.Control) error {
	if c.Kind == engine.Watermark {
		m.op.Advance(c.Watermark)
	}
	return m.op.Pass(c, m.next)
}
