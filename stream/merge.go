package stream

import "fmt"

// Merge passes on the events of s and of the others. Events of one stream
// keep their order, and those of different ones come in any; the watermark is
// the lowest of theirs. It panics if a stream is of another pipeline.
func (s Stream[T]) Merge[_ lazily](others ...Stream[T]) Stream[T] {
	all := append([]Stream[T]{s}, others...)
	for _, in := range all {
		started(in.out != nil, "Merge", "Stream")
	}
	p := s.out.p
	var inputs []*node
	for _, in := range all {
		if in.out.p != p {
			panic(fmt.Sprintf("stream: Merge of pipelines %q and %q", p.name, in.out.p.name))
		}
		inputs = append(inputs, in.out.node)
	}
	n := p.add("merge", config{}, inputs...)
	out := newOutput[T](p, n)
	for i, in := range all {
		in.out.consumers = append(in.out.consumers, func(pl *place) receiver[T] {
			arm := func(pl *place) receiver[T] {
				m := shareIn(pl, n, func() *merger[T] {
					return &merger[T]{op: pl.instance(n), next: out.connect(pl), progress: newProgress(len(all))}
				})
				return &mergeArm[T]{m, i}
			}
			if pl.rt.home(n) != n {
				return arm(pl) // all inputs are in this stage
			}
			return forward(pl, n, [2]any{n, i}, false, arm)
		})
	}
	return Stream[T]{out}
}

// A merger is what several streams meet in.
type merger[T any] struct {
	op       *instance
	next     receiver[T]
	progress *progress
}

// A mergeArm is a merger as one of the streams sees it.
type mergeArm[T any] struct {
	*merger[T]
	input int
}

func (m *mergeArm[T]) push(b *Batch[T]) error {
	m.op.in(b.Len())
	m.op.out(b.Len())
	return m.next.push(b)
}

func (m *mergeArm[T]) control(c control) error {
	out, changed := m.progress.take(m.input, c)
	if !changed {
		return nil
	}
	return m.next.control(out)
}
