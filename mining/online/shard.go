package online

import "github.com/freshet-go/freshet/stream"

// PerShard is the operator with a model for each instance, for Stream.Apply. A model sees the events of its shard,
// in the order in which they come: what it says depends on how many shards there are, and on which shard reads
// what. Where that matters have one model by the key [All], or [Fitted] merge what the shards have learnt.
//
// A run that goes on with as many instances as before has their models. With another number each
// instance goes on with that model of the former ones that had learnt from most events.
func (t *Task[In, T]) PerShard(c *stream.OperatorContext) (stream.Processor[In, Scored[T]], error) {
	p := &perShard[In, T]{
		versions: newVersions(c, t.build, t.slot),
		work:     work[In, T]{task: t},
		context:  c,
	}
	first := cell{model: t.build()}
	if t.merge == nil {
		p.model = c.State("model", stream.ToEach(richer))
	} else {
		p.model = c.State("model", stream.ToEach(gather))
		first.shared = &shared{count: c.Count}
	}
	p.each = p.event
	p.model.Put(first)
	return p, nil
}

type perShard[In, T any] struct {
	versions
	work[In, T]
	context *stream.OperatorContext
	model   *stream.State[cell]

	each func(row int) error // p.event, bound once
	in   *stream.Batch[In]
	out  *stream.Emitter[Scored[T]]
}

func (p *perShard[In, T]) Process(in *stream.Batch[In], out *stream.Emitter[Scored[T]]) error {
	if err := p.look(); err != nil {
		return err
	}
	if err := p.update(p.model.At()); err != nil {
		return err
	}
	p.in, p.out = in, out
	return p.context.Each(in, p.each)
}

func (p *perShard[In, T]) event(row int) error {
	p.read(p.in.Value(row))
	if s, asked := p.do(p.model.At()); asked {
		p.out.From(p.in, row, s)
	}
	return nil
}

// Save has nothing to add to what State saves.
func (p *perShard[In, T]) Save(*stream.StateWriter) error { return nil }

// Restore opens the model that State has restored, so that one of another kind is an error before
// the first event.
func (p *perShard[In, T]) Restore(*stream.StateReader) error {
	c := p.model.At()
	if c.model != nil { // there is none in the checkpoint
		return nil
	}
	if p.task.merge == nil {
		c.shared = nil
		return c.open(p.build)
	}
	return c.merge(p.context.Count, p.build, p.task.merge)
}
