package stream

import (
	"fmt"

	"github.com/freshet-go/freshet/internal/engine"
)

// Merge passes on the events of s and of the others. Events of one stream
// keep their order, and those of different ones come in any; the watermark is
// the lowest of theirs. It panics if a stream is of another pipeline.
func (s Stream[T]) Merge[_ lazily](others ...Stream[T]) Stream[T] {
	all := append([]Stream[T]{s}, others...)
	for _, in := range all {
		started(in.out != nil, "Merge", "Stream")
	}
	p := s.out.p
	var inputs []*engine.Node
	for _, in := range all {
		if in.out.p != p {
			panic(fmt.Sprintf("stream: Merge of pipelines %q and %q", p.plan.Name, in.out.p.plan.Name))
		}
		inputs = append(inputs, in.out.node)
	}
	n := p.add("merge", config{}, inputs...)
	out := newOutput[T](p, n)
	for i, in := range all {
		in.out.consumers = append(in.out.consumers, func(pl *engine.Place) receiver[T] {
			arm := func(pl *engine.Place) receiver[T] {
				m := shareIn(pl, n, func() *merger[T] {
					return &merger[T]{op: pl.Instance(n), next: out.connect(pl), progress: engine.NewFrontier(len(all))}
				})
				return &mergeArm[T]{m, i}
			}
			if pl.Continues(n) {
				return arm(pl) // all inputs are in this stage
			}
			return forward(pl, n, [2]any{n, i}, false, arm)
		})
	}
	return Stream[T]{out}
}

// A merger is what several streams meet in.
type merger[T any] struct {
	op       *engine.Instance
	next     receiver[T]
	progress *engine.Frontier
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
	out, changed := m.progress.Take(m.input, c)
	if !changed {
		return nil
	}
	return m.next.Control(out)
}
